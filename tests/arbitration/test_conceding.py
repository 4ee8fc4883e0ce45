"""Conceding: the claim as filed, within what a ruling could order."""

import re
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client

from arbitration import admission, assignment, execution, remedies, rulings
from core.errors import Refused
from disputes import filing, negotiation, settlement
from disputes.models import Case
from tests import factories, stages
from tests.conftest import Clock, World
from tests.stages import Stages, due, paper, step


def page_of(client: Client, case: Case, act: str) -> str:
    return client.get(
        f"/disputes/{case.number}/{act}/".replace("//", "/"), headers={"accept-language": "en"}
    ).content.decode()


def test_loss_conceded_after_the_refund_was_paid_is_owed_whole(world: World) -> None:
    order = world.order(price_fen=10_000)
    line = order.lines.get()
    asked = negotiation.ask(
        actor=world.buyer,
        order_id=order.pk,
        line_id=line.pk,
        asked="refund",
        amount_fen=10_000,
        cause="damaged",
        reason="破损",
    )
    negotiation.agree(actor=world.merchant, after_sales_id=asked.pk)
    execution.settle_open_refunds()
    case = filing.start(actor=world.merchant, order_id=order.pk, line_id=line.pk, threatened=True)
    paper(world.merchant, case)
    claim = stages.claim(case, "unreasonable_return", "deduct", 8_000)
    filing.file(actor=world.merchant, case_id=case.pk, threatened=True, **claim)
    assignment.take(actor=world.arbiter, case_id=case.pk)
    admission.admit(actor=world.arbiter, case_id=case.pk)
    case = rulings.concede(actor=world.buyer, case_id=case.pk)
    ruling = case.rulings.get()
    assert (ruling.amount_fen, ruling.outcome, ruling.points) == (8_000, "for_applicant", 0)
    assert list(case.remedies.values_list("kind", "amount_fen", "owed_by", "state")) == [
        ("pay_loss", 8_000, "buyer", "performing")
    ]
    assert (case.state, ruling.freight_by) == ("enforcing", "respondent")  # the rules: whoever loses


# --- the freight of a return -----------------------------------------------------------------------------------------
ALSO_FREIGHT = "You also pay up to ¥50.00 of return freight"


def test_conceded_return_lays_its_freight_on_the_merchant_who_was_told(world: World, at: Clock, client: Client) -> None:
    case = Stages(world, at, "damaged", "return_refund").admitted()
    client.force_login(world.merchant)
    assert ALSO_FREIGHT in page_of(client, case, "concede")
    case = rulings.concede(actor=world.merchant, case_id=case.pk)
    assert case.rulings.get().freight_by == "respondent"
    client.force_login(world.buyer)
    assert 'name="freight_fen"' in page_of(client, case, "ship_back")
    back: dict[str, Any] = {"remedy_id": step(case, "return_goods"), "carrier": "顺丰", "waybill": "SF1"}
    remedies.ship_back(actor=world.buyer, case_id=case.pk, freight_fen=1_200, **back)
    at.to(due(case, "confirm_return"), sweep_too=True)
    execution.settle_open_refunds()
    freight = case.remedies.get(kind="freight")
    assert (freight.state, freight.amount_fen, freight.owed_by) == ("executed", 1_200, "merchant")


def test_conceded_return_without_reason_leaves_its_freight_to_the_buyer(
    world: World, at: Clock, client: Client
) -> None:
    case = Stages(world, at, "no_reason_return", "return_refund").admitted()
    client.force_login(world.merchant)
    page = page_of(client, case, "concede")
    assert (ALSO_FREIGHT in page, "The buyer bears the return freight." in page) == (False, True)
    case = rulings.concede(actor=world.merchant, case_id=case.pk)
    back: dict[str, Any] = {"remedy_id": step(case, "return_goods"), "carrier": "顺丰", "waybill": "SF1"}
    with pytest.raises(Refused) as refused:
        remedies.ship_back(actor=world.buyer, case_id=case.pk, freight_fen=1_200, **back)
    assert (case.rulings.get().freight_by, refused.value.code) == ("applicant", "freight_within_rules")


def test_conceded_claim_in_which_nothing_goes_back_says_nothing_of_freight(
    world: World, at: Clock, client: Client
) -> None:
    case = Stages(world, at, "not_received", "refund").admitted()
    client.force_login(world.merchant)
    assert "return freight" not in page_of(client, case, "concede")


# --- an agreed penalty -----------------------------------------------------------------------------------------------
PAID, PENALTY, PROMISE = 129_900, 6_500, "客服承诺逾期赔付 65 元"


def claiming(world: World, cause: str, remedy: str, penalty_fen: int = PENALTY) -> Case:
    """An admitted case whose claim names the agreed penalty."""
    case = factories.draft_case(world.buyer, world.merchant, world.order(), cause=cause)
    paper(world.buyer, case)
    claim = stages.claim(case, cause, remedy) | {"penalty_fen": penalty_fen, "penalty_ground": PROMISE}
    filing.file(actor=world.buyer, case_id=case.pk, **claim)
    assignment.take(actor=world.arbiter, case_id=case.pk)
    return admission.admit(actor=world.arbiter, case_id=case.pk)


