"""What the platform asks, decides and carries out."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from disputes.models import Case, Outcome, Refund
from evidence.models import Item, Side
from rulebook.models import Remedy as RemedyKind


class InformationRequest(models.Model):
    """Precise questions to one side (补充材料). ``questions`` and ``answers`` are lists of text, in the same order."""

    class State(models.TextChoices):
        OPEN = "open", _("Waiting for the answer")
        ANSWERED = "answered", _("Answered")
        EXPIRED = "expired", _("Not answered in time")

    case = models.ForeignKey(Case, models.CASCADE, related_name="information_requests")
    side = models.CharField(max_length=8, choices=Side)
    round = models.PositiveSmallIntegerField()
    stage = models.CharField(max_length=24)
    questions = models.JSONField()
    why = models.TextField(blank=True)
    answers = models.JSONField(default=list)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "round", "side"], name="asked_once_per_round_and_side")]


class Ruling(models.Model):
    """A decision (裁决). Never edited: only a later ruling replaces it. Amounts in fen.

    ``penalty_fen`` rests on the promise that ``penalty_ground`` names. Beside money it comes on top; with what is
    ``rulebook.models.IN_KIND`` it is due once that is not done in its time, on top of the refund of goods that were
    ``SENT_IN``, else instead of it. ``calculation``:
    ``{"paid_fen", "refunded_fen", "cap_fen", "amount_fen", "penalty_fen"}`` as they stood. ``clauses``:
    ``[{"code", "version"}]``.
    """

    class Kind(models.TextChoices):
        FIRST = "first", _("Ruling")
        CONSENT = "consent", _("Ruling by consent")
        REVIEW = "review", _("Ruling in review")

    class State(models.TextChoices):
        WAITING = "waiting", _("Takes effect in a minute")
        IN_EFFECT = "in_effect", _("In effect")
        REPLACED = "replaced", _("Replaced")
        UNDONE = "undone", _("Taken back")
        DROPPED = "dropped", _("Never took effect")

    case = models.ForeignKey(Case, models.CASCADE, related_name="rulings")
    kind = models.CharField(max_length=8, choices=Kind)
    state = models.CharField(max_length=10, choices=State)
    arbiter = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    outcome = models.CharField(max_length=16, choices=Outcome)
    by_default = models.BooleanField(default=False)
    remedy = models.CharField(max_length=16, choices=RemedyKind, blank=True)
    amount_fen = models.BigIntegerField(default=0)
    penalty_fen = models.BigIntegerField(default=0)
    penalty_ground = models.CharField(max_length=200, blank=True)
    calculation = models.JSONField(default=dict)
    freight_by = models.CharField(max_length=10, blank=True)
    points = models.PositiveSmallIntegerField(default=0)
    clauses = models.JSONField(default=list)
    summary_applicant = models.TextField(blank=True)
    summary_respondent = models.TextField(blank=True)
    signed_at = models.DateTimeField()
    effective_at = models.DateTimeField(null=True)
    replaces = models.ForeignKey("self", models.PROTECT, null=True, related_name="replaced_by")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case"], condition=Q(state="in_effect"), name="one_ruling_in_effect"),
            models.UniqueConstraint(fields=["case"], condition=Q(state="waiting"), name="one_ruling_waiting"),
            models.CheckConstraint(
                condition=Q(amount_fen__gte=0, penalty_fen__gte=0), name="ruling_amount_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["in_effect", "replaced"], effective_at__isnull=False)
                | Q(state__in=["waiting", "undone", "dropped"], effective_at__isnull=True),
                name="ruling_binds_from_its_moment",
            ),
        ]


class Finding(models.Model):
    """What the ruling finds on one issue. ``burden``: ``[{"side", "text", "met"}]`` in the order of the rule."""

    class Result(models.TextChoices):
        UPHELD = "upheld", _("Established")
        PARTLY = "partly", _("Partly established")
        REJECTED = "rejected", _("Not established")
        OPEN = "open", _("Cannot be determined")

    class Met(models.TextChoices):
        MET = "met", _("met")
        PARTLY = "partly", _("partly met")
        NOT_MET = "not_met", _("not met")

    ruling = models.ForeignKey(Ruling, models.CASCADE, related_name="findings")
    position = models.PositiveSmallIntegerField()
    issue = models.CharField(max_length=300)
    result = models.CharField(max_length=8, choices=Result)
    reason = models.TextField()
    burden = models.JSONField(default=list)
    items = models.ManyToManyField(Item, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ruling", "position"], name="finding_position_once")]


class ItemWeight(models.Model):
    """The weight of one item of evidence and its one-line reason: a ruling has one for every item.

    ``in_review``: given by the decision that let the ruling stand, to what was lodged since the ruling was signed.
    """

    class Weight(models.TextChoices):
        FULL = "full", pgettext_lazy("weight", "Accepted")
        PART = "part", pgettext_lazy("weight", "Accepted in part")
        NONE = "none", pgettext_lazy("weight", "Not accepted")

    ruling = models.ForeignKey(Ruling, models.CASCADE, related_name="weights")
    item = models.ForeignKey(Item, models.PROTECT, related_name="weights")
    weight = models.CharField(max_length=4, choices=Weight)
    reason = models.CharField(max_length=300)
    in_review = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ruling", "item"], name="weighed_once_per_ruling")]


class Acknowledgement(models.Model):
    """A side has read the ruling in effect."""

    ruling = models.ForeignKey(Ruling, models.CASCADE, related_name="acknowledgements")
    side = models.CharField(max_length=8, choices=Side)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["ruling", "side"], name="acknowledged_once")]


class Remedy(models.Model):
    """One thing that must happen because of a ruling, on its own clock, exactly once. Amount in fen.

    ``PRICE`` goes back out of what was paid, ``ON_TOP`` beside it.
    ``after``: the remedy that must be executed first (goods back, then money). A goods remedy's ``amount_fen`` is
    what the platform refunds instead when it is not performed. A penalty ``after`` goods is paid ``if_not_done``
    and lapses when they are; where it stands in for the refund the goods have no amount. What is only
    ``SAID`` is done with the ruling and falls with it; a review is marked by the platform itself, and never deleted.
    ``failed``: a return the merchant disputes, or money the payment service refused even from the platform. ``refund``:
    the latest attempt to pay.
    """

    class Kind(models.TextChoices):
        REFUND = "refund", _("Refund")
        COMPENSATION = "compensation", _("Compensation")
        PENALTY = "penalty", _("Agreed penalty")
        FREIGHT = "freight", _("Return freight")
        RETURN_GOODS = "return_goods", _("Goods are sent back")
        EXCHANGE = "exchange", _("Exchange")
        RESEND = "resend", _("Send again")
        REPAIR = "repair", _("Repair")
        WARNING = "warning", _("Warning")
        MARK_REVIEW = "mark_review", _("Review marked, out of the score")
        REJECT = "reject", _("Claim for a return rejected")
        DEDUCT = "deduct", _("Loss deducted")
        PAY_LOSS = "pay_loss", _("Loss paid by the buyer")
        RESTITUTION = "restitution", _("Paid back after a review")

    class State(models.TextChoices):
        PENDING = "pending", _("Waiting for the step before")
        PERFORMING = "performing", _("To be performed")
        EXECUTED = "executed", _("Done")
        STAYED = "stayed", _("Held during the review")
        REVERSED = "reversed", _("Reversed")
        LAPSED = "lapsed", _("Lapsed")
        FAILED = "failed", _("Failed")

    class ReturnFinding(models.TextChoices):
        RECEIVED = "received", _("Received in order")
        NOT_RECEIVED = "not_received", _("Not received")
        DAMAGED = "damaged", _("Damaged")
        EMPTY = "empty", _("Empty or different goods")
        INCOMPLETE = "incomplete", _("Incomplete")

    TO_BE_SHOWN = (ReturnFinding.DAMAGED, ReturnFinding.EMPTY, ReturnFinding.INCOMPLETE)
    """What a photo, a film or a record of the weight can show; of what never came there is none."""

    PRICE = (Kind.REFUND, Kind.COMPENSATION)
    ON_TOP = (Kind.PENALTY, Kind.FREIGHT)
    MONEY = (*PRICE, *ON_TOP)
    GOODS = (Kind.RETURN_GOODS, Kind.EXCHANGE, Kind.RESEND, Kind.REPAIR)
    SAID = (Kind.WARNING, Kind.MARK_REVIEW, Kind.REJECT)
    AT_ONCE = (*SAID, Kind.DEDUCT)
    DONE = (State.EXECUTED, State.REVERSED, State.LAPSED)

    case = models.ForeignKey(Case, models.CASCADE, related_name="remedies")
    ruling = models.ForeignKey(Ruling, models.PROTECT, related_name="remedies")
    kind = models.CharField(max_length=16, choices=Kind)
    owed_by = models.CharField(max_length=8, choices=Side)
    amount_fen = models.BigIntegerField(default=0)
    after = models.ForeignKey("self", models.PROTECT, null=True, related_name="then")
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    refund = models.OneToOneField(Refund, models.PROTECT, null=True, related_name="remedy")
    by_platform = models.BooleanField(default=False)
    carrier = models.CharField(max_length=60, blank=True)
    waybill = models.CharField(max_length=60, blank=True)
    shipped_at = models.DateTimeField(null=True)
    return_finding = models.CharField(max_length=12, choices=ReturnFinding, blank=True)
    return_note = models.TextField(blank=True)
    executed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(amount_fen__gte=0), name="remedy_amount_not_negative"),
            models.UniqueConstraint(fields=["ruling", "kind"], name="executed_exactly_once"),
        ]

    @property
    def if_not_done(self) -> bool:
        """Whether it is a penalty that is due only if the goods before it are not done in time."""
        return self.kind == self.Kind.PENALTY and self.after_id is not None


class Review(models.Model):
    """A side's one request to have the ruling looked at again (复审), with new evidence, and how it was decided."""

    class State(models.TextChoices):
        ASKED = "asked", _("Asked")
        ANSWERED = "answered", _("Answered")
        DECIDED = "decided", _("Decided")

    class Decision(models.TextChoices):
        UPHOLD = "uphold", _("Ruling stands")
        VARY = "vary", _("Ruling changed")
        OVERTURN = "overturn", _("Ruling overturned")

    case = models.ForeignKey(Case, models.CASCADE, related_name="reviews")
    side = models.CharField(max_length=8, choices=Side)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    finding = models.ForeignKey(Finding, models.PROTECT, null=True, related_name="reviews")
    argument = models.TextField()
    why_not_before = models.TextField()
    items = models.ManyToManyField(Item, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.ASKED)
    answer = models.TextField(blank=True)
    answered_at = models.DateTimeField(null=True)
    decision = models.CharField(max_length=8, choices=Decision, blank=True)
    reason = models.TextField(blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "side"], name="review_once")]


