"""A case: in a list, and whole."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from arbitration.operations import OPERATIONS
from arbitration.queries import CaseFile, RulingFile
from arbitration.representations.exchanges import InformationShape, OfferShape, StatementShape, SuspensionShape
from arbitration.representations.files import ExhibitOnFile
from arbitration.representations.rulings import RemedyOut, ReviewOut, RulingOut, SetAsideOut
from core.errors import Refused
from disputes.models import Case, Deadline, State
from disputes.queries import whose_turn
from disputes.representations import READER_SIDE, SIDE, ActionOut, DraftShape, StoreName, moment, name_for
from disputes.shapes import AMOUNT, HAPPENED, PENALTY

TURN = [
    *SIDE,
    ("platform", gettext_lazy("Platform")),
    ("both", gettext_lazy("Both sides")),
    ("", gettext_lazy("Nobody")),
]


class ClockShape(serializers.Serializer[Any]):
    kind = serializers.CharField()
    side = serializers.CharField(help_text="Against whom it runs: buyer, merchant, both or platform.")
    ref = serializers.CharField(help_text="What it concerns, where a case can have several of a kind.")
    state = serializers.ChoiceField(Deadline.State.choices)
    opened_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(allow_null=True, help_text="Open until just before. Null while paused.")
    paused = serializers.SerializerMethodField()
    remaining_seconds = serializers.SerializerMethodField(help_text="Until it is due, or what a paused one keeps.")

    def get_paused(self, row: Deadline) -> bool:
        return row.state == Deadline.State.PAUSED

    @extend_schema_field(serializers.IntegerField(allow_null=True))
    def get_remaining_seconds(self, row: Deadline) -> int | None:
        if row.remaining is not None:
            return int(row.remaining.total_seconds())
        if row.state != Deadline.State.OPEN or row.due_at is None:
            return None
        return max(0, int((row.due_at - self.context["at"]).total_seconds()))


class ClaimShape(serializers.Serializer[Any]):
    cause = serializers.CharField()
    remedy = serializers.CharField()
    amount_fen = serializers.IntegerField(source="claim_fen", help_text=AMOUNT)
    penalty_fen = serializers.IntegerField(source="claim_penalty_fen", help_text=PENALTY)
    penalty_ground = serializers.CharField(source="claim_penalty_ground")
    what_happened = serializers.CharField()
    difference = serializers.CharField()
    wanted = serializers.CharField()
    missing_reason = serializers.CharField()
    happened_on = serializers.DateField(allow_null=True, help_text=HAPPENED)
    window_exception = serializers.CharField()


class RefusalOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    clause = serializers.CharField()
    reason = serializers.CharField()


class PersonOut(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField(source="__str__")


class CaseInList(serializers.Serializer[Any]):
    """Context: ``side``, a function case → the reader's side. Each case carries its running ``clocks``."""

    number = serializers.CharField()
    version = serializers.IntegerField()
    state = serializers.ChoiceField(State.choices)
    outcome = serializers.CharField()
    whose_turn = serializers.SerializerMethodField()
    due_at = serializers.SerializerMethodField(help_text="When the next clock that decides whose turn it is runs out.")
    side = serializers.SerializerMethodField(help_text="The reader's; empty for the platform.")
    applicant_side = serializers.ChoiceField(SIDE)
    cause = serializers.CharField()
    remedy = serializers.CharField()
    claim_fen = serializers.IntegerField()
    order = serializers.CharField(source="order.number")
    article = serializers.CharField(source="line.title")
    store = StoreName()
    filed_at = serializers.DateTimeField(allow_null=True)
    state_since = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)

    @extend_schema_field(serializers.ChoiceField(TURN))
    def get_whose_turn(self, case: Case) -> str:
        return whose_turn(case, case.clocks)  # type: ignore[attr-defined]

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_due_at(self, case: Case) -> str | None:
        return moment(_next_due(case.clocks))  # type: ignore[attr-defined]

    @extend_schema_field(serializers.ChoiceField(READER_SIDE))
    def get_side(self, case: Case) -> str:
        return str(self.context["side"](case))


def _next_due(clocks: list[Deadline]) -> datetime | None:
    dues = [row.due_at for row in clocks if row.due_at is not None and row.kind not in {"records_kept", "filing"}]
    return min(dues, default=None)


