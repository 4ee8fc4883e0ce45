"""Moments and durations as people read them: always Beijing time, in the active language.

Plain text for sentences; ``core.templatetags.ui`` wraps the same text in ``<time>``.
"""

from datetime import date, datetime, timedelta
from functools import lru_cache

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from core.clock import BEIJING

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def chinese() -> bool:
    """Whether the active language is Chinese."""
    return (get_language() or "zh-hans").startswith("zh")


def day_text(at: datetime | date) -> str:
    """``2026年11月24日`` / ``24 Nov 2026``."""
    local = at.astimezone(BEIJING) if isinstance(at, datetime) else at
    if chinese():
        return f"{local.year}年{local.month}月{local.day}日"
    return f"{local.day} {_MONTHS[local.month - 1]} {local.year}"


def short_day_text(at: datetime) -> str:
    """``11月24日`` / ``24 Nov``."""
    local = at.astimezone(BEIJING)
    return f"{local.month}月{local.day}日" if chinese() else f"{local.day} {_MONTHS[local.month - 1]}"


def moment_text(at: datetime) -> str:
    """``2026年11月24日 20:00`` / ``24 Nov 2026, 20:00``."""
    return _with_time(at, day_text(at))


def short_text(at: datetime) -> str:
    """``11月24日 20:00`` / ``24 Nov, 20:00``."""
    return _with_time(at, short_day_text(at))


def _with_time(at: datetime, day: str) -> str:
    return f"{day}{' ' if chinese() else ', '}{at.astimezone(BEIJING):%H:%M}"


def beijing_text(at: datetime) -> str:
    """The moment with its zone named: ``2026年11月24日 20:00（北京时间）``."""
    return _("%(moment)s (Beijing time)") % {"moment": moment_text(at)}


def duration_text(length: timedelta) -> str:
    """The two largest units, to the nearest minute: ``1 天 6 小时`` / ``1 day 6 hours``."""
    return _duration(int(abs(length).total_seconds() + 30) // 60, get_language() or "")


@lru_cache(maxsize=4096)
def _duration(minutes: int, language: str) -> str:
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    if days:
        return " ".join(filter(None, [_days(days), _hours(hours)]))
    if hours:
        return " ".join(filter(None, [_hours(hours), _minutes(rest)]))
    return _minutes(rest) or _("less than a minute")


def remaining_text(due: datetime, at: datetime) -> str:
    """``还剩 1 天 6 小时`` / ``1 day 6 hours left``; at and after ``due`` how long it is overdue."""
    if at < due:
        return _("%(duration)s left") % {"duration": duration_text(due - at)}
    return _("%(duration)s overdue") % {"duration": duration_text(at - due)}


def _days(count: int) -> str:
    return ngettext("%(count)d day", "%(count)d days", count) % {"count": count} if count else ""


def _hours(count: int) -> str:
    return ngettext("%(count)d hour", "%(count)d hours", count) % {"count": count} if count else ""


def _minutes(count: int) -> str:
    return ngettext("%(count)d minute", "%(count)d minutes", count) % {"count": count} if count else ""
