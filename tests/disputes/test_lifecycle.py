"""WHEN: what is offered is accepted and nothing else, in every state, by everybody, at every moment."""

import inspect
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import pytest

from accounts.actors import CLOCK, Actor
from arbitration.operations import OPERATIONS
from core import clock
from core.errors import Forbidden, Refused
from disputes import lifecycle, sweep
from disputes.models import Case
from tests import stages
from tests.conftest import Clock, World, taken_back
from tests.stages import Stages

VERBS: dict[str, Callable[..., Case]] = {name: operation.verb for name, operation in OPERATIONS.items()}
VERBS["upload"] = stages.upload
MILLISECOND = timedelta(milliseconds=1)
GATES_NOTHING = ("applicant_evidence", "admission", "ruling", "review_decision", "records_kept")


def everybody(world: World) -> dict[str, Actor]:
    return {
        "buyer": world.buyer,
        "merchant": world.merchant,
        "agent": world.agent,
        "arbiter": world.arbiter,
        "second": world.second_arbiter,
        "supervisor": world.supervisor,
        "administrator": world.administrator,
        "auditor": world.auditor,
        "other buyer": world.other_buyer,
        "other merchant": world.other_merchant,
        "clock": CLOCK,
    }


@cache
def nothing_for(act: str) -> dict[str, None]:
    """Nothing for every input: whoever is refused by right, state or clock is refused before it is looked at."""
    parameters = inspect.signature(VERBS[act]).parameters.values()
    return {one.name: None for one in parameters if one.default is one.empty and one.name not in {"actor", "case_id"}}


def refused(case: Case, act: str, actor: Actor) -> str:
    """The code with which the verb refuses though it was given nothing; without the transaction it would open."""
    try:
        inspect.unwrap(VERBS[act])(actor=actor, case_id=case.pk, **nothing_for(act))
    except Refused as no:
        return no.code
    except (TypeError, AttributeError) as looked_at:
        return f"accepted: {looked_at}"
    return "accepted"


def accepted(case: Case, act: str, actor: Actor, world: World) -> str:
    """``ok`` if the verb takes a valid input, else its code. Nothing of it stays."""
    with taken_back():
        arguments = stages.arguments(stages.again(case), act, actor, world)
        try:
            VERBS[act](actor=actor, case_id=case.pk, **arguments)
        except Refused as no:
            return no.code
    return "ok"


def differences(case: Case, actors: dict[str, Actor], acts: Iterable[str], world: World) -> list[Any]:
    """Where what is foretold of ``acts`` by ``actors`` now and what happens part."""
    found: list[Any] = []
    now = clock.now()
    for name, actor in actors.items():
        for act in acts:
            no = lifecycle.refusal(case, act, actor, now)
            said = no.code if no else "ok"
            happened = accepted(case, act, actor, world) if no is None else refused(case, act, actor)
            if said != happened:
                found.append((case.state, act, name, said, happened))
    return found


def moments(case: Case) -> Iterator[tuple[datetime, bool]]:
    """Around the due moment of every clock that closes or opens an act: before and at it, not swept; swept."""
    open_ones = case.deadlines.filter(state="open").exclude(kind__endswith="_target").exclude(kind__in=GATES_NOTHING)
    for moment in sorted({row.due_at for row in open_ones if row.due_at}):
        yield moment - MILLISECOND, False
        yield moment, False
        yield moment + MILLISECOND, True


def sees_the_moment(case: Case, act: str) -> bool:
    row = lifecycle.TRANSITIONS[act]
    return case.state in row.sources and bool(row.within or row.guard or row.undecided or row.unsigned)


def as_it_is(case: Case) -> Case | None:
    """The case with what its guards look at, read once for all of them."""
    rows = Case.objects.select_related("order", "dossier", "set_aside")
    kept = rows.prefetch_related("deadlines", "offers", "suspensions", "statements", "reviews", "turned_away")
    return kept.filter(pk=case.pk).first()


FAST = {"taken", "deliberated"}
INSIDERS = {"buyer", "merchant", "arbiter", "second", "supervisor", "clock"}


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in FAST else pytest.mark.slow) for name in stages.NAMES]
)
def test_what_is_offered_is_accepted_and_nothing_else(name: str, world: World, at: Clock) -> None:
    """Every act by everybody now; around each due moment what can tell one moment from another, by everybody; and once
    the sweep has moved the case, again every act by all who have any right in it."""
    case, actors = stages.again(getattr(Stages(world, at), name)()), everybody(world)
    insiders = {who: actor for who, actor in actors.items() if who in INSIDERS}
    timed = [act for act in VERBS if sees_the_moment(case, act)]
    found = differences(case, actors, VERBS, world)
    for moment, swept in moments(case):
        with taken_back(), clock.frozen(moment):
            if swept:
                sweep.sweep()
            now = as_it_is(case)
            if now is not None:
                moved = now.state != case.state
                found += differences(now, insiders if moved else actors, VERBS if moved else timed, world)
    assert found == []


def open_acts(case: Case, actors: dict[str, Actor], at: datetime) -> set[tuple[str, str]]:
    return {
        (who, act)
        for who, actor in actors.items()
        for act in lifecycle.TRANSITIONS
        if actor != CLOCK and act != "upload" and lifecycle.refusal(case, act, actor, at) is None
    }


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=[] if name in {"signed", "asked_at_admission"} else pytest.mark.slow)
             for name in stages.NAMES]
)  # fmt: skip
def test_nothing_is_possible_because_the_sweep_is_late(name: str, world: World, at: Clock) -> None:
    """At every due moment: what could be done before the sweep came can be done after it, at the same moment."""
    case, actors = stages.again(getattr(Stages(world, at), name)()), everybody(world)
    for moment in sorted({due for due, swept in moments(case) if not swept}):
        with taken_back(), clock.frozen(moment):
            before = as_it_is(case)
            assert before is not None
            possible = open_acts(before, actors, moment)
            sweep.sweep()
            swept = as_it_is(case)
            after = open_acts(swept, actors, moment) if swept else set()
            assert possible - after == set(), (before.state, swept and swept.state)


def test_available_is_refusal_without_what_one_has_no_right_to(world: World, at: Clock) -> None:
    case = stages.again(Stages(world, at).offered())
    for actor in everybody(world).values():
        expected = {}
        for act, row in lifecycle.TRANSITIONS.items():
            refused = lifecycle.refusal(case, act, actor, clock.now())
            if case.state in row.sources and not isinstance(refused, Forbidden):
                expected[act] = refused.code if refused else None
        found = {act: no.code if no else None for act, no in lifecycle.available(case, actor, clock.now()).items()}
        assert found == expected