class CaseWhole(serializers.Serializer[Any]):
    """A case as this reader may see it. What they may not see is empty or not there."""

    number = serializers.CharField()
    version = serializers.IntegerField(help_text="Send it back as based_on.")
    state = serializers.ChoiceField(State.choices)
    state_label = serializers.CharField()
    state_since = serializers.DateTimeField()
    outcome = serializers.CharField()
    final = serializers.BooleanField()
    by_default = serializers.BooleanField()
    whose_turn = serializers.ChoiceField(TURN)
    read_at = serializers.DateTimeField(help_text="The moment all of this is true of.")
    side = serializers.ChoiceField(READER_SIDE, help_text="The reader's; empty for the platform.")
    applicant_side = serializers.ChoiceField(SIDE)
    rulebook_version = serializers.IntegerField()
    order = serializers.CharField()
    article = serializers.CharField()
    store = StoreName()
    buyer = serializers.CharField(help_text="The other side reads it masked.")
    handler = PersonOut(allow_null=True, help_text="The arbiter who holds it; for the platform alone.")
    filed_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)
    claim = ClaimShape()
    refusal = RefusalOut(allow_null=True)
    clocks = ClockShape(many=True)
    exhibits = ExhibitOnFile(many=True)
    drafts = DraftShape(many=True, help_text="The reader's own files that are not lodged.")
    statements = StatementShape(many=True)
    offers = OfferShape(many=True, help_text="Between the two sides; the platform sees one only once accepted.")
    information_requests = InformationShape(many=True, help_text="Own ones; the platform sees all.")
    suspensions = SuspensionShape(many=True)
    ruling = RulingOut(allow_null=True, help_text="The ruling in effect.")
    remedies = RemedyOut(many=True)
    review_marked = serializers.BooleanField(
        help_text="The buyer's product review is marked and out of the store's score by the ruling in effect."
    )
    reviews = ReviewOut(many=True)
    set_aside = SetAsideOut(allow_null=True)
    actions = serializers.DictField(child=ActionOut(), help_text="What the reader may do: open now, or why not.")


def whole(file: CaseFile, ruling: RulingFile | None) -> dict[str, Any]:
    """The document of a case file. ``ruling``: the one in effect, with its reasons."""
    case = file.case
    clocks = [row for row in file.clocks if row.state in Deadline.RUNNING]
    platform = not file.side
    return CaseWhole(
        {
            **{name: getattr(case, name) for name in _AS_THEY_ARE},
            "state_label": State(case.state).label,
            "whose_turn": whose_turn(case, clocks),
            "read_at": file.at,
            "side": file.side,
            "rulebook_version": case.rulebook_id,
            "order": case.order.number,
            "article": case.line.title,
            "buyer": name_for(file.side, "buyer", case.buyer),
            "handler": case.handler if platform else None,
            "claim": case,
            "refusal": _refusal(case),
            "clocks": clocks,
            "exhibits": file.exhibits,
            "drafts": file.drafts,
            "statements": file.statements,
            "offers": file.offers,
            "information_requests": file.requests,
            "suspensions": file.suspensions,
            "ruling": ruling,
            "remedies": file.remedies,
            "review_marked": file.review_marked,
            "reviews": file.reviews,
            "set_aside": file.set_aside,
            "actions": actions(file.acts),
        },
        context={"at": file.at, "side": file.side, "replies": file.replies, "facts": file.facts},
    ).data


_AS_THEY_ARE = (
    "number",
    "version",
    "state",
    "state_since",
    "outcome",
    "final",
    "by_default",
    "applicant_side",
    "store",
    "filed_at",
    "closed_at",
)


def _refusal(case: Case) -> dict[str, str] | None:
    if not case.refusal_code:
        return None
    return {"code": case.refusal_code, "clause": case.refusal_clause, "reason": case.refusal_reason}


def actions(acts: Mapping[str, Refused | None]) -> dict[str, Any]:
    """Every operation the reader has the right to: whether it is open, and if not, why."""
    return {name: {"open": refused is None, "reason": refused} for name, refused in acts.items() if name in OPERATIONS}


class EntryOut(serializers.Serializer[Any]):
    """One thing that happened. Facts are ids, codes, amounts and moments."""

    seq = serializers.IntegerField()
    at = serializers.DateTimeField()
    verb = serializers.CharField()
    role = serializers.CharField(help_text="The part the actor played: buyer, merchant, arbiter, supervisor, system.")
    facts = serializers.DictField()
    hash = serializers.CharField()
    prev_hash = serializers.CharField()
