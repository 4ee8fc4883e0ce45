"""Payments the service refuses, what is deducted, and who owes whom afterwards: no fen is lost on the way."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from accounts.models import Store, User
from arbitration import admission, assignment, decisions, execution, payments, remedies, reviews, rulings
from core import clock
from core.errors import Refused
from disputes import account_book, eligibility, filing, negotiation, refunds
from disputes.gateway import Answer, Result
from disputes.models import AccountEntry, AfterSales, Case, Debt, Order, Refund
from ledger.models import Entry
from notices import queries as notices
from tests import factories, stages
from tests.conftest import Clock, World, taken_back
from tests.stages import Stages, due, step, verdict

PAID = 129_900


def balances() -> dict[str, int]:
    """What every kind of account of the book stands at, those at zero left out."""
    found: Counter[str] = Counter()
    for account, fen in AccountEntry.objects.values_list("account", "amount_fen"):
        found[account.partition(":")[0]] += fen
    return {account: fen for account, fen in found.items() if fen}


def no_fen_is_lost(deposit_fen: int = 1_000_000) -> None:
    """Every payment adds up to zero; deposits and debts are exactly what the book says they are."""
    by_key: Counter[str] = Counter()
    for key, fen in AccountEntry.objects.values_list("key", "amount_fen"):
        by_key[key] += fen
    assert set(by_key.values()) <= {0}
    book = balances()
    assert Store.objects.get(name="拾光家居旗舰店").deposit_fen == deposit_fen + book.get("deposit", 0)
    owed = {"advance": 0, "restitution": 0}
    for debt in Debt.objects.all():
        owed[debt.reason] += debt.open_fen
    assert owed == {"advance": -book.get("advance", 0), "restitution": -book.get("owes", 0)}
    refunded = sum(Order.objects.values_list("refunded_fen", flat=True))
    of_the_price = Refund.objects.filter(state="executed", on_top=False)
    assert refunded == sum(of_the_price.values_list("amount_fen", flat=True))


def refused_with(act: Callable[..., object], **arguments: Any) -> str:
    with pytest.raises(Refused) as refused:
        act(**arguments)
    return refused.value.code


# --- payments the service refuses ------------------------------------------------------------------------------------
def test_payment_refused_to_the_platform_too_ends_as_failed_and_both_sides_read_it(world: World, at: Clock) -> None:
    case = Stages(world, at).payment_refused()
    remedy = case.remedies.get()
    assert (remedy.state, remedy.by_platform, case.state, case.escalated_at) == ("failed", True, "ruled", at.moment)
    tried = Refund.objects.order_by("pk").values_list("key", "funding", "state")
    assert list(tried) == [
        (f"remedy-{remedy.pk}-1", "merchant", "failed"),
        (f"remedy-{remedy.pk}-2", "deposit", "failed"),
        (f"remedy-{remedy.pk}-3", "advance", "failed"),
    ]
    entry = Entry.objects.get(subject=case.subject, verb="remedy_failed")
    assert (entry.audience, entry.facts["amount_fen"]) == ("all", PAID)
    for reader in (world.buyer, world.merchant):
        assert any(entry.pk == notice.id for notice in notices.page(reader)[0])
    assert due(case, "payment_target", ref=str(remedy.pk)) > at.moment
    at.forward(days=8, sweep_too=True)
    assert stages.again(case).state == "enforcing"
    no_fen_is_lost()


def test_retry_after_refusal_is_a_supervisors_and_pays_once_under_a_new_key(world: World, at: Clock) -> None:
    case = Stages(world, at).payment_refused()
    again: dict[str, Any] = {"case_id": case.pk, "remedy_id": step(case, "refund")}
    assert refused_with(payments.retry_payment, actor=world.arbiter, **again) == "only_a_supervisor"
    payments.retry_payment(actor=world.supervisor, **again)
    assert refused_with(payments.retry_payment, actor=world.supervisor, **again) == "retry_after_refusal"
    execution.settle_open_refunds()
    execution.settle_open_refunds()
    case = stages.again(case)
    assert (case.remedies.get().state, case.escalated_at) == ("executed", None)
    assert list(Refund.objects.filter(state="executed").values_list("key", flat=True)) == [
        f"remedy-{step(case, 'refund')}-4"
    ]
    assert balances() == {"buyer": PAID, "deposit": -PAID}
    assert not case.deadlines.filter(kind="payment_target", state="open").exists()
    no_fen_is_lost()


def test_retry_after_refusal_waits_for_an_answer_that_stayed_out(world: World, at: Clock) -> None:
    case = Stages(world, at).ruled()
    remedies.perform(actor=world.merchant, case_id=case.pk, remedy_id=step(case, "refund"))
    Refund.objects.update(state="unknown", tried_at=clock.now())
    again: dict[str, Any] = {"case_id": case.pk, "remedy_id": step(case, "refund")}
    assert refused_with(payments.retry_payment, actor=world.supervisor, **again) == "retry_after_refusal"
    assert Refund.objects.count() == 1


def test_refused_payment_of_a_ruling_that_fell_is_not_sent_again(world: World, at: Clock) -> None:
    """In flight when the review overturns it, refused afterwards: nobody pays, nothing is given back."""
    case = Stages(world, at).ruled()
    remedies.perform(actor=world.merchant, case_id=case.pk, remedy_id=step(case, "refund"))
    Stages(world, at).overturn(case)
    assert case.remedies.get(kind="restitution").state == "pending"
    stages.refuse_payments(case)
    assert list(case.remedies.order_by("pk").values_list("kind", "state")) == [
        ("refund", "reversed"),
        ("restitution", "reversed"),
    ]
    assert (Refund.objects.count(), Debt.objects.count(), stages.again(case).state) == (1, 0, "closed")
    no_fen_is_lost()


def test_payment_under_way_when_its_ruling_fell_is_given_back_once_it_arrived(world: World, at: Clock) -> None:
    case = Stages(world, at).ruled()
    remedies.perform(actor=world.merchant, case_id=case.pk, remedy_id=step(case, "refund"))
    Stages(world, at).overturn(case)
    execution.settle_open_refunds()
    assert case.remedies.get(kind="restitution").state == "executed"
    assert balances() == {"buyer": PAID, "store": -PAID, "deposit": PAID, "owes": -PAID}
    assert stages.again(case).state == "closed"
    no_fen_is_lost()


def test_refused_payment_in_a_ruling_that_fell_leaves_the_desk(world: World, at: Clock) -> None:
    case = Stages(world, at).payment_refused()
    Stages(world, at).overturn(case)
    assert (case.remedies.get().state, stages.again(case).state) == ("reversed", "closed")
    assert not case.deadlines.filter(kind="payment_target", state="open").exists()


def agreed(world: World) -> AfterSales:
    request = factories.request(world.buyer, world.order())
    return negotiation.agree(actor=world.merchant, after_sales_id=request.pk)


def gate(request: AfterSales) -> list[str]:
    checked = eligibility.check(request.order, request.line, "buyer", clock.now())
    return [condition.code for condition in checked.failed]


def test_agreed_refund_that_was_refused_opens_the_gate_and_the_buyer_is_told(world: World, at: Clock) -> None:
    request = agreed(world)
    assert gate(request) == ["not_settled_yet"]
    refund = Refund.objects.get()
    at.forward(days=14)
    Refund.objects.update(state="unknown", tried_at=at.moment)
    for _time in range(2):
        execution.follow(refunds._note(refund.pk, Answer(Result.REFUSED, "account closed")))
    request.refresh_from_db()
    assert (request.state, request.unpaid_at, gate(request)) == ("agreed", at.moment, [])
    entry = Entry.objects.get(verb="after_sales_unpaid")
    assert any(notice.id == entry.pk for notice in notices.page(world.buyer)[0])
    at.forward(days=14)  # the time to file runs from the payment that failed
    assert gate(request) == []
    case = filing.start(actor=world.buyer, order_id=request.order_id, line_id=request.line_id)
    assert case.after_sales == request


# --- who owes whom ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("deposit_fen", [0, 30_000, 500_000])
def test_advance_is_the_stores_debt_until_it_is_paid(world: World, at: Clock, deposit_fen: int) -> None:
    Store.objects.filter(pk=world.store.pk).update(deposit_fen=deposit_fen)
    case = Stages(world, at).ruled()
    at.to(due(case, "perform"), sweep_too=True)
    execution.settle_open_refunds()
    no_fen_is_lost(deposit_fen)
    if deposit_fen > PAID:
        assert not Debt.objects.exists()
        return
    debt = Debt.objects.get()
    assert (debt.store, debt.case, debt.open_fen, debt.settled_at) == (world.store, case, PAID, None)
    arose = Entry.objects.get(verb="debt_arose")
    assert (arose.subject, arose.audience, arose.facts["amount_fen"]) == (case.subject, "merchant", PAID)
    receive: dict[str, Any] = {"debt_id": debt.pk}
    assert refused_with(account_book.receive_payment, actor=world.merchant, amount_fen=1, **receive) == (
        "only_an_administrator"
    )
    account_book.receive_payment(actor=world.administrator, amount_fen=PAID - 1, **receive)
    no_fen_is_lost(deposit_fen)
    debt = account_book.receive_payment(actor=world.administrator, amount_fen=1, **receive)
    assert (debt.open_fen, debt.settled_at, balances()) == (0, at.moment, {"buyer": PAID, "store": -PAID})
    no_fen_is_lost(deposit_fen)


@pytest.mark.parametrize("amount_fen", [-1, 0, PAID + 1])
def test_payment_within_debt(world: World, at: Clock, amount_fen: int) -> None:
    Store.objects.filter(pk=world.store.pk).update(deposit_fen=0)
    case = Stages(world, at).ruled()
    at.to(due(case, "perform"), sweep_too=True)
    execution.settle_open_refunds()
    receive: dict[str, Any] = {"actor": world.administrator, "debt_id": Debt.objects.get().pk}
    assert refused_with(account_book.receive_payment, amount_fen=amount_fen, **receive) == "payment_within_debt"
    assert Debt.objects.get().open_fen == PAID


@pytest.mark.parametrize(
    ("deposit_fen", "paid_back_fen", "expected"),
    [
        (0, 0, {"buyer": PAID, "owes": -PAID}),  # the store's debt falls away, the buyer has it
        (0, 29_900, {"buyer": PAID, "store": -29_900, "deposit": 29_900, "owes": -PAID}),
        (500_000, 0, {"buyer": PAID, "owes": -PAID}),  # the deposit is whole again
    ],
)
def test_reversal_gives_the_merchant_back_at_once_and_the_buyer_owes_the_platform(
    world: World, at: Clock, deposit_fen: int, paid_back_fen: int, expected: dict[str, int]
) -> None:
    Store.objects.filter(pk=world.store.pk).update(deposit_fen=deposit_fen)
    case = Stages(world, at).ruled()
    at.to(due(case, "perform"), sweep_too=True)
    execution.settle_open_refunds()
    if paid_back_fen:
        debt = Debt.objects.get()
        account_book.receive_payment(actor=world.administrator, debt_id=debt.pk, amount_fen=paid_back_fen)
    assert sorted(case.violations.values_list("code", "state")) == [
        ("not_performing", "recorded"),
        ("not_received", "recorded"),
    ]
    Stages(world, at).overturn(case)
    assert set(case.violations.values_list("state", flat=True)) == {"reversed"}
    assert balances() == expected
    assert Debt.objects.filter(buyer=world.buyer, settled_at=None).get().open_fen == PAID
    assert not Debt.objects.filter(store=world.store, settled_at=None).exists()
    told = Entry.objects.filter(subject=case.subject, verb="debt_arose").latest("pk")
    assert (told.audience, told.facts["amount_fen"]) == ("buyer", PAID)
    assert stages.again(case).state == "closed"
    no_fen_is_lost(deposit_fen)


# --- a loss that is deducted -----------------------------------------------------------------------------------------
def deducting(world: World, at: Clock, *, asked_fen: int | None, loss_fen: int) -> Case:
    """The merchant's case after a return; the ruling deducts its loss. ``asked_fen``: the refund agreed before."""
    order = world.order()
    line = order.lines.get()
    if asked_fen is not None:
        request = factories.request(
            world.buyer, order, asked="return_refund", amount_fen=asked_fen, cause="no_reason_return"
        )
        negotiation.agree(actor=world.merchant, after_sales_id=request.pk)
    draft = filing.start(actor=world.merchant, order_id=order.pk, line_id=line.pk, threatened=True)
    claim = stages.claim(draft, "unreasonable_return", "deduct", loss_fen) | {"threatened": True}
    case = filing.file(actor=world.merchant, case_id=draft.pk, **claim)
    assignment.take(actor=world.arbiter, case_id=case.pk)
    admission.admit(actor=world.arbiter, case_id=case.pk)
    at.to(due(case, "response"), sweep_too=True)
    assignment.take(actor=world.arbiter, case_id=case.pk)
    decision = factories.decision(stages.again(case), remedy="deduct", amount_fen=loss_fen, points=3)
    rulings.rule(actor=world.arbiter, case_id=case.pk, decision=decision)
    at.forward(seconds=60, sweep_too=True)
    return stages.again(case)


