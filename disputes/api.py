"""Orders and negotiation for programs: ``/api/v1/orders/`` and ``/api/v1/after-sales/``."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from inspect import getdoc
from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django.utils import translation
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import policy
from accounts.actors import Actor, System, key_of
from accounts.api import IsPerson
from accounts.models import User
from core import clock, idempotency, language, rest
from core.forms import Shape
from disputes import account_book, eligibility, negotiation, orders, representations, shapes
from disputes.models import AfterSales, Debt, Order
from evidence import items as custody
from evidence.models import Dossier, Item
from evidence.queries import file_of


class Door(APIView):
    """An operation for signed-in people, answering in their language."""

    permission_classes = [IsPerson]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        chosen = request.user.language if isinstance(request.user, User) else ""
        if "Accept-Language" not in request.headers and language.known(chosen):
            translation.activate(chosen)

    @property
    def actor(self) -> User:
        assert isinstance(self.request.user, User)
        return self.request.user

    def once(self, act: Callable[[], tuple[int, Any]]) -> Response:
        return rest.answer_once(self.request, actor=key_of(actor_in(self.request)), act=act)[0]

    def receive_once(self, shape: type["OneFile"], receive: Callable[..., Item], dossier: Dossier) -> Response:
        """Take in the file of a multipart request: ``receive(upload=…)`` once a key, answered by what is on file.

        Receiving takes its time, so it happens before the key is taken; of twins the later one's file is dropped.
        """
        rest.key_in(self.request)
        asked = checked(shape, self.request.data)
        upload = asked.pop("file")
        said = {**asked, "name": upload.name, "sha256": idempotency.digest(upload.chunks())}
        if known := rest.known_answer(self.request, actor=key_of(self.actor), said=said):
            return known
        item = receive(upload=upload, **asked)
        answer, repeated = rest.answer_once(
            self.request, actor=key_of(self.actor), act=lambda: (201, file_document(dossier, item)), said=said
        )
        if repeated:
            custody.discard(actor=self.actor, item=item, at=clock.now())
        return answer


class OneFile(serializers.Serializer[Any]):
    file = serializers.FileField(allow_empty_file=True, help_text="One file.")


def file_document(dossier: Dossier, item: Item) -> Any:
    """An item as its own side reads it."""
    shown, drafts = file_of(dossier, item.side)
    return representations.DraftShape(next(row for row in [*drafts, *shown] if row.id == item.pk)).data


def actor_in(request: Request) -> Actor:
    """Who is behind the request: a person, or an integration. Only for operations that need a sign-in."""
    actor: Any = request.user
    assert isinstance(actor, User | System)
    return actor


def checked(shape: type[serializers.Serializer[Any]], data: Any) -> dict[str, Any]:
    """The data in ``shape``: a verb's arguments, or a read's parameters. Raises ValidationError."""
    given = shape(data=data)
    given.is_valid(raise_exception=True)
    if not isinstance(given, Shape):
        return dict(given.validated_data)
    return {name: value for name, value in given.arguments().items() if name != "based_on"}


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
        asked = checked(rest.PageShape, request.query_params)
        rows = Order.objects.visible_to(self.actor).select_related("buyer", "store")
        found, following = rest.page(request, rows.prefetch_related("lines", "cases"), asked)
        shown = representations.OrderInList(found, many=True, context=_reader(self.actor)).data
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
            received = orders.receive(actor=actor_in(request), **checked(shapes.ReceiveOrder, request.data))
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


class GateOfOrder(Door):
    @extend_schema(
        operation_id="check_eligibility",
        summary=_("Whether the platform can be asked in, condition by condition"),
        parameters=[EligibilityShape],
        responses={200: representations.Gate, **rest.READ_ERRORS, **rest.errors(422)},
    )
    def get(self, request: Request, number: str) -> Response:
        order = visible_order(self.actor, number)
        asked = checked(EligibilityShape, request.query_params)
        line = order.line(asked.pop("line_id", None))
        side = policy.side_of(self.actor, order)
        gate = eligibility.check(order, line, side, clock.now(), **asked)
        return Response(representations.Gate({"line": line, "side": side, "gate": gate}).data)


class AskAfterSales(Door):
    @extend_schema(
        operation_id="ask_after_sales",
        summary=_("Ask the merchant for after-sales help"),
        parameters=[rest.IDEMPOTENCY_KEY],
        request=shapes.AskAfterSales,
        responses={201: representations.AfterSalesWhole, **rest.ACT_ERRORS},
    )
    def post(self, request: Request, number: str) -> Response:
        order = visible_order(self.actor, number)
        policy.require(self.actor, "after_sales.ask", order)

        def act() -> tuple[int, Any]:
            made = negotiation.ask(actor=self.actor, order_id=order.pk, **checked(shapes.AskAfterSales, request.data))
            return 201, _request_document(made.pk)

        return self.once(act)


@dataclass(frozen=True)
class Negotiation:
    shape: type[Shape]
    verb: Callable[..., Any]
    name: Any


NEGOTIATION: Mapping[str, Negotiation] = {
    "agree": Negotiation(shapes.Nothing, negotiation.agree, _("Agree to what the buyer asked")),
    "refuse": Negotiation(shapes.RefuseAfterSales, negotiation.refuse, _("Refuse with a reason")),
    "counter": Negotiation(shapes.CounterAfterSales, negotiation.counter, _("Propose something else")),
    "accept": Negotiation(shapes.Nothing, negotiation.accept, _("Accept the counter-offer")),
    "withdraw": Negotiation(shapes.Nothing, negotiation.withdraw, _("Take the request back")),
    "messages": Negotiation(shapes.WriteAfterSales, negotiation.write, _("Write to the other side")),
}


class Negotiate(Door):
    row: Negotiation

    def post(self, request: Request, request_id: int) -> Response:
        found = visible_request(self.actor, request_id)
        policy.require(self.actor, f"after_sales.{self.row.verb.__name__}", found.order)

        def act() -> tuple[int, Any]:
            self.row.verb(actor=self.actor, after_sales_id=request_id, **checked(self.row.shape, request.data))
            return 200, _request_document(request_id)

        return self.once(act)


def negotiating(name: str) -> Callable[..., Any]:
    """The view of one act on an after-sales request."""
    row = NEGOTIATION[name]
    described = extend_schema_view(
        post=extend_schema(
            operation_id=f"after_sales_{name}",
            summary=row.name,
            description=getdoc(row.verb),
            parameters=[rest.IDEMPOTENCY_KEY],
            request=row.shape,
            responses={200: representations.AfterSalesWhole, **rest.ACT_ERRORS},
        )
    )
    made: type[Negotiate] = described(type(f"AfterSales{name.title()}", (Negotiate,), {"row": row}))
    return made.as_view()


class AfterSalesFiles(Door):
    parser_classes = [MultiPartParser]

    @extend_schema(
        operation_id="attach_file",
        summary=_("Send one file for the next message; the other side sees it with that message"),
        parameters=[rest.IDEMPOTENCY_KEY],
        request={"multipart/form-data": OneFile},
        responses={201: representations.DraftShape, **rest.ACT_ERRORS},
    )
    def post(self, request: Request, request_id: int) -> Response:
        found = visible_request(self.actor, request_id)
        policy.require(self.actor, "after_sales.write", found.order)
        assert found.dossier is not None
        receive = partial(negotiation.attach, actor=self.actor, after_sales_id=request_id)
        return self.receive_once(OneFile, receive, found.dossier)


class AfterSalesFile(Door):
    @extend_schema(
        operation_id="detach_file",
        summary=_("Take back a file that was not sent yet"),
        request=None,
        responses={204: OpenApiResponse(description=_("It is gone.")), **rest.ACT_ERRORS},
    )
    def delete(self, request: Request, request_id: int, item_id: UUID) -> Response:
        found = visible_request(self.actor, request_id)
        assert found.dossier is not None
        item = found.dossier.items.filter(pk=item_id, side=policy.side_of(self.actor, found.order)).first()
        if item is None:
            raise Http404
        item.dossier = found.dossier
        custody.discard(actor=self.actor, item=item, at=clock.now())
        return Response(status=204)


# --- what is owed to the platform ------------------------------------------------------------------------------------
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
        found, following = rest.page(request, rows, checked(rest.PageShape, request.query_params))
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
            given = checked(shapes.ReceivePayment, request.data)
            return 200, representations.DebtShape(
                account_book.receive_payment(actor=self.actor, debt_id=debt_id, **given)
            ).data

        return self.once(act)


# --- what is read ----------------------------------------------------------------------------------------------------
def visible_order(actor: User, number: str) -> Order:
    """The order if the actor may know of it, else 404. One query, one for the actor's stores."""
    found = Order.objects.visible_to(actor).filter(number=number).first()
    if found is None:
        raise Http404
    return found


