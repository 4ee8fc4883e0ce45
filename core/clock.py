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


_SQL = {
    False: "SELECT clock_timestamp()",
    True: """SELECT clock_timestamp() + coalesce((SELECT "offset" FROM core_democlock LIMIT 1), interval '0')""",
}


def now() -> datetime:
    """The present moment, aware, UTC. One query on PostgreSQL; on SQLite none, or one in a demo world."""
    if _frozen is not None:
        return _frozen
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(_SQL[settings.DEMO])
            moment: datetime = cursor.fetchone()[0]
            return moment.astimezone(UTC)
    return datetime.now(UTC) + (demo_offset() if settings.DEMO else timedelta())


def demo_offset() -> timedelta:
    """How far the demo world's clock has been moved ahead."""
    from core.models import DemoClock

    row = DemoClock.objects.first()
    return row.offset if row else timedelta()


def stored(value: datetime | str | None) -> datetime | None:
    """A moment out of a statement of our own, aware, UTC: SQLite gives text, or no zone."""
    if isinstance(value, str):
        value = datetime.fromisoformat(value)
    return value.replace(tzinfo=UTC) if value is not None and value.tzinfo is None else value


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
