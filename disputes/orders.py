"""Orders come in from the marketplace, never typed in."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import policy
from accounts.actors import CLOCK, Actor
from accounts.models import Store, User
from core import clock, money
from core.errors import Conflict, Refused
from disputes import deadlines
from disputes.models import Case, LogisticsEvent, Order, OrderLine
from disputes.models.case import DECIDED
from ledger.recording import hold, record
from rulebook import calendar

MOMENTS = ("promised_ship_at", "shipped_at", "first_scan_at", "signed_at", "completed_at")
AMOUNTS = ("goods_fen", "freight_fen", "coupon_fen", "paid_fen")


@dataclass(frozen=True)
class Received:
    order: Order
    created: bool


@transaction.atomic
def receive(
    *,
    actor: Actor,
    number: str,
    buyer: dict[str, str],
    store: dict[str, str],
    lines: list[dict[str, Any]],
    amounts: dict[str, int],
    paid_at: datetime,
    category: str = "",
    moments: dict[str, datetime | None] | None = None,
    logistics: list[dict[str, Any]] | None = None,
) -> Received:
    """Take an order in, or bring a known one up to date; the marketplace's order number decides which.

    Amounts in fen. What was bought and paid never changes (``order_amounts_fixed``); moments and logistics events are
    added. Buyers are known by e-mail address and stores by code; unknown ones are created without a password.
    """
    policy.require(actor, "order.receive", None)
    at = clock.now()
    hold(f"order:{number}")
    known = Order.objects.filter(number=number).values_list("pk", flat=True).first()
    if known is None:
        order = _create(actor, number, buyer, store, lines, amounts, paid_at, category)
    else:
        order = Order.objects.locked(known)
        _same_purchase(order, lines, amounts)
    changed = _apply_moments(order, moments or {})
    added = _add_logistics(order, logistics or [])
    order.save()
    if added:
        _returns_signed(order, at)
    if known is None or changed or added:
        record(
            subject=f"order:{order.number}",
            verb="order_received" if known is None else "order_updated",
            actor=actor,
            role="system",
            at=at,
            about=order if known is not None else None,
            facts={"paid_fen": order.paid_fen, "moments": changed, "logistics": added},
        )
    return Received(order, created=known is None)


def _create(
    actor: Actor,
    number: str,
    buyer: dict[str, str],
    store: dict[str, str],
    lines: list[dict[str, Any]],
    amounts: dict[str, int],
    paid_at: datetime,
    category: str,
) -> Order:
    goods = sum(line["price_fen"] * line.get("quantity", 1) for line in lines)
    if goods != amounts["goods_fen"]:
        raise Refused("order_amounts_add_up", _("goods_fen is not the sum of the lines."), field="goods_fen")
    expected = amounts["goods_fen"] + amounts.get("freight_fen", 0) - amounts.get("coupon_fen", 0)
    if expected != amounts["paid_fen"]:
        raise Refused("order_amounts_add_up", _("paid_fen is not goods + freight − coupons."), field="paid_fen")
    order = Order.objects.create(
        number=number,
        buyer=_person(buyer),
        store=Store.objects.get_or_create(code=store["code"], defaults={"name": store["name"]})[0],
        category=category,
        paid_at=paid_at,
        received_from=str(actor)[:80],
        **amounts,
    )
    OrderLine.objects.bulk_create(
        OrderLine(order=order, position=position, **line) for position, line in enumerate(lines, start=1)
    )
    return order


def _person(buyer: dict[str, str]) -> User:
    email = buyer["email"].lower()
    return User.objects.filter(email=email).first() or User.objects.create_user(email, name=buyer.get("name", ""))


def _same_purchase(order: Order, lines: list[dict[str, Any]], amounts: dict[str, int]) -> None:
    kept = [(line.title, line.quantity, line.price_fen) for line in order.lines.order_by("position")]
    sent = [(line["title"], line.get("quantity", 1), line["price_fen"]) for line in lines]
    if kept != sent or any(getattr(order, name) != amounts.get(name, 0) for name in AMOUNTS):
        raise Conflict("order_amounts_fixed", _("This order is known with other lines or amounts; they never change."))


def _apply_moments(order: Order, moments: dict[str, datetime | None]) -> list[str]:
    changed = [name for name in MOMENTS if moments.get(name) and getattr(order, name) != moments[name]]
    for name in changed:
        setattr(order, name, moments[name])
    return changed


def _add_logistics(order: Order, events: list[dict[str, Any]]) -> int:
    before = order.logistics.count()
    LogisticsEvent.objects.bulk_create(
        (LogisticsEvent(order=order, **event) for event in events), ignore_conflicts=True
    )
    return order.logistics.count() - before


def check_within_paid(order: Order, line_id: int, amount_fen: int) -> None:
    """Nobody asks for, offers or claims more than what can still go back for the article. Two queries.

    Raises Refused("amount_within_paid").
    """
    cap = order.refundable_for(line_id)
    if amount_fen > cap:
        raise Refused(
            "amount_within_paid",
            _("The amount can be at most %(cap)s: what was paid for this article, less what went back for it.")
            % {"cap": money.text(cap)},
            field="amount_fen",
        )


def check_loss_within_paid(order: Order, line_id: int, amount_fen: int) -> None:
    """A loss the buyer is to bear is at most what was paid for the article, whatever went back since. One query.

    Raises Refused("loss_within_paid").
    """
    if amount_fen > (paid := order.paid_for(line_id)):
        raise Refused(
            "loss_within_paid",
            _("A loss can be at most %(paid)s, which was paid for the article.") % {"paid": money.text(paid)},
            field="amount_fen",
        )


def _returns_signed(order: Order, at: datetime) -> None:
    """Once the carrier says the return was signed for, the merchant has the shorter time to confirm it (EN-02)."""
    back = order.logistics.filter(way=LogisticsEvent.Way.BACK, code="signed")
    signed_at = back.order_by("-at").values_list("at", flat=True).first()
    if signed_at is None:
        return
    for case_id in order.cases.filter(state__in=DECIDED).values_list("pk", flat=True):
        case = Case.objects.locked(case_id)
        length = deadlines.length_for(case, "confirm_return", at, condition="signed")
        for row in deadlines.running(case, ["confirm_return"]):
            if deadlines.bring_forward(row, max(at, calendar.add(signed_at, length))):
                record(
                    subject=case.subject,
                    verb="deadline_changed",
                    actor=CLOCK,
                    role="system",
                    at=at,
                    facts={"clock": row.kind, "due_at": row.due_at},
                )
