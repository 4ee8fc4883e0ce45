"""Records: holds, and requests to be erased."""

from typing import Any

from django.http import Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import policy
from accounts.api.door import Door
from accounts.api.people import AccountOut
from arbitration import records
from core import clock, rest
from core.text import PlainText
from disputes.models import ErasureRequest, Hold


class HoldIn(serializers.Serializer[Any]):
    number = serializers.CharField(max_length=40, help_text="Of the order, or of a case about it.")
    reason = PlainText(max_length=records.REASON_LENGTH)
    until = serializers.DateTimeField()


class HoldOut(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    order = serializers.CharField(source="order.number")
    reason = serializers.CharField()
    until = serializers.DateTimeField()
    set_at = serializers.DateTimeField()
    lifted_at = serializers.DateTimeField(allow_null=True)


class HoldPage(serializers.Serializer[Any]):
    results = HoldOut(many=True)
    next = serializers.CharField(allow_null=True, help_text="Address of the next page.")


class Holds(Door):
    @extend_schema(
        operation_id="holds",
        summary=_("Records that are held now, newest hold first"),
        parameters=[rest.PageShape],
        responses={200: HoldPage, **rest.READ_ERRORS},
    )
    def get(self, request: Request) -> Response:
        """One query."""
        policy.require(self.actor, "records.hold", None)
        asked = rest.checked(rest.PageShape, request.query_params)
        rows = records.standing(clock.now()).select_related("order")
        found, following = rest.page(request, rows, asked)
        return Response(HoldPage({"results": found, "next": following}).data)

    @extend_schema(
        operation_id="hold_records",
        summary=_("Keep the records of an order beyond their time"),
        parameters=[rest.IDEMPOTENCY_KEY],
        request=HoldIn,
        responses={201: HoldOut, **rest.ACT_ERRORS},
    )
    def post(self, request: Request) -> Response:
        policy.require(self.actor, "records.hold", None)
        said = rest.checked(HoldIn, request.data)
        return self.once(
            lambda: (
                201,
                HoldOut(
                    records.hold(
                        actor=self.actor, order_number=said["number"], reason=said["reason"], until=said["until"]
                    )
                ).data,
            )
        )


class LiftHold(Door):
    @extend_schema(
        operation_id="lift_hold",
        summary=_("End a hold before its time"),
        parameters=[rest.IDEMPOTENCY_KEY],
        request=None,
        responses={200: HoldOut, **rest.ACT_ERRORS},
    )
    def post(self, request: Request, hold_id: int) -> Response:
        policy.require(self.actor, "records.hold", None)
        try:
            return self.once(lambda: (200, HoldOut(records.lift(actor=self.actor, hold_id=hold_id)).data))
        except Hold.DoesNotExist:
            raise Http404 from None


class ErasureOut(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    asked_at = serializers.DateTimeField()
    handled_at = serializers.DateTimeField(allow_null=True)


class AskedErasure(ErasureOut):
    person = AccountOut(source="user")


class ErasurePage(serializers.Serializer[Any]):
    results = AskedErasure(many=True)
    next = serializers.CharField(allow_null=True, help_text="Address of the next page.")


class Erasures(Door):
    @extend_schema(
        operation_id="list_erasures",
        summary=_("Requests to be erased that were not carried out, newest first (administrators)"),
        parameters=[rest.PageShape],
        responses={200: ErasurePage, **rest.errors(401, 403, 422, 429)},
    )
    def get(self, request: Request) -> Response:
        """One query."""
        policy.require(self.actor, "records.erase_person", None)
        asked = rest.checked(rest.PageShape, request.query_params)
        rows = ErasureRequest.objects.filter(handled_at=None).select_related("user")
        found, following = rest.page(request, rows, asked)
        return Response(ErasurePage({"results": found, "next": following}).data)


class AskErasure(Door):
    @extend_schema(
        operation_id="ask_erasure",
        summary=_("Ask for one's own files, words and name to be erased"),
        parameters=[rest.IDEMPOTENCY_KEY],
        request=None,
        responses={200: ErasureOut, **rest.ACT_ERRORS},
    )
    def post(self, request: Request) -> Response:
        return self.once(lambda: (200, ErasureOut(records.ask_erasure(actor=self.actor)).data))


class CarryOutErasure(Door):
    @extend_schema(
        operation_id="carry_out_erasure",
        summary=_("Carry out a person's request to be erased"),
        parameters=[rest.IDEMPOTENCY_KEY],
        request=None,
        responses={200: ErasureOut, **rest.ACT_ERRORS},
    )
    def post(self, request: Request, request_id: int) -> Response:
        policy.require(self.actor, "records.erase_person", None)
        try:
            return self.once(
                lambda: (200, ErasureOut(records.erase_person(actor=self.actor, request_id=request_id)).data)
            )
        except ErasureRequest.DoesNotExist:
            raise Http404 from None
