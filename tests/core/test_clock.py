"""One clock, which tests freeze and a demo moves."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import DjangoAssertNumQueries, Settings

from core import clock
from core.models import DemoClock

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_now_is_aware_utc_and_close_to_the_host() -> None:
    assert clock.now().tzinfo is UTC
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_now_moves_on_inside_a_transaction() -> None:
    first = clock.now()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT pg_sleep(0.01)")
    assert clock.now() > first


def test_frozen_holds_nests_and_lets_go() -> None:
    with clock.frozen(NOON):
        assert clock.now() == NOON
        with clock.frozen(NOON + timedelta(hours=1)):
            assert clock.now() == NOON + timedelta(hours=1)
        assert clock.now() == NOON
    assert clock.now() > NOON


def test_frozen_answers_in_utc_whatever_the_zone() -> None:
    with clock.frozen(NOON.astimezone(timezone(timedelta(hours=8)))):
        assert clock.now().utcoffset() == timedelta()
        assert clock.now() == NOON


def test_frozen_asks_the_database_nothing(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with clock.frozen(NOON), django_assert_num_queries(0):
        clock.now()


@pytest.mark.parametrize(
    ("span", "moved"),
    [
        ("48h", timedelta(hours=48)),
        ("2d", timedelta(days=2)),
        ("90m", timedelta(minutes=90)),
        ("1d12h30m", timedelta(days=1, hours=12, minutes=30)),
    ],
)
def test_advance_clock_moves_a_demo_ahead(span: str, moved: timedelta) -> None:
    call_command("advance_clock", span)
    assert DemoClock.objects.get().offset == moved
    assert abs(clock.now() - datetime.now(UTC) - moved) < timedelta(seconds=5)


def test_advance_clock_adds_up() -> None:
    call_command("advance_clock", "1h")
    call_command("advance_clock", "1h")
    assert DemoClock.objects.get().offset == timedelta(hours=2)


@pytest.mark.parametrize("span", ["", "48", "h", "-1h", "1.5h", "1h2d", "48 h", "1w"])
def test_advance_clock_refuses_what_is_no_span(span: str) -> None:
    with pytest.raises(CommandError):
        call_command("advance_clock", span)
    assert not DemoClock.objects.exists()


def test_advance_clock_is_refused_outside_a_demo(settings: Settings) -> None:
    settings.DEMO = False
    with pytest.raises(CommandError, match="not a demo world"):
        call_command("advance_clock", "48h")
    assert not DemoClock.objects.exists()


def test_now_ignores_a_leftover_offset_outside_a_demo(settings: Settings) -> None:
    DemoClock.objects.create(offset=timedelta(days=3))
    settings.DEMO = False
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)