def laid_out(case: Case) -> list[tuple[str, str, int, str]]:
    return list(case.remedies.order_by("pk").values_list("kind", "owed_by", "amount_fen", "state"))


def test_loss_is_deducted_from_the_refund_asked_for_and_the_rest_goes_back_once(world: World, at: Clock) -> None:
    case = deducting(world, at, asked_fen=100_000, loss_fen=30_000)
    assert laid_out(case) == [("deduct", "merchant", 30_000, "executed"), ("refund", "merchant", 70_000, "performing")]
    at.to(due(case, "perform"), sweep_too=True)
    execution.settle_open_refunds()
    execution.settle_open_refunds()
    assert balances() == {"buyer": 70_000, "deposit": -70_000}
    no_fen_is_lost()


def test_loss_above_the_refund_asked_for_leaves_the_buyer_the_rest_to_pay(world: World, at: Clock) -> None:
    case = deducting(world, at, asked_fen=20_000, loss_fen=30_000)
    assert laid_out(case) == [("deduct", "merchant", 20_000, "executed"), ("pay_loss", "buyer", 10_000, "performing")]
    pay: dict[str, Any] = {"actor": world.buyer, "case_id": case.pk, "remedy_id": step(case, "pay_loss")}
    remedies.perform(**pay, waybill="ALIPAY-1")
    assert laid_out(case)[1][3] == "executed"
    assert (Refund.objects.count(), AccountEntry.objects.count()) == (0, 0)


