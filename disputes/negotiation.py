"""The after-sales request: asked, answered, countered and written about before anybody else is involved."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts import policy
from accounts.actors import CLOCK, Actor
from accounts.models import User
from core import clock
from core.errors import Conflict, Refused
from disputes import deadlines, orders, refunds
from disputes.models import AfterSales, AfterSalesMessage, Deadline, LineMessage, Order, Refund
from disputes.models.case import WITH_MONEY
from evidence import items as custody
from evidence import receiving
from evidence.models import Dossier, Item, Side
from evidence.models import State as ItemState
from ledger.recording import record
from rulebook.models import Remedy
from rulebook.queries import book, in_force

S = AfterSales.State
ANSWERABLE: dict[str, frozenset[str]] = {
    "agree": frozenset({S.OPEN, S.COUNTERED, S.REFUSED, S.UNANSWERED}),
    "refuse": frozenset({S.OPEN, S.COUNTERED}),
    "counter": frozenset({S.OPEN, S.COUNTERED, S.REFUSED}),
    "accept": frozenset({S.COUNTERED}),
    "withdraw": frozenset(AfterSales.LIVE),
}
"""Act → the states of a request in which it is possible."""
ASKABLE = frozenset(
    {Remedy.REFUND, Remedy.RETURN_REFUND, Remedy.EXCHANGE, Remedy.RESEND, Remedy.REPAIR, Remedy.COMPENSATION}
)


def locked(after_sales_id: int) -> AfterSales:
    """The request with its order, the order locked first."""
    order_id = AfterSales.objects.values_list("order_id", flat=True).get(pk=after_sales_id)
    order = Order.objects.locked(order_id)
    request = AfterSales.objects.select_related("line", "dossier").get(pk=after_sales_id)
    request.order = order
    return request


@transaction.atomic
def ask(
    *,
    actor: Actor,
    order_id: int,
    line_id: int,
    asked: str,
    amount_fen: int,
    cause: str,
    reason: str,
    goods_received: bool = True,
) -> AfterSales:
    """Open an after-sales request on an order line; its answer clock starts. Amount in fen, at most what is left."""
    order = Order.objects.locked(order_id)
    at = clock.now()
    policy.require(actor, "after_sales.ask", order)
    line = order.line(line_id)
    if line.after_sales.filter(state__in=AfterSales.LIVE).exists():
        raise Conflict("after_sales_one_live", _("There is already an after-sales request for this item."))
    rules = book(in_force(at).pk)
    if rules.cause(cause).filed_by != Side.BUYER:
        raise Refused("cause_fits_side", _("This cause is for the other side to file."), field="cause")
    _check_amount(order, line.pk, asked, amount_fen)
    request = AfterSales.objects.create(
        order=order,
        line=line,
        asked=asked,
        amount_fen=amount_fen,
        cause=cause,
        reason=reason,
        goods_received=goods_received,
        opened_at=at,
    )
    request.dossier = Dossier.objects.create(subject=f"after-sales:{request.pk}", buyer=order.buyer, store=order.store)
    request.save(update_fields=["dossier"])
    condition = "not_shipped" if order.shipped_at is None else "" if goods_received else "not_received"
    deadlines.open_clock(
        request,
        "after_sales_answer",
        at,
        side="merchant",
        length=rules.length("after_sales_answer", condition=condition),
    )
    _record(request, "after_sales_asked", actor, at, {"asked": asked, "amount_fen": amount_fen, "cause": cause})
    return request


def _check_amount(order: Order, line_id: int, kind: str, amount_fen: int) -> None:
    if kind not in ASKABLE:
        raise Refused("unknown_remedy", _("Choose one of the listed solutions."), field="asked")
    if kind in WITH_MONEY and amount_fen <= 0:
        raise Refused("amount_positive", _("Write an amount above zero."), field="amount_fen")
    if kind in WITH_MONEY:
        orders.check_within_paid(order, line_id, amount_fen)


@transaction.atomic
def write(*, actor: Actor, after_sales_id: int, text: str, attachments: Sequence[str] = ()) -> AfterSalesMessage:
    """A message to the other side. ``attachments``: ids of files received with ``attach``, seen by it from now on."""
    request = locked(after_sales_id)
    at = clock.now()
    policy.require(actor, "after_sales.write", request.order)
    assert isinstance(actor, User)
    side = policy.side_of(actor, request.order)
    files = ready(request, side).filter(pk__in=attachments)
    if len(files) < len(set(attachments)):
        raise Refused(
            "attachment_is_ready",
            _("A file was not received from you, or was sent before. Nothing was sent."),
            field="attachments",
        )
    if not text.strip() and not files:
        raise Refused("message_not_empty", _("Write a message or add a file."), field="text")
    message = AfterSalesMessage.objects.create(after_sales=request, side=side, author=actor, text=text, at=at)
    if files:
        assert request.dossier is not None
        custody.lodge(actor=actor, dossier=request.dossier, side=side, items=list(files), at=at, disclosed=True)
        message.attachments.set(files)
    _record(request, "after_sales_wrote", actor, at, {"message": message.pk, "files": len(files)})
    return message


@transaction.atomic
def write_about(*, actor: Actor, order_id: int, text: str, line_id: int | None = None) -> LineMessage:
    """A message about an article (the first without an id) that needs no after-sales request: so a merchant writes to
    the buyer first, and the buyer answers."""
    order = Order.objects.locked(order_id)
    at = clock.now()
    policy.require(actor, "after_sales.write", order)
    assert isinstance(actor, User)
    line = order.line(line_id)
    if not text.strip():
        raise Refused("message_not_empty", _("Write a message."), field="text")
    message = LineMessage.objects.create(line=line, side=policy.side_of(actor, order), author=actor, text=text, at=at)
    record(
        subject=f"order:{order.number}",
        verb="after_sales_wrote",
        actor=actor,
        role=message.side,
        at=at,
        about=order,
        facts={"line_message": message.pk},
    )
    return message


def ready(request: AfterSales, side: str) -> QuerySet[Item]:
    """The side's files that wait for its next message. No query yet."""
    assert request.dossier is not None
    return request.dossier.items.filter(side=side, state=ItemState.READY).order_by("position", "received_at")


