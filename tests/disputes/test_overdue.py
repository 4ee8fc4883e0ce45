"""What ran out has run out, whether or not the sweep has come: nobody escapes by acting before it does."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from arbitration import rulings, setaside
from core.errors import Refused
from disputes import exhibits, response, suspension, withdrawal
from disputes.models import Case
from tests import stages
from tests.conftest import Clock, World
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
