"""The sweep: late, twice, or by many at once, it comes to the same; one bad row stops nobody."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection, connections

from core import clock
from disputes import deadlines, sweep
from disputes.models import Case, Deadline, Order
from ledger.models import Entry
from rulebook.queries import Length
from tests import factories, stages
from tests.conftest import Clock, World, build_world
from tests.stages import Stages, due


def story(case: Case) -> list[tuple[str, Any]]:
    return list(Entry.objects.filter(subject=case.subject).order_by("seq").values_list("verb", "at"))


def test_late_sweep_takes_the_due_moments_and_cascades(world: World, at: Clock) -> None:
    """Nobody swept for 30 days: the merchant did not respond, and the days of every clock count from its own moment."""
    case = Stages(world, at).responded()
    rebuttal_due = due(case, "rebuttal")
    at.forward(days=30, sweep_too=True)
    case = stages.again(case)
    assert (case.state, case.state_since) == ("deliberation", rebuttal_due)
    assert story(case)[-2:] == [
        ("rebuttal_expired", rebuttal_due),
        ("escalate", rebuttal_due + timedelta(hours=120)),
    ]
    assert sweep.sweep() == 0


def test_silent_merchant_default_review_window_and_payment_in_one_late_sweep(world: World, at: Clock) -> None:
    case = Stages(world, at).signed()
    effective = due(case, "ruling_undo")
    at.forward(days=40, sweep_too=True)
    case = stages.again(case)
    remedy = case.remedies.get()
    assert (case.state, remedy.state, remedy.by_platform) == ("enforcing", "performing", True)
    assert [entry for entry in story(case) if entry[0] in {"take_effect", "remedy_expired", "conclude"}] == [
        ("take_effect", effective),
        ("remedy_expired", effective + timedelta(hours=24)),
        ("conclude", effective + timedelta(days=7)),
    ]


def test_swept_twice_is_swept_once(world: World, at: Clock) -> None:
    case = Stages(world, at).admitted()
    at.to(due(case, "response"))
    assert (sweep.sweep(), sweep.sweep()) == (1, 0)
    assert [verb for verb, _at in story(case)].count("response_expired") == 1


def test_poisoned_clock_is_parked_and_stops_nobody(world: World, at: Clock) -> None:
    first, second = Stages(world, at).admitted(), Stages(world, at).admitted()
    bad = deadlines.open_clock(first, "offer", clock.now(), ref="none", length=Length("offer", 1, "hours"))
    at.to(max(due(first, "response"), due(second, "response")), sweep_too=True)
    bad.refresh_from_db()
    assert (bad.state, bad.parked_because.split(":")[0]) == ("open", "ValueError")
    assert [stages.again(case).state for case in (first, second)] == ["deliberation", "deliberation"]
    assert sweep.sweep() == 0


def test_database_trouble_parks_nothing(world: World, at: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    case = Stages(world, at).admitted()
    at.to(due(case, "response"))
    locked = Case.objects.locked

    def trouble(*_arguments: Any, **_options: Any) -> Case:
        raise OperationalError("deadlock detected")

    monkeypatch.setattr(type(Case.objects), "locked", trouble)
    assert sweep.sweep() == 0
    monkeypatch.undo()
    assert Case.objects.locked == locked
    assert sweep.sweep() == 1


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="row locks are PostgreSQL's")
def test_two_sweeps_at_once_and_a_held_case(transactional_db: None) -> None:
    with clock.frozen(factories.START):
        world = build_world()
        cases = [Stages(world, Clock(factories.START)).admitted() for _case in range(4)]
        when = max(due(case, "response") for case in cases)
    with clock.frozen(when):
        done: list[int] = []
        from django.db import transaction

        with transaction.atomic():
            Order.objects.locked(cases[0].order_id)
            threads = [threading.Thread(target=_sweep_into, args=(done,)) for _thread in range(2)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join(20)
        assert sum(done) == 3  # the held one is left for the next
        assert stages.again(cases[0]).state == "awaiting_response"
        assert sweep.sweep() == 1
        for case in cases:
            assert [verb for verb, _at in story(case)].count("response_expired") == 1


def _sweep_into(done: list[int]) -> None:
    done.append(sweep.sweep())
    connections.close_all()


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="PostgreSQL's planner")
def test_query_reads_the_partial_index_of_open_clocks(world: World, at: Clock) -> None:
    case = Stages(world, at).admitted()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO disputes_deadline (case_id, kind, ref, side, calendar, opened_at, due_at, pauses, extensions,"
            " state, parked_because) SELECT %s, 'offer', n::text, '', 'calendar', %s, %s + n * interval '1 minute', 0,"
            " 0, CASE WHEN n %% 2 = 0 THEN 'open' ELSE 'met' END, '' FROM generate_series(1, 40000) n",
            [case.pk, clock.now(), clock.now()],
        )
        cursor.execute("ANALYZE disputes_deadline")
    due_rows = Deadline.objects.filter(state="open", parked_because="", due_at__lte=clock.now())
    plan = due_rows.exclude(kind__in=Deadline.TARGETS).order_by("due_at", "id")[: sweep.BATCH].explain()
    assert "deadline_due" in plan, plan
    assert "Seq Scan" not in plan
