"""Orders as the marketplace sent them, and the money that goes back."""

from itertools import takewhile

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Sum, prefetch_related_objects
from django.utils.translation import gettext_lazy as _

from accounts.actors import Actor
from accounts.models import User
from accounts.policy import store_ids
from core.errors import Refused


class OrderQuerySet(models.QuerySet["Order"]):
    def visible_to(self, actor: Actor) -> "OrderQuerySet":
        """Orders the actor bought or whose store they work for; platform staff see orders through their cases."""
        if not isinstance(actor, User):
            return self.none()
        return self.filter(Q(buyer=actor) | Q(store_id__in=store_ids(actor)))

    def locked(self, order_id: int, *, skip_locked: bool = False) -> "Order":
        """The order, locked until the transaction ends. Locks are always taken in the order order → case → children.

        With ``skip_locked`` an order somebody else holds raises DoesNotExist at once.
        """
        return self.locking(skip_locked=skip_locked).get(pk=order_id)

    def locking(self, *, skip_locked: bool = False) -> "OrderQuerySet":
        """What is read of these orders, with their two sides, is locked."""
        return self.select_for_update(of=("self",), skip_locked=skip_locked).select_related("buyer", "store")


class Order(models.Model):
    """One purchase. Amounts in fen, CNY; moments in UTC.

    ``refunded_fen`` has gone back, ``reserved_fen`` is on its way back; together they never exceed ``paid_fen``.
    """

    number = models.CharField(_("order number"), max_length=40, unique=True)
    buyer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="orders")
    store = models.ForeignKey("accounts.Store", models.PROTECT, related_name="orders")
    category = models.CharField(max_length=40, blank=True)
    goods_fen = models.BigIntegerField()
    freight_fen = models.BigIntegerField(default=0)
    coupon_fen = models.BigIntegerField(default=0)
    paid_fen = models.BigIntegerField()
    refunded_fen = models.BigIntegerField(default=0)
    reserved_fen = models.BigIntegerField(default=0)
    promised_ship_at = models.DateTimeField(null=True, blank=True)
    paid_at = models.DateTimeField()
    shipped_at = models.DateTimeField(null=True, blank=True)
    first_scan_at = models.DateTimeField(null=True, blank=True)
    signed_at = models.DateTimeField(null=True, blank=True)
    completed_at = models.DateTimeField(null=True, blank=True)
    received_from = models.CharField(max_length=80, blank=True)
    # When the words and files about it went, its time being over (``arbitration.records``).
    erased_at = models.DateTimeField(null=True, blank=True)

    objects = OrderQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    refunded_fen__gte=0, reserved_fen__gte=0, paid_fen__gte=F("refunded_fen") + F("reserved_fen")
                ),
                name="refund_within_paid",
            ),
            models.CheckConstraint(
                condition=Q(goods_fen__gte=0, freight_fen__gte=0, coupon_fen__gte=0, paid_fen__gte=0),
                name="order_amounts_not_negative",
            ),
        ]
        indexes = [
            models.Index(fields=["buyer", "-paid_at", "-id"], name="order_by_buyer"),
            models.Index(fields=["store", "-paid_at", "-id"], name="order_by_store"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def refundable_fen(self) -> int:
        """What may still go back: paid − refunded − on its way."""
        return self.paid_fen - self.refunded_fen - self.reserved_fen

    def paid_for(self, line_id: int) -> int:
        """What was paid for one of its lines, in fen: coupons and freight shared in proportion to the goods.

        The shares of all lines add up to ``paid_fen``. One query the first time; the lines never change.
        """
        prefetch_related_objects([self], "lines")
        lines = sorted(self.lines.all(), key=lambda row: row.position)
        worth = {row.pk: row.price_fen * row.quantity if self.goods_fen else 1 for row in lines}
        before = sum(worth[row.pk] for row in takewhile(lambda row: row.pk != line_id, lines))
        upto, whole = before + worth[line_id], sum(worth.values())
        return self.paid_fen * upto // whole - self.paid_fen * before // whole

    def refundable_for(self, line_id: int) -> int:
        """What may still go back for one of its lines, in fen: its share less what went back or is on its way for it,
        and never more than is left of the order. Two queries, then one."""
        back = self.refunds.filter(line_id=line_id, on_top=False).exclude(state=Refund.State.FAILED)
        gone: int = back.aggregate(total=Sum("amount_fen"))["total"] or 0
        return max(0, min(self.refundable_fen, self.paid_for(line_id) - gone))

    def line(self, line_id: int | None) -> "OrderLine":
        """One of its lines, the first without an id. One query. Raises Refused("line_in_order")."""
        rows = self.lines.order_by("position")
        found = rows.first() if line_id is None else rows.filter(pk=line_id).first()
        if found is None:
            raise Refused("line_in_order", _("Choose one of the articles of this order."), field="line_id")
        return found


class OrderLine(models.Model):
    """One article of an order, with the listing snapshot (商品快照) as it stood at purchase.

    ``snapshot``: ``{"title", "text", "promises": [str], "exclusions": [str], "pictures": [url]}``.
    """

    order = models.ForeignKey(Order, models.CASCADE, related_name="lines")
    position = models.PositiveSmallIntegerField()
    title = models.CharField(max_length=200)
    sku = models.CharField(max_length=80, blank=True)
    option = models.CharField(max_length=120, blank=True)
    quantity = models.PositiveIntegerField(default=1)
    price_fen = models.BigIntegerField()
    snapshot = models.JSONField(default=dict)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "position"], name="order_line_position_once")]


