"""What the sides say: statements, and rebuttals bound to each item of evidence."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from disputes.models.case import Case
from evidence.models import Item, Side


class Statement(models.Model):
    """A side's text at one stage of the case. Never edited; late ones are kept and marked (逾期)."""

    class Stage(models.TextChoices):
        RESPONSE = "response", _("Response")
        REBUTTAL = "rebuttal", _("Rebuttal")
        LATE = "late", _("Late statement")
        EXTENSION = "extension", _("Reason for asking for more time")

    case = models.ForeignKey(Case, models.CASCADE, related_name="statements")
    side = models.CharField(max_length=8, choices=Side)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    stage = models.CharField(max_length=9, choices=Stage)
    text = models.TextField()
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "side", "stage"], condition=~models.Q(stage="late"), name="statement_once_per_stage"
            )
        ]


class Rebuttal(models.Model):
    """One side's answer (逐条回应) to one item of the other side, with its own items in support."""

    class Stance(models.TextChoices):
        ACCEPTED = "accepted", pgettext_lazy("stance", "Accepted")
        PARTLY = "partly", pgettext_lazy("stance", "Partly accepted")
        DISPUTED = "disputed", pgettext_lazy("stance", "Disputed")

    case = models.ForeignKey(Case, models.CASCADE, related_name="rebuttals")
    item = models.ForeignKey(Item, models.PROTECT, related_name="rebuttals")
    side = models.CharField(max_length=8, choices=Side)
    stance = models.CharField(max_length=8, choices=Stance)
    reason = models.TextField(blank=True)
    support = models.ManyToManyField(Item, related_name="+")
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["item", "side"], name="rebuttal_once_per_item")]
