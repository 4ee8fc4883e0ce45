"""Calendar time and working time (09:00-18:00 in Beijing on China's working days, adjusted weekends included).

A year whose adjusted weekends nobody has announced yet counts Monday to Friday without the days off that the law
itself fixes: no clock waits for the announcement, and one that runs keeps its due moment whatever is announced.
"""

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache

import holidays

from core.clock import BEIJING
from rulebook.queries import Length

OPENS, CLOSES = time(9), time(18)
DAY = timedelta(days=1)


def add(start: datetime, length: Length) -> datetime:
    """The due moment, UTC, of a clock of this length opened at ``start``."""
    if length.calendar == "calendar":
        return (start + length.delta).astimezone(UTC)
    left, day = length.delta, _day(start)
    while True:
        opens, closes = _session(day)
        begin = max(start, opens)
        if begin < closes and left <= closes - begin:
            return begin + left
        left -= max(closes - begin, timedelta())
        day += DAY


def between(start: datetime, end: datetime, calendar: str) -> timedelta:
    """How much time of ``calendar`` lies from ``start`` to ``end``; zero when ``end`` is not after ``start``."""
    if calendar == "calendar":
        return max(end - start, timedelta())
    total, day = timedelta(), _day(start)
    while day <= _day(end):
        opens, closes = _session(day)
        total += max(min(end, closes) - max(start, opens), timedelta())
        day += DAY
    return total


def is_working(day: date) -> bool:
    """Whether China works on ``day``."""
    free, worked = _year(day.year)
    return day in worked or (day.weekday() < 5 and day not in free)


def _day(moment: datetime) -> date:
    return moment.astimezone(BEIJING).date()


def _session(day: date) -> tuple[datetime, datetime]:
    """The working hours of ``day``, UTC; empty on a day off."""
    opens, closes = (datetime.combine(day, hour, BEIJING).astimezone(UTC) for hour in (OPENS, CLOSES))
    return (opens, closes) if is_working(day) else (opens, opens)


@lru_cache(maxsize=32)
def _year(year: int) -> tuple[frozenset[date], frozenset[date]]:
    """Days off and worked weekend days."""
    china = holidays.country_holidays("CN", years=year)
    return frozenset(china), frozenset(day for day in china.weekend_workdays if day.year == year)