def attach(*, actor: Actor, after_sales_id: int, upload: "UploadedFile[Any]", wait: bool = True) -> Item:
    """Take one file in for the side's next message. Raises what the custody raises."""
    request = AfterSales.objects.select_related("order", "dossier").get(pk=after_sales_id)
    policy.require(actor, "after_sales.write", request.order)
    assert isinstance(actor, User)
    assert request.dossier is not None
    return receiving.receive(
        actor=actor,
        dossier=request.dossier,
        side=policy.side_of(actor, request.order),
        upload=upload,
        at=clock.now(),
        wait=wait,
    )


@transaction.atomic
def agree(*, actor: Actor, after_sales_id: int) -> AfterSales:
    """The merchant agrees to what was asked; a refund without a return is sent at once."""
    request, at = _answering(actor, after_sales_id, "agree")
    return _settle(request, actor, at, request.asked, request.amount_fen)


@transaction.atomic
def refuse(*, actor: Actor, after_sales_id: int, reason: str) -> AfterSales:
    """The merchant refuses with a reason; the gate to the platform opens."""
    request, at = _answering(actor, after_sales_id, "refuse")
    if not reason.strip():
        raise Refused(
            "refusal_needs_reason", _("Say why you refuse; the buyer and the platform will read it."), field="reason"
        )
    return _answer(request, actor, at, S.REFUSED, reason, {})


@transaction.atomic
def counter(*, actor: Actor, after_sales_id: int, offer: str, amount_fen: int, reason: str = "") -> AfterSales:
    """The merchant proposes something else; the buyer may accept it or go on."""
    request, at = _answering(actor, after_sales_id, "counter")
    _check_amount(request.order, request.line_id, offer, amount_fen)
    request.counter, request.counter_fen = offer, amount_fen
    return _answer(request, actor, at, S.COUNTERED, reason, {"offer": offer, "amount_fen": amount_fen})


