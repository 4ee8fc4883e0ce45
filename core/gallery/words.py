"""What the invented data are made of: the reader's language, and moments around one."""

from datetime import UTC, datetime, timedelta
from typing import Any

from core import moments

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)  # 14:00 in Beijing


Data = dict[str, Any]


def say(zh: str, en: str) -> str:
    return zh if moments.chinese() else en


def after(**length: float) -> datetime:
    return NOW + timedelta(**length)
