"""Orders: brought by the marketplace, read, and whether a case may be asked for."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import policy
from accounts.api.door import Door, IsPerson, actor_in
from core import clock, rest
from core.forms import Day
from disputes import eligibility, orders, representations, shapes
from disputes.api.reads import order_document, side_context, visible_order
from disputes.models import Order
from evidence.models import Side


class OrderPage(serializers.Serializer[Any]):
    results = representations.OrderInList(many=True)
    next = serializers.CharField(allow_null=True, help_text="Where the list goes on; null at its end.")


class Orders(Door):
    """Reading is for people; sending is for integrations."""

    def get_permissions(self) -> list[Any]:
        return [IsIntegration()] if self.request.method == "POST" else list(super().get_permissions())

    @extend_schema(
        operation_id="list_orders",
        summary=_("My orders, or my stores'"),
        parameters=[rest.PageShape],
        responses={200: OrderPage, **rest.errors(401, 403, 422, 429)},
    )
    def get(self, request: Request) -> Response:
        asked = rest.checked(rest.PageShape, request.query_params)
        rows = Order.objects.visible_to(self.actor).select_related("buyer", "store")
        found, following = rest.page(request, rows.prefetch_related("lines", "cases"), asked)
        shown = representations.OrderInList(found, many=True, context=side_context(self.actor)).data
        return Response({"results": shown, "next": following})

    @extend_schema(
        operation_id="receive_order",
        summary=_("Send an order, or what is new about a known one (integrations only)"),
        parameters=[rest.IDEMPOTENCY_KEY],
        request=shapes.ReceiveOrder,
        responses={
            201: representations.ReceivedOrder,
            200: representations.ReceivedOrder,
            **rest.errors(400, 401, 403, 409, 413, 415, 422, 429),
        },
    )
    def post(self, request: Request) -> Response:
        def act() -> tuple[int, Any]:
            received = orders.receive(actor=actor_in(request), **rest.checked(shapes.ReceiveOrder, request.data))
            return 201 if received.created else 200, representations.ReceivedOrder(received).data

        return self.once(act)


class IsIntegration(IsPerson):
    """The keys that ``issue_integration_key`` makes."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return request.user.is_authenticated and policy.refusal(actor_in(request), "order.receive", None) is None


class OneOrder(Door):
    @extend_schema(
        operation_id="get_order",
        summary=_("An order with its negotiation"),
        responses={200: representations.OrderWhole, **rest.READ_ERRORS},
    )
    def get(self, request: Request, number: str) -> Response:
        return Response(order_document(self.actor, number))


class EligibilityShape(serializers.Serializer[Any]):
    line_id = serializers.IntegerField(required=False, help_text="Id of the order line; the first without it.")
    exception = serializers.ChoiceField(
        [(key, key) for key in eligibility.WINDOW_EXCEPTIONS],
        default="",
        allow_blank=True,
        help_text="A ground on which no filing window applies.",
    )
    threatened = serializers.BooleanField(
        default=False, help_text="A merchant who was threatened need not write first."
    )
    happened_on = Day(required=False, allow_null=True, help_text=shapes.HAPPENED)


class GateOfOrder(Door):
    @extend_schema(
        operation_id="check_eligibility",
        summary=_("Whether the platform can be asked in, condition by condition"),
        parameters=[EligibilityShape],
        responses={200: representations.Gate, **rest.READ_ERRORS, **rest.errors(422)},
    )
    def get(self, request: Request, number: str) -> Response:
        order = visible_order(self.actor, number)
        asked = rest.checked(EligibilityShape, request.query_params)
        line = order.line(asked.pop("line_id", None))
        side = policy.side_of(self.actor, order)
        gate = eligibility.check(order, line, side, clock.now(), **asked)
        cap = order.paid_for(line.pk) if side == Side.MERCHANT else order.refundable_for(line.pk)
        return Response(representations.Gate({"line": line, "side": side, "gate": gate, "cap_fen": cap}).data)
