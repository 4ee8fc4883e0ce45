"""Conceding: the claim as filed, within what a ruling could order."""

from typing import Any

import pytest
from django.test import Client

from arbitration import admission, assignment, execution, remedies, rulings
from core.errors import Refused
from disputes import filing, negotiation
from disputes.models import Case
from tests import stages
from tests.conftest import Clock, World
from tests.stages import Stages, due, paper, step


def page_of(client: Client, case: Case, act: str) -> str:
    return client.get(f"/disputes/{case.number}/{act}/", headers={"accept-language": "en"}).content.decode()


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
