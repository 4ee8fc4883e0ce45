"""Money is an integer number of fen (1/100 CNY) everywhere; these two functions are its only text forms."""

import re

from django.utils.translation import gettext as _

from core.errors import Refused

_YUAN = re.compile(r"^(\d{1,9}|\d{1,3}(,\d{3}){1,2})(\.\d{1,2})?$")


def text(fen: int) -> str:
    """``129900`` → ``¥1,299.00``; negative amounts carry a true minus sign (U+2212)."""
    sign = "−" if fen < 0 else ""
    return f"{sign}¥{abs(fen) // 100:,}.{abs(fen) % 100:02d}"


def parse(yuan: str, *, field: str | None = None) -> int:
    """``"1,299.00"`` or ``"¥1299"`` → fen. Raises Refused("amount_format"): never rounds, never guesses."""
    plain = yuan.strip().lstrip("¥￥").strip().replace("，", ",").replace("。", ".")
    if not _YUAN.match(plain):
        raise Refused(
            "amount_format", _("Write the amount in yuan with at most two decimals, for example 1299.00."), field=field
        )
    whole, _dot, cents = plain.replace(",", "").partition(".")
    return int(whole) * 100 + int(cents.ljust(2, "0") if cents else 0)
