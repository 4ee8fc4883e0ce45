"""The platform's own account: what stores and buyers owe it because it paid in their place."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.actors import Actor
from accounts.models import StaffRole, User
from accounts.policy import store_ids
from disputes.models.case import Case
from disputes.models.order import Order


class AccountEntry(models.Model):
    """One leg of a payment in the account book; the legs of one key add up to zero. Only grows.

    Accounts: ``buyer:<id>`` and ``store:<id>`` (what they got or gave), ``deposit:<store>`` (what its deposit lost),
    ``advance:<store>`` and ``owes:<buyer>`` (minus what they owe the platform).
    """

    key = models.CharField(max_length=80)
    account = models.CharField(max_length=60)
    amount_fen = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["key", "account"], name="booked_once_per_key")]


class DebtQuerySet(models.QuerySet["Debt"]):
    def visible_to(self, actor: Actor) -> "DebtQuerySet":
        """One's own debts and those of the stores one works for; administrators see them all."""
        if not isinstance(actor, User):
            return self.none()
        if actor.staff_role:
            return self if actor.staff_role == StaffRole.ADMINISTRATOR else self.none()
        return self.filter(Q(buyer=actor) | Q(store_id__in=store_ids(actor)))


class Debt(models.Model):
    """What a store or a buyer owes the platform (欠款), until it is paid or falls away. Amounts in fen.

    A store's debt: money the platform advanced to the buyer for it. A buyer's: money that came back to the merchant
    from the platform after a ruling was reversed. What is open is also the balance of its account in the book.
    """

    class Reason(models.TextChoices):
        ADVANCE = "advance", _("Advanced by the platform")
        RESTITUTION = "restitution", _("Given back to the merchant after a review")

    key = models.CharField(max_length=80, unique=True)
    order = models.ForeignKey(Order, models.PROTECT, related_name="debts")
    case = models.ForeignKey(Case, models.PROTECT, null=True, related_name="debts")
    store = models.ForeignKey("accounts.Store", models.PROTECT, null=True, related_name="debts")
    buyer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="debts")
    reason = models.CharField(max_length=12, choices=Reason)
    amount_fen = models.BigIntegerField()
    paid_fen = models.BigIntegerField(default=0)
    cancelled_fen = models.BigIntegerField(default=0)
    arose_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)

    objects = DebtQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(reason="advance", store__isnull=False, buyer__isnull=True)
                | Q(reason="restitution", store__isnull=True, buyer__isnull=False),
                name="debt_has_one_debtor",
            ),
            models.CheckConstraint(
                condition=Q(amount_fen__gt=0, paid_fen__gte=0, cancelled_fen__gte=0)
                & Q(amount_fen__gte=F("paid_fen") + F("cancelled_fen")),
                name="debt_within_its_amount",
            ),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, amount_fen__gt=F("paid_fen") + F("cancelled_fen"))
                | Q(settled_at__isnull=False, amount_fen=F("paid_fen") + F("cancelled_fen")),
                name="debt_settled_when_nothing_is_open",
            ),
        ]
        indexes = [models.Index(fields=["-id"], name="debt_open", condition=Q(settled_at__isnull=True))]

    @property
    def open_fen(self) -> int:
        """What is still owed."""
        return self.amount_fen - self.paid_fen - self.cancelled_fen
