"""The inputs of the dispute's verbs: what HTML forms post and programs send. Shape only; the verbs decide."""

from typing import Any

from rest_framework import serializers

from core.forms import Day, Fen, Moment, Shape
from core.text import PlainText
from disputes.eligibility import WINDOW_EXCEPTIONS
from disputes.models import Rebuttal, RemedyKind, Suspension
from disputes.response import Answer
from evidence.models import REASON_LENGTH, Side

SHORT, LONG, GROUND = 500, 3000, 200
PENALTY = (
    "With money it comes on top. With an exchange, a repair or what is sent again it is paid only if that is not done "
    "in its time: on top of the refund of the goods that were sent in for an exchange or a repair, instead of the "
    "refund of what is sent again."
)
HAPPENED = "The day, in Beijing, of what a merchant files about, if that was after the order was completed."
PROOF_FROM = (
    "The side that named the ground and has to prove it, on the clock suspension_proof. Needed where a court or the "
    "police has the matter."
)
AMOUNT = (
    "With what is sent again it is what that is worth, not what is paid: it goes back only if that is not sent in its "
    "time, and not at all where a penalty is named, which is paid instead."
)


class File(Shape):
    cause = serializers.CharField(max_length=32)
    remedy = serializers.ChoiceField(RemedyKind.choices)
    amount_fen = Fen(default=0, help_text=AMOUNT)
    penalty_fen = Fen(default=0, help_text=PENALTY)
    penalty_ground = PlainText(max_length=GROUND, required=False, allow_blank=True)
    what_happened = PlainText(max_length=SHORT)
    difference = PlainText(max_length=SHORT)
    wanted = PlainText(max_length=SHORT)
    missing_reason = PlainText(max_length=SHORT, required=False, allow_blank=True)
    exception = serializers.ChoiceField([(key, key) for key in WINDOW_EXCEPTIONS], required=False, allow_blank=True)
    threatened = serializers.BooleanField(default=False)
    happened_on = Day(required=False, allow_null=True, help_text=HAPPENED)


class AnswerShape(serializers.Serializer[Any]):
    item = serializers.UUIDField()
    stance = serializers.ChoiceField(Rebuttal.Stance.choices, required=False, allow_blank=True)
    reason = PlainText(max_length=SHORT, required=False, allow_blank=True)
    support = serializers.ListField(child=serializers.UUIDField(), required=False)


class _Answering(Shape):
    answers = AnswerShape(many=True, required=False)

    def arguments(self) -> dict[str, Any]:
        given = [
            Answer(
                item_id=str(row["item"]),
                stance=row.get("stance", ""),
                reason=row.get("reason", ""),
                support=[str(key) for key in row.get("support", [])],
            )
            for row in self.validated_data.get("answers", [])
        ]
        return {**self.validated_data, "answers": given}


class Respond(_Answering):
    statement = PlainText(max_length=LONG)
    missing_reason = PlainText(max_length=SHORT, required=False, allow_blank=True)


class Rebut(_Answering):
    statement = PlainText(max_length=LONG, required=False, allow_blank=True)


class StateLate(Shape):
    statement = PlainText(max_length=LONG)


class Lodge(Shape):
    items = serializers.ListField(child=serializers.UUIDField(), min_length=1)

    def arguments(self) -> dict[str, Any]:
        rest = {name: value for name, value in self.validated_data.items() if name != "items"}
        return {**rest, "item_ids": [str(key) for key in self.validated_data["items"]]}


class WithdrawItem(Shape):
    item = serializers.UUIDField()
    reason = PlainText(max_length=REASON_LENGTH, help_text="Everybody who sees the item reads it.")

    def arguments(self) -> dict[str, Any]:
        rest = {name: value for name, value in self.validated_data.items() if name != "item"}
        return {**rest, "item_id": str(self.validated_data["item"])}


class Nothing(Shape):
    """An act that needs no words."""


class Extend(Shape):
    reason = PlainText(max_length=SHORT)


class MakeOffer(Shape):
    amount_fen = Fen()
    payer = serializers.ChoiceField(Side.choices, default=Side.MERCHANT)
    conditions = PlainText(max_length=SHORT, required=False, allow_blank=True)
    valid_hours = serializers.IntegerField(default=48)
    perform_days = serializers.IntegerField(default=3)


class AcceptOffer(Shape):
    offer_id = serializers.IntegerField()


class PerformSettlement(Shape):
    reference = PlainText(max_length=60, required=False, allow_blank=True)


class DeclineOffer(Shape):
    offer_id = serializers.IntegerField()
    reason = PlainText(max_length=SHORT, required=False, allow_blank=True)


class ProposeSuspension(Shape):
    days = serializers.IntegerField()
    reason = PlainText(max_length=SHORT)


class Suspend(Shape):
    ground = serializers.ChoiceField(Suspension.Ground.choices, required=False, allow_blank=True)
    days = serializers.IntegerField(required=False)
    reason = PlainText(max_length=SHORT, required=False, allow_blank=True)
    proof_from = serializers.ChoiceField(Side.choices, required=False, allow_blank=True, help_text=PROOF_FROM)