def test_payment_needs_reference_where_the_buyer_pays_a_loss(world: World, at: Clock) -> None:
    case = deducting(world, at, asked_fen=None, loss_fen=100)
    pay: dict[str, Any] = {"actor": world.buyer, "case_id": case.pk, "remedy_id": step(case, "pay_loss")}
    assert refused_with(remedies.perform, **pay) == "payment_needs_reference"
    assert laid_out(case)[0][3] == "performing"


def test_loss_nobody_pays_lapses_with_points_and_no_money_moves(world: World, at: Clock) -> None:
    case = deducting(world, at, asked_fen=None, loss_fen=PAID)
    assert laid_out(case) == [("pay_loss", "buyer", PAID, "performing")]
    at.to(due(case, "perform"), sweep_too=True)
    assert laid_out(case) == [("pay_loss", "buyer", PAID, "lapsed")]
    assert sorted(case.violations.values_list("side", "code", "points")) == [
        ("buyer", "not_performing", 2),
        ("buyer", "silence", 2),
        ("buyer", "unreasonable_return", 3),
    ]
    assert (Refund.objects.count(), AccountEntry.objects.count()) == (0, 0)


@pytest.mark.parametrize(("loss_fen", "code"), [(0, "amount_positive"), (PAID + 1, "loss_within_paid")])
def test_loss_within_paid_and_above_zero(world: World, at: Clock, loss_fen: int, code: str) -> None:
    order = world.order()
    draft = filing.start(actor=world.merchant, order_id=order.pk, line_id=order.lines.get().pk, threatened=True)
    claim = stages.claim(draft, "unreasonable_return", "deduct", loss_fen) | {"threatened": True}
    assert refused_with(filing.file, actor=world.merchant, case_id=draft.pk, **claim) == code


