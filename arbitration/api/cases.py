"""Cases: found, read whole, begun, and acted on, one operation an act."""

from collections.abc import Callable
from inspect import getdoc
from typing import Any

from django.db.models import Prefetch
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import policy
from accounts.api.door import Door
from arbitration.api.reads import case_document, visible_case
from arbitration.operations import OPERATIONS, Operation
from arbitration.representations.cases import CaseInList, CaseWhole
from core import rest
from disputes import filing, lifecycle, shapes
from disputes.api.reads import visible_order
from disputes.models import Case, Deadline, State
from evidence.models import Side


class CaseFilters(rest.PageShape):
    state = serializers.ChoiceField(State.choices, required=False)
    side = serializers.ChoiceField(
        Side.choices, required=False, help_text="Only cases in which the reader is this side."
    )


class CasePage(serializers.Serializer[Any]):
    results = CaseInList(many=True)
    next = serializers.CharField(allow_null=True)


class Cases(Door):
    @extend_schema(
        operation_id="list_cases",
        summary=_("Cases the reader may see, newest first"),
        parameters=[CaseFilters],
        responses={200: CasePage, **rest.errors(401, 403, 422, 429)},
    )
    def get(self, request: Request) -> Response:
        asked = rest.checked(CaseFilters, request.query_params)
        rows = Case.objects.visible_to(self.actor).select_related("order", "line", "store")
        if state := asked.get("state"):
            rows = rows.filter(state=state)
        if side := asked.get("side"):
            rows = (
                rows.filter(buyer=self.actor)
                if side == Side.BUYER
                else rows.filter(store__in=policy.store_ids(self.actor))
            )
        running = Deadline.objects.filter(state__in=Deadline.RUNNING).order_by("due_at", "pk")
        found, following = rest.page(request, rows.prefetch_related(Prefetch("deadlines", running, "clocks")), asked)
        context = {"side": lambda case: policy.side_of(self.actor, case)}
        return Response({"results": CaseInList(found, many=True, context=context).data, "next": following})


class OneCase(Door):
    @extend_schema(
        operation_id="get_case",
        summary=_("A case whole, with what the reader may do"),
        responses={200: CaseWhole, **rest.READ_ERRORS},
    )
    def get(self, request: Request, number: str) -> Response:
        return Response(case_document(self.actor, number))


class StartCase(Door):
    @extend_schema(
        operation_id="start_case",
        summary=_("Open a draft on an order line"),
        parameters=[rest.IDEMPOTENCY_KEY],
        request=shapes.StartCase,
        responses={201: CaseWhole, **rest.ACT_ERRORS},
    )
    def post(self, request: Request, number: str) -> Response:
        order = visible_order(self.actor, number)

        def act() -> tuple[int, Any]:
            made = filing.start(actor=self.actor, order_id=order.pk, **rest.checked(shapes.StartCase, request.data))
            return 201, case_document(self.actor, made.number)

        return self.once(act)


class Act(Door):
    """``POST /cases/<number>/<act>/``; made for every row of OPERATIONS."""

    name: str
    row: Operation

    def post(self, request: Request, number: str) -> Response:
        case = visible_case(self.actor, number)
        if (barred := lifecycle.forbidden(case, self.name, self.actor)) is not None:
            raise barred

        def act() -> tuple[int, Any]:
            given = self.row.shape(data=request.data)
            given.is_valid(raise_exception=True)
            self.row.verb(actor=self.actor, case_id=case.pk, **given.arguments())
            return 200, case_document(self.actor, number)

        return self.once(act)


def acting(name: str) -> Callable[..., Any]:
    """The view of one act, described for the schema."""
    row = OPERATIONS[name]
    described = extend_schema_view(
        post=extend_schema(
            operation_id=name,
            summary=lifecycle.TRANSITIONS[name].name,
            description=getdoc(row.verb),
            parameters=[rest.IDEMPOTENCY_KEY],
            request=row.shape,
            responses={200: CaseWhole, **rest.ACT_ERRORS},
        )
    )
    made: type[Act] = described(type(f"Act{name.title().replace('_', '')}", (Act,), {"name": name, "row": row}))
    return made.as_view()
