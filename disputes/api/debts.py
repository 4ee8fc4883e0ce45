"""What is owed to the platform."""

from typing import Any

from django.http import Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import policy
from accounts.api.door import Door
from core import rest
from disputes import account_book, representations, shapes
from disputes.models import Debt


class DebtPage(serializers.Serializer[Any]):
    results = representations.DebtShape(many=True)
    next = serializers.CharField(allow_null=True, help_text="Where the list goes on; null at its end.")


class Debts(Door):
    @extend_schema(
        operation_id="list_debts",
        summary=_("What I or my stores owe the platform; for administrators, what anybody does"),
        parameters=[rest.PageShape],
        responses={200: DebtPage, **rest.errors(401, 403, 422, 429)},
    )
    def get(self, request: Request) -> Response:
        rows = Debt.objects.visible_to(self.actor).select_related("case", "order")
        found, following = rest.page(request, rows, rest.checked(rest.PageShape, request.query_params))
        return Response({"results": representations.DebtShape(found, many=True).data, "next": following})


class DebtPayments(Door):
    @extend_schema(
        operation_id="receive_debt_payment",
        summary=_("Write down that a payment of a debt came in (administrators)"),
        parameters=[rest.IDEMPOTENCY_KEY],
        request=shapes.ReceivePayment,
        responses={200: representations.DebtShape, **rest.ACT_ERRORS},
    )
    def post(self, request: Request, debt_id: int) -> Response:
        policy.require(self.actor, "debts.see", None)
        if not Debt.objects.filter(pk=debt_id).exists():
            raise Http404

        def act() -> tuple[int, Any]:
            given = rest.checked(shapes.ReceivePayment, request.data)
            return 200, representations.DebtShape(
                account_book.receive_payment(actor=self.actor, debt_id=debt_id, **given)
            ).data

        return self.once(act)
