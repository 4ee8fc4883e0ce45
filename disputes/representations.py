"""What programs read of orders and after-sales requests. Nothing here asks the database: doors fetch, shapes show."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from accounts.models import User
from core.errors import Forbidden
from disputes import negotiation
from disputes.models import AfterSales, AfterSalesMessage, Debt, LogisticsEvent, Order, Refund, State
from evidence.models import Kind, Side
from evidence.models import State as ItemState

SIDE = [*Side.choices]
READER_SIDE = [*Side.choices, ("", _("Platform"))]


class StoreName(serializers.Serializer[Any]):
    code = serializers.CharField()
    name = serializers.CharField()


class Line(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    position = serializers.IntegerField()
    title = serializers.CharField()
    sku = serializers.CharField()
    option = serializers.CharField()
    quantity = serializers.IntegerField()
    price_fen = serializers.IntegerField()
    snapshot = serializers.DictField(help_text="The listing as it stood at purchase.")


class Event(serializers.Serializer[Any]):
    way = serializers.ChoiceField(LogisticsEvent.Way.choices)
    at = serializers.DateTimeField()
    code = serializers.CharField()
    text = serializers.CharField()
    waybill = serializers.CharField()


class Message(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    side = serializers.ChoiceField(SIDE)
    text = serializers.CharField()
    at = serializers.DateTimeField()
    attachments = serializers.SerializerMethodField()

    @extend_schema_field(serializers.ListField(child=serializers.UUIDField()))
    def get_attachments(self, message: AfterSalesMessage) -> list[str]:
        return [str(item.pk) for item in message.attachments.all()]


class LineMessageShape(serializers.Serializer[Any]):
    """A message about an article without an after-sales request."""

    id = serializers.IntegerField()
    line_id = serializers.IntegerField()
    side = serializers.ChoiceField(SIDE)
    text = serializers.CharField()
    at = serializers.DateTimeField()


class ReasonOut(serializers.Serializer[Any]):
    code = serializers.CharField()
    message = serializers.CharField()
    still_possible = serializers.ListField(child=serializers.CharField())


class ActionOut(serializers.Serializer[Any]):
    open = serializers.BooleanField()
    reason = ReasonOut(allow_null=True, help_text="Why it is closed now.")


class AfterSalesWhole(serializers.Serializer[Any]):
    """An after-sales request with everything written about it."""

    id = serializers.IntegerField()
    line_id = serializers.IntegerField()
    asked = serializers.CharField()
    amount_fen = serializers.IntegerField()
    cause = serializers.CharField()
    reason = serializers.CharField()
    goods_received = serializers.BooleanField()
    state = serializers.ChoiceField(AfterSales.State.choices)
    opened_at = serializers.DateTimeField()
    answer_due_at = serializers.SerializerMethodField()
    answered_at = serializers.DateTimeField(allow_null=True)
    answer = serializers.CharField()
    counter = serializers.CharField()
    counter_fen = serializers.IntegerField()
    messages = serializers.SerializerMethodField()
    actions = serializers.SerializerMethodField(help_text="What the reader may do: open now, or why not.")

    @extend_schema_field(serializers.DictField(child=ActionOut()))
    def get_actions(self, request: AfterSales) -> dict[str, Any]:
        refusals = {act: negotiation.refusal(request, act, self.context["reader"]) for act in negotiation.ANSWERABLE}
        return {
            act: ActionOut({"open": no is None, "reason": no}).data
            for act, no in refusals.items()
            if not isinstance(no, Forbidden)
        }

    @extend_schema_field(serializers.DateTimeField(allow_null=True))
    def get_answer_due_at(self, request: AfterSales) -> str | None:
        return next((moment(row.due_at) for row in request.deadlines.all() if row.state == "open"), None)

    @extend_schema_field(Message(many=True))
    def get_messages(self, request: AfterSales) -> Any:
        return Message(sorted(request.messages.all(), key=lambda row: row.pk), many=True).data


class RefundOnOrder(serializers.Serializer[Any]):
    amount_fen = serializers.IntegerField()
    on_top = serializers.BooleanField(help_text="Compensation beside the price: no part of refunded_fen.")
    state = serializers.ChoiceField(Refund.State.choices)
    requested_at = serializers.DateTimeField()
    executed_at = serializers.DateTimeField(allow_null=True)


class CaseOnOrder(serializers.Serializer[Any]):
    number = serializers.CharField()
    line_id = serializers.IntegerField()
    state = serializers.ChoiceField(State.choices)
    applicant_side = serializers.ChoiceField(SIDE)
    outcome = serializers.CharField()


class OrderInList(serializers.Serializer[Any]):
    """Context: ``side``, a function order → the reader's side, and ``reader``."""

    number = serializers.CharField()
    store = StoreName()
    buyer = serializers.SerializerMethodField(help_text="The other side reads it masked.")
    side = serializers.SerializerMethodField()
    category = serializers.CharField()
    goods_fen = serializers.IntegerField()
    freight_fen = serializers.IntegerField()
    coupon_fen = serializers.IntegerField()
    paid_fen = serializers.IntegerField()
    refunded_fen = serializers.IntegerField()
    refundable_fen = serializers.IntegerField()
    paid_at = serializers.DateTimeField()
    promised_ship_at = serializers.DateTimeField(allow_null=True)
    shipped_at = serializers.DateTimeField(allow_null=True)
    first_scan_at = serializers.DateTimeField(allow_null=True)
    signed_at = serializers.DateTimeField(allow_null=True)
    completed_at = serializers.DateTimeField(allow_null=True)
    lines = serializers.SerializerMethodField()
    cases = serializers.SerializerMethodField()

    def get_buyer(self, order: Order) -> str:
        return name_for(self.context["side"](order), "buyer", order.buyer)

    @extend_schema_field(serializers.ChoiceField(SIDE))
    def get_side(self, order: Order) -> str:
        return str(self.context["side"](order))

    @extend_schema_field(Line(many=True))
    def get_lines(self, order: Order) -> Any:
        return Line(sorted(order.lines.all(), key=lambda row: row.position), many=True).data

    @extend_schema_field(CaseOnOrder(many=True))
    def get_cases(self, order: Order) -> Any:
        """A draft is its applicant side's own."""
        side = self.context["side"](order)
        rows = [row for row in order.cases.all() if row.state != State.DRAFT or row.applicant_side == side]
        return CaseOnOrder(sorted(rows, key=lambda row: row.pk), many=True).data