# --- a penalty on top ------------------------------------------------------------------------------------------------
PENALTY = 6_500


def penalised(world: World, at: Clock) -> Case:
    """Everything paid goes back, and the penalty the listing promised comes on top."""
    late = Stages(world, at, "late_shipment")
    case = late.deliberated()
    decision = replace(factories.decision(case), penalty_fen=PENALTY, penalty_ground="逾期发货赔付 5%")
    return late.effective(rulings.rule(actor=world.arbiter, case_id=case.pk, decision=decision))


def money_of(case: Case) -> list[tuple[str, str, int]]:
    return list(case.remedies.order_by("pk").values_list("kind", "state", "amount_fen"))


def test_penalty_is_paid_beside_a_whole_refund_and_is_no_part_of_it(world: World, at: Clock, client: Client) -> None:
    case = penalised(world, at)
    assert money_of(case) == [("refund", "performing", PAID), ("penalty", "performing", PENALTY)]
    for kind in ("penalty", "refund"):
        remedies.perform(actor=world.merchant, case_id=case.pk, remedy_id=step(case, kind))
    execution.settle_open_refunds()
    order = stages.again(case).order
    assert (order.refunded_fen, order.reserved_fen, balances()) == (PAID, 0, {"buyer": 136_400, "store": -136_400})
    no_fen_is_lost()
    paid = Entry.objects.filter(subject=f"order:{order.number}", verb__endswith="_executed").order_by("seq")
    assert [(row.verb, row.facts["amount_fen"]) for row in paid] == [
        ("compensation_executed", PENALTY),
        ("refund_executed", PAID),
    ]
    client.force_login(world.buyer)
    ruling = client.get(f"/api/v1/cases/{case.number}/").json()["ruling"]
    assert (ruling["penalty_fen"], ruling["penalty_ground"]) == (PENALTY, "逾期发货赔付 5%")
    page = client.get(f"/disputes/{case.number}/ruling/", headers={"accept-language": "en"}).content.decode()
    assert "On top comes an agreed penalty of ¥65.00." in page
    assert "The penalty rests on this promise: 逾期发货赔付 5%" in page
    assert re.findall(r"<dt>(Agreed penalty|In all)</dt><dd>.*?([\d,.]+)", page) == [
        ("Agreed penalty", "65.00"),
        ("In all", "1,364.00"),
    ]


