"""The rules for programs: the same published text, in both languages."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core import clock
from rulebook import queries
from rulebook.models import Pending, Remedy, Status, Version
from rulebook.queries import Book


class RuleText(serializers.Serializer[Any]):
    """The same sentence in both languages."""

    zh = serializers.CharField()
    en = serializers.CharField()


class Both(serializers.Field[Any, Any, dict[str, str], Any]):
    """``title_zh`` and ``title_en`` of a row as one object."""

    def get_attribute(self, instance: Any) -> dict[str, str]:
        return {language: getattr(instance, f"{self.field_name}_{language}") for language in ("zh", "en")}

    def to_representation(self, value: dict[str, str]) -> dict[str, str]:
        return value


BothTexts = extend_schema_field(RuleText)(Both)


class RuleVersion(serializers.Serializer[Version]):
    number = serializers.IntegerField()
    title = BothTexts()
    status = serializers.SerializerMethodField()
    announced_at = serializers.DateTimeField(allow_null=True)
    effective_at = serializers.DateTimeField(allow_null=True)
    replaced_at = serializers.DateTimeField(allow_null=True)

    @extend_schema_field(serializers.ChoiceField(choices=Status.choices))
    def get_status(self, version: Version) -> str:
        at: datetime = self.context["at"]
        return version.status_at(at).value


class RuleVersions(serializers.Serializer[Any]):
    results = RuleVersion(many=True)


class RuleClause(serializers.Serializer[Any]):
    code = serializers.CharField()
    version = serializers.IntegerField(source="version_id")
    section = serializers.CharField()
    title = BothTexts()
    text = BothTexts()
    law = BothTexts()
    pending = serializers.ChoiceField(
        Pending.choices, help_text="Which version pending cases follow: old or new (this one)."
    )


class RuleClock(serializers.Serializer[Any]):
    kind = serializers.CharField(source="length.kind")
    amount = serializers.IntegerField(source="length.amount")
    unit = serializers.ChoiceField(["seconds", "hours", "days"], source="length.unit")
    calendar = serializers.ChoiceField(["calendar", "working"], source="length.calendar")
    cause = serializers.CharField()
    category = serializers.CharField()
    condition = serializers.CharField()
    clause = serializers.CharField(help_text="Whose change says which version pending cases follow.")


class RuleNumber(serializers.Serializer[Any]):
    code = serializers.CharField()
    value = serializers.IntegerField()
    clause = serializers.CharField()


class RuleBook(RuleVersion):
    clauses = RuleClause(many=True)
    clocks = RuleClock(many=True)
    numbers = RuleNumber(many=True)


class RuleBurden(RuleText):
    side = serializers.ChoiceField(["applicant", "respondent"])


class RuleIssue(RuleText):
    burden = serializers.ListField(
        child=serializers.IntegerField(),
        default=list,
        help_text="Places, from 0, of its steps of the burden. Where no issue has any, all belong to the first.",
    )


class RuleSlot(RuleText):
    slot = serializers.CharField()
    kinds = serializers.ListField(child=serializers.CharField())

    def get_fields(self) -> dict[str, Any]:
        """``required`` is a slot's word as well as a serializer's own, so it cannot stand among the attributes."""
        return {**super().get_fields(), "required": serializers.BooleanField()}


class RuleCause(serializers.Serializer[Any]):
    code = serializers.CharField()
    clause = serializers.CharField(source="clause.code")
    name = BothTexts()
    plain = BothTexts()
    filed_by = serializers.ChoiceField(["buyer", "merchant"])
    burden = RuleBurden(many=True)
    asked_applicant = RuleSlot(many=True)
    asked_respondent = RuleSlot(many=True)
    remedies = serializers.ListField(child=serializers.ChoiceField(Remedy.choices))
    penalty_with = serializers.ListField(
        child=serializers.ChoiceField(Remedy.choices),
        help_text="With which of them the agreed penalty may be ordered: on top of money, with the rest only if that "
        "is not done in its time: on top of the refund of goods sent in (exchange, repair), instead of it (resend).",
    )
    freight = serializers.ChoiceField(["respondent", "applicant", "none", "loser"])
    points = serializers.IntegerField(help_text="The usual number after a finding of fault.")
    points_least = serializers.IntegerField()
    points_most = serializers.IntegerField()
    points_note = BothTexts(help_text="When it is not the usual number; may be empty.")
    respond_hours = serializers.IntegerField(allow_null=True)
    issues = RuleIssue(many=True)


class RuleCauses(serializers.Serializer[Any]):
    results = RuleCause(many=True)


class PublicView(APIView):
    permission_classes = [AllowAny]


class Versions(PublicView):
    @extend_schema(operation_id="rule_versions", summary="Versions of the rules", responses=RuleVersions)
    def get(self, request: Request) -> Response:
        at = clock.now()
        return Response(RuleVersions({"results": queries.versions(at)}, context={"at": at}).data)


class OneVersion(PublicView):
    @extend_schema(operation_id="rule_version", summary="One version with its clauses and clocks", responses=RuleBook)
    def get(self, request: Request, number: int) -> Response:
        at = clock.now()
        version, book = _published(number, at)
        head = RuleVersion(version, context={"at": at}).data
        return Response(
            {
                **head,
                "clauses": RuleClause(book.clauses, many=True).data,
                "clocks": RuleClock(book.lengths, many=True).data,
                "numbers": RuleNumber(book.numbers, many=True).data,
            }
        )


class OneClause(PublicView):
    @extend_schema(operation_id="rule_clause", summary="One clause", responses=RuleClause)
    def get(self, request: Request, number: int, code: str) -> Response:
        _version, book = _published(number, clock.now())
        if not book.has_clause(code):
            raise NotFound(_("Version %(n)d has no such clause.") % {"n": number})
        return Response(RuleClause(book.clause(code)).data)


class Causes(PublicView):
    @extend_schema(operation_id="rule_causes", summary="Causes: burden, evidence, remedies", responses=RuleCauses)
    def get(self, request: Request, number: int) -> Response:
        _version, book = _published(number, clock.now())
        return Response({"results": RuleCause(book.causes, many=True).data})


def _published(number: int, at: datetime) -> tuple[Version, Book]:
    """The version as it stands now and its rules. Raises NotFound where the public may not read it (yet)."""
    version = next((row for row in queries.versions(at) if row.number == number), None)
    if version is None:
        raise NotFound(_("There is no such version of the rules."))
    return version, queries.book(number)
