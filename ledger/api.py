"""The door to the signed heads: open to everybody, since it names nobody."""

from typing import Any

from drf_spectacular.utils import extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from ledger import keys
from ledger.models import SignedHead

_HEAD = inline_serializer(
    "SignedHead",
    {
        "number": serializers.IntegerField(),
        "at": serializers.DateTimeField(),
        "document": serializers.CharField(help_text="The exact text that was signed, itself JSON."),
        "signature": serializers.CharField(help_text="Ed25519 over the text's UTF-8 bytes, in hexadecimal digits."),
        "public_key": serializers.CharField(help_text="32 bytes in hexadecimal digits."),
    },
)


class Heads(APIView):
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="ledger_heads",
        summary="The key that signs the ledger's daily heads, and the last thirty of them",
        responses=inline_serializer(
            "SignedHeads", {"public_key": serializers.CharField(), "heads": serializers.ListField(child=_HEAD)}
        ),
    )
    def get(self, request: Request) -> Response:
        """One query."""
        rows = SignedHead.objects.order_by("-number")[:30]
        shown: list[dict[str, Any]] = [{"number": head.number, "at": head.at, **head.signed} for head in rows]
        return Response({"public_key": keys.public_key(), "heads": shown})