class OrderWhole(OrderInList):
    logistics = serializers.SerializerMethodField()
    messages = serializers.SerializerMethodField()
    after_sales = serializers.SerializerMethodField()
    refunds = serializers.SerializerMethodField()

    @extend_schema_field(Event(many=True))
    def get_logistics(self, order: Order) -> Any:
        return Event(sorted(order.logistics.all(), key=lambda row: (row.at, row.pk)), many=True).data

    @extend_schema_field(LineMessageShape(many=True))
    def get_messages(self, order: Order) -> Any:
        rows = [row for line in order.lines.all() for row in line.messages.all()]
        return LineMessageShape(sorted(rows, key=lambda row: row.pk), many=True).data

    @extend_schema_field(AfterSalesWhole(many=True))
    def get_after_sales(self, order: Order) -> Any:
        rows = sorted(order.after_sales.all(), key=lambda row: row.pk)
        return AfterSalesWhole(rows, many=True, context=self.context).data

    @extend_schema_field(RefundOnOrder(many=True))
    def get_refunds(self, order: Order) -> Any:
        return RefundOnOrder(sorted(order.refunds.all(), key=lambda row: row.pk), many=True).data


class ExhibitShape(serializers.Serializer[Any]):
    """An item as this reader may see it; ``withheld``: it exists, and that is all."""

    id = serializers.UUIDField()
    side = serializers.ChoiceField(SIDE)
    exhibit_no = serializers.IntegerField(allow_null=True)
    state = serializers.ChoiceField(ItemState.choices)
    kind = serializers.ChoiceField(Kind.choices)
    slot = serializers.CharField()
    caption = serializers.CharField()
    name = serializers.CharField(help_text="The file's own name; empty for the other side.")
    media_type = serializers.CharField()
    size = serializers.IntegerField(help_text="As `sha256`: of the copy shown, where the original is not.")
    sha256 = serializers.CharField(
        help_text="Of the original for its own side and the platform; for the other side, of the copy it is shown."
    )
    received_at = serializers.DateTimeField()
    lodged_at = serializers.DateTimeField(allow_null=True)
    late = serializers.BooleanField()
    disclosed_at = serializers.DateTimeField(allow_null=True)
    withdrawn_at = serializers.DateTimeField(allow_null=True)
    withdrawn_reason = serializers.CharField()
    capture_at = serializers.DateTimeField(allow_null=True, help_text="What the file claims.")
    platform_only = serializers.BooleanField()
    platform_only_reason = serializers.CharField(help_text="For its own side and the platform.")
    withheld = serializers.BooleanField()
    covered = serializers.IntegerField(help_text="How many parts its side covered before lodging.")
    thumb_url = serializers.CharField()
    view_url = serializers.CharField()
    original_url = serializers.CharField()


