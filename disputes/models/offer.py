"""Ways the two sides can deal with a case themselves: settlement offers and suspension."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from disputes.models.case import Case
from evidence.models import Side


class Offer(models.Model):
    """A settlement offer (和解方案). Refused offers are never shown to the arbiter (without prejudice).

    ``payer``: the side whose money it is; without money the merchant confirms that the conditions are met.
    ``reference``: the number under which a buyer paid the merchant itself; the platform moves no such money.
    """

    class State(models.TextChoices):
        OPEN = "open", _("Waiting for an answer")
        ACCEPTED = "accepted", _("Accepted")
        DECLINED = "declined", _("Declined")
        WITHDRAWN = "withdrawn", _("Taken back")
        LAPSED = "lapsed", _("Lapsed")

    case = models.ForeignKey(Case, models.CASCADE, related_name="offers")
    side = models.CharField(max_length=8, choices=Side)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    payer = models.CharField(max_length=8, choices=Side, default=Side.MERCHANT)
    amount_fen = models.BigIntegerField()
    conditions = models.TextField(blank=True)
    perform_days = models.PositiveSmallIntegerField()
    valid_hours = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=12, choices=State, default=State.OPEN)
    made_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True)
    decline_reason = models.TextField(blank=True)
    reference = models.CharField(max_length=60, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "side"], condition=models.Q(state="open"), name="one_open_offer_per_side"
            ),
            models.CheckConstraint(condition=models.Q(amount_fen__gte=0), name="offer_not_negative"),
        ]


class Suspension(models.Model):
    """A pause (中止) both sides agreed on, or the platform ordered on a ground.

    ``proof_from``: the side that named the ground and has to show that it is so; ``proved_at``: when that was done.
    """

    class Ground(models.TextChoices):
        AGREED = "agreed", _("Both sides agree")
        LABORATORY = "laboratory", _("A laboratory is testing")
        AUTHORITY = "authority", _("A court or the police has it")

    class State(models.TextChoices):
        PROPOSED = "proposed", _("Proposed")
        RUNNING = "running", _("Running")
        ENDED = "ended", _("Ended")
        DECLINED = "declined", _("Declined")
        LAPSED = "lapsed", _("Lapsed")

    case = models.ForeignKey(Case, models.CASCADE, related_name="suspensions")
    ground = models.CharField(max_length=12, choices=Ground)
    proposed_by = models.CharField(max_length=8)
    days = models.PositiveSmallIntegerField()
    reason = models.TextField()
    proof_from = models.CharField(max_length=8, choices=Side, blank=True)
    proved_at = models.DateTimeField(null=True, blank=True)
    proof_note = models.TextField(blank=True)
    state = models.CharField(max_length=8, choices=State, default=State.PROPOSED)
    proposed_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case"], condition=models.Q(state__in=["proposed", "running"]), name="one_live_suspension"
            )
        ]