def test_penalty_nobody_pays_comes_from_the_deposit_and_goes_back_with_its_ruling(world: World, at: Clock) -> None:
    case = penalised(world, at)
    at.to(due(case, "perform", ref=str(step(case, "penalty"))), sweep_too=True)
    execution.settle_open_refunds()
    assert [state for _kind, state, _fen in money_of(case)] == ["executed", "executed"]
    assert decisions.cap_fen(stages.again(case)) == PAID
    no_fen_is_lost()
    Stages(world, at).overturn(case)
    assert money_of(case)[2:] == [("restitution", "executed", PAID + PENALTY)]
    no_fen_is_lost()


def test_ruling_complete_only_with_a_penalty_the_rules_foresee(world: World, at: Clock) -> None:
    def fields(cause: str, penalty_fen: int, ground: str) -> list[str]:
        with taken_back():
            case = Stages(world, at, cause).deliberated()
            decision = replace(factories.decision(case), penalty_fen=penalty_fen, penalty_ground=ground)
            with pytest.raises(Refused) as refused:
                rulings.rule(actor=world.arbiter, case_id=case.pk, decision=decision)
        assert refused.value.code == "ruling_complete"
        return list(refused.value.fields)

    assert fields("not_received", PENALTY, "承诺") == ["penalty_fen"]
    assert fields("late_shipment", PAID + 1, "承诺") == ["penalty_fen"]
    assert fields("late_shipment", PENALTY, " ") == ["penalty_ground"]
    assert fields("aftersales_breach", PENALTY, "承诺") == ["penalty_fen"]  # beside a refund: only instead of one


