"""The nightly round works in slices, goes on where it stopped, and tells readiness what it found."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from core import health
from evidence import rounds, verify
from evidence.models import Defect, Walk
from evidence.storage import store

pytestmark = pytest.mark.django_db
ORPHAN_PREFIXES = 256


def everything() -> int:
    return len(list(verify.run())) + ORPHAN_PREFIXES


def test_round_in_many_slices_checks_everything_once(take: Any) -> None:
    take(), take("b.txt", b"two")
    done, slices = rounds.work(seconds=0), 1
    while (walk := Walk.objects.get()).started_at is not None:
        assert walk.busy_until is None
        done, slices = done + rounds.work(seconds=0), slices + 1
    # The heads go with the first chain, and the end is found when nothing is left.
    assert (walk.checked, done, slices) == (everything(), everything(), everything())
    assert rounds.work() == 0


def test_next_round_begins_a_day_later(take: Any) -> None:
    take()
    assert rounds.work() == everything()
    Walk.objects.update(finished_at=health.host_now() - rounds.EVERY)
    assert rounds.work() == everything()


def test_two_workers_never_walk_together(take: Any) -> None:
    take()
    rounds.work(seconds=0)
    Walk.objects.update(busy_until=health.host_now() + timedelta(minutes=1))
    assert rounds.work() == 0
    Walk.objects.update(busy_until=health.host_now() - timedelta(seconds=1))
    assert rounds.work() == everything() - 2  # the heads and the first chain are done


def test_fault_is_recorded_turns_readiness_red_and_is_over_when_mended(client: Client, take: Any) -> None:
    for part in ("worker", "money", "scheduler"):
        health.beat(part)
    item = take("a.txt", b"one")
    store().forget(item.sha256)
    rounds.work()
    defect = Defect.objects.get()
    assert (defect.kind, defect.ref, defect.over_at) == ("file", f"item {item.pk}", None)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert (response.json()["verification"]["ok"], response.json()["verification"]["faults"]) == (False, 1)

    with store().receive(iter([b"one"]), limit=3) as incoming:
        store().keep(incoming)
    Walk.objects.update(finished_at=health.host_now() - rounds.EVERY)
    rounds.work()
    defect.refresh_from_db()
    assert defect.over_at is not None
    assert client.get("/readyz").json()["verification"]["ok"] is True


def test_defect_open_once_for_a_standing_fault(take: Any) -> None:
    store().forget(take("a.txt", b"one").sha256)
    rounds.work()
    first = Defect.objects.get()
    Walk.objects.update(finished_at=health.host_now() - rounds.EVERY)
    rounds.work()
    again = Defect.objects.get()
    assert (again.found_at, again.seen_at > first.seen_at) == (first.found_at, True)


def test_readiness_is_red_when_nobody_looked_for_two_days(client: Client, take: Any) -> None:
    rounds.work()
    for part in ("worker", "money", "scheduler"):
        health.beat(part)
    assert client.get("/readyz").status_code == 200
    Walk.objects.update(finished_at=health.host_now() - rounds.OLD - timedelta(minutes=1))
    response = client.get("/readyz")
    assert (response.status_code, response.json()["verification"]["ok"]) == (503, False)
