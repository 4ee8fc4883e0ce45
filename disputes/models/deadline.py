"""The one place a due moment is kept."""

from django.db import models
from django.db.models import Q

from disputes.models.aftersales import AfterSales
from disputes.models.case import Case


class Deadline(models.Model):
    """One running clock of a case or of an after-sales request. Written by ``disputes.deadlines`` alone.

    Half-open: allowed while ``at < due_at``. A paused clock has no due moment but what was left (``remaining``, in
    the clock's own calendar); ``pauses`` counts the interruptions it sits under. ``ref`` names the row it concerns
    when a case can have several of a kind (an offer, a remedy, a side's questions). ``store`` is set where the clock
    runs against a merchant, so that its inbox is one walk of an index. ``parked_because``: what was to follow
    failed, and the sweep leaves it alone until a supervisor has it run again.
    """

    class State(models.TextChoices):
        OPEN = "open"
        PAUSED = "paused"
        MET = "met"
        EXPIRED = "expired"
        DROPPED = "dropped"

    RUNNING = (State.OPEN, State.PAUSED)
    TARGETS = (
        "admission_target",
        "ruling_target",
        "review_target",
        "set_aside_target",
        "return_target",
        "payment_target",
    )

    case = models.ForeignKey(Case, models.CASCADE, null=True, related_name="deadlines")
    after_sales = models.ForeignKey(AfterSales, models.CASCADE, null=True, related_name="deadlines")
    kind = models.CharField(max_length=24)
    ref = models.CharField(max_length=40, blank=True)
    side = models.CharField(max_length=8, blank=True)
    store = models.ForeignKey("accounts.Store", models.PROTECT, null=True, related_name="+", db_index=False)
    calendar = models.CharField(max_length=8, default="calendar")
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField(null=True)
    remaining = models.DurationField(null=True)
    pauses = models.PositiveSmallIntegerField(default=0)
    extensions = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    closed_at = models.DateTimeField(null=True)
    parked_because = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "kind", "ref"],
                condition=Q(state__in=["open", "paused"], case__isnull=False),
                name="one_open_deadline_per_kind",
            ),
            models.UniqueConstraint(
                fields=["after_sales", "kind", "ref"],
                condition=Q(state__in=["open", "paused"], after_sales__isnull=False),
                name="one_open_after_sales_deadline",
            ),
            models.CheckConstraint(
                condition=Q(case__isnull=False, after_sales__isnull=True)
                | Q(case__isnull=True, after_sales__isnull=False),
                name="deadline_has_one_subject",
            ),
            models.CheckConstraint(
                condition=(Q(state="paused") & Q(remaining__isnull=False, due_at__isnull=True))
                | (~Q(state="paused") & Q(due_at__isnull=False)),
                name="paused_clock_does_not_tick",
            ),
        ]
        indexes = [
            models.Index(fields=["due_at", "id"], name="deadline_due", condition=Q(state="open", parked_because="")),
            models.Index(fields=["due_at"], name="deadline_stopped", condition=Q(state="open") & ~Q(parked_because="")),
            models.Index(
                fields=["store", "due_at", "id"], name="deadline_inbox", condition=Q(state="open", store__isnull=False)
            ),
            models.Index(
                fields=["due_at", "id"],
                name="deadline_desk",
                condition=Q(
                    state="open",
                    kind__in=[
                        "admission_target",
                        "ruling_target",
                        "review_target",
                        "set_aside_target",
                        "return_target",
                        "payment_target",
                    ],
                ),
            ),
        ]