@transaction.atomic
def accept(*, actor: Actor, after_sales_id: int) -> AfterSales:
    """The buyer accepts the merchant's counter-offer."""
    request, at = _answering(actor, after_sales_id, "accept")
    return _settle(request, actor, at, request.counter, request.counter_fen)


@transaction.atomic
def withdraw(*, actor: Actor, after_sales_id: int) -> AfterSales:
    """The buyer takes the request back; nothing is lost but the request."""
    request, at = _answering(actor, after_sales_id, "withdraw")
    return _answer(request, actor, at, S.WITHDRAWN, request.answer, {})


def expire(*, deadline: Deadline, at: datetime) -> None:
    """The merchant stayed silent past its clock: the gate opens."""
    assert deadline.after_sales_id is not None
    request = locked(deadline.after_sales_id)
    if request.state == S.OPEN:
        request.state, request.answered_at = S.UNANSWERED, at
        request.save()
        _record(request, "after_sales_expire", CLOCK, at, {})


def _answering(actor: Actor, after_sales_id: int, act: str) -> tuple[AfterSales, datetime]:
    request = locked(after_sales_id)
    at = clock.now()
    if (refused := refusal(request, act, actor)) is not None:
        raise refused
    return request, at


def refusal(request: AfterSales, act: str, actor: Actor) -> Refused | None:
    """Why ``actor`` cannot do ``act`` (a key of ANSWERABLE) now; None if they can. At most one query."""
    if (forbidden := policy.refusal(actor, f"after_sales.{act}", request.order)) is not None:
        return forbidden
    if request.state not in ANSWERABLE[act]:
        return Conflict(
            "wrong_state",
            _("This is not possible now: the request is “%(state)s”.") % {"state": S(request.state).label},
        )
    if any(case.state not in {"draft", "closed", "not_admitted"} for case in request.cases.all()):
        return Conflict(
            "no_side_door_while_open",
            _("The platform has this case now. Agree or offer a settlement there, so that everything is counted once."),
        )
    return None


def _answer(
    request: AfterSales, actor: Actor, at: datetime, state: str, text: str, facts: dict[str, Any]
) -> AfterSales:
    deadlines.close(request, ["after_sales_answer"], at, Deadline.State.MET)
    request.state, request.answered_at, request.answer = state, at, text
    request.save()
    _record(request, f"after_sales_{state}", actor, at, facts)
    return request


def _settle(request: AfterSales, actor: Actor, at: datetime, kind: str, amount_fen: int) -> AfterSales:
    if kind in {Remedy.REFUND, Remedy.COMPENSATION}:
        refunds.request(
            order=request.order,
            line_id=request.line_id,
            amount_fen=amount_fen,
            key=f"after-sales-{request.pk}",
            funding=Refund.Funding.MERCHANT,
            at=at,
        )
    request.agreed = kind
    request.agreed_fen = amount_fen if kind in WITH_MONEY else 0
    return _answer(request, actor, at, S.AGREED, request.answer, {"kind": kind, "amount_fen": amount_fen})


@transaction.atomic
def follow_refund(*, refund: Refund, after_sales_id: int) -> None:
    """The agreed refund came to an end: settled, or refused for good, and then the gate to the platform opens."""
    request = locked(after_sales_id)
    if request.state != S.AGREED or request.unpaid_at is not None:
        return
    if refund.state == Refund.State.EXECUTED:
        request.state = S.SETTLED
    else:
        request.unpaid_at = at = refund.tried_at or refund.requested_at
        _record(request, "after_sales_unpaid", CLOCK, at, {"amount_fen": refund.amount_fen})
    request.save(update_fields=["state", "unpaid_at"])


def _record(request: AfterSales, verb: str, actor: Actor, at: datetime, facts: dict[str, Any]) -> None:
    record(
        subject=request.subject,
        verb=verb,
        actor=actor,
        role=policy.role_in(actor, request.order),
        at=at,
        about=request.order,
        facts={"after_sales": request.pk, **facts},
    )