class DraftShape(ExhibitShape):
    advice = serializers.ListField(
        child=serializers.CharField(), help_text="What would make it stronger, as codes. Nobody else sees this."
    )


class ReceivedLine(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    position = serializers.IntegerField()
    title = serializers.CharField()


class ReceivedOrder(serializers.Serializer[Any]):
    """What the marketplace gets back for an order it sent."""

    number = serializers.CharField(source="order.number")
    created = serializers.BooleanField(help_text="False: it was known, and is up to date now.")
    paid_fen = serializers.IntegerField(source="order.paid_fen")
    refunded_fen = serializers.IntegerField(source="order.refunded_fen")
    lines = serializers.SerializerMethodField()

    @extend_schema_field(ReceivedLine(many=True))
    def get_lines(self, received: Any) -> Any:
        return ReceivedLine(received.order.lines.order_by("position"), many=True).data


class OneCondition(serializers.Serializer[Any]):
    code = serializers.CharField(help_text="The rule's name.")
    passed = serializers.BooleanField()
    clause = serializers.CharField()
    text = serializers.CharField()
    fix = serializers.CharField(help_text="What to do about it; empty where nothing can be done or need be.")
    opens_at = serializers.DateTimeField(allow_null=True, help_text="When it will hold by itself.")


class Gate(serializers.Serializer[Any]):
    """Whether this side can ask the platform in on this line, condition by condition."""

    line_id = serializers.IntegerField(source="line.pk")
    side = serializers.ChoiceField(SIDE)
    passed = serializers.BooleanField(source="gate.passed")
    opens_at = serializers.DateTimeField(source="gate.opens_at", allow_null=True)
    closes_at = serializers.DateTimeField(source="gate.closes_at", allow_null=True)
    open_case = serializers.CharField(source="gate.open_case.number", default=None, allow_null=True)
    cap_fen = serializers.IntegerField(help_text="The most that can be claimed for this article.")
    conditions = OneCondition(source="gate.conditions", many=True)


def name_for(reader_side: str, side: str, user: User) -> str:
    """A party's name: whole for its own side and the platform, masked for the other."""
    return str(user) if reader_side in {side, ""} else user.masked_name


def moment(at: datetime | None) -> str | None:
    """As every moment is written: ISO 8601 with the zone."""
    return serializers.DateTimeField().to_representation(at) if at else None


class DebtShape(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    owed_by = serializers.SerializerMethodField(help_text="buyer or merchant")
    reason = serializers.ChoiceField(Debt.Reason.choices)
    case = serializers.CharField(source="case.number", default=None, allow_null=True)
    order = serializers.CharField(source="order.number")
    amount_fen = serializers.IntegerField()
    paid_fen = serializers.IntegerField()
    cancelled_fen = serializers.IntegerField(help_text="Fell away with the ruling it rested on.")
    open_fen = serializers.IntegerField()
    arose_at = serializers.DateTimeField()
    settled_at = serializers.DateTimeField(allow_null=True)

    def get_owed_by(self, debt: Debt) -> str:
        return "merchant" if debt.store_id is not None else "buyer"
