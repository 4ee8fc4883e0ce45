"""What is on file, with its answers and facts; and what of a file is covered."""

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from disputes.models import Rebuttal
from disputes.representations import SIDE, ExhibitShape
from evidence.queries import Exhibit


class ReplyShape(serializers.Serializer[Any]):
    side = serializers.ChoiceField(SIDE)
    stance = serializers.ChoiceField(Rebuttal.Stance.choices)
    reason = serializers.CharField()
    support = serializers.ListField(child=serializers.UUIDField())
    at = serializers.DateTimeField()


class BoxShape(serializers.Serializer[Any]):
    """In parts of the upright picture's or page's own size, from its upper left corner."""

    x = serializers.FloatField(min_value=-1, max_value=1)
    y = serializers.FloatField(min_value=-1, max_value=1)
    width = serializers.FloatField(min_value=0, max_value=2)
    height = serializers.FloatField(min_value=0, max_value=2)
    page = serializers.IntegerField(min_value=1, max_value=10_000, default=1)


class SpanShape(serializers.Serializer[Any]):
    """Signs of the text, counted from 0; ``end`` is the first one that stays."""

    start = serializers.IntegerField(min_value=0)
    end = serializers.IntegerField(min_value=1)


class SuggestionShape(SpanShape):
    kind = serializers.ChoiceField(["phone", "identity", "card", "address"])
    text = serializers.CharField()


class RedactionShape(serializers.Serializer[Any]):
    kind = serializers.CharField(help_text="What can be covered: boxes, text, or nothing (empty).")
    boxes = BoxShape(many=True)
    spans = SpanShape(many=True)
    suggestions = SuggestionShape(many=True, help_text="Places in a text that seem to name a person or a place.")


class FactShape(serializers.Serializer[Any]):
    code = serializers.CharField()
    text = serializers.CharField()
    known_from = serializers.CharField(source="source")
    cases = serializers.ListField(child=serializers.CharField(), help_text="Numbers of the other cases it is about.")


class ExhibitOnFile(ExhibitShape):
    replies = serializers.SerializerMethodField()
    facts = serializers.SerializerMethodField(help_text="Facts, never a verdict. For the platform alone.")

    @extend_schema_field(ReplyShape(many=True))
    def get_replies(self, item: Exhibit) -> Any:
        return ReplyShape(self.context["replies"].get(item.id, ()), many=True).data

    @extend_schema_field(FactShape(many=True))
    def get_facts(self, item: Exhibit) -> Any:
        return FactShape(self.context["facts"].get(item.id, ()), many=True).data
