"""The account book: every payment in legs that add up to zero, the deposits, and what is owed to the platform.

Nothing here speaks to a payment service: it writes down what such a service did, and what the platform did itself.
"""

from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts import policy
from accounts.actors import CLOCK, Actor
from accounts.models import Store
from core import clock, money
from core.errors import Refused
from disputes.models import AccountEntry, Case, Debt, Order, Refund
from evidence.models import Side
from ledger.recording import record


def book_refund(refund: Refund) -> None:
    """Write down a refund that was carried out, once: the store, its deposit or the platform paid the buyer.

    A deposit pays what it holds, the platform advances the rest, which the store then owes.
    """
    with transaction.atomic():
        if AccountEntry.objects.filter(key=refund.key).exists():
            return
        at, store_id = clock.now(), refund.order.store_id
        legs = {f"buyer:{refund.order.buyer_id}": refund.amount_fen}
        if refund.funding == Refund.Funding.MERCHANT:
            legs[f"store:{store_id}"] = -refund.amount_fen
        else:
            wanted = refund.amount_fen if refund.funding == Refund.Funding.DEPOSIT else 0
            taken = _take_deposit(store_id, wanted)
            legs[f"deposit:{store_id}"] = -taken
            legs[f"advance:{store_id}"] = taken - refund.amount_fen
        _book(refund.key, legs, at)
        if advanced := -legs.get(f"advance:{store_id}", 0):
            _owe(refund.key, refund.order, refund.case, Debt.Reason.ADVANCE, advanced, at)


def give_back(*, case: Case, amount_fen: int, key: str, at: datetime) -> None:
    """A ruling was reversed: the merchant has ``amount_fen`` back at once, and the buyer owes it to the platform.

    What the store owes for this very case falls away first; the rest goes to its deposit. Once per ``key``; the case
    is locked.
    """
    legs, left = {f"owes:{case.buyer_id}": -amount_fen}, amount_fen
    for debt in Debt.objects.filter(case=case, store=case.store, settled_at=None).order_by("pk"):
        cut = min(left, debt.open_fen)
        _settle(debt, cancelled_fen=cut, at=at)
        left -= cut
    legs[f"advance:{case.store_id}"] = amount_fen - left
    legs[f"deposit:{case.store_id}"] = left
    Store.objects.filter(pk=case.store_id).update(deposit_fen=F("deposit_fen") + left)
    _book(key, legs, at)
    _owe(key, case.order, case, Debt.Reason.RESTITUTION, amount_fen, at)


@transaction.atomic
def receive_payment(*, actor: Actor, debt_id: int, amount_fen: int) -> Debt:
    """An administrator writes down that ``amount_fen`` of a debt came in.

    Raises Refused("payment_within_debt"), Debt.DoesNotExist.
    """
    order = Order.objects.locked(Debt.objects.values_list("order_id", flat=True).get(pk=debt_id))
    debt = Debt.objects.select_related("case").get(pk=debt_id)
    at = clock.now()
    policy.require(actor, "debts.receive_payment", debt)
    if not 1 <= amount_fen <= debt.open_fen:
        raise Refused(
            "payment_within_debt",
            _("Write an amount above zero and at most %(open)s, which is still owed.")
            % {"open": money.text(debt.open_fen)},
            field="amount_fen",
        )
    debtor, payer = _accounts(debt)
    _book(f"debt-{debt.pk}-{debt.paid_fen}", {debtor: amount_fen, payer: -amount_fen}, at)
    _settle(debt, paid_fen=amount_fen, at=at)
    _record(debt, order, "debt_paid", actor, at, {"amount_fen": amount_fen, "left_fen": debt.open_fen})
    return debt


def _accounts(debt: Debt) -> tuple[str, str]:
    """The account that shows the debt, and the one that shows what its debtor paid."""
    if debt.store_id is not None:
        return f"advance:{debt.store_id}", f"store:{debt.store_id}"
    return f"owes:{debt.buyer_id}", f"buyer:{debt.buyer_id}"


def _owe(key: str, order: Order, case: Case | None, reason: str, amount_fen: int, at: datetime) -> None:
    advanced = reason == Debt.Reason.ADVANCE
    debt = Debt.objects.create(
        key=key,
        order=order,
        case=case,
        store_id=order.store_id if advanced else None,
        buyer_id=None if advanced else order.buyer_id,
        reason=reason,
        amount_fen=amount_fen,
        arose_at=at,
    )
    _record(debt, order, "debt_arose", CLOCK, at, {"amount_fen": amount_fen, "reason": reason})


def _settle(debt: Debt, *, at: datetime, paid_fen: int = 0, cancelled_fen: int = 0) -> None:
    debt.paid_fen += paid_fen
    debt.cancelled_fen += cancelled_fen
    debt.settled_at = None if debt.open_fen else at
    debt.save(update_fields=["paid_fen", "cancelled_fen", "settled_at"])


def _record(debt: Debt, order: Order, verb: str, actor: Actor, at: datetime, facts: dict[str, object]) -> None:
    """What one owes is one's own business and the platform's."""
    record(
        subject=debt.case.subject if debt.case is not None else f"order:{order.number}",
        verb=verb,
        actor=actor,
        role=policy.role_in(actor, order),
        at=at,
        audience=Side.MERCHANT if debt.store_id is not None else Side.BUYER,
        about=order,
        facts={"debt": debt.pk, **facts},
    )


def _book(key: str, legs: dict[str, int], at: datetime) -> None:
    assert sum(legs.values()) == 0, "a payment's legs add up to zero"
    AccountEntry.objects.bulk_create(
        AccountEntry(key=key, account=account, amount_fen=fen, at=at) for account, fen in legs.items() if fen
    )


def _take_deposit(store_id: int, wanted_fen: int) -> int:
    """Take up to ``wanted_fen`` from the store's deposit; returns how much, in fen.

    Compares before it writes: another payment from the same deposit may come in between.
    """
    while True:
        held = Store.objects.values_list("deposit_fen", flat=True).get(pk=store_id)
        taken = min(held, wanted_fen)
        if Store.objects.filter(pk=store_id, deposit_fen=held).update(deposit_fen=held - taken):
            return taken
