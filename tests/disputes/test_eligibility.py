"""The gate: each condition by itself, to the millisecond where it is a moment."""

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from arbitration import execution
from core.errors import Refused
from disputes import eligibility, negotiation, settlement, sweep
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


def test_inside_filing_window_is_not_reopened_by_asking_when_it_is_over(world: World, at: Clock) -> None:
    """Neither silence nor a refusal of what was asked after the window brings it back; within it, each counts."""
    order = world.order()  # completed two days before START
    ends = START + timedelta(days=13)
    at.to(ends - MILLISECOND)
    last = factories.request(world.buyer, order)
    refused_at = at.to(ends + timedelta(hours=1))
    negotiation.refuse(actor=world.merchant, after_sales_id=last.pk, reason="已签收")
    closes = refused_at + timedelta(days=15)
    assert eligibility.check(order, order.lines.get(), "buyer", refused_at).closes_at == closes
    negotiation.withdraw(actor=world.buyer, after_sales_id=last.pk)
    again = factories.request(world.buyer, order)
    negotiation.refuse(actor=world.merchant, after_sales_id=again.pk, reason="已签收")
    assert failed(order, "buyer", refused_at) == ["inside_filing_window"]
    assert failed(order, "buyer", refused_at, exception="court_document") == []


def test_inside_filing_window_is_over_200_days_later_whatever_is_asked(world: World, at: Clock) -> None:
    order = world.order()
    at.forward(days=200)
    factories.request(world.buyer, order)
    now = at.forward(hours=49, sweep_too=True)
    assert failed(order, "buyer", now) == ["inside_filing_window"]


@pytest.mark.parametrize(("kind", "days"), [("return_refund", 7 + 7 + 1), ("resend", 1)])
def test_not_settled_yet_opens_when_what_was_agreed_is_not_performed(
    world: World, at: Clock, kind: str, days: int
) -> None:
    order = world.order()
    request = negotiation.ask(
        actor=world.buyer,
        order_id=order.pk,
        line_id=order.lines.get().pk,
        asked=kind,
        amount_fen=order.paid_fen if kind == "return_refund" else 0,
        cause="damaged",
        reason="裂",
    )
    negotiation.agree(actor=world.merchant, after_sales_id=request.pk)
    due = START + timedelta(days=days)
    found = eligibility.check(order, order.lines.get(), "buyer", due - MILLISECOND)
    assert ([row.code for row in found.failed], found.opens_at) == (["not_settled_yet"], due)
    assert failed(order, "buyer", due) == []
    assert failed(order, "buyer", due + timedelta(days=15)) == ["inside_filing_window"]


def test_not_settled_yet_bars_for_good_what_was_performed(world: World, at: Clock) -> None:
    order = world.order()
    negotiation.agree(actor=world.merchant, after_sales_id=factories.request(world.buyer, order).pk)
    execution.settle_open_refunds()
    assert "not_settled_yet" in failed(order, "buyer", START + timedelta(days=10))


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


def test_inside_filing_window_of_a_merchant_runs_from_the_end_of_the_day_it_names(world: World) -> None:
    """It is 20 November in Beijing; the order was completed on 21 October."""
    order = world.order(days_ago=40, completed_at=START - timedelta(days=30))
    assert failed(order, "merchant", START, threatened=True) == ["inside_filing_window"]
    assert failed(order, "merchant", START, threatened=True, happened_on=date(2026, 11, 5)) == []
    assert failed(order, "merchant", START, threatened=True, happened_on=date(2026, 11, 4)) == ["inside_filing_window"]


@pytest.mark.parametrize("day", [date(2026, 10, 10), date(2026, 11, 21)])
def test_event_since_purchase(world: World, day: date) -> None:
    order = world.order(days_ago=40)
    with pytest.raises(Refused) as refused:
        eligibility.check(order, order.lines.get(), "merchant", START, happened_on=day)
    assert (refused.value.code, list(refused.value.fields)) == ("event_since_purchase", ["happened_on"])


def test_not_decided_before_also_after_a_settlement_that_was_performed(world: World, at: Clock) -> None:
    """The same facts are over; what else is wrong begins with a new request."""
    case = Stages(world, at).settling()
    settlement.perform_settlement(actor=world.merchant, case_id=case.pk)
    execution.settle_open_refunds()
    case.refresh_from_db()
    assert (case.state, case.outcome) == ("closed", "settled")
    assert failed(case.order, "buyer", at.moment) == ["not_decided_before"]
    at.forward(hours=1)
    negotiation.withdraw(actor=world.buyer, after_sales_id=case.order.after_sales.get().pk)
    again = factories.request(world.buyer, Order.objects.get(pk=case.order_id))
    negotiation.refuse(actor=world.merchant, after_sales_id=again.pk, reason="没有别的问题")
    assert failed(case.order, "buyer", at.moment) == []
