"""Refunds: reserved, within what was paid whatever anybody writes, booked once in legs that add up to zero."""

import threading
from collections.abc import Callable, Sequence
from functools import partial

import pytest
from django.db import IntegrityError, connection, connections, transaction
from django.db.models import Sum

from accounts.models import Store
from arbitration import execution, remedies
from core import clock
from core.errors import Refused
from disputes import negotiation, refunds, settlement
from disputes.models import AccountEntry, Case, Order, Refund
from tests import factories, stages
from tests.conftest import Clock, World, build_world
from tests.stages import Stages, step


def book() -> dict[str, int]:
    rows = AccountEntry.objects.values_list("account").annotate(total=Sum("amount_fen"))
    return {account.partition(":")[0]: total for account, total in rows}


def balanced() -> bool:
    legs = AccountEntry.objects.values("key").annotate(total=Sum("amount_fen"))
    return all(leg["total"] == 0 for leg in legs)


def test_refund_within_paid_by_the_verb(world: World) -> None:
    order = world.order()
    refunds.request(
        order=order, line_id=order.lines.get().pk, amount_fen=100_000, key="a", funding="merchant", at=clock.now()
    )
    with pytest.raises(Refused) as refused:
        refunds.request(
            order=order, line_id=order.lines.get().pk, amount_fen=29_901, key="b", funding="merchant", at=clock.now()
        )
    assert refused.value.code == "refund_within_paid"
    refunds.request(
        order=order, line_id=order.lines.get().pk, amount_fen=29_900, key="c", funding="merchant", at=clock.now()
    )


