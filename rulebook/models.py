"""The published rules, as rows. Nothing here is ever edited: a new version replaces an old one."""

from datetime import datetime
from typing import Any

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


def in_english() -> bool:
    """Whether the reader reads English; everybody else reads Chinese."""
    return (get_language() or "").startswith("en")


class Status(models.TextChoices):
    DRAFT = "draft", _("Draft")
    COMMENT = "comment", _("Open for comment")
    ANNOUNCED = "announced", _("Announced")
    IN_FORCE = "in_force", _("In force")
    REPLACED = "replaced", _("Replaced")


class Pending(models.TextChoices):
    """Which version a case follows that was already pending when a clause changed."""

    OLD = "old", _("Pending cases keep the earlier version")
    NEW = "new", _("Pending cases follow this version")


class Remedy(models.TextChoices):
    """What a ruling can order. ``mark_review``, ``reject`` and ``deduct`` are for the causes a merchant files."""

    REFUND = "refund", _("Refund")
    RETURN_REFUND = "return_refund", _("Return and refund")
    EXCHANGE = "exchange", _("Exchange")
    RESEND = "resend", _("Send again")
    REPAIR = "repair", _("Repair")
    COMPENSATION = "compensation", _("Compensation")
    WARNING = "warning", _("Warning")
    MARK_REVIEW = "mark_review", _("Mark the review, out of the score")
    REJECT = "reject", _("Dismiss the buyer's claim")
    DEDUCT = "deduct", _("Deduct the loss")


IN_KIND = frozenset({Remedy.EXCHANGE, Remedy.RESEND, Remedy.REPAIR})
"""What somebody does rather than pays. A penalty ordered with it is due only once the thing is not done in its time,
and falls away when it is. Beside money a penalty comes on top."""
SENT_IN = frozenset({Remedy.EXCHANGE, Remedy.REPAIR})
"""Of what is ``IN_KIND``, that for which the buyer sends the goods in first. Not done, the price goes back and the
penalty comes on top: who sent the goods in never loses both. Of what is only sent again the buyer gave nothing: there
the penalty stands in for the refund."""


class Bilingual:
    """Reads ``name_zh`` / ``name_en`` in the reader's language."""

    def _read(self, field: str) -> str:
        return str(getattr(self, f"{field}_{'en' if in_english() else 'zh'}"))

    @property
    def title(self) -> str:
        return self._read("title")


class Version(Bilingual, models.Model):
    """One edition of the rulebook. Its status follows from its moments; see ``status_at``."""

    number = models.PositiveIntegerField(primary_key=True)
    title_zh = models.CharField(max_length=200)
    title_en = models.CharField(max_length=200)
    comment_at = models.DateTimeField(null=True, blank=True)
    announced_at = models.DateTimeField(null=True, blank=True)
    effective_at = models.DateTimeField(null=True, blank=True)
    replaced_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="announced_before_effective",
                condition=models.Q(effective_at__isnull=True) | models.Q(announced_at__lt=models.F("effective_at")),
            )
        ]

    def __str__(self) -> str:
        return f"v{self.number}"

    def status_at(self, at: datetime) -> Status:
        steps = (
            (self.replaced_at, Status.REPLACED),
            (self.effective_at, Status.IN_FORCE),
            (self.announced_at, Status.ANNOUNCED),
            (self.comment_at, Status.COMMENT),
        )
        return next((status for moment, status in steps if moment and moment <= at), Status.DRAFT)


class Clause(Bilingual, models.Model):
    """A rule people can read and a ruling can cite, by code and version. Only grows."""

    version = models.ForeignKey(Version, models.PROTECT, related_name="clauses")
    code = models.CharField(max_length=12)
    position = models.PositiveSmallIntegerField()
    section = models.CharField(max_length=20)
    title_zh = models.CharField(max_length=120)
    title_en = models.CharField(max_length=160)
    text_zh = models.TextField()
    text_en = models.TextField()
    law_zh = models.TextField(blank=True)
    law_en = models.TextField(blank=True)
    pending = models.CharField(max_length=3, choices=Pending, default=Pending.OLD)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "code"], name="clause_once_per_version")]

    def __str__(self) -> str:
        return f"{self.code} v{self.version_id}"

    @property
    def text(self) -> str:
        return self._read("text")

    @property
    def law(self) -> str:
        return self._read("law")