# --- a penalty in case goods are not delivered -----------------------------------------------------------------------
def promised(world: World, at: Clock, remedy: str = "resend") -> Case:
    """What the merchant promised is ordered, and the penalty it promised if it does not keep to that either."""
    late = Stages(world, at, "aftersales_breach", remedy)
    case = late.deliberated()
    decision = replace(factories.decision(case), penalty_fen=PENALTY, penalty_ground="逾期未修好赔付 65 元")
    return late.effective(rulings.rule(actor=world.arbiter, case_id=case.pk, decision=decision))


def english(client: Client, reader: User, case: Case, page: str = "") -> str:
    client.force_login(reader)
    return client.get(f"/disputes/{case.number}/{page}", headers={"accept-language": "en"}).content.decode()


INSTEAD = "If it is not done in time, the platform pays the agreed penalty of ¥65.00 instead."


def test_penalty_instead_of_goods_falls_away_once_they_are_sent_and_both_sides_read_it(
    world: World, at: Clock, client: Client
) -> None:
    case = promised(world, at)
    assert money_of(case) == [("resend", "performing", 0), ("penalty", "pending", PENALTY)]
    send: dict[str, Any] = {"actor": world.merchant, "case_id": case.pk, "remedy_id": step(case, "penalty")}
    assert refused_with(remedies.perform, **send) == "nothing_owed"  # nobody buys itself out of what is ordered
    for reader in (world.buyer, world.merchant):
        page = english(client, reader, case, "ruling/")
        assert page.count(INSTEAD) >= 3  # the result, the step and whose turn it is
        assert "On top comes" not in page
        assert "rests on this promise: 逾期未修好赔付 65 元" in page
    assert "The agreed penalty of ¥65.00 then falls away." in english(client, world.merchant, case, "perform/")
    remedies.perform(**send | {"remedy_id": step(case, "resend"), "waybill": "SF1"})
    assert money_of(case) == [("resend", "executed", 0), ("penalty", "lapsed", PENALTY)]
    for reader in (world.buyer, world.merchant):
        page = english(client, reader, case)
        assert page.count("Falls away: the step before was done in time") == 1
        assert "Lapsed" not in page
    at.forward(days=8, sweep_too=True)
    assert (stages.again(case).state, Refund.objects.count()) == ("closed", 0)


def test_penalty_instead_of_goods_not_sent_is_paid_once_by_the_platform_and_no_refund(
    world: World, at: Clock, client: Client
) -> None:
    case = promised(world, at)
    at.to(due(case, "perform"), sweep_too=True)
    execution.settle_open_refunds()
    at.forward(days=8, sweep_too=True)
    execution.settle_open_refunds()
    assert money_of(case) == [("resend", "lapsed", 0), ("penalty", "executed", PENALTY)]
    order = stages.again(case).order
    assert (order.refunded_fen, order.reserved_fen, balances()) == (0, 0, {"buyer": PENALTY, "deposit": -PENALTY})
    assert Refund.objects.get().on_top
    assert ("not_performing", 2) in case.violations.values_list("code", "points")
    assert "Done · carried out by the platform" in english(client, world.buyer, case)
    assert stages.again(case).state == "closed"
    no_fen_is_lost()


ON_TOP = "If it is not done in time, the platform refunds the goods and pays the agreed penalty of ¥65.00 on top."


def sent_in(world: World, at: Clock, remedy: str) -> Case:
    """The buyer has sent the goods in for what was promised, and it is the merchant's turn."""
    case = Stages(world, at).send_back(promised(world, at, remedy))
    back: dict[str, Any] = {"remedy_id": step(case, "return_goods"), "finding": "received"}
    return remedies.confirm_return(actor=world.merchant, case_id=case.pk, **back)


def not_done(world: World, at: Clock, remedy: str) -> Case:
    """Nor has it been done in its time: the platform has carried it out with money."""
    case = sent_in(world, at, remedy)
    at.to(due(case, "perform"), sweep_too=True)
    execution.settle_open_refunds()
    return stages.again(case)


