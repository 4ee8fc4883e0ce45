"""The whole path by verbs alone: order, negotiation, case, response, ruling, refund, review, closing."""

from arbitration import assignment, execution, remedies, reviews, rulings
from disputes import sweep
from disputes.models import Case, Order
from ledger.chain import first_fault
from ledger.models import Entry
from tests import factories
from tests.conftest import Clock, World
from tests.stages import verdict


def reload(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def test_story_from_order_to_executed_refund(world: World, at: Clock) -> None:
    case = world.ruled(remedy="return_refund")
    assert (case.state, case.decided_by) == ("ruled", world.arbiter)
    back, refund = case.remedies.order_by("pk")
    assert [(row.kind, row.state, row.owed_by) for row in (back, refund)] == [
        ("return_goods", "performing", "buyer"),
        ("refund", "pending", "merchant"),
    ]
    at.forward(hours=2)
    remedies.ship_back(actor=world.buyer, case_id=case.pk, remedy_id=back.pk, carrier="顺丰", waybill="SF1")
    remedies.confirm_return(actor=world.merchant, case_id=case.pk, remedy_id=back.pk, finding="received")
    remedies.perform(actor=world.merchant, case_id=case.pk, remedy_id=refund.pk)
    assert execution.settle_open_refunds() == 1
    assert execution.settle_open_refunds() == 0
    order = Order.objects.get(pk=case.order_id)
    assert (order.refunded_fen, order.reserved_fen, order.refundable_fen) == (129_900, 0, 0)
    assert reload(case).state == "ruled"
    at.forward(days=7, sweep_too=True)
    closed = reload(case)
    assert (closed.state, closed.outcome) == ("closed", "for_applicant")
    entries = Entry.objects.filter(subject=case.subject).order_by("seq")
    assert first_fault(case.subject, entries) is None
    assert [entry.verb for entry in entries if not entry.verb.startswith("evidence_")] == [
        "file",
        "take",
        "admit",
        "respond",
        "skip",
        "take",
        "rule",
        "take_effect",
        "ship_back",
        "confirm_return",
        "remedy_executed",
        "perform",
        "remedy_executed",
        "conclude",
    ]


def test_story_merchant_silent_twice_platform_pays(world: World, at: Clock) -> None:
    case = world.admitted(remedy="refund", cause="not_received")
    at.forward(hours=24, sweep_too=True)
    case = reload(case)
    assert (case.state, case.by_default) == ("deliberation", True)
    assignment.take(actor=world.arbiter, case_id=case.pk)
    rulings.rule(actor=world.arbiter, case_id=case.pk, decision=factories.decision(case))
    at.forward(seconds=60, sweep_too=True)
    at.forward(hours=24, sweep_too=True)
    assert execution.settle_open_refunds() == 1
    remedy = reload(case).remedies.get()
    assert remedy.refund is not None
    assert (remedy.state, remedy.by_platform, remedy.refund.funding) == ("executed", True, "deposit")
    assert sorted(case.violations.values_list("code", "points")) == [
        ("not_performing", 2),
        ("not_received", 1),
        ("silence", 2),
    ]


def test_story_review_overturns_before_another_arbiter(world: World, at: Clock) -> None:
    case = world.ruled(remedy="refund", cause="quality_visible")
    item = factories.add_item(world.merchant, case, caption="检测报告")
    finding = case.rulings.get().findings.get()
    reviews.request_review(
        actor=world.merchant,
        case_id=case.pk,
        finding_id=finding.pk,
        argument="检测报告显示裂纹为使用造成",
        why_not_before="报告昨日才出具",
        item_ids=[str(item.pk)],
    )
    assert reload(case).remedies.get().state == "stayed"
    reviews.answer_review(actor=world.buyer, case_id=case.pk, statement="不认可")
    assignment.take(actor=world.second_arbiter, case_id=case.pk)
    new = factories.decision(reload(case), remedy="", amount_fen=0, points=0)
    reviews.decide_review(actor=world.second_arbiter, case_id=case.pk, **verdict(case, "overturn", ruling=new))
    closed = reload(case)
    assert (closed.state, closed.outcome, closed.final) == ("closed", "for_respondent", True)
    assert closed.remedies.get().state == "reversed"
    assert sweep.sweep() == 0
