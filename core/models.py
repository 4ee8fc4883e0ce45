"""Tables without a business word: the demo clock, idempotency keys, heartbeats."""

from django.db import models


class DemoClock(models.Model):
    """The one row by which ``advance_clock`` moves a demo world. Empty outside a demo."""

    offset = models.DurationField()


class IdempotencyKey(models.Model):
    """An answer already given to (actor, key): a repeated request gets the same answer and no second effect."""

    actor = models.CharField(max_length=64)
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=64)
    answer = models.JSONField(null=True)
    created_at = models.DateTimeField(auto_now_add=True, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["actor", "key"], name="idempotency_key_once")]


class Heartbeat(models.Model):
    """When a background part was last alive: ``worker`` (a task ran), ``scheduler`` (beat rang)."""

    part = models.CharField(max_length=32, primary_key=True)
    beat_at = models.DateTimeField()