@pytest.mark.parametrize("column", ["refunded_fen", "reserved_fen"])
def test_refund_within_paid_by_the_database(world: World, column: str) -> None:
    order = world.order()
    with pytest.raises(IntegrityError, match="refund_within_paid"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE disputes_order SET {column} = paid_fen + 1 WHERE id = %s", [order.pk])


def test_same_key_is_the_same_refund(world: World) -> None:
    order = world.order()
    first = refunds.request(
        order=order, line_id=order.lines.get().pk, amount_fen=100, key="a", funding="merchant", at=clock.now()
    )
    again = refunds.request(
        order=order, line_id=order.lines.get().pk, amount_fen=100, key="a", funding="merchant", at=clock.now()
    )
    assert (again.pk, Order.objects.get(pk=order.pk).reserved_fen) == (first.pk, 100)


def test_performed_twice_is_paid_once(world: World, at: Clock) -> None:
    case = Stages(world, at).ruled()
    remedies.perform(actor=world.merchant, case_id=case.pk, remedy_id=step(case, "refund"))
    with pytest.raises(Refused) as refused:
        remedies.perform(actor=world.agent, case_id=case.pk, remedy_id=step(case, "refund"))
    assert refused.value.code == "nothing_owed"
    execution.settle_open_refunds()
    execution.settle_open_refunds()
    assert (book(), balanced()) == ({"buyer": 129_900, "store": -129_900}, True)


def test_performed_once_though_asked_for_twice(world: World, at: Clock) -> None:
    case = Stages(world, at).settling()
    settlement.perform_settlement(actor=world.merchant, case_id=case.pk)
    with pytest.raises(Refused) as refused:
        settlement.perform_settlement(actor=world.agent, case_id=case.pk)
    assert refused.value.code == "performed_once"
    execution.settle_open_refunds()
    case = stages.again(case)
    assert (case.state, case.outcome) == ("closed", "settled")
    assert (book(), balanced()) == ({"buyer": 5000, "store": -5000}, True)
    assert list(case.deadlines.filter(state__in=["open", "paused"]).values_list("kind", flat=True)) == ["records_kept"]


def test_after_sales_agreed_twice_is_paid_once(world: World, at: Clock) -> None:
    request = factories.request(world.buyer, world.order(), amount_fen=1000)
    negotiation.agree(actor=world.merchant, after_sales_id=request.pk)
    with pytest.raises(Refused) as refused:
        negotiation.agree(actor=world.agent, after_sales_id=request.pk)
    assert refused.value.code == "wrong_state"
    execution.settle_open_refunds()
    request.refresh_from_db()
    assert (request.state, book()) == ("settled", {"buyer": 1000, "store": -1000})


def test_conceded_twice_is_ruled_once(world: World, at: Clock) -> None:
    from arbitration import rulings

    case = Stages(world, at).enforcing()
    with pytest.raises(Refused) as refused:
        rulings.concede(actor=world.agent, case_id=case.pk)
    assert (refused.value.code, case.rulings.count()) == ("wrong_state", 1)


@pytest.mark.parametrize(
    ("deposit_fen", "expected"),
    [
        (200_000, {"buyer": 129_900, "deposit": -129_900}),
        (100_000, {"buyer": 129_900, "advance": -129_900}),
        (0, {"buyer": 129_900, "advance": -129_900}),
    ],
)
def test_platform_pays_from_the_deposit_or_advances(
    world: World, at: Clock, deposit_fen: int, expected: dict[str, int]
) -> None:
    Store.objects.filter(pk=world.store.pk).update(deposit_fen=deposit_fen)
    Stages(world, at).ruled()
    at.forward(hours=24, sweep_too=True)
    execution.settle_open_refunds()
    assert (book(), balanced()) == (expected, True)
    assert Store.objects.get(pk=world.store.pk).deposit_fen == deposit_fen + expected.get("deposit", 0)


def test_deposit_that_shrank_meanwhile_pays_what_it_holds(world: World, at: Clock) -> None:
    Stages(world, at).ruled()
    at.forward(hours=24, sweep_too=True)
    Store.objects.filter(pk=world.store.pk).update(deposit_fen=29_900)
    execution.settle_open_refunds()
    assert (book(), balanced()) == ({"buyer": 129_900, "deposit": -29_900, "advance": -100_000}, True)


def test_other_refund_meanwhile_leaves_the_remedy_what_is_left(world: World, at: Clock) -> None:
    """Another line of the order was refunded after the ruling: the rest goes back, nothing is stuck."""
    case = Stages(world, at).ruled()
    order = Order.objects.locked(case.order_id)
    refunds.request(
        order=order, line_id=order.lines.get().pk, amount_fen=129_000, key="beside", funding="merchant", at=clock.now()
    )
    at.forward(hours=24, sweep_too=True)
    Refund.objects.filter(key="beside").update(followed_at=clock.now())
    execution.settle_open_refunds()
    remedy = case.remedies.get()
    assert remedy.refund is not None
    assert (remedy.state, remedy.refund.amount_fen) == ("executed", 900)


def test_account_book_only_grows(world: World, at: Clock) -> None:
    Stages(world, at).closed()
    entry = AccountEntry.objects.order_by("pk").first()
    assert entry is not None
    for change in (lambda: AccountEntry.objects.update(amount_fen=1), entry.delete):
        with pytest.raises(Exception, match="account_book_only_grows"), transaction.atomic():
            change()


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="threads need PostgreSQL's row locks")
def test_two_workers_and_two_clicks_at_once_pay_once(transactional_db: None) -> None:
    with clock.frozen(factories.START):
        world = build_world()
        cases = [Stages(world, Clock(factories.START)).ruled() for _case in range(3)]
        when = clock.now()
    with clock.frozen(when):
        together([partial(_perform, world, case) for case in cases for _click in range(2)])
        together([execution.settle_open_refunds] * 4)
        execution.settle_open_refunds()
    assert Refund.objects.count() == 3
    assert set(Refund.objects.values_list("state", flat=True)) == {"executed"}
    assert (book(), balanced()) == ({"buyer": 3 * 129_900, "store": -3 * 129_900}, True)


@pytest.mark.skipif("connection.vendor != 'postgresql'", reason="threads need PostgreSQL's row locks")
def test_deposit_is_taken_once_by_payments_at_the_same_time(transactional_db: None) -> None:
    with clock.frozen(factories.START):
        world = build_world()
        made = [
            refunds.request(
                order=(order := world.order()),
                line_id=order.lines.get().pk,
                amount_fen=1000,
                key=f"k{number}",
                funding="deposit",
                at=clock.now(),
            ).pk
            for number in range(8)
        ]
    together([partial(refunds.settle, key) for key in made])
    assert Store.objects.get(pk=world.store.pk).deposit_fen == 1_000_000 - 8000
    assert (book(), balanced()) == ({"buyer": 8000, "deposit": -8000}, True)


def _perform(world: World, case: Case) -> None:
    from contextlib import suppress

    with suppress(Refused):
        remedies.perform(actor=world.merchant, case_id=case.pk, remedy_id=step(case, "refund"))


def together(acts: Sequence[Callable[[], object]]) -> None:
    """All at the same moment, each in a thread and on a connection of its own."""
    gate, failures = threading.Barrier(len(acts)), []

    def run(act: Callable[[], object]) -> None:
        try:
            gate.wait(10)
            act()
        except Exception as error:
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failures == []
