"""Receipts for programs."""

from typing import Any
from uuid import UUID

from django.http import Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from core import rest
from disputes.api import Door
from evidence.models import Item
from evidence.receipts import receipt


class ReceiptShape(serializers.Serializer[Any]):
    """``hash`` is the SHA-256 of ``prev_hash`` and the UTF-8 bytes of ``canonical``."""

    item = serializers.UUIDField()
    name = serializers.CharField()
    size = serializers.IntegerField()
    sha256 = serializers.CharField()
    received_at = serializers.DateTimeField()
    chain = serializers.CharField()
    position = serializers.IntegerField()
    prev_hash = serializers.CharField()
    canonical = serializers.CharField()
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
