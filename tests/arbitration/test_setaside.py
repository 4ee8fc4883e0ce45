"""Setting a default aside: once, in 72 hours, decided by another arbiter; everything starts again."""

import pytest

from accounts import policy
from arbitration import assignment, execution, information, remedies, rulings, setaside, waiting
from core import clock
from core.errors import Refused
from disputes import response, settlement
from disputes.models import Case, Debt
from tests import factories, stages
from tests.conftest import Clock, World
from tests.stages import Stages, due, step


def test_granted_the_response_clock_starts_again_and_the_new_ruling_is_reviewable(world: World, at: Clock) -> None:
    case = Stages(world, at).set_aside_asked()
    assert case.remedies.get().state == "stayed"
    at.forward(days=8, sweep_too=True)  # the review window passes while the platform decides
    case = setaside.set_aside(actor=world.second_arbiter, case_id=case.pk, reason="停电属实")
    assert (case.state, case.by_default, case.final) == ("awaiting_response", False, False)
    assert set(case.deciders.all()) == {world.arbiter, world.second_arbiter}
    assert (case.rulings.get().state, case.remedies.get().state) == ("replaced", "reversed")
    assert sorted(case.violations.values_list("code", "points", "state")) == [
        ("not_received", 1, "reversed"),
        ("silence", 2, "reversed"),
    ]
    response.respond(actor=world.merchant, case_id=case.pk, **stages.DEFENCE)
    at.to(due(case, "rebuttal"), sweep_too=True)
    for earlier in (world.arbiter, world.second_arbiter):
        with pytest.raises(Refused) as refused:
            assignment.take(actor=earlier, case_id=case.pk)
        assert refused.value.code == "other_arbiter_on_review"
        assert waiting.next_free(earlier, clock.now()) == []
    assert [row.case_id for row in waiting.next_free(world.supervisor, clock.now())] == [case.pk]
    assignment.take(actor=world.supervisor, case_id=case.pk)
    decision = factories.decision(stages.again(case))
    rulings.rule(actor=world.supervisor, case_id=case.pk, decision=decision)
    at.forward(seconds=60, sweep_too=True)
    Stages(world, at).review(stages.again(case), world.merchant)
    assert stages.again(case).state == "in_review"


def test_refused_the_default_stands_and_remedies_go_on(world: World, at: Clock) -> None:
    case = Stages(world, at).set_aside_asked()
    at.forward(days=8, sweep_too=True)
    case = setaside.refuse_set_aside(actor=world.second_arbiter, case_id=case.pk, reason="未提交证明")
    assert (case.state, case.remedies.get().state) == ("enforcing", "performing")
    remedies.perform(actor=world.merchant, case_id=case.pk, remedy_id=step(case, "refund"))
    execution.settle_open_refunds()
    assert stages.again(case).state == "closed"


def test_set_aside_once_and_by_another_arbiter(world: World, at: Clock) -> None:
    case = Stages(world, at).set_aside_asked()
    with pytest.raises(Refused) as again:
        setaside.request_set_aside(actor=world.agent, case_id=case.pk, excuse="又", defence="又")
    assert again.value.code == "set_aside_once"
    with pytest.raises(Refused) as own:
        setaside.set_aside(actor=world.arbiter, case_id=case.pk, reason="我改主意了")
    assert own.value.code == "other_arbiter_on_review"


def test_other_arbiter_on_review_is_not_who_refused_to_set_aside(world: World, at: Clock) -> None:
    case = Stages(world, at).set_aside_asked()
    setaside.refuse_set_aside(actor=world.second_arbiter, case_id=case.pk, reason="未提交证明")
    case = Stages(world, at).review(stages.again(case), world.merchant)
    people = (world.arbiter, world.second_arbiter, world.supervisor)
    fit = [who for who in people if policy.impartial.refusal(who, case) is None]
    assert fit == [world.supervisor]


def test_set_aside_of_a_default_only(world: World, at: Clock) -> None:
    case = Stages(world, at).ruled()
    with pytest.raises(Refused) as refused:
        setaside.request_set_aside(actor=world.merchant, case_id=case.pk, excuse="停电", defence="已送达")
    assert refused.value.code == "set_aside_of_a_default"


def test_set_aside_asked_before_it_is_decided(world: World, at: Clock) -> None:
    case = Stages(world, at).ruled_on_default()
    Case.objects.filter(pk=case.pk).update(handler=world.second_arbiter)
    for verb in (setaside.set_aside, setaside.refuse_set_aside):
        with pytest.raises(Refused) as refused:
            verb(actor=world.second_arbiter, case_id=case.pk, reason="停电属实")
        assert refused.value.code == "set_aside_asked"
    assert stages.again(case).state == "ruled"


def test_money_under_way_arrives_after_the_default_fell(world: World, at: Clock) -> None:
    """Paid by the platform, the answer out when the default is set aside: the next ruling counts it."""
    case = Stages(world, at).ruled_on_default()
    at.forward(hours=24, sweep_too=True)
    setaside.request_set_aside(actor=world.merchant, case_id=case.pk, excuse="停电", defence="已送达")
    assignment.take(actor=world.second_arbiter, case_id=case.pk)
    setaside.set_aside(actor=world.second_arbiter, case_id=case.pk, reason="停电属实")
    assert execution.settle_open_refunds() == 1
    case = stages.again(case)
    assert (case.state, case.remedies.get().state) == ("awaiting_response", "executed")
    response.respond(actor=world.merchant, case_id=case.pk, **stages.DEFENCE)
    at.to(due(case, "rebuttal"), sweep_too=True)
    assignment.take(actor=world.supervisor, case_id=case.pk)
    decision = factories.decision(stages.again(case), remedy="", amount_fen=0, points=0)
    rulings.rule(actor=world.supervisor, case_id=case.pk, decision=decision)
    at.forward(seconds=60, sweep_too=True)
    back = case.remedies.get(kind="restitution")
    assert (back.state, back.owed_by, back.amount_fen) == ("pending", "buyer", 129_900)
    at.to(due(case, "review_request"), sweep_too=True)  # this ruling can be reviewed: only then it is final
    back.refresh_from_db()
    assert (back.state, Debt.objects.get().open_fen, stages.again(case).state) == ("executed", 129_900, "closed")


def test_settled_instead_while_the_response_runs_again(world: World, at: Clock) -> None:
    case = setaside.set_aside(
        actor=world.second_arbiter, case_id=Stages(world, at).set_aside_asked().pk, reason="停电属实"
    )
    settlement.offer(actor=world.merchant, case_id=case.pk, amount_fen=100)
    settlement.accept_offer(actor=world.buyer, case_id=case.pk, offer_id=case.offers.get().pk)
    assert stages.again(case).state == "settlement"


def test_questions_of_a_review_hold_the_time_to_decide_on_the_default(world: World, at: Clock) -> None:
    """Asked to set aside, then for a review, then questions: the platform's own time stands, all of it, and goes on."""
    case = Stages(world, at).review(Stages(world, at).set_aside_asked(), world.buyer)
    information.ask(actor=world.second_arbiter, case_id=case.pk, to_merchant=["报告原件?"])
    rows = {row.kind: row.state for row in case.deadlines.filter(kind__startswith="set_aside_")}
    assert rows == {"set_aside_target": "paused", "set_aside_decision": "paused"}
    at.forward(days=30, sweep_too=True)
    assert not case.deadlines.exclude(parked_because="").exists()
