"""How long records are kept: what holds them beyond their time, and who asked for theirs to be erased."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from disputes.models.order import Order


class Hold(models.Model):
    """A legal hold: nothing of the order is erased before ``until``, or before a supervisor lifts it."""

    order = models.ForeignKey(Order, models.PROTECT, related_name="holds")
    reason = models.CharField(max_length=300)
    until = models.DateTimeField()
    set_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    set_at = models.DateTimeField()
    lifted_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order"], condition=Q(lifted_at=None), name="held_once"),
            models.CheckConstraint(condition=~Q(reason=""), name="hold_needs_reason"),
        ]


class ErasureRequest(models.Model):
    """A person asks to be erased; an administrator carries it out, once nothing stands against it."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="erasure_requests")
    asked_at = models.DateTimeField()
    handled_at = models.DateTimeField(null=True)
    handled_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=Q(handled_at=None), name="erasure_asked_once")
        ]