class TurnedAway(models.Model):
    """A request for a review that brought nothing new and was refused at the door (拒绝受理).

    The first leaves the side its right; the second uses it up.
    """

    case = models.ForeignKey(Case, models.CASCADE, related_name="turned_away")
    side = models.CharField(max_length=8, choices=Side)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    at = models.DateTimeField()


class SetAside(models.Model):
    """The silent side asks to have its default set aside (撤销缺席裁决), once, with an excuse and a defence."""

    class State(models.TextChoices):
        ASKED = "asked", _("Asked")
        GRANTED = "granted", _("Granted")
        REFUSED = "refused", _("Refused")

    case = models.OneToOneField(Case, models.CASCADE, related_name="set_aside")
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    excuse = models.TextField()
    defence = models.TextField()
    requested_at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State, default=State.ASKED)
    reason = models.TextField(blank=True)
    decided_at = models.DateTimeField(null=True)


class Violation(models.Model):
    """Points (违规扣分) after a finding of fault, taken back by a reversal."""

    class State(models.TextChoices):
        RECORDED = "recorded", _("Recorded")
        REVERSED = "reversed", _("Reversed")

    case = models.ForeignKey(Case, models.CASCADE, related_name="violations")
    side = models.CharField(max_length=8, choices=Side)
    code = models.CharField(max_length=32)
    points = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    state = models.CharField(max_length=8, choices=State, default=State.RECORDED)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "side", "code"], name="violation_once")]
