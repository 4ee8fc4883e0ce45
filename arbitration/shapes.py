"""The inputs of the platform's verbs, for both doors."""

from typing import Any

from django.utils.translation import gettext_lazy
from rest_framework import serializers

from arbitration.admission import Ground
from arbitration.assignment import GivenBack
from arbitration.decisions import Decision, FindingInput, WeightInput
from arbitration.models import Finding, ItemWeight, Remedy, Review
from arbitration.reviews import Answer, changes
from core.forms import Fen, Shape
from core.text import PlainText
from disputes.shapes import AMOUNT, GROUND, LONG, PENALTY, SHORT
from evidence.models import Side
from rulebook.models import Remedy as RemedyKind

_SAY_WHY = gettext_lazy("Say why you give the case back.")


class Reason(Shape):
    reason = PlainText(max_length=SHORT)


class Release(Shape):
    reason = serializers.ChoiceField(
        GivenBack.choices, error_messages={"invalid_choice": _SAY_WHY, "required": _SAY_WHY}
    )


class Reassign(Shape):
    arbiter_id = serializers.IntegerField()


class Refuse(Shape):
    ground = serializers.ChoiceField(Ground.choices)
    clause = serializers.CharField(max_length=12)
    reason = PlainText(max_length=LONG)


class Ask(Shape):
    to_buyer = serializers.ListField(child=PlainText(max_length=SHORT, allow_blank=True), required=False, max_length=10)
    to_merchant = serializers.ListField(
        child=PlainText(max_length=SHORT, allow_blank=True), required=False, max_length=10
    )
    why = PlainText(max_length=SHORT, required=False, allow_blank=True)


class AnswerQuestions(Shape):
    answers = serializers.ListField(child=PlainText(max_length=LONG, allow_blank=True), max_length=10)


class BurdenShape(serializers.Serializer[Any]):
    side = serializers.ChoiceField(Side.choices)
    text = PlainText(max_length=300)
    met = serializers.ChoiceField(Finding.Met.choices, required=False, allow_blank=True)


class FindingShape(serializers.Serializer[Any]):
    issue = PlainText(max_length=300)
    result = serializers.ChoiceField(Finding.Result.choices, required=False, allow_blank=True)
    reason = PlainText(max_length=LONG, required=False, allow_blank=True)
    burden = BurdenShape(many=True, required=False)
    items = serializers.ListField(child=serializers.UUIDField(), required=False)


class WeightShape(serializers.Serializer[Any]):
    item = serializers.UUIDField()
    weight = serializers.ChoiceField(ItemWeight.Weight.choices, required=False, allow_blank=True)
    reason = PlainText(max_length=300, required=False, allow_blank=True)


class Rule(Shape):
    """A whole decision. What is still missing is said by the verb, field by field."""

    findings = FindingShape(many=True, required=False)
    weights = WeightShape(many=True, required=False)
    clauses = serializers.ListField(child=serializers.CharField(max_length=12), required=False)
    remedy = serializers.ChoiceField(RemedyKind.choices, required=False, allow_blank=True)
    amount_fen = Fen(default=0, help_text=AMOUNT)
    penalty_fen = Fen(default=0, help_text=PENALTY)
    penalty_ground = PlainText(max_length=GROUND, required=False, allow_blank=True)
    freight_by = serializers.ChoiceField(
        [("respondent", "respondent"), ("applicant", "applicant"), ("none", "none")], required=False, allow_blank=True
    )
    points = serializers.IntegerField(min_value=0, max_value=48, default=0)
    summary_applicant = PlainText(max_length=LONG, required=False, allow_blank=True)
    summary_respondent = PlainText(max_length=LONG, required=False, allow_blank=True)

    def whole(self) -> Decision:
        data = self.validated_data
        return Decision(
            findings=[
                FindingInput(
                    issue=row["issue"],
                    result=row.get("result", ""),
                    reason=row.get("reason", ""),
                    burden=[
                        {"side": b["side"], "text": b["text"], "met": b.get("met", "")} for b in row.get("burden", [])
                    ],
                    items=[str(key) for key in row.get("items", [])],
                )
                for row in data.get("findings", [])
            ],
            weights=[
                WeightInput(item_id=str(row["item"]), weight=row.get("weight", ""), reason=row.get("reason", ""))
                for row in data.get("weights", [])
            ],
            clauses=data.get("clauses", []),
            remedy=data.get("remedy", ""),
            amount_fen=data["amount_fen"],
            points=data["points"],
            summary_applicant=data.get("summary_applicant", ""),
            summary_respondent=data.get("summary_respondent", ""),
            freight_by=data.get("freight_by", ""),
            penalty_fen=data["penalty_fen"],
            penalty_ground=data.get("penalty_ground", ""),
        )

    def arguments(self) -> dict[str, Any]:
        return {"decision": self.whole(), "based_on": self.validated_data.get("based_on")}


