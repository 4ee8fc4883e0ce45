"""The case (案件), the central noun."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.actors import Actor
from accounts.models import StaffRole, User
from accounts.policy import store_ids
from disputes.models.aftersales import AfterSales
from disputes.models.order import Order, OrderLine
from evidence.models import Dossier, Side
from rulebook.models import IN_KIND
from rulebook.models import Remedy as RemedyKind

if TYPE_CHECKING:
    from disputes.models.offer import Offer


class State(models.TextChoices):
    """Where a case stands (DOMAIN §3). Groups of states are named here and nowhere else."""

    DRAFT = "draft", _("Draft")
    AWAITING_ADMISSION = "awaiting_admission", _("Awaiting preliminary review")
    NOT_ADMITTED = "not_admitted", _("Not accepted")
    AWAITING_RESPONSE = "awaiting_response", _("Awaiting response")
    AWAITING_REBUTTAL = "awaiting_rebuttal", _("Awaiting rebuttal")
    AWAITING_INFORMATION = "awaiting_information", _("More information needed")
    DELIBERATION = "deliberation", _("Under platform review")
    RULED = "ruled", _("Ruled")
    IN_REVIEW = "in_review", _("In review")
    SETTLEMENT = "settlement", _("Settlement being performed")
    ENFORCING = "enforcing", _("Being carried out")
    SUSPENDED = "suspended", _("Suspended")
    CLOSED = "closed", _("Closed")


BEFORE_ADMISSION = frozenset({State.DRAFT, State.AWAITING_ADMISSION, State.NOT_ADMITTED})
"""The platform has not accepted it (yet): the respondent owes nothing and sees nothing of the evidence."""
AWAITING = frozenset(
    {State.AWAITING_ADMISSION, State.AWAITING_RESPONSE, State.AWAITING_REBUTTAL, State.AWAITING_INFORMATION}
)
"""Somebody is to say or send something before the platform decides."""
BEFORE_RULING = AWAITING | {State.DELIBERATION, State.SUSPENDED}
"""Submitted, and no ruling in effect yet: the sides may still end it themselves."""
DECIDED = frozenset({State.RULED, State.IN_REVIEW, State.ENFORCING})
"""A ruling is in effect."""
OVER = frozenset({State.CLOSED, State.NOT_ADMITTED})
PLATFORM_TURN = frozenset({State.AWAITING_ADMISSION, State.DELIBERATION, State.IN_REVIEW})
EVIDENCE_OPEN = AWAITING | {State.DELIBERATION}
"""Items can be lodged, in time or late."""


class Outcome(models.TextChoices):
    """How a case ended: one enum for every reader."""

    FOR_APPLICANT = "for_applicant", _("For the applicant")
    FOR_RESPONDENT = "for_respondent", _("For the respondent")
    PARTIAL = "partial", _("Partly for the applicant")
    SETTLED = "settled", _("Settled")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    LAPSED = "lapsed", _("Lapsed")


WITH_MONEY = frozenset({RemedyKind.REFUND, RemedyKind.RETURN_REFUND, RemedyKind.COMPENSATION})
"""What sends money to the buyer."""
WITH_AMOUNT = WITH_MONEY | {RemedyKind.DEDUCT, RemedyKind.RESEND}
"""What needs an amount. What is to be sent again may be a part: its amount goes back if it is not sent. An exchange or
a repair needs none: the whole article went back first, so its price does."""


READERS = frozenset({StaffRole.ARBITER, StaffRole.SUPERVISOR, StaffRole.AUDITOR})
"""Staff who know of every case that was filed."""


class CaseQuerySet(models.QuerySet["Case"]):
    def visible_to(self, actor: Actor) -> "CaseQuerySet":
        """The cases an actor may know of. A draft is its applicant side's own; administrators see none."""
        if not isinstance(actor, User):
            return self.none()
        stores = store_ids(actor)
        own = Q(buyer=actor) & (Q(applicant_side=Side.BUYER) | ~Q(state=State.DRAFT))
        own |= Q(store_id__in=stores) & (Q(applicant_side=Side.MERCHANT) | ~Q(state=State.DRAFT))
        if actor.staff_role in READERS:
            own |= ~Q(state=State.DRAFT)
        return self.filter(own)

    def locked(self, case_id: int, *, skip_locked: bool = False) -> "Case":
        """The case with its order, both locked until the transaction ends, the order first. Two queries.

        With ``skip_locked`` what somebody else holds raises ObjectDoesNotExist at once.
        """
        order = Order.objects.locking(skip_locked=skip_locked).get(cases=case_id)
        case = self.select_for_update(of=("self",), skip_locked=skip_locked).get(pk=case_id)
        case.order, case.buyer, case.store = order, order.buyer, order.store
        return case


