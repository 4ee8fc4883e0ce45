"""The one clock: every rule that asks "now?" asks here.

On PostgreSQL it is the database's ``clock_timestamp()``: hosts may disagree, the database does not, and unlike
``now()`` it moves on while a transaction waits for a lock. A demo world adds its stored offset; tests and seeding
freeze it.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection

BEIJING = ZoneInfo("Asia/Shanghai")

_frozen: datetime | None = None


def now() -> datetime:
    """The present moment, aware, UTC. One query on PostgreSQL (and one in a demo world), none on SQLite."""
    if _frozen is not None:
        return _frozen
    moment = datetime.now(UTC)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp()")
            moment = cursor.fetchone()[0].astimezone(UTC)
    return moment + demo_offset() if settings.DEMO else moment


def demo_offset() -> timedelta:
    """How far the demo world's clock has been moved ahead."""
    from core.models import DemoClock

    row = DemoClock.objects.first()
    return row.offset if row else timedelta()


def set_frozen(moment: datetime | None) -> None:
    """Hold this process's clock at ``moment``, or let it go. For tests and for seeding a past."""
    global _frozen
    _frozen = moment.astimezone(UTC) if moment else None


@contextmanager
def frozen(moment: datetime) -> Iterator[None]:
    """Hold the clock at ``moment`` inside a block; blocks nest."""
    before = _frozen
    set_frozen(moment)
    try:
        yield
    finally:
        set_frozen(before)
