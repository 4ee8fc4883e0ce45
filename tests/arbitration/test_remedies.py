"""Remedies: goods back, five findings, disputed returns, lapsing, the platform stepping in."""

from datetime import timedelta
from typing import Any

import pytest

from accounts.models import User
from arbitration import execution, remedies, reviews
from core import clock
from core.errors import Refused
from disputes.models import Case
from evidence.models import Item
from ledger.models import Entry
from tests import factories, stages
from tests.conftest import Clock, World
from tests.stages import Stages, due, step, verdict


def kinds(case: Case) -> list[tuple[str, str]]:
    return list(case.remedies.order_by("pk").values_list("kind", "state"))


def test_buyer_who_ships_nothing_back_loses_the_refund(world: World, at: Clock) -> None:
    case = Stages(world, at).to_ship_back()
    at.to(due(case, "ship_back"), sweep_too=True)
    assert kinds(case) == [("return_goods", "lapsed"), ("refund", "lapsed")]
    assert stages.again(case).state == "closed"  # the review window ends at the same moment


def test_silent_merchant_counts_as_received_and_the_platform_refunds(world: World, at: Clock) -> None:
    case = Stages(world, at).shipped_back()
    at.to(due(case, "confirm_return"), sweep_too=True)
    assert execution.settle_open_refunds() == 1
    refund = case.remedies.get(kind="refund")
    assert (refund.state, refund.by_platform, stages.again(case).state) == ("executed", True, "closed")


@pytest.mark.parametrize("finding", ["not_received", "damaged", "empty", "incomplete"])
def test_return_not_in_order_holds_the_refund_for_the_platform(world: World, at: Clock, finding: str) -> None:
    case = Stages(world, at).shipped_back()
    back = step(case, "return_goods")
    arguments: dict[str, Any] = {"actor": world.merchant, "case_id": case.pk, "remedy_id": back, "finding": finding}
    with pytest.raises(Refused) as refused:
        remedies.confirm_return(**arguments)
    assert refused.value.code == "return_finding_needs_note"
    if finding != "not_received":
        chat = stages.paper(world.merchant, case)
        Item.objects.filter(pk=chat.pk).update(kind="chat")
        with pytest.raises(Refused) as refused:
            remedies.confirm_return(**arguments, note="外壳开裂")
        assert (refused.value.code, list(refused.value.fields)) == ("return_finding_needs_photo", ["files"])
        stages.paper(world.merchant, case)
    remedies.confirm_return(**arguments, note="外壳开裂")
    assert kinds(case) == [("return_goods", "failed"), ("refund", "pending")]


@pytest.mark.parametrize(
    ("accepted", "then"),
    [
        (True, [("return_goods", "executed"), ("refund", "performing")]),
        (False, [("return_goods", "lapsed"), ("refund", "lapsed")]),
    ],
)
def test_disputed_return_is_decided_by_the_platform(
    world: World, at: Clock, accepted: bool, then: list[tuple[str, str]]
) -> None:
    case = Stages(world, at).return_disputed()
    arguments: dict[str, Any] = {
        "case_id": case.pk,
        "remedy_id": step(case, "return_goods"),
        "accepted": accepted,
        "reason": "照片",
    }
    with pytest.raises(Refused) as refused:
        remedies.decide_return(actor=world.merchant, **arguments)
    assert refused.value.code == "only_an_arbiter"
    remedies.decide_return(actor=world.arbiter, **arguments)
    assert kinds(case) == then
    at.forward(days=8, sweep_too=True)
    execution.settle_open_refunds()
    assert stages.again(case).state == "closed"


def test_goods_need_waybill(world: World, at: Clock) -> None:
    case = Stages(world, at, "not_received", "resend").ruled()
    send: dict[str, Any] = {"actor": world.merchant, "case_id": case.pk, "remedy_id": step(case, "resend")}
    with pytest.raises(Refused) as refused:
        remedies.perform(**send, waybill=" ")
    assert (refused.value.code, list(refused.value.fields)) == ("goods_need_waybill", ["waybill"])
    assert kinds(case) == [("resend", "performing")]
    remedies.perform(**send, waybill="SF1")
    assert kinds(case) == [("resend", "executed")]


def test_goods_not_delivered_become_their_worth(world: World, at: Clock) -> None:
    case = Stages(world, at, "not_received", "resend").ruled()
    at.to(due(case, "perform"), sweep_too=True)
    assert kinds(case) == [("resend", "lapsed"), ("refund", "performing")]
    assert sorted(case.violations.values_list("code", "points")) == [("not_performing", 2), ("not_received", 1)]


