"""Before the case: what may be asked, answered and written, and that nothing moves beside an open case."""

from typing import Any

import pytest

from core.errors import Refused
from disputes import negotiation
from disputes.models import AfterSales, AfterSalesMessage, Order, Refund
from ledger.models import Entry
from tests import factories
from tests.conftest import Clock, World
from tests.stages import Stages


def ask(world: World, order: Order, **changes: Any) -> AfterSales:
    valid: dict[str, Any] = {
        "line_id": order.lines.get().pk,
        "asked": "refund",
        "amount_fen": 5000,
        "cause": "damaged",
        "reason": "裂",
    }
    return negotiation.ask(actor=world.buyer, order_id=order.pk, **valid | changes)


def refused_with(verb: Any, *given: Any, **arguments: Any) -> str:
    """The code; nothing was written."""
    before = (
        AfterSales.objects.count(),
        AfterSalesMessage.objects.count(),
        Entry.objects.count(),
        Refund.objects.count(),
    )
    with pytest.raises(Refused) as refused:
        verb(*given, **arguments)
    assert before == (
        AfterSales.objects.count(),
        AfterSalesMessage.objects.count(),
        Entry.objects.count(),
        Refund.objects.count(),
    )
    return refused.value.code


@pytest.mark.parametrize(
    ("code", "change"),
    [
        ("unknown_remedy", {"asked": "warning"}),
        ("unknown_cause", {"cause": "weather"}),
        ("amount_positive", {"amount_fen": 0}),
        ("amount_positive", {"amount_fen": -1}),
        ("amount_within_paid", {"amount_fen": 129_901}),
        ("line_in_order", {"line_id": 0}),
    ],
)
def test_request_that_does_not_fit_is_refused_and_the_next_one_taken(
    world: World, code: str, change: dict[str, Any]
) -> None:
    order = world.order()
    assert refused_with(ask, world, order, **change) == code
    assert ask(world, order).state == "open"


def test_line_in_order_of_another_order_is_not(world: World) -> None:
    assert refused_with(ask, world, world.order(), line_id=world.order().lines.get().pk) == "line_in_order"


def test_after_sales_one_live_by_the_verb(world: World) -> None:
    order = world.order()
    first = ask(world, order)
    assert refused_with(ask, world, order) == "after_sales_one_live"
    negotiation.withdraw(actor=world.buyer, after_sales_id=first.pk)
    assert ask(world, order).state == "open"


@pytest.mark.parametrize("text", ["", " \n"])
def test_message_not_empty(world: World, text: str) -> None:
    request = ask(world, world.order())
    arguments: dict[str, Any] = {"actor": world.merchant, "after_sales_id": request.pk}
    assert refused_with(negotiation.write, **arguments, text=text) == "message_not_empty"
    assert negotiation.write(**arguments, text="请补充照片").text == "请补充照片"


def test_refusal_needs_reason_of_the_merchant_too(world: World) -> None:
    request = ask(world, world.order())
    arguments: dict[str, Any] = {"actor": world.agent, "after_sales_id": request.pk}
    assert refused_with(negotiation.refuse, **arguments, reason=" ") == "refusal_needs_reason"
    assert negotiation.refuse(**arguments, reason="已签收").state == "refused"


def test_no_side_door_while_open(world: World, at: Clock) -> None:
    """From filing on money moves through the case alone; a draft of a case closes nothing."""
    case = Stages(world, at).admitted()
    assert case.after_sales is not None
    arguments: dict[str, Any] = {"actor": world.merchant, "after_sales_id": case.after_sales.pk}
    assert refused_with(negotiation.agree, **arguments) == "no_side_door_while_open"
    assert refused_with(negotiation.counter, **arguments, offer="refund", amount_fen=1) == "no_side_door_while_open"
    draft = factories.draft_case(world.buyer, world.merchant, world.order())
    assert draft.after_sales is not None
    assert negotiation.agree(actor=world.merchant, after_sales_id=draft.after_sales.pk).state == "agreed"


@pytest.mark.parametrize(("act", "who"), [("refuse", "merchant"), ("counter", "merchant"), ("accept", "buyer")])
def test_wrong_state_once_agreed(world: World, act: str, who: str) -> None:
    request = ask(world, world.order())
    negotiation.agree(actor=world.merchant, after_sales_id=request.pk)
    more: dict[str, dict[str, Any]] = {"refuse": {"reason": "x"}, "counter": {"offer": "refund", "amount_fen": 1}}
    arguments = {"actor": getattr(world, who), "after_sales_id": request.pk, **more.get(act, {})}
    assert refused_with(getattr(negotiation, act), **arguments) == "wrong_state"


def test_cause_fits_side_already_in_the_request(world: World) -> None:
    order = world.order()
    for cause in ("malicious_review", "unreasonable_return", "abusive_claim"):
        with pytest.raises(Refused) as refused:
            factories.request(world.buyer, order, cause=cause)
        assert (refused.value.code, list(refused.value.fields)) == ("cause_fits_side", ["cause"])
    assert not order.after_sales.exists()