class Cause(Bilingual, models.Model):
    """Why somebody asks the platform in, and what then follows by rule. Only grows.

    ``burden``: ``[{"side", "zh", "en"}]`` in order (``burden_of``).
    ``asked_*``: ``[{"slot", "zh", "en", "required", "kinds"}]``.
    ``remedies``: allowed kinds, the default first; with those in ``penalty_with`` a ruling may order the penalty that
    was promised: on top of money, and with what is ``IN_KIND`` if that is not done in its time. ``issues``:
    ``[{"zh", "en", "burden"}]``, the usual points in dispute; ``burden`` holds the places, from 0, of the steps that
    belong to it (``burden_by_issue``).
    ``points``: the usual number after a finding of fault; ``points_least`` and ``points_most`` bound what a ruling
    gives, ``points_note`` says when it is not the usual one.
    ``respond_hours``: the response clock where it differs from the ordinary one.
    """

    version = models.ForeignKey(Version, models.PROTECT, related_name="causes")
    code = models.CharField(max_length=24)
    position = models.PositiveSmallIntegerField()
    clause = models.ForeignKey(Clause, models.PROTECT, related_name="+")
    name_zh = models.CharField(max_length=60)
    name_en = models.CharField(max_length=80)
    plain_zh = models.CharField(max_length=160)
    plain_en = models.CharField(max_length=240)
    filed_by = models.CharField(max_length=8, choices=[("buyer", _("Buyer")), ("merchant", _("Merchant"))])
    burden = models.JSONField()
    asked_applicant = models.JSONField()
    asked_respondent = models.JSONField()
    remedies = models.JSONField()
    penalty_with = models.JSONField(default=list)
    freight = models.CharField(max_length=10)
    points = models.PositiveSmallIntegerField()
    points_least = models.PositiveSmallIntegerField()
    points_most = models.PositiveSmallIntegerField()
    points_note_zh = models.CharField(max_length=60, blank=True)
    points_note_en = models.CharField(max_length=80, blank=True)
    respond_hours = models.PositiveSmallIntegerField(null=True)
    issues = models.JSONField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "code"], name="cause_once_per_version"),
            models.CheckConstraint(
                condition=models.Q(points__gte=models.F("points_least"), points_most__gte=models.F("points")),
                name="usual_points_inside_their_range",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} v{self.version_id}"

    @property
    def name(self) -> str:
        return self._read("name")

    @property
    def plain(self) -> str:
        return self._read("plain")

    @property
    def title(self) -> str:
        return self.name

    @property
    def points_note(self) -> str:
        return self._read("points_note")

    @property
    def freight_if_granted(self) -> str:
        """Who bears the freight where the claim is granted: what the losing side bears is the respondent's then."""
        return "respondent" if self.freight == "loser" else self.freight

    def burden_of(self, *, received: bool) -> list[dict[str, Any]]:
        """Who proves what, in order; ``received``: whether the buyer has confirmed receipt, after which, for some
        causes, the applicant goes first."""
        steps: list[dict[str, Any]] = self.burden
        return sorted(steps, key=lambda step: not (received and step.get("first_after_receipt", False)))

    def burden_by_issue(self, *, received: bool) -> list[list[dict[str, Any]]]:
        """For each issue the steps of the burden that belong to it, in order (``burden_of``): all to the first where
        the rules name none."""
        ordered = self.burden_of(received=received)
        named: list[list[int]] = [issue.get("burden", []) for issue in self.issues]
        if not any(named):
            return [ordered, *([] for _issue in self.issues[1:])]
        return [[step for step in ordered if self.burden.index(step) in places] for places in named]

    def asked(self, side: str) -> list[dict[str, Any]]:
        """The evidence checklist of ``"applicant"`` or ``"respondent"``."""
        slots: list[dict[str, Any]] = self.asked_applicant if side == "applicant" else self.asked_respondent
        return slots


class ClockLength(models.Model):
    """How long a clock runs, in general or for one cause, category or condition. Only grows."""

    version = models.ForeignKey(Version, models.PROTECT, related_name="lengths")
    kind = models.CharField(max_length=24)
    amount = models.PositiveIntegerField()
    unit = models.CharField(max_length=8, choices=[(unit, unit) for unit in ("seconds", "hours", "days")])
    calendar = models.CharField(max_length=8, choices=[(name, name) for name in ("calendar", "working")])
    cause = models.CharField(max_length=24, blank=True)
    category = models.CharField(max_length=24, blank=True)
    condition = models.CharField(max_length=24, blank=True)
    # The code of the clause it belongs to, whose change says which version pending cases follow.
    clause = models.CharField(max_length=12, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["version", "kind", "cause", "category", "condition"], name="clock_length_once_per_version"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} v{self.version_id}: {self.amount} {self.unit}"


class Number(models.Model):
    """A number of the rules that is no length of time: points, rounds, amounts in fen (their code ends in ``_fen``).

    ``clause``: the code of its clause.

    Only grows.
    """

    version = models.ForeignKey(Version, models.PROTECT, related_name="numbers")
    code = models.CharField(max_length=24)
    value = models.PositiveIntegerField()
    clause = models.CharField(max_length=12)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["version", "code"], name="number_once_per_version")]

    def __str__(self) -> str:
        return f"{self.code} v{self.version_id}: {self.value}"
