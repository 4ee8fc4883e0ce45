"""Receipts for programs; and uploads that can be resumed (tus 1.0), for programs and for the page's own script."""

from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.parsers import BaseParser
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import policy
from accounts.api.door import Door
from arbitration.api.reads import visible_case
from core import clock, rest
from core.text import PlainText
from disputes import exhibits
from evidence import tus, uploads
from evidence.models import CAPTION_LENGTH, Item, Kind, Upload
from evidence.receipts import receipt


class UploadShape(serializers.Serializer[Any]):
    """What ``Upload-Metadata`` may say."""

    filename = serializers.CharField(max_length=1000, trim_whitespace=False)
    kind = serializers.ChoiceField(Kind.choices, default="", allow_blank=True)
    slot = serializers.SlugField(max_length=40, default="", allow_blank=True)
    caption = PlainText(max_length=CAPTION_LENGTH, default="", allow_blank=True)


class Unread(BaseParser):
    """Bytes that the verb reads as they come. Whoever asks for fields (the check of a token does) finds none."""

    media_type = tus.BYTES

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> dict[str, Any]:
        return {}


class TusDoor(Door):
    parser_classes = [Unread]

    def options(self, request: Any, *args: Any, **kwargs: Any) -> Response:
        return Response(status=204, headers=tus.OFFER)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        answer = super().finalize_response(request, response, *args, **kwargs)
        answer.headers["Tus-Resumable"], answer.headers["Cache-Control"] = tus.VERSION, "no-store"
        return answer

    @property
    def raw(self) -> HttpRequest:
        """The request below the framework's: its body is read as it comes, never parsed."""
        return self.request._request


class Uploads(TusDoor):
    @extend_schema(
        operation_id="begin_upload",
        summary=_("Begin an upload that can be resumed (tus 1.0); it is lodged by a later act"),
        request=None,
        responses={201: OpenApiResponse(description=_("Location says where the bytes go.")), **rest.ACT_ERRORS},
    )
    def post(self, request: Request, number: str) -> Response:
        case = visible_case(self.actor, number)
        policy.require(self.actor, "case.upload", case)
        tus.require_version(self.raw)
        length, given = tus.number(self.raw, "Upload-Length"), rest.checked(UploadShape, tus.metadata(self.raw))
        checksum = tus.checksum(self.raw)
        name = given.pop("filename")
        with_bytes = self.raw.content_type == tus.BYTES
        upload = exhibits.begin_upload(
            actor=self.actor, case=case, name=name, length=length, with_bytes=with_bytes, **given
        )
        if with_bytes:
            body = tus.pieces(self.raw, most=length, all_of_them=True)
            uploads.append(upload=upload, offset=0, pieces=body, checksum=checksum, at=upload.begun_at)
        place = reverse("evidence_api:upload", args=[upload.pk])
        return Response(status=201, headers={"Location": place, **tus.headers(upload)})


class OneUpload(TusDoor):
    """Whoever did not begin it, or is no longer of that side, is told there is nothing."""

    @extend_schema(
        operation_id="look_at_upload", summary=_("How far an upload is (tus 1.0)"), request=None, responses={200: None}
    )
    def head(self, request: Request, upload_id: UUID) -> Response:
        upload = self._own(upload_id)
        tus.require_version(self.raw)
        return Response(headers={"Upload-Length": str(upload.length), **tus.headers(upload)})

    @extend_schema(
        operation_id="continue_upload",
        summary=_("The next bytes of an upload (tus 1.0)"),
        request=None,
        responses={204: OpenApiResponse(description=_("Upload-Offset says how far it is.")), **rest.ACT_ERRORS},
    )
    def patch(self, request: Request, upload_id: UUID) -> Response:
        upload = self._own(upload_id)
        tus.require_version(self.raw)
        tus.require_bytes(self.raw)
        offset, checksum = tus.number(self.raw, "Upload-Offset"), tus.checksum(self.raw)
        body = tus.pieces(self.raw, most=max(0, upload.length - offset))
        upload = exhibits.append_upload(
            actor=self.actor,
            case=upload.dossier.case,
            upload=upload,
            offset=offset,
            pieces=body,
            announced=tus.announced(self.raw),
            checksum=checksum,
        )
        return Response(status=204, headers=tus.headers(upload))

    @extend_schema(
        operation_id="give_up_upload",
        summary=_("Give an upload up (tus 1.0)"),
        request=None,
        responses={204: OpenApiResponse(description=_("It is gone.")), **rest.ACT_ERRORS},
    )
    def delete(self, request: Request, upload_id: UUID) -> Response:
        upload = self._own(upload_id)
        tus.require_version(self.raw)
        uploads.cancel(upload=upload)
        return Response(status=204)

    def _own(self, upload_id: UUID) -> Upload:
        """With its case. Two queries, one more for the actor's stores where it is the merchant's."""
        rows = Upload.objects.select_related("dossier__case")
        upload = rows.filter(pk=upload_id, uploader=self.actor, expires_at__gt=clock.now()).first()
        if upload is None or policy.side_of(self.actor, upload.dossier) != upload.side:
            raise Http404
        return upload


class ReceiptShape(serializers.Serializer[Any]):
    """``hash`` is the SHA-256 of ``prev_hash`` and ``content``, which is the SHA-256 of the UTF-8 bytes of
    ``canonical``. Where ``content`` is empty, it is the SHA-256 of ``prev_hash`` and those bytes themselves.
    """

    item = serializers.UUIDField()
    name = serializers.CharField()
    size = serializers.IntegerField()
    sha256 = serializers.CharField()
    received_at = serializers.DateTimeField()
    chain = serializers.CharField()
    position = serializers.IntegerField()
    prev_hash = serializers.CharField()
    canonical = serializers.CharField()
    content = serializers.CharField()
    hash = serializers.CharField()
    heads_public_key = serializers.CharField()


class OneReceipt(Door):
    @extend_schema(
        operation_id="receipt",
        summary=_("The receipt of one's own file: what was received, when, and where in the ledger it stands"),
        responses={200: ReceiptShape, **rest.READ_ERRORS},
    )
    def get(self, request: Request, item_id: UUID) -> Response:
        try:
            return Response(receipt(self.actor, item_id).document)
        except Item.DoesNotExist:
            raise Http404 from None
