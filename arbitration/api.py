"""Cases for programs: ``/api/v1/cases/``, one operation an act."""

from collections.abc import Callable
from functools import partial
from inspect import getdoc
from typing import Any
from uuid import UUID

from django.db.models import Prefetch, prefetch_related_objects
from django.http import Http404
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import policy
from accounts.models import User
from arbitration import queries, records, representations
from arbitration.bundle import exporting
from arbitration.operations import OPERATIONS, Operation
from arbitration.reading import note_reading
from arbitration.views.bundles import archive
from core import clock, rest
from core.text import PlainText
from disputes import exhibits, filing, from_order, lifecycle, shapes
from disputes.api import Door, OneFile, checked, file_document, visible_order
from disputes.models import Case, Deadline, ErasureRequest, Hold, State
from disputes.representations import DraftShape
from evidence import items as custody
from evidence import redaction
from evidence.models import CAPTION_LENGTH, REASON_LENGTH, Item, Kind, Redaction, Side
from ledger.queries import readable


class CaseFilters(rest.PageShape):
    state = serializers.ChoiceField(State.choices, required=False)
    side = serializers.ChoiceField(
        Side.choices, required=False, help_text="Only cases in which the reader is this side."
    )


class CasePage(serializers.Serializer[Any]):
    results = representations.CaseInList(many=True)
    next = serializers.CharField(allow_null=True)


class Cases(Door):
    @extend_schema(
        operation_id="list_cases",
        summary=_("Cases the reader may see, newest first"),
        parameters=[CaseFilters],
        responses={200: CasePage, **rest.errors(401, 403, 422, 429)},
    )
    def get(self, request: Request) -> Response:
        asked = checked(CaseFilters, request.query_params)
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
        return Response(
            {"results": representations.CaseInList(found, many=True, context=context).data, "next": following}
        )


class OneCase(Door):
    @extend_schema(
        operation_id="get_case",
        summary=_("A case whole, with what the reader may do"),
        responses={200: representations.CaseWhole, **rest.READ_ERRORS},
    )
    def get(self, request: Request, number: str) -> Response:
        return Response(case_document(self.actor, number))


class StartCase(Door):
    @extend_schema(
        operation_id="start_case",
        summary=_("Open a draft on an order line"),
        parameters=[rest.IDEMPOTENCY_KEY],
        request=shapes.StartCase,
        responses={201: representations.CaseWhole, **rest.ACT_ERRORS},
    )
    def post(self, request: Request, number: str) -> Response:
        order = visible_order(self.actor, number)

        def act() -> tuple[int, Any]:
            made = filing.start(actor=self.actor, order_id=order.pk, **checked(shapes.StartCase, request.data))
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
            responses={200: representations.CaseWhole, **rest.ACT_ERRORS},
        )
    )
    made: type[Act] = described(type(f"Act{name.title().replace('_', '')}", (Act,), {"name": name, "row": row}))
    return made.as_view()


# --- history ---------------------------------------------------------------------------------------------------------
class TimelineShape(serializers.Serializer[Any]):
    limit = serializers.IntegerField(min_value=1, max_value=rest.MOST, default=rest.MOST)
    after = serializers.IntegerField(min_value=0, max_value=2**31 - 1, default=0, help_text="Entries after this seq.")


class TimelinePage(serializers.Serializer[Any]):
    results = representations.EntryOut(many=True)
    next = serializers.CharField(allow_null=True)


class Timeline(Door):
    @extend_schema(
        operation_id="case_timeline",
        summary=_("What happened in the case, oldest first"),
        parameters=[TimelineShape],
        responses={200: TimelinePage, **rest.READ_ERRORS, **rest.errors(422)},
    )
    def get(self, request: Request, number: str) -> Response:
        case = visible_case(self.actor, number)
        note_reading(actor=self.actor, case=case, at=clock.now())
        asked = checked(TimelineShape, request.query_params)
        rows = readable(case.subject, policy.side_of(self.actor, case)).filter(seq__gt=asked["after"])
        found = list(rows[: asked["limit"] + 1])
        more = len(found) > asked["limit"]
        shown = found[: asked["limit"]]
        following = rest.address(request, after=shown[-1].seq) if more else None
        return Response({"results": representations.EntryOut(shown, many=True).data, "next": following})


class ExportCase(Door):
    @extend_schema(
        operation_id="export_case",
        summary=_("The case to take away: a ZIP of everything the reader may see, which checks itself offline"),
        request=None,
        parameters=[rest.IDEMPOTENCY_KEY],
        responses={(200, "application/zip"): OpenApiTypes.BINARY, **rest.ACT_ERRORS},
    )
    def post(self, request: Request, number: str) -> HttpResponseBase:
        """That it was taken away is recorded once a key; the ZIP is as the case stands now, each time."""
        try:
            noted = self.once(lambda: (200, {"at": exporting.note(actor=self.actor, number=number)}))
            sent = archive(exporting.bundle(actor=self.actor, number=number))
        except (Case.DoesNotExist, queries.NotFiled):
            raise Http404 from None
        if repeated := noted.headers.get("Idempotent-Replayed"):
            sent.headers["Idempotent-Replayed"] = repeated
        return sent