def test_penalty_with_a_repair_falls_away_with_it_where_the_goods_are_never_sent_in(
    world: World, at: Clock, client: Client
) -> None:
    case = promised(world, at, "repair")
    at.to(due(case, "ship_back"), sweep_too=True)
    assert [row[:2] for row in money_of(case)] == [
        ("return_goods", "lapsed"),
        ("repair", "lapsed"),
        ("penalty", "lapsed"),
    ]
    assert Refund.objects.count() == 0
    assert "Falls away with the step before" in english(client, world.buyer, case)


@pytest.mark.parametrize("remedy", ["repair", "exchange"])
def test_goods_sent_in_and_not_done_in_time_the_price_goes_back_and_the_penalty_is_paid_on_top_once(
    world: World, at: Clock, client: Client, remedy: str
) -> None:
    case = sent_in(world, at, remedy)
    for reader in (world.buyer, world.merchant):
        page = english(client, reader, case, "ruling/")
        assert page.count(ON_TOP) >= 3  # the result, the step and whose turn it is
        assert "It is paid on top of the refund of the goods, and rests on this promise: 逾期未修好赔付 65 元" in page
        assert INSTEAD not in page
    at.to(due(case, "perform"), sweep_too=True)
    execution.settle_open_refunds()
    at.forward(days=8, sweep_too=True)
    execution.settle_open_refunds()
    case = stages.again(case)
    assert money_of(case)[1:] == [
        (remedy, "lapsed", PAID),
        ("penalty", "executed", PENALTY),
        ("refund", "executed", PAID),
    ]
    assert sorted(Refund.objects.values_list("key", "amount_fen", "on_top")) == sorted(
        [
            (f"remedy-{step(case, 'penalty')}-1", PENALTY, True),
            (f"remedy-{step(case, 'refund')}-1", PAID, False),
        ]
    )
    assert (case.order.refunded_fen, case.order.reserved_fen, case.state) == (PAID, 0, "closed")
    assert balances() == {"buyer": PAID + PENALTY, "deposit": -PAID - PENALTY}
    assert english(client, world.buyer, case).count("Done · carried out by the platform") == 2
    no_fen_is_lost()


def test_deposit_that_holds_one_of_price_and_penalty_leaves_the_rest_a_debt(world: World, at: Clock) -> None:
    Store.objects.filter(pk=world.store.pk).update(deposit_fen=PAID + 500)
    not_done(world, at, "repair")
    assert balances() == {"buyer": PAID + PENALTY, "deposit": -PAID - 500, "advance": 500 - PENALTY}
    no_fen_is_lost(PAID + 500)


@pytest.mark.parametrize("remedy", ["repair", "exchange"])
def test_penalty_with_goods_sent_in_falls_away_once_it_is_done_and_no_price_goes_back(
    world: World, at: Clock, client: Client, remedy: str
) -> None:
    case = sent_in(world, at, remedy)
    assert "The agreed penalty of ¥65.00 then falls away." in english(client, world.merchant, case, "perform/")
    send: dict[str, Any] = {"remedy_id": step(case, remedy), "carrier": "顺丰", "waybill": "SF1"}
    remedies.perform(actor=world.merchant, case_id=case.pk, **send)
    at.forward(days=8, sweep_too=True)
    assert money_of(case)[1:] == [(remedy, "executed", PAID), ("penalty", "lapsed", PENALTY)]
    assert (Refund.objects.count(), stages.again(case).state) == (0, "closed")


def test_price_and_penalty_of_goods_sent_in_both_go_back_with_their_ruling(world: World, at: Clock) -> None:
    case = not_done(world, at, "repair")
    Stages(world, at).overturn(case)
    assert money_of(case)[4:] == [("restitution", "executed", PAID + PENALTY)]
    assert balances() == {"buyer": PAID + PENALTY, "owes": -PAID - PENALTY}
    assert stages.again(case).state == "closed"
    no_fen_is_lost()


def test_price_and_penalty_of_goods_sent_in_refused_to_the_platform_are_each_sent_again(
    world: World, at: Clock
) -> None:
    case = sent_in(world, at, "repair")
    at.to(due(case, "perform"), sweep_too=True)
    stages.refuse_payments(case)
    assert [row[:2] for row in money_of(case)[2:]] == [("penalty", "failed"), ("refund", "failed")]
    for kind in ("refund", "penalty"):
        payments.retry_payment(actor=world.supervisor, case_id=case.pk, remedy_id=step(case, kind))
    execution.settle_open_refunds()
    assert [row[:2] for row in money_of(case)[2:]] == [("penalty", "executed"), ("refund", "executed")]
    assert balances() == {"buyer": PAID + PENALTY, "deposit": -PAID - PENALTY}
    no_fen_is_lost()


