"""The after-sales request (售后申请) and the negotiation (协商) that must come before an intervention."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from disputes.models.order import Order, OrderLine
from evidence.models import Dossier, Item, Side


class AfterSales(models.Model):
    """What the buyer asked of the merchant before anybody else was involved. ``amount_fen`` in fen."""

    class State(models.TextChoices):
        OPEN = "open", _("Waiting for the merchant")
        COUNTERED = "countered", _("Counter-offer made")
        AGREED = "agreed", _("Agreed")
        REFUSED = "refused", _("Refused by the merchant")
        UNANSWERED = "unanswered", _("Not answered in time")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        SETTLED = "settled", _("Settled")

    LIVE = (State.OPEN, State.COUNTERED, State.REFUSED, State.UNANSWERED)

    order = models.ForeignKey(Order, models.CASCADE, related_name="after_sales")
    line = models.ForeignKey(OrderLine, models.CASCADE, related_name="after_sales")
    dossier = models.OneToOneField(Dossier, models.PROTECT, null=True, related_name="after_sales")
    asked = models.CharField(max_length=16)
    amount_fen = models.BigIntegerField(default=0)
    cause = models.CharField(max_length=32)
    reason = models.TextField()
    goods_received = models.BooleanField(default=True)
    state = models.CharField(max_length=12, choices=State, default=State.OPEN)
    opened_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(blank=True)
    counter = models.CharField(max_length=16, blank=True)
    counter_fen = models.BigIntegerField(default=0)
    # What both sides agreed on: what was asked, or the counter-offer.
    agreed = models.CharField(max_length=16, blank=True)
    agreed_fen = models.BigIntegerField(default=0)
    # The agreed refund was refused for good: the agreement is not kept, and the gate to the platform is open.
    unpaid_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["line"],
                condition=models.Q(state__in=["open", "countered", "refused", "unanswered"]),
                name="after_sales_one_live",
            ),
            models.CheckConstraint(
                condition=models.Q(amount_fen__gte=0, counter_fen__gte=0, agreed_fen__gte=0), name="after_sales_amounts"
            ),
        ]

    @property
    def subject(self) -> str:
        """Its name in the ledger."""
        return f"order:{self.order.number}"


class LineMessage(models.Model):
    """One message about an article for which no after-sales request was made: how a merchant writes first."""

    line = models.ForeignKey(OrderLine, models.CASCADE, related_name="messages")
    side = models.CharField(max_length=8, choices=Side)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = models.TextField()
    at = models.DateTimeField()


class AfterSalesMessage(models.Model):
    """One message between buyer and merchant; kept whole, and part of the case's file."""

    after_sales = models.ForeignKey(AfterSales, models.CASCADE, related_name="messages")
    side = models.CharField(max_length=8, choices=Side)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    text = models.TextField()
    at = models.DateTimeField()
    attachments = models.ManyToManyField(Item, related_name="+")