class RulingList(serializers.Serializer[Any]):
    results = representations.RulingOut(many=True)


class Rulings(Door):
    @extend_schema(
        operation_id="case_rulings",
        summary=_("The case's rulings, newest first, with their reasons"),
        responses={200: RulingList, **rest.READ_ERRORS},
    )
    def get(self, request: Request, number: str) -> Response:
        case = visible_case(self.actor, number)
        note_reading(actor=self.actor, case=case, at=clock.now())
        side = policy.side_of(self.actor, case)
        rows = case.rulings.order_by("-signed_at", "-pk")
        hidden = case.dossier.items.filter(platform_only=True).exclude(side=side) if side else Item.objects.none()
        withheld = set(hidden.values_list("pk", flat=True))
        files = queries.ruling_files(list(rows.exclude(effective_at=None) if side else rows), withheld=withheld)
        return Response({"results": representations.RulingOut(files, many=True, context={"side": side}).data})


# --- files -----------------------------------------------------------------------------------------------------------
class FileShape(OneFile):
    kind = serializers.ChoiceField(Kind.choices, required=False)
    slot = serializers.SlugField(max_length=40, default="", allow_blank=True, help_text="Which part of the checklist.")
    caption = PlainText(max_length=CAPTION_LENGTH, default="", allow_blank=True, help_text="What this shows.")


class DescribeShape(serializers.Serializer[Any]):
    slot = serializers.SlugField(max_length=40, required=False, allow_blank=True)
    caption = PlainText(max_length=CAPTION_LENGTH, required=False, allow_blank=True)
    platform_only = serializers.BooleanField(
        required=False, help_text="The other side learns that it exists, nothing more. Needs a reason."
    )
    platform_only_reason = PlainText(max_length=REASON_LENGTH, required=False, allow_blank=True)


class CoverShape(serializers.Serializer[Any]):
    boxes = representations.BoxShape(many=True, default=list)
    spans = representations.SpanShape(many=True, default=list)
    words = serializers.ListField(
        child=PlainText(max_length=200), default=list, max_length=50, help_text="Covered wherever a text has them."
    )


class Files(Door):
    parser_classes = [MultiPartParser]

    @extend_schema(
        operation_id="upload_file",
        summary=_("Upload one file; it is lodged by a later act"),
        parameters=[rest.IDEMPOTENCY_KEY],
        request={"multipart/form-data": FileShape},
        responses={201: DraftShape, **rest.ACT_ERRORS},
    )
    def post(self, request: Request, number: str) -> Response:
        case = visible_case(self.actor, number)
        policy.require(self.actor, "case.upload", case)
        receive = partial(exhibits.receive, actor=self.actor, case_id=case.pk)
        return self.receive_once(FileShape, receive, case.dossier)


class FilesFromOrder(Door):
    @extend_schema(
        operation_id="add_files_from_order",
        summary=_("Add the order's own records as files: negotiation, logistics, listing"),
        parameters=[rest.IDEMPOTENCY_KEY],
        request=None,
        responses={201: DraftShape(many=True), **rest.ACT_ERRORS},
    )
    def post(self, request: Request, number: str) -> Response:
        case = visible_case(self.actor, number)
        policy.require(self.actor, "case.upload", case)

        def act() -> tuple[int, Any]:
            added = from_order.take_from_order(actor=self.actor, case_id=case.pk)
            return 201, [file_document(case.dossier, item) for item in added]

        return self.once(act)


class FileOfCase(Door):
    @extend_schema(
        operation_id="get_file",
        summary=_("One of the side's own files: whether it was checked, and with what result"),
        responses={200: DraftShape, **rest.READ_ERRORS},
    )
    def get(self, request: Request, number: str, item_id: UUID) -> Response:
        case, item = _own_item(self.actor, number, item_id)
        return Response(file_document(case.dossier, item))

    @extend_schema(
        operation_id="describe_file",
        summary=_("Say what an unlodged file shows, and which part of the checklist it fills"),
        request=DescribeShape,
        responses={200: DraftShape, **rest.ACT_ERRORS},
    )
    def patch(self, request: Request, number: str, item_id: UUID) -> Response:
        case, item = _own_item(self.actor, number, item_id)
        asked = checked(DescribeShape, request.data)
        if "platform_only" in asked or "platform_only_reason" in asked:
            alone = asked.pop("platform_only", item.platform_only)
            reason = asked.pop("platform_only_reason", item.platform_only_reason)
            item = custody.restrict(actor=self.actor, item=item, platform_only=alone, reason=reason, at=clock.now())
        said = {"slot": item.slot, "caption": item.caption, **asked}
        custody.describe(actor=self.actor, item=item, at=clock.now(), **said)
        return Response(file_document(case.dossier, item))

    @extend_schema(
        operation_id="discard_file",
        summary=_("Discard an unlodged file"),
        request=None,
        responses={204: OpenApiResponse(description=_("It is gone.")), **rest.ACT_ERRORS},
    )
    def delete(self, request: Request, number: str, item_id: UUID) -> Response:
        _case, item = _own_item(self.actor, number, item_id)
        custody.discard(actor=self.actor, item=item, at=clock.now())
        return Response(status=204)


