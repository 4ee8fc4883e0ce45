"""What happened in the reader's cases and orders, and what waits for them."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.api.door import Door
from core import clock, rest
from notices import marks, queries

_ABOUT = [("case", "case"), ("order", "order")]


class NoticeOut(serializers.Serializer[Any]):
    id = serializers.IntegerField(help_text="It grows; what was read is said by the newest one read.")
    verb = serializers.CharField(help_text="What happened, as in the case's timeline.")
    text = serializers.CharField(help_text="The same as a sentence in the reader's language.")
    actor = serializers.CharField(help_text="buyer, merchant, platform or system.")
    at = serializers.DateTimeField()
    about = serializers.ChoiceField(_ABOUT)
    number = serializers.CharField(help_text="Of the case or the order.")
    title = serializers.CharField(help_text="Of the article.")
    href = serializers.CharField(help_text="The page about it.")
    unread = serializers.BooleanField()


class NoticePage(serializers.Serializer[Any]):
    results = NoticeOut(many=True)
    next = serializers.CharField(allow_null=True, help_text="Address of the next page.")


class DutyOut(serializers.Serializer[Any]):
    kind = serializers.CharField(help_text="What runs out, as among the clocks of a case or an after-sales request.")
    name = serializers.CharField(help_text="What is to be done, in the reader's language.")
    about = serializers.ChoiceField(_ABOUT)
    number = serializers.CharField(help_text="Of the case or the order.")
    title = serializers.CharField(help_text="Of the article.")
    due_at = serializers.DateTimeField()
    href = serializers.CharField(help_text="The page on which it is done.")


class DutyList(serializers.Serializer[Any]):
    results = DutyOut(many=True)


class Unread(serializers.Serializer[Any]):
    unread = serializers.IntegerField(help_text=f"At most {queries.CAP}: that many or more.")


class MarkIn(serializers.Serializer[Any]):
    last = serializers.IntegerField(min_value=1, max_value=2**63 - 1, help_text="The id of the newest notice read.")


class Notices(Door):
    @extend_schema(
        operation_id="list_notices",
        summary=_("What happened in my cases and orders without me, newest first"),
        parameters=[rest.PageShape],
        responses={200: NoticePage, **rest.errors(401, 403, 422, 429)},
    )
    def get(self, request: Request) -> Response:
        """Seven queries at most."""
        asked = rest.checked(rest.PageShape, request.query_params)
        rows, further = queries.page(self.actor, before=asked.get("before"), limit=asked["limit"])
        following = rest.address(request, before=further) if further else None
        return Response(NoticePage({"results": rows, "next": following}).data)


class Duties(Door):
    @extend_schema(
        operation_id="list_duties",
        summary=_("What waits for me, most urgent first, at most fifty"),
        responses={200: DutyList, **rest.errors(401, 403, 429)},
    )
    def get(self, request: Request) -> Response:
        """Three queries."""
        return Response(DutyList({"results": queries.duties(self.actor, clock.now())}).data)


class UnreadNotices(Door):
    @extend_schema(
        operation_id="count_unread_notices",
        summary=_("How many notices I have not read"),
        responses={200: Unread, **rest.errors(401, 403, 429)},
    )
    def get(self, request: Request) -> Response:
        """Two queries."""
        return Response(Unread({"unread": queries.unread(self.actor)}).data)


class ReadNotices(Door):
    @extend_schema(
        operation_id="mark_notices_read",
        summary=_("Mark everything up to a notice as read"),
        parameters=[rest.IDEMPOTENCY_KEY],
        request=MarkIn,
        responses={200: Unread, **rest.errors(400, 401, 403, 413, 415, 422, 429)},
    )
    def post(self, request: Request) -> Response:
        """Answers with what is left unread."""
        said = rest.checked(MarkIn, request.data)

        def act() -> tuple[int, Any]:
            marks.mark_read(actor=self.actor, last_entry=said["last"])
            return 200, {"unread": queries.unread(self.actor)}

        return self.once(act)
