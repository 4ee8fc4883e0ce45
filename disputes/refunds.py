"""Money to the buyer: reserved on the order, sent once, reconciled when the gateway kept silent.

Everybody who owes money (an agreed after-sales request, a settlement, a remedy) asks here; nothing else pays.
"""

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from accounts.actors import CLOCK
from core import clock, money
from core.errors import Refused
from disputes import account_book
from disputes.gateway import Answer, Gateway, Result
from disputes.models import Case, Order, Refund
from ledger.recording import record

logger = logging.getLogger(__name__)

GATEWAYS = {"embedded": "disputes.gateway.embedded.EmbeddedGateway", "http": "disputes.gateway.http.HttpGateway"}


def gateway() -> Gateway:
    """The configured way to move money."""
    made: Gateway = import_string(GATEWAYS[settings.REFUND_GATEWAY])()
    return made


def request(
    *,
    order: Order,
    line_id: int,
    amount_fen: int,
    key: str,
    funding: str,
    at: datetime,
    case: Case | None = None,
    on_top: bool = False,
) -> Refund:
    """Reserve ``amount_fen`` on the (locked) order, for one of its lines, and leave it for the worker to send; once per
    ``key``. Raises Refused("refund_within_paid") when less than that can still go back for the line. What is ``on_top``
    of the price reserves nothing: whoever asks has bounded it.
    """
    known = Refund.objects.filter(key=key).first()
    if known is not None:
        return known
    if not on_top and amount_fen > (cap := order.refundable_for(line_id)):
        raise Refused(
            "refund_within_paid",
            _("At most %(cap)s can be refunded for this article.") % {"cap": money.text(cap)},
            field="amount_fen",
        )
    if not on_top:
        order.reserved_fen += amount_fen
        order.save(update_fields=["reserved_fen"])
    return Refund.objects.create(
        order=order,
        line_id=line_id,
        case=case,
        key=key,
        amount_fen=amount_fen,
        on_top=on_top,
        funding=funding,
        requested_at=at,
    )


MARGIN = timedelta(seconds=10)
"""How long after its time limit a call to the gateway may still be on its way, here or there."""


def settle(refund_id: int) -> Refund:
    """Bring one open refund forward: send it, or ask about it when an earlier answer stayed out.

    The gateway is spoken to outside any transaction, by one process at a time: whoever moves ``tried_at`` has the
    refund until that call must be over, and nothing is asked before.
    """
    refund = Refund.objects.select_related("order__buyer", "order__store", "case").get(pk=refund_id)
    at = clock.now()
    if refund.state not in Refund.OPEN or _busy(refund, at):
        return refund
    sending = refund.state == Refund.State.PENDING
    # From here on the answer may get lost: only asking is safe until it is known what happened.
    claimed = Refund.objects.filter(pk=refund_id, state=refund.state, tried_at=refund.tried_at).update(
        state=Refund.State.UNKNOWN, tried_at=at, attempts=refund.attempts + sending
    )
    if not claimed:
        return refund
    return _note(refund_id, gateway().refund(refund) if sending else gateway().ask(refund), asked_at=at)


def _busy(refund: Refund, at: datetime) -> bool:
    """Whether the last call about it may still be under way."""
    if refund.state == Refund.State.PENDING or refund.tried_at is None:
        return False
    return at < refund.tried_at + timedelta(seconds=settings.REFUND_GATEWAY_TIMEOUT_SECONDS) + MARGIN


_VERBS = {
    (False, True): "refund_executed",
    (False, False): "refund_failed",
    (True, True): "compensation_executed",
    (True, False): "compensation_failed",
}
"""By whether it was on top of the price, and whether it was carried out."""


@transaction.atomic
def _note(refund_id: int, answer: Answer, *, asked_at: datetime | None = None) -> Refund:
    """Write down what the gateway said. ``absent`` means it never heard of the key: sending it again is safe, unless
    somebody called since ``asked_at``."""
    order_id = Refund.objects.values_list("order_id", flat=True).get(pk=refund_id)
    order = Order.objects.locked(order_id)
    refund = Refund.objects.select_related("case").get(pk=refund_id)
    refund.order = order
    if refund.state not in Refund.OPEN or answer.result == Result.UNKNOWN:
        return refund
    at = clock.now()
    if answer.result == Result.ABSENT:
        if refund.tried_at == asked_at:
            refund.state = Refund.State.PENDING
    else:
        counted_fen = 0 if refund.on_top else refund.amount_fen
        order.reserved_fen -= counted_fen
        if answer.result == Result.DONE:
            order.refunded_fen += counted_fen
            refund.state, refund.executed_at, refund.gateway_reference = Refund.State.EXECUTED, at, answer.reference
            account_book.book_refund(refund)
        else:
            refund.state, refund.failure = Refund.State.FAILED, answer.reference[:200]
        order.save(update_fields=["reserved_fen", "refunded_fen"])
        record(
            subject=f"order:{order.number}",
            verb=_VERBS[refund.on_top, answer.result == Result.DONE],
            actor=CLOCK,
            role="system",
            at=at,
            about=order,
            facts={"refund": refund.pk, "amount_fen": refund.amount_fen, "funding": refund.funding},
        )
    refund.save()
    return refund