class Case(models.Model):
    """A dispute the platform was asked to decide. ``version`` counts its changes: a form names the one it was based on.

    ``decided_by`` is who decided last, ``deciders`` everybody who ever did: none of them decides in it again.
    ``claim_penalty_fen`` is the agreed penalty claimed with the remedy, on the promise that its ground names: see
    ``rulebook.models.IN_KIND``.
    ``returns_to`` is the stack of states an interruption (information, settlement, suspension) goes back to.
    """

    number = models.CharField(_("case number"), max_length=24, unique=True)
    order = models.ForeignKey(Order, models.PROTECT, related_name="cases")
    line = models.ForeignKey(OrderLine, models.PROTECT, related_name="cases")
    after_sales = models.ForeignKey(AfterSales, models.PROTECT, null=True, related_name="cases")
    dossier = models.OneToOneField(Dossier, models.PROTECT, related_name="case")
    buyer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="cases_as_buyer")
    store = models.ForeignKey("accounts.Store", models.PROTECT, related_name="cases")
    applicant_side = models.CharField(max_length=8, choices=Side)

    rulebook = models.ForeignKey("rulebook.Version", models.PROTECT, related_name="+")
    cause = models.CharField(max_length=32, blank=True)
    remedy = models.CharField(max_length=16, choices=RemedyKind, blank=True)
    claim_fen = models.BigIntegerField(default=0)
    claim_penalty_fen = models.BigIntegerField(default=0)
    claim_penalty_ground = models.CharField(max_length=200, blank=True)
    what_happened = models.TextField(blank=True)
    difference = models.TextField(blank=True)
    wanted = models.TextField(blank=True)
    missing_reason = models.TextField(blank=True)
    window_exception = models.CharField(max_length=24, blank=True)
    # The merchant says that it was threatened, so it did not write to the buyer first.
    threatened = models.BooleanField(default=False)
    # The day, in Beijing, of what a merchant files about, where it says one.
    happened_on = models.DateField(null=True)

    state = models.CharField(max_length=24, choices=State, default=State.DRAFT)
    returns_to = models.JSONField(default=list)
    version = models.PositiveIntegerField(default=1)
    outcome = models.CharField(max_length=16, choices=Outcome, blank=True)
    by_default = models.BooleanField(default=False)
    final = models.BooleanField(default=False)
    refusal_code = models.CharField(max_length=40, blank=True)
    refusal_reason = models.TextField(blank=True)
    refusal_clause = models.CharField(max_length=16, blank=True)

    handler = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="handled_cases")
    taken_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    deciders = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+")
    escalated_at = models.DateTimeField(null=True, blank=True)

    created_at = models.DateTimeField()
    filed_at = models.DateTimeField(null=True, blank=True)
    state_since = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = CaseQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["line", "applicant_side"],
                condition=~Q(state__in=["closed", "not_admitted"]),
                name="one_open_case_per_line",
            ),
            models.CheckConstraint(condition=Q(claim_fen__gte=0), name="claim_not_negative"),
            models.CheckConstraint(condition=Q(claim_penalty_fen__gte=0), name="claim_penalty_not_negative"),
            models.CheckConstraint(
                condition=~Q(state="closed") | (Q(closed_at__isnull=False) & ~Q(outcome="")), name="closed_has_outcome"
            ),
        ]
        indexes = [
            models.Index(fields=["buyer", "-id"], name="case_by_buyer"),
            models.Index(fields=["store", "-id"], name="case_by_store"),
            models.Index(fields=["handler"], name="case_by_handler", condition=Q(handler__isnull=False)),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def subject(self) -> str:
        """Its name in the ledger, and of its dossier."""
        return f"case:{self.number}"

    def visible_to(self, actor: Actor) -> bool:
        """``CaseQuerySet.visible_to`` for a case at hand. No query but the actor's stores, where it depends on them."""
        if not isinstance(actor, User):
            return False
        bought = self.buyer_id == actor.pk
        if self.state == State.DRAFT:
            return bought if self.applicant_side == Side.BUYER else self.store_id in store_ids(actor)
        return bought or actor.staff_role in READERS or self.store_id in store_ids(actor)

    def note_decision(self, by: User) -> None:
        """A ruling took effect, or a review or a set-aside was decided. The caller saves the case."""
        self.decided_by = by
        self.deciders.add(by)

    def decided_before(self, by: User) -> bool:
        """Whether this person has decided in the case. One query, none while nobody has, or where it was the last."""
        if self.decided_by_id is None or self.decided_by_id == by.pk:
            return self.decided_by_id is not None
        known: set[int] | None = self.__dict__.get("_decider_ids")
        if known is None or self.decided_by_id not in known:
            known = self.__dict__["_decider_ids"] = {person.pk for person in self.deciders.all()}
        return by.pk in known

    @property
    def respondent_side(self) -> str:
        return Side.MERCHANT if self.applicant_side == Side.BUYER else Side.BUYER

    @property
    def claim_in_all_fen(self) -> int:
        """The sum that is claimed: with a penalty on top, but not with one due only if something is not done."""
        return self.claim_fen + (0 if self.remedy in IN_KIND else self.claim_penalty_fen)

    @property
    def agreed_offer(self) -> "Offer | None":
        """The settlement that was agreed last. One query; none where the offers are prefetched."""
        agreed = [row for row in self.offers.all() if row.state == "accepted"]
        return max(agreed, key=lambda row: (row.answered_at, row.pk)) if agreed else None

    @property
    def settlement_payer(self) -> str:
        """The side that owes the settlement agreed last; before one, the merchant. One query."""
        agreed = self.agreed_offer
        return agreed.payer if agreed is not None else Side.MERCHANT

    def side_of_party(self, party: str) -> str:
        """``applicant`` or ``respondent`` → ``buyer`` or ``merchant``; anything else comes back as it is."""
        return {"applicant": self.applicant_side, "respondent": self.respondent_side}.get(party, party)
