"""What the sides and the platform said to each other: statements, offers, questions, suspensions."""

from typing import Any

from rest_framework import serializers

from arbitration.models import InformationRequest
from disputes.models import Offer, Statement, Suspension
from disputes.representations import SIDE


class StatementShape(serializers.Serializer[Any]):
    side = serializers.ChoiceField(SIDE)
    stage = serializers.ChoiceField(Statement.Stage.choices)
    text = serializers.CharField()
    at = serializers.DateTimeField()


class OfferShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    side = serializers.ChoiceField(SIDE)
    payer = serializers.ChoiceField(SIDE, help_text="Whose money it is.")
    amount_fen = serializers.IntegerField()
    conditions = serializers.CharField()
    perform_days = serializers.IntegerField()
    valid_hours = serializers.IntegerField()
    state = serializers.ChoiceField(Offer.State.choices)
    made_at = serializers.DateTimeField()
    answered_at = serializers.DateTimeField(allow_null=True)
    decline_reason = serializers.CharField()
    reference = serializers.CharField(help_text="The number under which the buyer paid the merchant itself.")


class InformationShape(serializers.Serializer[Any]):
    side = serializers.ChoiceField(SIDE)
    round = serializers.IntegerField()
    questions = serializers.ListField(child=serializers.CharField())
    why = serializers.CharField()
    answers = serializers.ListField(child=serializers.CharField())
    asked_at = serializers.DateTimeField()
    state = serializers.ChoiceField(InformationRequest.State.choices)
    answered_at = serializers.DateTimeField(allow_null=True)


class SuspensionShape(serializers.Serializer[Any]):
    ground = serializers.ChoiceField(Suspension.Ground.choices)
    proposed_by = serializers.CharField()
    days = serializers.IntegerField()
    reason = serializers.CharField()
    proof_from = serializers.ChoiceField(
        SIDE, allow_blank=True, help_text="Who has to prove the ground; empty: nobody."
    )
    proved_at = serializers.DateTimeField(allow_null=True)
    proof_note = serializers.CharField(help_text="What the platform was shown.")
    state = serializers.ChoiceField(Suspension.State.choices)
    proposed_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