def test_another_persons_remedy_is_not_ones_own(world: World, at: Clock) -> None:
    mine, other = Stages(world, at).ruled(), Stages(world, at).ruled()
    with pytest.raises(Refused) as refused:
        remedies.perform(actor=world.merchant, case_id=mine.pk, remedy_id=step(other, "refund"))
    assert refused.value.code == "nothing_owed"


def test_case_is_enforcing_once_no_review_can_come_and_closed_once_done(world: World, at: Clock) -> None:
    case = Stages(world, at).to_ship_back()
    at.forward(days=1)
    goods: dict[str, Any] = {"remedy_id": step(case, "return_goods"), "carrier": "顺丰", "waybill": "SF1"}
    remedies.ship_back(actor=world.buyer, case_id=case.pk, **goods)
    at.forward(days=6, sweep_too=True)
    assert stages.again(case).state == "enforcing"
    remedies.confirm_return(
        actor=world.merchant, case_id=case.pk, remedy_id=step(case, "return_goods"), finding="received"
    )
    remedies.perform(actor=world.merchant, case_id=case.pk, remedy_id=step(case, "refund"))
    execution.settle_open_refunds()
    case = stages.again(case)
    assert (case.state, case.outcome) == ("closed", "for_applicant")


def test_missing_part_that_is_not_sent_costs_what_the_ruling_says_it_is_worth(world: World, at: Clock) -> None:
    stage = Stages(world, at, "short_or_wrong", "resend")
    case = stage.effective(stage.sign(stage.deliberated(), remedy="resend", amount_fen=3_000))
    at.to(due(case, "perform"), sweep_too=True)
    execution.settle_open_refunds()
    case = stages.again(case)
    assert kinds(case) == [("resend", "lapsed"), ("refund", "executed")]
    assert (case.order.refunded_fen, case.rulings.get().outcome) == (3_000, "for_applicant")


@pytest.mark.parametrize("amount_fen", [0, 129_901])
def test_worth_of_what_is_sent_again_is_asked_of_a_ruling(world: World, at: Clock, amount_fen: int) -> None:
    stage = Stages(world, at, "short_or_wrong", "resend")
    case = stage.deliberated()
    with pytest.raises(Refused) as refused:
        stage.sign(case, remedy="resend", amount_fen=amount_fen)
    assert list(refused.value.fields) == ["amount_fen"]


def test_refund_of_a_return_without_reason_is_due_seven_days_after_the_goods_arrived(world: World, at: Clock) -> None:
    case = Stages(world, at, "no_reason_return", "return_refund").ruled()
    back = step(case, "return_goods")
    remedies.ship_back(actor=world.buyer, case_id=case.pk, remedy_id=back, carrier="顺丰", waybill="SF1")
    remedies.confirm_return(actor=world.merchant, case_id=case.pk, remedy_id=back, finding="received")
    assert due(case, "perform") - clock.now() == timedelta(days=7)
    at.forward(days=6, sweep_too=True)
    assert not case.violations.filter(code="not_performing").exists()


def test_files_go_on_file_with_a_finding_and_both_sides_see_them(world: World, at: Clock) -> None:
    case = Stages(world, at).shipped_back()
    photo = stages.paper(world.merchant, case)
    remedies.confirm_return(
        actor=world.merchant, case_id=case.pk, remedy_id=step(case, "return_goods"), finding="damaged", note="外壳开裂"
    )
    photo.refresh_from_db()
    assert (photo.state, photo.late, photo.disclosed_at) == ("lodged", False, clock.now())
    assert Entry.objects.get(subject=case.subject, verb="confirm_return").facts["items"] == 1


def test_goods_that_came_in_order_put_no_file_on_file(world: World, at: Clock) -> None:
    case = Stages(world, at).shipped_back()
    photo = stages.paper(world.merchant, case)
    back = step(case, "return_goods")
    remedies.confirm_return(actor=world.merchant, case_id=case.pk, remedy_id=back, finding="received")
    photo.refresh_from_db()
    assert photo.state == "ready"


@pytest.mark.parametrize(
    ("stage", "kind"), [("return_disputed", "return_decision"), ("set_aside_asked", "set_aside_decision")]
)
def test_second_look_past_its_hard_limit_goes_to_a_supervisor(world: World, at: Clock, stage: str, kind: str) -> None:
    case = getattr(Stages(world, at), stage)()
    limit = due(case, kind)
    assert limit - clock.now() == timedelta(hours=168)
    at.to(limit, sweep_too=True)
    case = stages.again(case)
    assert (case.escalated_at, case.deadlines.get(kind=kind).state) == (limit, "expired")
    assert Entry.objects.get(subject=case.subject, verb="escalate").facts["clock"] == kind


