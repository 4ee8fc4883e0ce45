"""The gate: each condition by itself, to the millisecond where it is a moment."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from disputes import eligibility, negotiation, sweep
from disputes.models import Order
from tests import factories
from tests.conftest import Clock, World
from tests.factories import START
from tests.stages import Stages

MILLISECOND = timedelta(milliseconds=1)


def failed(order: Order, side: str, at: datetime, **claimed: Any) -> list[str]:
    found = eligibility.check(order, order.lines.get(), side, at, **claimed)
    return [condition.code for condition in found.failed]


def test_negotiated_first(world: World) -> None:
    order = world.order()
    assert failed(order, "buyer", START) == ["negotiated_first", "merchant_had_its_say"]
    withdrawn = factories.request(world.buyer, order)
    negotiation.withdraw(actor=world.buyer, after_sales_id=withdrawn.pk)
    assert failed(order, "buyer", START) == ["negotiated_first", "merchant_had_its_say"]
    factories.refused_request(world.buyer, world.merchant, order)
    assert failed(order, "buyer", START) == []


def test_merchant_had_its_say_when_its_48_hours_are_over(world: World, at: Clock) -> None:
    order = world.order()
    factories.request(world.buyer, order)
    due = START + timedelta(hours=48)
    assert failed(order, "buyer", START) == ["merchant_had_its_say"]
    assert failed(order, "buyer", due - MILLISECOND) == ["merchant_had_its_say"]
    assert failed(order, "buyer", due) == []
    at.to(due)
    assert sweep.sweep() == 1
    assert (order.after_sales.get().state, failed(order, "buyer", due)) == ("unanswered", [])


def test_merchant_had_its_say_24_hours_after_it_wrote_back(world: World, at: Clock) -> None:
    order = world.order()
    request = factories.request(world.buyer, order)
    at.forward(hours=3)
    negotiation.counter(actor=world.merchant, after_sales_id=request.pk, offer="refund", amount_fen=100)
    due = START + timedelta(hours=27)
    assert failed(order, "buyer", due - MILLISECOND) == ["merchant_had_its_say"]
    assert failed(order, "buyer", due) == []


def test_not_settled_yet(world: World) -> None:
    order = world.order()
    negotiation.agree(actor=world.merchant, after_sales_id=factories.request(world.buyer, order).pk)
    assert failed(order, "buyer", START) == ["not_settled_yet"]
    again = factories.request(world.buyer, order, amount_fen=100)  # what was agreed was not kept
    negotiation.refuse(actor=world.merchant, after_sales_id=again.pk, reason="已退")
    assert failed(order, "buyer", START) == []


@pytest.mark.parametrize(
    "ground", ["authority_counterfeit", "court_document", "longer_promise", "provable_non_receipt"]
)
def test_inside_filing_window_of_15_days_or_on_a_ground_without_one(world: World, ground: str) -> None:
    order = world.order()
    factories.refused_request(world.buyer, world.merchant, order)
    due = START + timedelta(days=15)
    assert failed(order, "buyer", due - MILLISECOND) == []
    assert failed(order, "buyer", due) == ["inside_filing_window"]
    assert ground in eligibility.WINDOW_EXCEPTIONS
    assert failed(order, "buyer", due, exception=ground) == []


def test_not_decided_before(world: World, at: Clock) -> None:
    case = Stages(world, at).closed()
    assert "not_decided_before" in failed(case.order, "buyer", START)
    other = Stages(world, at).withdrawn()
    assert failed(other.order, "buyer", START) == []


def test_order_over(world: World) -> None:
    order = world.order(completed_at=None)
    assert failed(order, "merchant", START, threatened=True) == ["order_over"]
    order.logistics.create(way="back", code="signed", at=START - timedelta(hours=1), text="已签收")
    assert failed(order, "merchant", START, threatened=True) == []
    assert failed(world.order(), "merchant", START, threatened=True) == []


def test_wrote_to_buyer_first_24_hours_before(world: World) -> None:
    order = world.order()
    request = factories.request(world.buyer, order)
    assert failed(order, "merchant", START) == ["wrote_to_buyer_first"]
    negotiation.write(actor=world.buyer, after_sales_id=request.pk, text="在吗")
    negotiation.write(actor=world.merchant, after_sales_id=request.pk, text="请补充照片")
    due = START + timedelta(hours=24)
    assert failed(order, "merchant", due - MILLISECOND) == ["wrote_to_buyer_first"]
    assert failed(order, "merchant", due) == []
    assert failed(order, "merchant", START, threatened=True) == []
