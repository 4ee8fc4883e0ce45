"""Carrying refunds to their end and telling whoever owed them: a remedy, a settlement, an after-sales request."""

import logging
import time

from django.db import transaction
from django.db.models import F

from arbitration import payments
from arbitration.models import Remedy
from core import clock
from disputes import negotiation, refunds, settlement
from disputes.models import Offer, Refund

logger = logging.getLogger(__name__)


ROUND_SECONDS = 45.0
"""A payment service that is slow makes a round this long at most; who waited longest since the last try comes first."""


def settle_open_refunds(*, limit: int = 500, seconds: float = ROUND_SECONDS) -> int:
    """Bring every open refund forward and follow those at their end; returns how many ended.

    A process that dies in between leaves ``followed_at`` empty: the next round takes it up. One failing stops nobody.
    """
    done, began = 0, time.monotonic()
    waiting = Refund.objects.filter(followed_at=None).order_by(F("tried_at").asc(nulls_first=True), "pk")
    for refund_id in list(waiting.values_list("pk", flat=True)[:limit]):
        if time.monotonic() - began > seconds:
            break
        try:
            refund = refunds.settle(refund_id)
            if refund.state not in Refund.OPEN:
                follow(refund)
                done += 1
        except Exception:
            logger.exception("refund %s stays open", refund_id)
    return done


@transaction.atomic
def follow(refund: Refund) -> None:
    """Tell what the refund was for that it came to an end. Harmless when told twice."""
    key = refund.key
    if key.startswith("remedy-"):
        if Remedy.objects.filter(refund=refund).exists():
            payments.follow_refund(refund=refund)
    elif key.startswith("settlement-"):
        offer = Offer.objects.get(pk=int(key.removeprefix("settlement-")))
        settlement.follow_refund(refund=refund, case_id=offer.case_id)
    elif key.startswith("after-sales-"):
        negotiation.follow_refund(refund=refund, after_sales_id=int(key.removeprefix("after-sales-")))
    Refund.objects.filter(pk=refund.pk).update(followed_at=clock.now())