def test_decided_return_is_no_longer_before_the_supervisor(world: World, at: Clock) -> None:
    case = Stages(world, at).return_disputed()
    at.to(due(case, "return_decision"), sweep_too=True)
    decide: dict[str, Any] = {"actor": world.arbiter, "case_id": case.pk, "remedy_id": step(case, "return_goods")}
    case = remedies.decide_return(**decide, accepted=True, reason="照片不足")
    assert (case.escalated_at, case.deadlines.filter(kind__startswith="return_", state="open").count()) == (None, 0)


# --- the freight of a return -----------------------------------------------------------------------------------------
def sent_back_for(case: Case, buyer: User, freight_fen: int) -> None:
    goods: dict[str, Any] = {"remedy_id": step(case, "return_goods"), "carrier": "顺丰", "waybill": "SF1"}
    remedies.ship_back(actor=buyer, case_id=case.pk, freight_fen=freight_fen, **goods)


def test_freight_of_a_return_is_owed_once_it_is_confirmed_beside_the_refund(world: World, at: Clock) -> None:
    case = Stages(world, at).to_ship_back()
    sent_back_for(case, world.buyer, 1_200)
    assert kinds(case) == [("return_goods", "performing"), ("refund", "pending"), ("freight", "pending")]
    at.to(due(case, "confirm_return"), sweep_too=True)
    execution.settle_open_refunds()
    assert {state for _kind, state in kinds(case)} == {"executed"}
    freight, order = case.remedies.get(kind="freight"), stages.again(case).order
    assert (freight.amount_fen, freight.owed_by, freight.by_platform) == (1_200, "merchant", True)
    assert (order.refunded_fen, order.reserved_fen) == (order.paid_fen, 0)


def test_freight_paid_falls_with_the_ruling_that_laid_it_on_the_merchant(world: World, at: Clock) -> None:
    case = Stages(world, at).to_ship_back()
    sent_back_for(case, world.buyer, 1_200)
    back = step(case, "return_goods")
    remedies.confirm_return(actor=world.merchant, case_id=case.pk, remedy_id=back, finding="received")
    for kind in ("refund", "freight"):
        remedies.perform(actor=world.merchant, case_id=case.pk, remedy_id=step(case, kind))
    execution.settle_open_refunds()
    Stages(world, at).overturn(case)
    made = case.remedies.get(kind="restitution")
    assert (made.state, made.amount_fen) == ("executed", case.order.paid_fen + 1_200)


@pytest.mark.parametrize(
    ("confirmed", "after_review"),
    [
        (True, [("refund", "performing", 100_000), ("freight", "performing", 1_200)]),
        (False, [("return_goods", "performing", 0), ("refund", "pending", 100_000), ("freight", "pending", 1_200)]),
    ],
)
def test_goods_sent_back_once_are_not_sent_for_again_by_a_changed_ruling(
    world: World, at: Clock, confirmed: bool, after_review: list[tuple[str, str, int]]
) -> None:
    case = Stages(world, at).to_ship_back()
    sent_back_for(case, world.buyer, 1_200)
    if confirmed:
        back = step(case, "return_goods")
        remedies.confirm_return(actor=world.merchant, case_id=case.pk, remedy_id=back, finding="received")
    case = Stages(world, at).answer_and_take(Stages(world, at).review(case, world.merchant))
    changed = factories.decision(stages.again(case), remedy="return_refund", amount_fen=100_000)
    reviews.decide_review(actor=world.second_arbiter, case_id=case.pk, **verdict(case, "vary", ruling=changed))
    laid_out = case.remedies.filter(ruling__state="in_effect").order_by("pk")
    assert [(row.kind, row.state, row.amount_fen * (row.kind != "return_goods")) for row in laid_out] == after_review
    if not confirmed:
        sent = laid_out.get(kind="return_goods")
        assert (sent.carrier, sent.waybill) == ("顺丰", "SF1")
        remedies.confirm_return(actor=world.merchant, case_id=case.pk, remedy_id=sent.pk, finding="received")
        assert list(laid_out.values_list("state", flat=True)) == ["executed", "performing", "performing"]


@pytest.mark.parametrize(("bears", "freight_fen"), [("respondent", 5_001), ("respondent", -1), ("applicant", 1)])
def test_freight_within_rules(world: World, at: Clock, bears: str, freight_fen: int) -> None:
    case = Stages(world, at).to_ship_back()
    case.rulings.update(freight_by=bears)
    with pytest.raises(Refused) as refused:
        sent_back_for(case, world.buyer, freight_fen)
    assert (refused.value.code, list(refused.value.fields)) == ("freight_within_rules", ["freight_fen"])
    assert kinds(case) == [("return_goods", "performing"), ("refund", "pending")]
