"""Each article of an order has its own cap: what was paid for it, coupon and freight in proportion (RU-03)."""

from typing import Any

import pytest

from arbitration import admission, assignment, decisions, execution
from core import clock
from core.errors import Refused
from disputes import filing, negotiation, refunds, settlement
from disputes.models import Case, Order, OrderLine
from tests import factories
from tests.conftest import Clock, World
from tests.stages import Stages, claim, due, paper


def lines(order: Order) -> list[OrderLine]:
    return list(order.lines.order_by("position"))


def ask(world: World, line: OrderLine, amount_fen: int) -> Any:
    return negotiation.ask(
        actor=world.buyer,
        order_id=line.order_id,
        line_id=line.pk,
        asked="refund",
        amount_fen=amount_fen,
        cause="not_received",
        reason="没收到",
    )


def code_of(verb: Any, *given: Any, **arguments: Any) -> str:
    with pytest.raises(Refused) as refused:
        verb(*given, **arguments)
    return refused.value.code


@pytest.mark.parametrize(
    ("prices", "coupon", "freight", "shares"),
    [
        ([1000, 129_900], 0, 0, [1000, 129_900]),
        ([1000, 2000], 300, 0, [900, 1800]),
        ([100, 100, 100], 100, 0, [66, 67, 67]),
        ([100, 100, 100], 0, 100, [133, 133, 134]),
        ([0, 500], 0, 50, [0, 550]),
        ([0, 0], 0, 11, [5, 6]),
        ([700], 0, 800, [1500]),
    ],
)
def test_what_was_paid_is_shared_by_the_lines_to_the_fen(
    world: World, prices: list[int], coupon: int, freight: int, shares: list[int]
) -> None:
    order = factories.basket(world.buyer, world.store, prices_fen=prices, coupon_fen=coupon, freight_fen=freight)
    assert [order.paid_for(line.pk) for line in lines(order)] == shares
    assert sum(shares) == order.paid_fen


def test_amount_within_paid_for_the_article_when_asked_and_countered(world: World) -> None:
    cheap, dear = lines(factories.basket(world.buyer, world.store, prices_fen=[1000, 129_900]))
    assert code_of(ask, world, cheap, 1001) == "amount_within_paid"
    request = ask(world, cheap, 1000)
    assert (
        code_of(
            negotiation.counter,
            actor=world.merchant,
            after_sales_id=request.pk,
            offer="compensation",
            amount_fen=1001,
        )
        == "amount_within_paid"
    )
    negotiation.agree(actor=world.merchant, after_sales_id=request.pk)
    execution.settle_open_refunds()
    assert code_of(ask, world, cheap, 1) == "amount_within_paid"
    assert ask(world, dear, 129_900).state == "open"


def test_refund_within_paid_for_the_article_is_the_last_word(world: World) -> None:
    order = factories.basket(world.buyer, world.store, prices_fen=[1000, 2000])
    cheap, dear = lines(order)
    given: dict[str, Any] = {"funding": "merchant", "at": clock.now()}
    assert code_of(refunds.request, order=order, line_id=cheap.pk, amount_fen=1001, key="a", **given) == (
        "refund_within_paid"
    )
    refunds.request(order=order, line_id=cheap.pk, amount_fen=1000, key="b", **given)
    assert (order.refundable_for(cheap.pk), order.refundable_for(dear.pk)) == (0, 2000)


def drafted(world: World) -> Case:
    """An application about the article for 10 yuan, beside one for 990."""
    cheap, _dear = lines(factories.basket(world.buyer, world.store, prices_fen=[1000, 99_000]))
    negotiation.refuse(actor=world.merchant, after_sales_id=ask(world, cheap, 1000).pk, reason="已送达")
    case = filing.start(actor=world.buyer, order_id=cheap.order_id, line_id=cheap.pk)
    paper(world.buyer, case)
    return case


def test_amount_within_paid_for_the_article_when_filed_offered_and_ruled(world: World, at: Clock) -> None:
    case = drafted(world)
    filled = claim(case, "not_received", "refund")
    over = {**filled, "amount_fen": 1001}
    assert code_of(filing.file, actor=world.buyer, case_id=case.pk, **over) == "amount_within_paid"
    filing.file(actor=world.buyer, case_id=case.pk, **{**filled, "amount_fen": 1000})
    assignment.take(actor=world.arbiter, case_id=case.pk)
    case = admission.admit(actor=world.arbiter, case_id=case.pk)
    offering: dict[str, Any] = {"actor": world.merchant, "case_id": case.pk, "valid_hours": 12}
    assert code_of(settlement.offer, amount_fen=1001, **offering) == "amount_within_paid"
    settlement.offer(amount_fen=1000, **offering)
    at.to(due(case, "response"), sweep_too=True)
    assignment.take(actor=world.arbiter, case_id=case.pk)
    assert code_of(Stages(world, at).sign, case, remedy="refund", amount_fen=1001) == "ruling_complete"
    assert decisions.cap_fen(case) == 1000
    case = Stages(world, at).effective(Stages(world, at).sign(case, remedy="refund", amount_fen=1000))
    assert case.rulings.get().calculation["line_paid_fen"] == 1000


def test_loss_within_paid_for_the_article(world: World) -> None:
    cheap, _dear = lines(factories.basket(world.buyer, world.store, prices_fen=[1000, 99_000]))
    case = filing.start(actor=world.merchant, order_id=cheap.order_id, line_id=cheap.pk, threatened=True)
    paper(world.merchant, case)
    filled: dict[str, Any] = {
        "cause": "unreasonable_return",
        "remedy": "deduct",
        "what_happened": "空包",
        "difference": "包裹是空的",
        "wanted": "抵扣损失",
        "missing_reason": "没有视频",
        "threatened": True,
    }
    arguments: dict[str, Any] = {"actor": world.merchant, "case_id": case.pk, **filled}
    assert code_of(filing.file, amount_fen=1001, **arguments) == "loss_within_paid"
    assert filing.file(amount_fen=1000, **arguments).claim_fen == 1000