def visible_request(actor: User, request_id: int) -> AfterSales:
    """The after-sales request if the actor may know of its order, else 404. One query, one for the actor's stores."""
    rows = AfterSales.objects.select_related("order", "dossier").filter(order__in=Order.objects.visible_to(actor))
    found = rows.filter(pk=request_id).first()
    if found is None:
        raise Http404
    return found


def order_document(actor: User, number: str) -> Any:
    """The order whole, as the actor may read it. Eleven queries at most. Raises Http404."""
    rows = Order.objects.visible_to(actor).select_related("buyer", "store")
    found = rows.prefetch_related("lines", "cases", "logistics", "refunds").filter(number=number).first()
    if found is None:
        raise Http404
    found.__dict__["_prefetched_objects_cache"]["after_sales"] = _requests(found.after_sales.all())
    return representations.OrderWhole(found, context=_reader(actor)).data


def _requests(rows: QuerySet[AfterSales]) -> QuerySet[AfterSales]:
    return rows.prefetch_related("deadlines", "messages__attachments")


def _request_document(request_id: int) -> Any:
    return representations.AfterSalesWhole(_requests(AfterSales.objects.all()).get(pk=request_id)).data


def _reader(actor: User) -> dict[str, Any]:
    return {"side": lambda order: policy.side_of(actor, order)}
