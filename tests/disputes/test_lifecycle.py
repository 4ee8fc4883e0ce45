"""WHEN: what is offered is accepted and nothing else, in every state, by everybody, at every moment."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction

from accounts import policy
from accounts.actors import CLOCK, Actor
from arbitration.operations import OPERATIONS
from core import clock
from core.errors import Forbidden, Refused
from disputes import lifecycle, sweep
from disputes.models import Case
from tests import stages
from tests.conftest import Clock, World

VERBS = {name: operation.verb for name, operation in OPERATIONS.items()} | {"upload": stages.upload}
MILLISECOND = timedelta(milliseconds=1)
GATES_NOTHING = ("applicant_evidence", "admission", "ruling", "review_decision", "records_kept")


def outcome(case: Case, act: str, actor: Actor, world: World) -> str:
    """The code with which the verb refuses, ``ok`` where it succeeds. Nothing of it stays."""
    with transaction.atomic():
        try:
            with transaction.atomic():
                VERBS[act](actor=actor, case_id=case.pk, **stages.arguments(case, act, actor, world))
            return "ok"
        except Refused as refused:
            return refused.code
        finally:
            transaction.set_rollback(True)


def offered(case: Case, act: str, actor: Actor) -> str:
    refused = lifecycle.refusal(case, act, actor, clock.now())
    return refused.code if refused else "ok"


def differences(case: Case, actors: dict[str, Actor], world: World, acts: Any) -> list[Any]:
    """Where offer and acceptance part."""
    found = []
    for name, actor in actors.items():
        for act in acts:
            said, happened = offered(case, act, actor), outcome(case, act, actor, world)
            if said != happened:
                found.append((case.state, act, name, said, happened))
    return found


def differences_in_state(case: Case, actors: dict[str, Actor], world: World, *, only_timed: bool = False) -> list[Any]:
    """Of the acts this state knows and the actor has the right to."""
    acts = [act for act in VERBS if case.state in lifecycle.TRANSITIONS[act].sources and (timed(act) or not only_timed)]
    return [
        difference
        for name, actor in actors.items()
        for difference in differences(
            case, {name: actor}, world, [act for act in acts if policy.refusal(actor, f"case.{act}", case) is None]
        )
    ]


def moments(case: Case) -> Iterator[tuple[datetime, bool]]:
    """Around the due moment of every clock that closes or opens an act: before and at it, not swept; swept."""
    open_ones = case.deadlines.filter(state="open").exclude(kind__endswith="_target").exclude(kind__in=GATES_NOTHING)
    for moment in sorted({row.due_at for row in open_ones if row.due_at}):
        for shift in (-MILLISECOND, timedelta()):
            yield moment + shift, False
        yield moment, True


def timed(act: str) -> bool:
    row = lifecycle.TRANSITIONS[act]
    return bool(row.within or row.guard or row.undecided)


def insiders(world: World) -> dict[str, Actor]:
    return {"buyer": world.buyer, "merchant": world.merchant, "arbiter": world.arbiter}


def everybody(world: World) -> dict[str, Actor]:
    return {
        **insiders(world),
        "second": world.second_arbiter,
        "agent": world.agent,
        "other buyer": world.other_buyer,
        "other merchant": world.other_merchant,
        "supervisor": world.supervisor,
        "administrator": world.administrator,
        "auditor": world.auditor,
        "clock": CLOCK,
    }


@pytest.mark.parametrize("name", stages.NAMES)
def test_what_is_offered_is_accepted_at_every_moment(name: str, world: World, at: Clock) -> None:
    case = stages.again(getattr(stages.Stages(world, at), name)())
    actors = {**insiders(world), "second": world.second_arbiter, "supervisor": world.supervisor, "clock": CLOCK}
    assert differences_in_state(case, actors, world) == []
    found = []
    for moment, swept in moments(case):
        with transaction.atomic():
            with clock.frozen(moment):
                if swept:
                    sweep.sweep()
                now = Case.objects.select_related("order", "dossier").filter(pk=case.pk).first()
                if now is not None:
                    found += differences_in_state(now, insiders(world), world, only_timed=True)
            transaction.set_rollback(True)
    assert found == []


@pytest.mark.parametrize("name", ["admitted", "deliberated", "in_review"])
def test_every_act_by_anybody_is_refused_as_foretold(name: str, world: World, at: Clock) -> None:
    case = stages.again(getattr(stages.Stages(world, at), name)())
    assert differences(case, everybody(world), world, VERBS) == []


def test_available_is_refusal_without_what_one_has_no_right_to(world: World, at: Clock) -> None:
    case = stages.again(stages.Stages(world, at).offered())
    for actor in everybody(world).values():
        expected = {}
        for act, row in lifecycle.TRANSITIONS.items():
            refused = lifecycle.refusal(case, act, actor, clock.now())
            if case.state in row.sources and not isinstance(refused, Forbidden):
                expected[act] = refused.code if refused else None
        found = {act: no.code if no else None for act, no in lifecycle.available(case, actor, clock.now()).items()}
        assert found == expected