def test_penalty_instead_of_goods_is_held_with_them_and_goes_on_with_them(world: World, at: Clock) -> None:
    case = promised(world, at)
    case = Stages(world, at).answer_and_take(Stages(world, at).review(case, world.merchant))
    assert {state for _kind, state, _fen in money_of(case)} == {"stayed"}
    reviews.decide_review(actor=world.second_arbiter, case_id=case.pk, **verdict(case, "uphold"))
    assert money_of(case) == [("resend", "performing", 0), ("penalty", "pending", PENALTY)]
    at.to(due(case, "perform"), sweep_too=True)
    execution.settle_open_refunds()
    assert money_of(case) == [("resend", "lapsed", 0), ("penalty", "executed", PENALTY)]
    no_fen_is_lost()


def test_penalty_instead_of_goods_falls_with_its_ruling_before_it_is_due(world: World, at: Clock) -> None:
    case = promised(world, at)
    Stages(world, at).overturn(case)
    assert money_of(case) == [("resend", "reversed", 0), ("penalty", "reversed", PENALTY)]
    assert (Refund.objects.count(), stages.again(case).state) == (0, "closed")


def test_penalty_paid_instead_of_goods_goes_back_with_its_ruling(world: World, at: Clock) -> None:
    case = promised(world, at)
    at.to(due(case, "perform"), sweep_too=True)
    execution.settle_open_refunds()
    Stages(world, at).overturn(case)
    assert money_of(case)[2:] == [("restitution", "executed", PENALTY)]
    assert balances() == {"buyer": PENALTY, "owes": -PENALTY}
    no_fen_is_lost()


@pytest.mark.parametrize("kept", [True, False])
def test_penalty_paid_goes_back_where_a_review_orders_the_goods_anew_and_is_due_anew(
    world: World, at: Clock, kept: bool
) -> None:
    """Never both: what was paid instead is no longer instead of anything once the goods are ordered again."""
    case = promised(world, at)
    at.to(due(case, "perform"), sweep_too=True)
    execution.settle_open_refunds()
    case = Stages(world, at).answer_and_take(Stages(world, at).review(case, world.merchant))
    again = replace(factories.decision(stages.again(case)), penalty_fen=5_000, penalty_ground="逾期未修好赔付 50 元")
    reviews.decide_review(actor=world.second_arbiter, case_id=case.pk, **verdict(case, "vary", ruling=again))
    assert money_of(case)[2:] == [
        ("resend", "performing", 0),
        ("penalty", "pending", 5_000),
        ("restitution", "executed", PENALTY),
    ]
    if kept:
        send: dict[str, Any] = {"remedy_id": step(case, "resend"), "carrier": "顺丰", "waybill": "SF1"}
        remedies.perform(actor=world.merchant, case_id=case.pk, **send)
        assert balances() == {"buyer": PENALTY, "owes": -PENALTY}
    else:
        at.to(due(case, "perform"), sweep_too=True)
        execution.settle_open_refunds()
        assert balances() == {"buyer": PENALTY + 5_000, "deposit": -5_000, "owes": -PENALTY}
    assert stages.again(case).state == "closed"
    no_fen_is_lost()


def test_penalty_instead_of_goods_refused_to_the_platform_waits_for_a_supervisor(world: World, at: Clock) -> None:
    case = promised(world, at)
    at.to(due(case, "perform"), sweep_too=True)
    stages.refuse_payments(case)
    assert money_of(case) == [("resend", "lapsed", 0), ("penalty", "failed", PENALTY)]
    payments.retry_payment(actor=world.supervisor, case_id=case.pk, remedy_id=step(case, "penalty"))
    execution.settle_open_refunds()
    assert money_of(case)[1][1] == "executed"
    assert balances() == {"buyer": PENALTY, "deposit": -PENALTY}
    no_fen_is_lost()
