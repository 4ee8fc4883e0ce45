from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.clock import BEIJING
from rulebook import calendar
from rulebook.queries import Length

moments = st.datetimes(datetime(2025, 1, 1), datetime(2026, 10, 1), timezones=st.just(UTC))  # noqa: DTZ001
kinds = st.sampled_from(["calendar", "working"])


def lengths(calendar_name: str) -> st.SearchStrategy[Length]:
    return st.builds(
        Length,
        kind=st.just("response"),
        amount=st.integers(0, 120),
        unit=st.sampled_from(["seconds", "hours"]),
        calendar=st.just(calendar_name),
    )


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BEIJING)


@settings(deadline=None)  # the first question about a year reads its holidays
@given(moments, kinds.flatmap(lengths))
def test_add_then_between_gives_the_length_back(start: datetime, length: Length) -> None:
    assert calendar.between(start, calendar.add(start, length), length.calendar) == length.delta


@settings(deadline=None)
@given(moments, moments, kinds.flatmap(lengths))
def test_add_is_monotonic_in_the_start(a: datetime, b: datetime, length: Length) -> None:
    first, last = sorted([a, b])
    assert calendar.add(first, length) <= calendar.add(last, length)


@settings(deadline=None)
@given(moments, kinds.flatmap(lengths), st.integers(1, 40))
def test_add_is_monotonic_in_the_length(start: datetime, length: Length, more: int) -> None:
    longer = Length(length.kind, length.amount + more, length.unit, length.calendar)
    assert start <= calendar.add(start, length) < calendar.add(start, longer)


@settings(deadline=None)
@given(moments, moments, moments, kinds)
def test_between_adds_up(a: datetime, b: datetime, c: datetime, kind: str) -> None:
    a, b, c = sorted([a, b, c])
    assert calendar.between(a, c, kind) == calendar.between(a, b, kind) + calendar.between(b, c, kind)
    assert calendar.between(c, a, kind) == timedelta()


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("2026-11-23 10:00", 2, "2026-11-23 12:00"),
        ("2026-11-23 17:00", 2, "2026-11-24 10:00"),
        ("2026-11-23 20:00", 1, "2026-11-24 10:00"),
        ("2026-11-27 17:00", 1, "2026-11-27 18:00"),  # Friday, to the last moment
        ("2026-11-27 17:00", 2, "2026-11-30 10:00"),  # over a weekend
        ("2026-09-30 17:30", 1, "2026-10-08 09:30"),  # over the National Day week
        ("2026-09-18 17:30", 1, "2026-09-20 09:30"),  # Sunday 20 September 2026 is worked
    ],
)
def test_working_time_exactly(start: str, hours: int, due: str) -> None:
    assert calendar.add(at(start), Length("x", hours, "hours", "working")) == at(due)


def test_working_day_is_nine_hours() -> None:
    assert calendar.add(at("2026-11-23 09:00"), Length("x", 1, "days", "working")) == at("2026-11-23 18:00")


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2026, 10, 1), False),
        (date(2026, 10, 10), True),  # Saturday worked for National Day
        (date(2026, 11, 22), False),
        (date(2026, 11, 23), True),
    ],
)
def test_is_working(day: date, works: bool) -> None:
    assert calendar.is_working(day) is works


@pytest.mark.parametrize(
    ("day", "works"),
    [
        (date(2098, 5, 2), False),  # Friday, Labour Day
        (date(2098, 5, 7), True),
        (date(2098, 5, 10), False),  # Saturday: nobody has said that it is worked
    ],
)
def test_year_nobody_has_announced_has_its_weekdays_without_the_days_off_of_the_law(day: date, works: bool) -> None:
    assert calendar.is_working(day) is works


def test_calendar_time_needs_no_published_year() -> None:
    start = datetime(2098, 1, 1, tzinfo=UTC)
    assert calendar.add(start, Length("x", 1, "hours")) == start + timedelta(hours=1)
    assert calendar.between(start, start + timedelta(days=1), "calendar") == timedelta(days=1)
