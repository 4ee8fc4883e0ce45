"""What ran out has run out, whether or not the sweep has come: nobody escapes by acting before it does."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from itertools import product
from typing import Any

import pytest

from arbitration import rulings, setaside
from arbitration.operations import OPERATIONS
from core import clock
from core.errors import Refused
from disputes import exhibits, lifecycle, response, settlement, suspension, sweep, withdrawal
from disputes.models import Case
from ledger.models import Entry
from tests import factories, stages
from tests.conftest import Clock, World, taken_back
from tests.stages import Stages, due, paper

LATE = timedelta(seconds=10)


def test_review_asked_after_the_time_to_perform_holds_nothing_back(world: World, at: Clock) -> None:
    case = Stages(world, at).ruled()
    ran_out = due(case, "perform")
    at.to(ran_out + LATE)
    case = Stages(world, at).review(case, world.merchant)
    assert (case.state, case.violations.get(code="not_performing").points) == ("in_review", 2)
    remedy = case.remedies.get()
    assert (remedy.state, remedy.by_platform, remedy.amount_fen) == ("performing", True, 129_900)
    assert case.order.refunds.get().amount_fen == 129_900
    row = case.deadlines.get(kind="perform")
    assert (row.state, row.closed_at) == ("expired", ran_out)


def test_set_aside_asked_after_the_time_to_perform_holds_nothing_back(world: World, at: Clock) -> None:
    case = Stages(world, at).ruled_on_default()
    at.to(due(case, "perform") + LATE)
    setaside.request_set_aside(actor=world.merchant, case_id=case.pk, excuse="停电", defence="已送达")
    at.forward(seconds=30, sweep_too=True)
    case = stages.again(case)
    assert (case.violations.get(code="not_performing").points, case.remedies.get().by_platform) == (2, True)


def test_conceding_after_the_time_to_respond_does_not_undo_the_default(world: World, at: Clock) -> None:
    case = Stages(world, at).admitted()
    at.to(due(case, "response") + LATE)
    case = rulings.concede(actor=world.merchant, case_id=case.pk)
    assert (case.by_default, case.deadlines.get(kind="response").state) == (True, "expired")
    assert case.rulings.get().kind == "consent"


def test_answer_before_due_or_the_case_has_lapsed(world: World, at: Clock) -> None:
    """Asked at the preliminary review, the applicant gave nothing: it cannot withdraw instead of lapsing."""
    case = Stages(world, at).asked_at_admission()
    at.to(due(case, "information"))
    with pytest.raises(Refused) as refused:
        withdrawal.withdraw(actor=world.buyer, case_id=case.pk)
    assert refused.value.code == "answer_before_due"
    at.forward(seconds=15, sweep_too=True)
    assert stages.again(case).outcome == "lapsed"


def test_nothing_in_its_minute_is_added_to_the_file_taken_from_it_or_suspended(world: World, at: Clock) -> None:
    stage = Stages(world, at)
    case = stage.deliberated()
    suspension.propose_suspension(actor=world.buyer, case_id=case.pk, days=5, reason="送检")
    stage.sign(case)
    new, old = paper(world.buyer, case), case.dossier.items.filter(side="buyer", state="lodged")[0]
    attempts: list[Callable[[], Case]] = [
        partial(exhibits.lodge, actor=world.buyer, case_id=case.pk, item_ids=[str(new.pk)]),
        partial(exhibits.withdraw_item, actor=world.buyer, case_id=case.pk, item_id=str(old.pk), reason="放错了"),
        partial(suspension.suspend, actor=world.merchant, case_id=case.pk),
    ]
    effective = due(case, "ruling_undo")
    for moment, code in ((effective - LATE, "nothing_in_its_minute"), (effective, "before_a_ruling")):
        at.to(moment)
        for attempt in attempts:
            with pytest.raises(Refused) as refused:
                attempt()
            assert refused.value.code == code
    at.forward(seconds=1, sweep_too=True)
    ruling = case.rulings.get()
    assert (ruling.state, ruling.weights.count()) == ("in_effect", case.dossier.items.filter(state="lodged").count())


def test_nothing_in_its_minute_is_stated_late(world: World, at: Clock) -> None:
    case = Stages(world, at).sign(Stages(world, at).defaulted())
    with pytest.raises(Refused) as refused:
        response.state_late(actor=world.merchant, case_id=case.pk, statement="补充说明")
    assert refused.value.code == "nothing_in_its_minute"


def test_resume_before_due_or_it_has_ended_by_itself(world: World, at: Clock) -> None:
    case = Stages(world, at).suspended()
    at.to(due(case, "suspension"))
    with pytest.raises(Refused) as refused:
        suspension.resume(actor=world.buyer, case_id=case.pk)
    assert refused.value.code == "resume_before_due"


def test_answer_before_due_and_no_item_after_it_in_a_review(world: World, at: Clock) -> None:
    case = Stages(world, at).asked_in_review()
    at.to(due(case, "information"))
    with pytest.raises(Refused) as refused:
        exhibits.lodge(actor=world.buyer, case_id=case.pk, item_ids=[str(paper(world.buyer, case).pk)])
    assert refused.value.code == "answer_before_due"


def test_upload_leaves_what_ran_out_to_the_sweep(world: World, at: Clock) -> None:
    """It holds no lock on the case, so that bytes may take their time."""
    case = Stages(world, at).admitted()
    at.to(due(case, "response") + LATE)
    before = left_behind(case)
    factories.add_item(world.buyer, case)
    assert left_behind(case)[:-1] == before[:-1]


def proposed(world: World, at: Clock) -> Case:
    """The buyer offers to settle and proposes to pause, both for longer than the merchant has to respond."""
    case = Stages(world, at).suspension_proposed()
    return settlement.offer(actor=world.buyer, case_id=case.pk, amount_fen=5000, valid_hours=120)


OVERDUE: list[tuple[str, str]] = [
    ("proposed", "response"),
    ("responded", "rebuttal"),
    ("deliberated", "ruling"),
    ("asked_in_review", "information"),
    ("suspended", "suspension"),
    ("proof_awaited", "suspension_proof"),
    ("ruled", "perform"),
    ("to_ship_back", "ship_back"),
    ("in_review", "review_answer"),
]


def left_behind(case: Case) -> Any:
    """What an act left of a case: state, ruling, clocks, points, and what is written of it."""
    now = stages.again(case)
    clocks = now.deadlines.order_by("kind", "pk").values_list("kind", "state", "due_at", "closed_at", "remaining")
    entries = Entry.objects.filter(subject=now.subject).order_by("pk").values_list("verb", "at")
    points = list(now.violations.order_by("pk").values_list("side", "code", "points"))
    return now.state, now.returns_to, now.outcome, now.by_default, list(clocks), points, list(entries)


def acted(case: Case, act: str, who: str, world: World, *, swept: bool) -> Any:
    """What ``act`` leaves behind, with the sweep before it or without; None where it is refused. Nothing stays."""
    with taken_back():
        if swept:
            sweep.sweep()
        actor = getattr(world, who)
        given = stages.arguments(stages.again(case), act, actor, world)
        try:
            OPERATIONS[act].verb(actor=actor, case_id=case.pk, **given)
        except Refused as refused:
            return refused.code
        return left_behind(case)


@pytest.mark.parametrize(("stage", "kind"), OVERDUE)
def test_an_act_before_the_late_sweep_leaves_what_it_leaves_after_it(
    world: World, at: Clock, stage: str, kind: str
) -> None:
    """Every act anybody has then, so that none is a way around what has run out."""
    case = proposed(world, at) if stage == "proposed" else getattr(Stages(world, at), stage)()
    at.to(due(case, kind) + LATE)
    now, done = stages.again(case), set()
    for act, who in product(OPERATIONS, ("buyer", "merchant", "arbiter", "second_arbiter", "supervisor")):
        if lifecycle.refusal(now, act, getattr(world, who), clock.now()) is None:
            before, after = (acted(case, act, who, world, swept=swept) for swept in (False, True))
            assert before == after, (act, who)
            done.add(act)
    assert done


@pytest.mark.parametrize("act", ["accept_offer", "suspend"])
def test_default_is_not_escaped_by_settling_or_pausing_a_second_too_late(world: World, at: Clock, act: str) -> None:
    case = proposed(world, at)
    ran_out = due(case, "response")
    at.to(ran_out + LATE)
    given = stages.arguments(case, act, world.merchant, world)
    case = OPERATIONS[act].verb(actor=world.merchant, case_id=case.pk, **given)
    assert (case.by_default, case.returns_to) == (True, ["deliberation"])
    row = case.deadlines.get(kind="response")
    assert (row.state, row.closed_at) == ("expired", ran_out)
    assert case.deadlines.get(kind="ruling").state == "paused"


def test_broken_settlement_of_a_default_goes_on_as_a_default(world: World, at: Clock) -> None:
    case = proposed(world, at)
    at.to(due(case, "response") + LATE)
    settlement.accept_offer(actor=world.merchant, case_id=case.pk, offer_id=case.offers.get().pk)
    at.to(due(case, "settlement"), sweep_too=True)
    case = stages.again(case)
    assert (case.state, case.by_default, case.offers.get().state) == ("deliberation", True, "accepted")