class RequestAnswerShape(serializers.Serializer[Any]):
    review_id = serializers.IntegerField()
    decision = serializers.ChoiceField(Review.Decision.choices, required=False, allow_blank=True)
    reason = PlainText(max_length=LONG, required=False, allow_blank=True)


class DecideReview(Rule):
    """``answers``: one for each open request. Where any is not ``uphold``, the rest is the new ruling, whole; else
    there is no ruling in it, and ``weights`` are those of the items lodged in the review."""

    answers = RequestAnswerShape(many=True)

    def given(self) -> list[Answer]:
        return [
            Answer(review_id=row["review_id"], decision=row.get("decision", ""), reason=row.get("reason", ""))
            for row in self.validated_data["answers"]
        ]

    def arguments(self) -> dict[str, Any]:
        data, ruling = self.validated_data, self.whole()
        standing = not (changes(self.given()) or ruling.findings or ruling.clauses or ruling.remedy)
        return {
            "answers": self.given(),
            "ruling": None if standing else ruling,
            "weights": ruling.weights,
            "based_on": data.get("based_on"),
        }


class Perform(Shape):
    remedy_id = serializers.IntegerField()
    carrier = PlainText(max_length=60, required=False, allow_blank=True)
    waybill = PlainText(max_length=60, required=False, allow_blank=True)


class ShipBack(Shape):
    remedy_id = serializers.IntegerField()
    carrier = PlainText(max_length=60)
    waybill = PlainText(max_length=60)
    freight_fen = Fen(default=0, help_text="What sending it back cost, where the ruling lays that on the merchant.")

    def to_internal_value(self, data: Any) -> Any:
        """A freight left empty is none, not a mistake."""
        return super().to_internal_value(
            {name: data[name] for name in data if (name, data[name]) != ("freight_fen", "")}
        )


class ConfirmReturn(Shape):
    remedy_id = serializers.IntegerField()
    finding = serializers.ChoiceField(Remedy.ReturnFinding.choices)
    note = PlainText(max_length=SHORT, required=False, allow_blank=True)


class DecideReturn(Shape):
    remedy_id = serializers.IntegerField()
    accepted = serializers.BooleanField()
    reason = PlainText(max_length=LONG)


class RetryPayment(Shape):
    remedy_id = serializers.IntegerField()


class RequestReview(Shape):
    finding_id = serializers.IntegerField(required=False, allow_null=True, default=None)
    argument = PlainText(max_length=LONG, required=False, allow_blank=True, default="")
    why_not_before = PlainText(max_length=SHORT, required=False, allow_blank=True, default="")
    items = serializers.ListField(child=serializers.UUIDField(), required=False, default=list)

    def arguments(self) -> dict[str, Any]:
        rest = {name: value for name, value in self.validated_data.items() if name != "items"}
        return {**rest, "item_ids": [str(key) for key in self.validated_data["items"]]}


class AnswerReview(Shape):
    statement = PlainText(max_length=LONG)


class RequestSetAside(Shape):
    excuse = PlainText(max_length=LONG)
    defence = PlainText(max_length=LONG)