class OneRedaction(Door):
    """What of a file is covered before it is lodged."""

    @extend_schema(
        operation_id="read_redaction",
        summary=_("What of an unlodged file is covered, and what of a text might be"),
        responses={200: representations.RedactionShape, **rest.READ_ERRORS},
    )
    def get(self, request: Request, number: str, item_id: UUID) -> Response:
        _case, item = _own_item(self.actor, number, item_id)
        return Response(_redaction_document(item))

    @extend_schema(
        operation_id="redact_file",
        summary=_("Cover exactly these parts of an unlodged file; none: uncover all"),
        description=getdoc(redaction.redact),
        request=CoverShape,
        responses={200: representations.RedactionShape, **rest.ACT_ERRORS},
    )
    def put(self, request: Request, number: str, item_id: UUID) -> Response:
        _case, item = _own_item(self.actor, number, item_id)
        asked = checked(CoverShape, request.data)
        redaction.redact(
            actor=self.actor,
            item=item,
            boxes=[redaction.Box(**box) for box in asked["boxes"]],
            spans=[(span["start"], span["end"]) for span in asked["spans"]],
            words=asked["words"],
            at=clock.now(),
        )
        return Response(_redaction_document(item))


def _redaction_document(item: Item) -> Any:
    kind, made = redaction.kind_of(item), Redaction.objects.filter(item=item).first()
    spans = made.spans if made else []
    return representations.RedactionShape(
        {
            "kind": kind,
            "boxes": made.boxes if made else [],
            "spans": [{"start": start, "end": end} for start, end in spans],
            "suggestions": redaction.suggestions(redaction.clear_text(item)) if kind == "text" else [],
        }
    ).data


def _own_item(actor: User, number: str, item_id: UUID) -> tuple[Case, Item]:
    """An item of the actor's own side. Whoever has none in the case is refused; another side's does not exist."""
    case = visible_case(actor, number)
    policy.require(actor, "case.upload", case)
    item = case.dossier.items.select_related("dossier").filter(pk=item_id, side=policy.side_of(actor, case)).first()
    if item is None:
        raise Http404
    return case, item


# --- what is read ----------------------------------------------------------------------------------------------------
def visible_case(actor: User, number: str) -> Case:
    """The case if the actor may know of it, else 404. One query; one more where it depends on the actor's stores."""
    found = Case.objects.select_related("dossier").filter(number=number).first()
    if found is None or not found.visible_to(actor):
        raise Http404
    return found


def case_document(actor: User, number: str) -> Any:
    """The case whole, as the actor may read it; an auditor's reading is recorded. Raises Http404.

    A case file, and four queries more for the ruling in effect and the reviews.
    """
    try:
        file = queries.case_file(actor, number, clock.now(), unfiled=True)
    except Case.DoesNotExist:
        raise Http404 from None
    note_reading(actor=actor, case=file.case, at=file.at)
    prefetch_related_objects(file.reviews, "items")
    ruling = file.ruling
    files = queries.ruling_files([ruling] if ruling else [], withheld=file.withheld)
    return representations.whole(file, files[0] if files else None)


# --- records: holds, and requests to be erased -----------------------------------------------------------------------
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
        asked = checked(rest.PageShape, request.query_params)
        rows = records.standing(clock.now()).select_related("order")
        found, following = rest.page(request, rows, asked)
        return Response(HoldPage({"results": found, "next": following}).data)

    @extend_schema(
        operation_id="hold_records",
        summary=_("Keep the records of an order beyond their time"),
        request=HoldIn,
        responses={201: HoldOut, **rest.ACT_ERRORS},
    )
    def post(self, request: Request) -> Response:
        policy.require(self.actor, "records.hold", None)
        said = checked(HoldIn, request.data)
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


class AskErasure(Door):
    @extend_schema(
        operation_id="ask_erasure",
        summary=_("Ask for one's own files, words and name to be erased"),
        request=None,
        responses={200: ErasureOut, **rest.ACT_ERRORS},
    )
    def post(self, request: Request) -> Response:
        return self.once(lambda: (200, ErasureOut(records.ask_erasure(actor=self.actor)).data))


class CarryOutErasure(Door):
    @extend_schema(
        operation_id="carry_out_erasure",
        summary=_("Carry out a person's request to be erased"),
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