class LogisticsEvent(models.Model):
    """What the carrier reported, on the way out or back."""

    class Way(models.TextChoices):
        OUT = "out", _("To the buyer")
        BACK = "back", _("Back to the merchant")

    order = models.ForeignKey(Order, models.CASCADE, related_name="logistics")
    way = models.CharField(max_length=4, choices=Way, default=Way.OUT)
    at = models.DateTimeField()
    code = models.CharField(max_length=24)
    text = models.CharField(max_length=300)
    waybill = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["order", "way", "at", "code"], name="logistics_event_once")]


class Refund(models.Model):
    """Money on its way to the buyer through the gateway: exactly once per ``key``.

    What is ``on_top`` is compensation beside the price, such as an agreed penalty: it counts neither as refunded nor
    against what was paid.

    ``unknown`` means the gateway did not answer: it is asked about the same key, never told to pay again under another.
    """

    class State(models.TextChoices):
        PENDING = "pending", _("Being sent")
        UNKNOWN = "unknown", _("Being checked with the payment service")
        EXECUTED = "executed", _("Refunded")
        FAILED = "failed", _("Refused by the payment service")

    class Funding(models.TextChoices):
        MERCHANT = "merchant", _("Paid by the merchant")
        DEPOSIT = "deposit", _("From the merchant's deposit")
        ADVANCE = "advance", _("Advanced by the platform")

    OPEN = (State.PENDING, State.UNKNOWN)

    order = models.ForeignKey(Order, models.PROTECT, related_name="refunds")
    line = models.ForeignKey(OrderLine, models.PROTECT, related_name="refunds")
    case = models.ForeignKey("disputes.Case", models.PROTECT, null=True, related_name="refunds")
    key = models.CharField(max_length=80, unique=True)
    amount_fen = models.BigIntegerField()
    on_top = models.BooleanField(default=False)
    funding = models.CharField(max_length=8, choices=Funding, default=Funding.MERCHANT)
    state = models.CharField(max_length=8, choices=State, default=State.PENDING)
    requested_at = models.DateTimeField()
    tried_at = models.DateTimeField(null=True, blank=True)
    attempts = models.PositiveIntegerField(default=0)
    executed_at = models.DateTimeField(null=True, blank=True)
    # When whoever owed the money was told how it ended; empty means that is still to be done.
    followed_at = models.DateTimeField(null=True, blank=True)
    gateway_reference = models.CharField(max_length=80, blank=True)
    failure = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(amount_fen__gt=0), name="refund_amount_positive")]
        indexes = [models.Index(fields=["id"], name="refund_to_follow", condition=Q(followed_at__isnull=True))]
