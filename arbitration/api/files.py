"""A side's own files before they are lodged: sent, described, covered, discarded."""

from functools import partial
from inspect import getdoc
from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import policy
from accounts.api.door import Door
from accounts.models import User
from arbitration.api.reads import visible_case
from arbitration.representations.files import BoxShape, RedactionShape, SpanShape
from core import clock, rest
from core.text import PlainText
from disputes import exhibits, from_order
from disputes.api.door import FileDoor, OneFile, file_document
from disputes.models import Case
from disputes.representations import DraftShape
from evidence import items as custody
from evidence import redaction
from evidence.models import CAPTION_LENGTH, REASON_LENGTH, Item, Kind, Redaction


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
    boxes = BoxShape(many=True, default=list)
    spans = SpanShape(many=True, default=list)
    words = serializers.ListField(
        child=PlainText(max_length=200), default=list, max_length=50, help_text="Covered wherever a text has them."
    )


class Files(FileDoor):
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
        asked = rest.checked(DescribeShape, request.data)
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
        responses={200: RedactionShape, **rest.READ_ERRORS},
    )
    def get(self, request: Request, number: str, item_id: UUID) -> Response:
        _case, item = _own_item(self.actor, number, item_id)
        return Response(_redaction_document(item))

    @extend_schema(
        operation_id="redact_file",
        summary=_("Cover exactly these parts of an unlodged file; none: uncover all"),
        description=getdoc(redaction.redact),
        request=CoverShape,
        responses={200: RedactionShape, **rest.ACT_ERRORS},
    )
    def put(self, request: Request, number: str, item_id: UUID) -> Response:
        _case, item = _own_item(self.actor, number, item_id)
        asked = rest.checked(CoverShape, request.data)
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
    return RedactionShape(
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
