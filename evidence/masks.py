"""What in a text names a person or a place: suggested to the uploader for covering, never covered by itself.

Every pattern takes time in proportion to the text. Digits may be half or full width.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

MOST = 200
"""So many places are suggested; who has more covers the rest by words."""
REACH = 200_000
"""So many signs from the beginning are looked through."""
_MOBILE = re.compile(r"(?<!\d)(?:\+?86[ -]?)?1[3-9]\d(?:[ -]?\d{4}){2}(?!\d)")
_LANDLINE = re.compile(r"(?<!\d)0\d{2,3}[ -]\d{7,8}(?!\d)")
_IDENTITY = re.compile(r"(?<![\dA-Za-z])\d{17}[\dXx](?![\dA-Za-z])")
_CARD = re.compile(r"(?<!\d)(?:\d{16,19}|\d{4}(?:[ -]\d{4}){3}(?:[ -]\d{1,3})?)(?!\d)")
_RUN = re.compile(r"[\u4e00-\u9fffA-Za-z0-9#\-]{6,80}")
_UNIT = re.compile(
    r"省|自治区|市|区|县|镇|乡|村|街道|大道|路|街|巷|胡同|弄|小区|花园|公寓|大厦|号|栋|幢|座|单元|楼|层|室"
)
_LEAD = re.compile(r"^.{0,12}?(?:收货地址|地址|住在|住址|寄到|送到|发到|邮寄至)(?:是|为|改成|改为)?")
_HALF_WIDTH = {0xFF10 + digit: str(digit) for digit in range(10)} | {0xFF0D: "-", 0xFF38: "X"}
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@dataclass(frozen=True, order=True)
class Mask:
    """A place in a text: ``kind`` is ``phone``, ``identity``, ``card`` or ``address``."""

    start: int
    end: int
    kind: str


def suggested(text: str) -> list[Mask]:
    """Where ``text`` seems to name a phone, an identity card, a bank card or an address; in order, none overlapping."""
    found: list[Mask] = []
    text = text[:REACH].translate(_HALF_WIDTH)
    taken = bytearray(len(text))
    for kind, places in (
        ("identity", _matches(_IDENTITY, text, _is_identity)),
        ("card", _matches(_CARD, text, _is_card)),
        ("phone", _matches(_MOBILE, text)),
        ("phone", _matches(_LANDLINE, text)),
        ("address", _addresses(text)),
    ):
        for start, end in places:
            if not any(taken[start:end]):
                taken[start:end] = b"\1" * (end - start)
                found.append(Mask(start, end, kind))
    return sorted(found)[:MOST]


def everywhere(text: str, words: str) -> list[tuple[int, int]]:
    """Every place of exactly these words."""
    places, at = [], text.find(words) if words else -1
    while at >= 0:
        places.append((at, at + len(words)))
        at = text.find(words, at + len(words))
    return places


def covered(text: str, spans: list[tuple[int, int]]) -> str:
    """The text with every character of the spans but line ends replaced by a block."""
    letters = list(text)
    for start, end in spans:
        for place in range(start, end):
            letters[place] = "\n" if letters[place] == "\n" else "█"
    return "".join(letters)


def _matches(
    pattern: re.Pattern[str], text: str, holds: Callable[[str], bool] = lambda _found: True
) -> Iterator[tuple[int, int]]:
    return (match.span() for match in pattern.finditer(text) if holds(match[0]))


def _is_identity(number: str) -> bool:
    """Whether the last sign is the check sign of the seventeen digits before it."""
    total = sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, number, strict=False))
    return "10X98765432"[total % 11] == number[-1].upper()


def _is_card(number: str) -> bool:
    digits = [int(sign) for sign in number if sign.isdecimal()]
    doubled = [sum(divmod(2 * digit, 10)) if place % 2 else digit for place, digit in enumerate(reversed(digits))]
    return 16 <= len(digits) <= 19 and sum(doubled) % 10 == 0 and any(digits)


def _addresses(text: str) -> Iterator[tuple[int, int]]:
    """Runs without a break that hold three or more units of an address and a number."""
    for match in _RUN.finditer(text):
        run = match[0]
        lead = _LEAD.match(run)
        skip = lead.end() if lead else 0
        units = list(_UNIT.finditer(run, skip))
        if len(units) >= 3 and any(sign.isdecimal() for sign in run[skip:]):
            yield match.start() + skip, match.start() + units[-1].end()