def test_conceding_grants_the_penalty_that_was_claimed_and_says_so_before(
    world: World, at: Clock, client: Client
) -> None:
    case = claiming(world, "late_shipment", "refund")
    client.force_login(world.merchant)
    page = page_of(client, case, "concede")
    assert page.count("Refund ¥1,299.00 and the agreed penalty of ¥65.00") >= 2  # the claim, and what follows
    assert ("Agree and pay ¥1,364.00 in all" in page, f"on this promise: {PROMISE}" in page) == (True, True)
    assert "Agreed penalty of ¥65.00" in page  # a step with its date
    case = rulings.concede(actor=world.merchant, case_id=case.pk)
    ruling = case.rulings.get()
    assert (ruling.penalty_fen, ruling.penalty_ground, ruling.outcome) == (PENALTY, PROMISE, "for_applicant")
    assert list(case.remedies.values_list("kind", "amount_fen", "state").order_by("pk")) == [
        ("refund", PAID, "performing"),
        ("penalty", PENALTY, "performing"),
    ]


def test_conceding_what_was_promised_orders_the_penalty_in_its_place(world: World, at: Clock, client: Client) -> None:
    case = claiming(world, "aftersales_breach", "resend")
    client.force_login(world.merchant)
    page = page_of(client, case, "concede")
    assert "If it is not done in time, the platform pays the agreed penalty of ¥65.00 instead." in page
    assert "Only if the step before is not done in time" in page
    assert ("goes back instead" in page, "Agree and" in page) == (False, False)
    case = rulings.concede(actor=world.merchant, case_id=case.pk)
    at.to(due(case, "perform"), sweep_too=True)
    execution.settle_open_refunds()
    assert list(case.remedies.values_list("kind", "amount_fen", "state").order_by("pk")) == [
        ("resend", 0, "lapsed"),
        ("penalty", PENALTY, "executed"),
    ]


@pytest.mark.parametrize("remedy", ["repair", "exchange"])
def test_conceding_what_goods_are_sent_in_for_says_that_price_and_penalty_are_paid_if_it_is_not_done(
    world: World, at: Clock, client: Client, remedy: str
) -> None:
    case = claiming(world, "aftersales_breach", remedy)
    client.force_login(world.merchant)
    page = page_of(client, case, "concede")
    assert "the platform refunds the goods and pays the agreed penalty of ¥65.00 on top." in page
    assert "Not done in time, ¥1,364.00 goes out in all." in page
    assert page.count(f"{remedy.capitalize()}, or else a refund and the agreed penalty of ¥65.00") >= 2
    assert ("65.00 instead" in page, "Agree and" in page) == (False, False)
    assert re.search(r"Money out</dt><dd>.*?\b0\.00", page)  # done in time, none
    case = Stages(world, at).send_back(rulings.concede(actor=world.merchant, case_id=case.pk))
    at.to(due(case, "confirm_return"), sweep_too=True)
    at.to(due(case, "perform"), sweep_too=True)
    execution.settle_open_refunds()
    assert list(case.remedies.values_list("kind", "amount_fen", "state").order_by("pk"))[1:] == [
        (remedy, PAID, "lapsed"),
        ("penalty", PENALTY, "executed"),
        ("refund", PAID, "executed"),
    ]


@pytest.mark.parametrize(
    ("granted_fen", "outcome"), [(PENALTY - 1, "partial"), (PENALTY, "for_applicant"), (PENALTY + 1, "for_applicant")]
)
def test_claim_is_granted_whole_only_with_the_penalty_it_names(
    world: World, at: Clock, granted_fen: int, outcome: str
) -> None:
    case = claiming(world, "late_shipment", "refund")
    at.to(due(case, "response"), sweep_too=True)
    assignment.take(actor=world.arbiter, case_id=case.pk)
    decision = replace(factories.decision(stages.again(case)), penalty_fen=granted_fen, penalty_ground=PROMISE)
    case = rulings.rule(actor=world.arbiter, case_id=case.pk, decision=decision)
    assert case.rulings.get().outcome == outcome


def test_penalty_claimed_is_read_by_everybody_who_reads_the_claim(world: World, at: Clock, client: Client) -> None:
    case = claiming(world, "late_shipment", "refund")
    claimed = "Refund ¥1,299.00 and the agreed penalty of ¥65.00"
    for reader in (world.buyer, world.merchant):
        client.force_login(reader)
        page = page_of(client, case, "")
        assert (claimed in page, PROMISE in page) == (True, True)
        told = client.get(f"/api/v1/cases/{case.number}/").json()["claim"]
        assert (told["amount_fen"], told["penalty_fen"], told["penalty_ground"]) == (PAID, PENALTY, PROMISE)
    respond = page_of(client, case, "respond")
    assert (claimed in respond, respond.count("1,364.00")) == (True, 2)  # what agreeing and losing would cost
    settlement.offer(actor=world.buyer, case_id=case.pk, amount_fen=100_000)
    compared = page_of(client, case, "accept_offer")
    assert claimed in compared
    assert re.search(r"Less than the claim by</dt><dd>.*?\b364\.00", compared)


def test_arbiter_reads_the_penalty_claimed_and_starts_from_it(world: World, at: Clock, client: Client) -> None:
    case = claiming(world, "aftersales_breach", "repair")
    at.to(due(case, "response"), sweep_too=True)
    assignment.take(actor=world.arbiter, case_id=case.pk)
    client.force_login(world.arbiter)
    page = client.get(f"/desk/cases/{case.number}/", headers={"accept-language": "en"}).content.decode()
    assert f"Agreed penalty: If it is not done in time ¥65.00 · {PROMISE}" in page
    assert 'name="penalty_fen" value="65.00"' in page
    assert f'name="penalty_ground" value="{PROMISE}"' in page
