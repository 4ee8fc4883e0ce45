"""Signed heads: once a day the last entry of every chain, signed and written outside the database.

The chains show what was changed inside them; they cannot show that their ends were cut off, or that the whole
database is an old copy. A signed head can. It is two files, each written once: ``chains-<SHA-256>.txt`` lists the
chains that grew (subject, position, hash; separated by tabs), and ``head-<number>.json`` carries the signed document,
which holds the hash of that list, the hash of all chains together, and the hash of the document before.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef

from core import clock
from core.outside import Outside, outside
from ledger import keys
from ledger.models import Entry, SignedHead
from ledger.recording import hold

FORM = 1
EVERY = timedelta(days=1)
Ends = dict[str, tuple[int, str]]
"""Chain → the position and hash of its last entry."""


@dataclass(frozen=True)
class Problem:
    """A head that does not hold, or that the database does not know."""

    number: int
    reason: str


@dataclass
class Signed:
    """Everything that was ever signed: the ends together, the last document, and what does not hold.

    About 300 bytes of memory a chain.
    """

    ends: Ends
    number: int
    digest: str
    problems: list[Problem]


def place() -> Outside:
    return outside(settings.HEADS_URL)


def sign(*, at: datetime) -> SignedHead:
    """Write the next head. Reads the end of every chain and every head before. One at a time.

    A chain that no longer holds what was signed before is left out, so its old end stays signed.
    """
    with transaction.atomic():
        hold("heads")
        before = read()
        grown = {subject: end for subject, end in _ends() if _follows(subject, end, before.ends)}
        number = before.number + 1
        lines = _lines(grown)
        document: dict[str, Any] = {
            "form": FORM,
            "number": number,
            "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
            "previous": before.digest,
            "grown": len(grown),
            "grown_sha256": hashlib.sha256(lines).hexdigest(),
            "chains": len(before.ends | grown),
            "chains_sha256": hashlib.sha256(_lines(before.ends | grown)).hexdigest(),
        }
        text = json.dumps(document, sort_keys=True, separators=(",", ":"))
        signed = {"document": text, "signature": keys.sign(text.encode()), "public_key": keys.public_key()}
        with suppress(FileExistsError):  # left by a try that was killed
            place().put(_list(document), lines)
        place().put(_name(number), json.dumps(signed, indent=1).encode())
        digest = hashlib.sha256(text.encode()).hexdigest()
        return SignedHead.objects.create(number=number, at=at, sha256=digest, signed=signed)


def sign_when_due() -> SignedHead | None:
    """Sign, where the last head is a day old. Two queries when it is not."""
    at = clock.now()
    last = SignedHead.objects.order_by("-number").values_list("at", flat=True).first()
    return sign(at=at) if last is None or last + EVERY <= at else None


def read() -> Signed:
    """Read and check every head there is, in order. One query; one more a chain that the database's own heads lack."""
    signed, names = Signed({}, 0, "", []), set(place().names())
    known = SignedHead.objects.order_by("-number").values_list("number", flat=True).first() or 0
    ahead: Ends = {}
    while _name(signed.number + 1) in names:
        grown = _read_next(signed)
        ahead |= grown if signed.number > known else {}
    if known > signed.number:
        signed.problems.append(Problem(signed.number + 1, "no longer where heads are kept"))
    # A head whose signing was killed is unknown to the database too, but what it signed is there.
    if not all(_holds(subject, end) for subject, end in ahead.items()):
        signed.problems.append(Problem(known + 1, "the database is an older copy than this"))
    return signed


def _read_next(signed: Signed) -> Ends:
    """Take the next head in, noting what does not hold; returns the chains it lists."""
    number = signed.number = signed.number + 1
    try:
        document, text = _document(number)
        lines = _read(_list(document))
    except (FileNotFoundError, ValueError, KeyError) as error:
        signed.problems.append(Problem(number, f"unreadable: {error}"))
        return {}
    if document["number"] != number or document["previous"] != signed.digest:
        signed.problems.append(Problem(number, "does not follow the head before"))
    if hashlib.sha256(lines).hexdigest() != document["grown_sha256"]:
        signed.problems.append(Problem(number, "its list of chains changed"))
        return {}
    grown = _parse(lines)
    signed.ends |= grown
    if hashlib.sha256(_lines(signed.ends)).hexdigest() != document["chains_sha256"]:
        signed.problems.append(Problem(number, "all chains together are not what was signed"))
    signed.digest = hashlib.sha256(text.encode()).hexdigest()
    return grown


def _document(number: int) -> tuple[dict[str, Any], str]:
    """The document and its text. Raises ValueError where nobody we know signed it."""
    signed = json.loads(_read(_name(number)))
    if not keys.fits(signed["signature"], signed["document"].encode(), signed["public_key"]):
        raise ValueError("nobody we know signed it")
    return json.loads(signed["document"]), signed["document"]


def differs(end: tuple[int, str], there: Mapping[int, str]) -> str:
    """What is wrong with a chain (position → hash) whose end was signed; empty where it holds."""
    seq, signed_hash = end
    if there.get(seq) == signed_hash:
        return ""
    if seq in there:
        return "not the entry that was signed"
    return f"missing: the chain was signed up to here and now ends at {max(there, default=0)}"


def _holds(subject: str, end: tuple[int, str]) -> bool:
    """Whether the entry that was signed is still there. One query."""
    return Entry.objects.filter(subject=subject, seq=end[0], hash=end[1]).exists()


def _ends() -> Iterator[tuple[str, tuple[int, str]]]:
    """The last entry of every chain. One query."""
    following = Entry.objects.filter(subject=OuterRef("subject"), seq=OuterRef("seq") + 1)
    rows = Entry.objects.filter(~Exists(following)).order_by("subject", "seq")
    for subject, seq, last in rows.values_list("subject", "seq", "hash").iterator(chunk_size=2000):
        yield subject, (seq, last)


def _follows(subject: str, end: tuple[int, str], before: Ends) -> bool:
    """Whether a chain grew beyond what was signed, and still holds that. One query for a chain that did."""
    old = before.get(subject)
    if old is None:
        return True
    return end[0] > old[0] and _holds(subject, old)


def _lines(ends: Ends) -> bytes:
    return "".join(f"{subject}\t{seq}\t{last}\n" for subject, (seq, last) in sorted(ends.items())).encode()


def _parse(lines: bytes) -> Ends:
    rows = (line.split("\t") for line in lines.decode().splitlines())
    return {subject: (int(seq), last) for subject, seq, last in rows}


def _read(name: str) -> bytes:
    with place().open(name) as file:
        return file.read()


def _name(number: int) -> str:
    return f"head-{number:06}.json"


def _list(document: dict[str, Any]) -> str:
    return f"chains-{document['grown_sha256']}.txt"
