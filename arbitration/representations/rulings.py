"""Rulings with their reasons, and what followed from them."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from arbitration.models import Finding, ItemWeight, Remedy, Review, Ruling, SetAside
from arbitration.queries import RulingFile
from disputes.models import Outcome
from disputes.representations import SIDE
from disputes.shapes import AMOUNT, PENALTY


class BurdenOut(serializers.Serializer[Any]):
    side = serializers.CharField()
    text = serializers.CharField()
    met = serializers.CharField()


class FindingOut(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    position = serializers.IntegerField()
    issue = serializers.CharField()
    result = serializers.ChoiceField(Finding.Result.choices)
    reason = serializers.CharField()
    burden = BurdenOut(many=True)
    items = serializers.SerializerMethodField()

    @extend_schema_field(serializers.ListField(child=serializers.UUIDField()))
    def get_items(self, finding: Finding) -> list[str]:
        return [str(item.pk) for item in finding.items.all()]


class WeightOut(serializers.Serializer[Any]):
    item = serializers.UUIDField(source="item_id")
    weight = serializers.ChoiceField(ItemWeight.Weight.choices)
    reason = serializers.CharField()
    in_review = serializers.BooleanField(
        help_text="Lodged in the review and weighed when it let the ruling stand; the others with the ruling itself."
    )


class Citation(serializers.Serializer[Any]):
    code = serializers.CharField()
    version = serializers.IntegerField()


class RulingOut(serializers.Serializer[Any]):
    """A ruling with its reasons. Both sides read the same; who decided is for the platform (``decided_by``)."""

    id = serializers.IntegerField(source="ruling.pk")
    kind = serializers.ChoiceField(Ruling.Kind.choices, source="ruling.kind")
    state = serializers.ChoiceField(Ruling.State.choices, source="ruling.state")
    outcome = serializers.ChoiceField(Outcome.choices, source="ruling.outcome")
    by_default = serializers.BooleanField(source="ruling.by_default")
    remedy = serializers.CharField(source="ruling.remedy")
    amount_fen = serializers.IntegerField(source="ruling.amount_fen", help_text=AMOUNT)
    penalty_fen = serializers.IntegerField(source="ruling.penalty_fen", help_text=PENALTY)
    penalty_ground = serializers.CharField(source="ruling.penalty_ground")
    calculation = serializers.DictField(source="ruling.calculation", child=serializers.IntegerField())
    freight_by = serializers.CharField(source="ruling.freight_by")
    points = serializers.IntegerField(source="ruling.points")
    clauses = Citation(source="ruling.clauses", many=True)
    summary_applicant = serializers.CharField(source="ruling.summary_applicant")
    summary_respondent = serializers.CharField(source="ruling.summary_respondent")
    signed_at = serializers.DateTimeField(source="ruling.signed_at")
    effective_at = serializers.DateTimeField(source="ruling.effective_at", allow_null=True)
    replaces = serializers.IntegerField(source="ruling.replaces_id", allow_null=True)
    decided_by = serializers.SerializerMethodField()
    findings = FindingOut(many=True)
    weights = WeightOut(many=True)

    @extend_schema_field(serializers.IntegerField(allow_null=True, help_text="Id; null for the two sides."))
    def get_decided_by(self, file: RulingFile) -> int | None:
        return None if self.context["side"] else file.ruling.arbiter_id


class RemedyOut(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    kind = serializers.ChoiceField(Remedy.Kind.choices)
    owed_by = serializers.ChoiceField(SIDE)
    amount_fen = serializers.IntegerField()
    state = serializers.ChoiceField(Remedy.State.choices)
    after = serializers.IntegerField(
        source="after_id",
        allow_null=True,
        help_text="The one that must be done first. A penalty after goods waits for them to lapse, and lapses when "
        "they are done.",
    )
    by_platform = serializers.BooleanField()
    carrier = serializers.CharField()
    waybill = serializers.CharField()
    shipped_at = serializers.DateTimeField(allow_null=True)
    return_finding = serializers.CharField()
    return_note = serializers.CharField()
    refund_state = serializers.SerializerMethodField()
    executed_at = serializers.DateTimeField(allow_null=True)

    def get_refund_state(self, remedy: Remedy) -> str:
        return remedy.refund.state if remedy.refund is not None else ""


class AttackedOut(serializers.Serializer[Any]):
    """The finding a review says is wrong, as the ruling under review has it."""

    position = serializers.IntegerField()
    issue = serializers.CharField()
    result = serializers.ChoiceField(Finding.Result.choices)
    reason = serializers.CharField()


class ReviewOut(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    side = serializers.ChoiceField(SIDE)
    finding = serializers.IntegerField(source="finding_id", allow_null=True)
    attacks = AttackedOut(source="finding", allow_null=True)
    argument = serializers.CharField()
    why_not_before = serializers.CharField()
    items = serializers.SerializerMethodField()
    state = serializers.ChoiceField(Review.State.choices)
    requested_at = serializers.DateTimeField()
    answer = serializers.CharField()
    answered_at = serializers.DateTimeField(allow_null=True)
    decision = serializers.CharField()
    reason = serializers.CharField()
    decided_at = serializers.DateTimeField(allow_null=True)

    @extend_schema_field(serializers.ListField(child=serializers.UUIDField()))
    def get_items(self, review: Review) -> list[str]:
        return [str(item.pk) for item in review.items.all()]


class SetAsideOut(serializers.Serializer[Any]):
    excuse = serializers.CharField()
    defence = serializers.CharField()
    requested_at = serializers.DateTimeField()
    state = serializers.ChoiceField(SetAside.State.choices)
    reason = serializers.CharField()
    decided_at = serializers.DateTimeField(allow_null=True)