class ProveSuspension(Shape):
    items = serializers.ListField(
        child=serializers.UUIDField(), required=False, help_text="Uploaded files; a side names at least one."
    )
    note = PlainText(
        max_length=SHORT, required=False, allow_blank=True, help_text="What was shown; the platform has to say it."
    )

    def arguments(self) -> dict[str, Any]:
        rest = {name: value for name, value in self.validated_data.items() if name != "items"}
        return {**rest, "item_ids": [str(key) for key in self.validated_data.get("items", [])]}


# --- before the case -------------------------------------------------------------------------------------------------
class AskAfterSales(Shape):
    line_id = serializers.IntegerField()
    asked = serializers.ChoiceField(RemedyKind.choices)
    amount_fen = Fen(default=0)
    cause = serializers.CharField(max_length=32)
    reason = PlainText(max_length=SHORT)
    goods_received = serializers.BooleanField(default=True)


class RefuseAfterSales(Shape):
    reason = PlainText(max_length=SHORT)


class CounterAfterSales(Shape):
    offer = serializers.ChoiceField(RemedyKind.choices)
    amount_fen = Fen(default=0)
    reason = PlainText(max_length=SHORT, required=False, allow_blank=True)


class WriteAboutLine(Shape):
    line_id = serializers.IntegerField(required=False, help_text="Id of the order line; the first without it.")
    text = PlainText(max_length=LONG, required=False, allow_blank=True, default="")


class WriteAfterSales(Shape):
    text = PlainText(max_length=LONG, required=False, allow_blank=True, default="")
    attachments = serializers.ListField(
        child=serializers.UUIDField(), required=False, help_text="Ids of files sent to …/files/ before."
    )

    def arguments(self) -> dict[str, Any]:
        rest = {name: value for name, value in self.validated_data.items() if name != "attachments"}
        return {**rest, "attachments": [str(key) for key in self.validated_data.get("attachments", [])]}


class StartCase(Shape):
    line_id = serializers.IntegerField()
    exception = serializers.ChoiceField([(key, key) for key in WINDOW_EXCEPTIONS], required=False, allow_blank=True)
    threatened = serializers.BooleanField(default=False)
    happened_on = Day(required=False, allow_null=True, help_text=HAPPENED)


# --- orders from the marketplace -------------------------------------------------------------------------------------
class BuyerShape(serializers.Serializer[Any]):
    email = serializers.EmailField(max_length=254)
    name = PlainText(max_length=60, required=False, allow_blank=True)


class StoreShape(serializers.Serializer[Any]):
    code = serializers.SlugField(max_length=40)
    name = PlainText(max_length=80)


class SnapshotShape(serializers.Serializer[Any]):
    title = PlainText(max_length=200)
    text = PlainText(max_length=20_000, required=False, allow_blank=True)
    promises = serializers.ListField(child=PlainText(max_length=200), required=False)
    exclusions = serializers.ListField(child=PlainText(max_length=200), required=False)
    pictures = serializers.ListField(child=serializers.URLField(), required=False)


class LineShape(serializers.Serializer[Any]):
    title = PlainText(max_length=200)
    sku = PlainText(max_length=80, required=False, allow_blank=True)
    option = PlainText(max_length=120, required=False, allow_blank=True)
    quantity = serializers.IntegerField(min_value=1, max_value=10_000, default=1)
    price_fen = Fen()
    snapshot = SnapshotShape(required=False)


class AmountsShape(serializers.Serializer[Any]):
    goods_fen = Fen()
    freight_fen = Fen(default=0)
    coupon_fen = Fen(default=0)
    paid_fen = Fen()


class MomentsShape(serializers.Serializer[Any]):
    promised_ship_at = Moment(required=False, allow_null=True)
    shipped_at = Moment(required=False, allow_null=True)
    first_scan_at = Moment(required=False, allow_null=True)
    signed_at = Moment(required=False, allow_null=True)
    completed_at = Moment(required=False, allow_null=True)


class LogisticsShape(serializers.Serializer[Any]):
    way = serializers.ChoiceField(["out", "back"], default="out")
    at = Moment()
    code = serializers.SlugField(max_length=24)
    text = PlainText(max_length=300)
    waybill = PlainText(max_length=40, required=False, allow_blank=True)


class ReceiveOrder(serializers.Serializer[Any]):
    """One order as the marketplace sends it, through the API or as a line of an import file."""

    number = serializers.RegexField(r"^[A-Za-z0-9-]{4,40}$")
    buyer = BuyerShape()
    store = StoreShape()
    lines = serializers.ListField(child=LineShape(), allow_empty=False, max_length=500)
    amounts = AmountsShape()
    paid_at = Moment()
    category = serializers.SlugField(max_length=40, required=False, allow_blank=True)
    moments = MomentsShape(required=False)
    logistics = serializers.ListField(child=LogisticsShape(), required=False, max_length=1000)


class ReceivePayment(Shape):
    amount_fen = Fen()
