"""After-sales requests: what the two sides do before the platform is asked, one operation an act."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from inspect import getdoc
from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import policy
from accounts.api.door import Door
from core import clock, rest
from core.forms import Shape
from disputes import negotiation, representations, shapes
from disputes.api.door import FileDoor, OneFile
from disputes.api.reads import request_document, visible_order, visible_request
from evidence import items as custody


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
            made = negotiation.ask(
                actor=self.actor, order_id=order.pk, **rest.checked(shapes.AskAfterSales, request.data)
            )
            return 201, request_document(self.actor, made.pk)

        return self.once(act)


class WriteAboutLine(Door):
    @extend_schema(
        operation_id="write_about_line",
        summary=_("Write to the other side without an after-sales request"),
        parameters=[rest.IDEMPOTENCY_KEY],
        request=shapes.WriteAboutLine,
        responses={201: representations.LineMessageShape, **rest.ACT_ERRORS},
    )
    def post(self, request: Request, number: str) -> Response:
        order = visible_order(self.actor, number)

        def act() -> tuple[int, Any]:
            given = rest.checked(shapes.WriteAboutLine, request.data)
            made = negotiation.write_about(actor=self.actor, order_id=order.pk, **given)
            return 201, representations.LineMessageShape(made).data

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
            self.row.verb(actor=self.actor, after_sales_id=request_id, **rest.checked(self.row.shape, request.data))
            return 200, request_document(self.actor, request_id)

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


class AfterSalesFiles(FileDoor):
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
