"""Settlement: offers are the two sides' own business; a broken one gives the dispute back as it was."""

from typing import Any

import pytest
from django.utils.translation import gettext as _

from arbitration import admission, execution
from core.errors import Refused
from disputes import settlement, suspension, withdrawal
from disputes.models import AccountEntry, Debt, Refund
from ledger.models import Entry
from notices.sentences import sentence
from tests import stages
from tests.conftest import Clock, World
from tests.stages import Stages, due


def test_offers_are_for_the_parties_until_one_is_accepted(world: World, at: Clock) -> None:
    case = Stages(world, at).offered()
    settlement.decline_offer(actor=world.buyer, case_id=case.pk, offer_id=case.offers.get().pk)
    settlement.offer(actor=world.merchant, case_id=case.pk, amount_fen=6000)
    settlement.withdraw_offer(actor=world.merchant, case_id=case.pk)
    settlement.offer(actor=world.merchant, case_id=case.pk, amount_fen=7000, valid_hours=1)
    at.forward(hours=1, sweep_too=True)
    assert list(case.offers.order_by("pk").values_list("state", flat=True)) == ["declined", "withdrawn", "lapsed"]
    entries = Entry.objects.filter(subject=case.subject, verb__contains="offer")
    assert set(entries.values_list("audience", flat=True)) == {"parties"}


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"amount_fen": 0}, "offer_says_something"),
        ({"amount_fen": 129_901}, "amount_within_paid"),
        ({"valid_hours": 169}, "offer_valid_at_most_7_days"),
        ({"valid_hours": 0}, "offer_valid_at_most_7_days"),
        ({"perform_days": 16}, "settlement_within_15_days"),
    ],
)
def test_offer_outside_its_limits_is_refused(world: World, at: Clock, change: dict[str, Any], code: str) -> None:
    case = Stages(world, at).admitted()
    with pytest.raises(Refused) as refused:
        settlement.offer(actor=world.buyer, case_id=case.pk, **{"amount_fen": 100, **change})
    assert refused.value.code == code


def test_broken_settlement_goes_back_with_the_time_that_was_left(world: World, at: Clock) -> None:
    case = Stages(world, at).offered()
    left = due(case, "response") - at.moment
    settlement.accept_offer(actor=world.buyer, case_id=case.pk, offer_id=case.offers.get().pk)
    moment = due(case, "settlement")
    at.forward(days=4, sweep_too=True)
    case = stages.again(case)
    response = case.deadlines.get(kind="response")
    assert response.due_at == moment + left
    assert case.state in {"awaiting_response", "deliberation"}


def test_refund_the_service_refuses_breaks_the_settlement(world: World, at: Clock) -> None:
    case = Stages(world, at).settling()
    settlement.perform_settlement(actor=world.merchant, case_id=case.pk)
    refund = Refund.objects.get()
    Refund.objects.filter(pk=refund.pk).update(state="failed")
    execution.settle_open_refunds()
    assert stages.again(case).state == "awaiting_response"


def test_offer_open_when_the_case_is_refused_lapses_with_it(world: World, at: Clock) -> None:
    case = Stages(world, at).taken()
    settlement.offer(actor=world.merchant, case_id=case.pk, amount_fen=100)
    admission.refuse(actor=world.arbiter, case_id=case.pk, ground="late", clause="AD-01", reason="超过期限")
    assert case.offers.get().state == "lapsed"
    assert list(case.deadlines.filter(state="open").values_list("kind", flat=True)) == ["records_kept"]
    at.forward(days=9, sweep_too=True)
    assert not case.deadlines.exclude(parked_because="").exists()


@pytest.mark.parametrize(
    ("stage", "change", "expected"),
    [
        ("admitted", {}, ("buyer_pays_where_merchant_filed", ["payer"])),
        ("buyer_owes", {"amount_fen": 129_901}, ("loss_within_paid", ["amount_fen"])),
    ],
)
def test_buyer_pays_where_merchant_filed_and_no_more_than_was_paid(
    world: World, at: Clock, stage: str, change: dict[str, Any], expected: Any
) -> None:
    case = getattr(Stages(world, at), stage)()
    if stage == "buyer_owes":
        at.to(due(case, "settlement"), sweep_too=True)
    with pytest.raises(Refused) as refused:
        settlement.offer(actor=world.buyer, case_id=case.pk, **{"amount_fen": 3000, "payer": "buyer", **change})
    assert (refused.value.code, list(refused.value.fields)) == expected


def test_only_who_owes_the_settlement_performs_it_and_the_platform_moves_no_buyers_money(
    world: World, at: Clock
) -> None:
    case = Stages(world, at).buyer_owes()
    assert case.deadlines.get(kind="settlement").side == "buyer"
    for actor, reference, code in (
        (world.merchant, "ALIPAY-1", "only_who_owes_the_settlement"),
        (world.buyer, " ", "payment_needs_reference"),
    ):
        with pytest.raises(Refused) as refused:
            settlement.perform_settlement(actor=actor, case_id=case.pk, reference=reference)
        assert refused.value.code == code
    case = settlement.perform_settlement(actor=world.buyer, case_id=case.pk, reference=" ALIPAY-1 ")
    made = case.offers.get()
    assert (case.state, case.outcome, made.payer, made.reference) == ("closed", "settled", "buyer", "ALIPAY-1")
    assert (Refund.objects.count(), AccountEntry.objects.count(), Debt.objects.count()) == (0, 0, 0)
    told = Entry.objects.get(subject=case.subject, verb="accept_offer")
    assert (told.facts["payer"], told.facts["amount_fen"]) == ("buyer", 3000)
    assert sentence(told, reader="merchant").endswith(f"{_('the buyer pays %(amount)s') % {'amount': '¥30.00'}}")


def test_settlement_the_buyer_does_not_pay_breaks_and_the_case_goes_on(world: World, at: Clock) -> None:
    case = Stages(world, at).buyer_owes()
    at.to(due(case, "settlement"), sweep_too=True)
    assert stages.again(case).state == "awaiting_response"
    assert Refund.objects.count() == 0


def test_without_money_the_merchant_confirms_whoever_was_to_pay(world: World, at: Clock) -> None:
    case = Stages(world, at).buyer_owes()
    at.to(due(case, "settlement"), sweep_too=True)
    settlement.offer(actor=world.buyer, case_id=case.pk, amount_fen=0, payer="buyer", conditions="寄回配件")
    made = case.offers.latest("pk")
    settlement.accept_offer(actor=world.merchant, case_id=case.pk, offer_id=made.pk)
    assert settlement.perform_settlement(actor=world.merchant, case_id=case.pk).outcome == "settled"


@pytest.mark.parametrize("ending", ["withdrawn", "settled"])
def test_case_that_ends_while_suspended_ends_the_suspension(world: World, at: Clock, ending: str) -> None:
    case = Stages(world, at).offered()
    suspension.propose_suspension(actor=world.buyer, case_id=case.pk, days=5, reason="送检")
    suspension.suspend(actor=world.merchant, case_id=case.pk)
    ended_at = at.forward(hours=1)
    if ending == "withdrawn":
        withdrawal.withdraw(actor=world.buyer, case_id=case.pk)
    else:
        settlement.accept_offer(actor=world.buyer, case_id=case.pk, offer_id=case.offers.get().pk)
        settlement.perform_settlement(actor=world.merchant, case_id=case.pk)
        execution.settle_open_refunds()
    assert stages.again(case).outcome == ending
    assert case.suspensions.values_list("state", "ended_at").get() == ("ended", ended_at)
