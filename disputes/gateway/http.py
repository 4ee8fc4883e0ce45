"""Speaks to the marketplace's refund service over HTTP: signed, idempotent, with time limits (docs/api.md)."""

import asyncio
import hashlib
import hmac
import json
import logging
import time
from typing import Any
from urllib.parse import urlsplit

import httpx
from django.conf import settings

from disputes.gateway import Answer, Result
from disputes.models import Refund

logger = logging.getLogger(__name__)

ANSWER_BYTES = 64 * 1024
REFERENCE_LENGTH = 80
NO_REFUSAL = frozenset({401, 403, 405, 407, 408, 409, 425, 429})
"""Our credentials or the moment are wrong, not the refund."""


class HttpGateway:
    """``POST /refunds`` with the key in ``Idempotency-Key``; ``GET /refunds/<key>`` to ask.

    2xx is believed, a POST's 4xx is a refusal unless it is about us or about now (``NO_REFUSAL``), and everything else,
    silence included, is unknown.
    The time limit counts for the whole exchange: a service that drips its answer is as silent as a dead one.
    Every request carries ``Gongduan-Signature: t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.METHOD.path.body">``.
    """

    def refund(self, refund: Refund) -> Answer:
        return self._send(
            "POST",
            "/refunds",
            {
                "key": refund.key,
                "order": refund.order.number,
                "amount_fen": refund.amount_fen,
                "currency": "CNY",
                "funding": refund.funding,
                "purpose": "compensation" if refund.on_top else "refund",
            },
            refund.key,
        )

    def ask(self, refund: Refund) -> Answer:
        return self._send("GET", f"/refunds/{refund.key}", None, refund.key)

    def _send(self, method: str, path: str, document: dict[str, Any] | None, key: str) -> Answer:
        body = json.dumps(document, separators=(",", ":")).encode() if document is not None else b""
        url = settings.REFUND_GATEWAY_URL.rstrip("/") + path
        signature = sign(method, urlsplit(url).path, body)
        headers = {"Content-Type": "application/json", "Idempotency-Key": key, "Gongduan-Signature": signature}
        try:
            status, content = asyncio.run(_exchange(method, url, body, headers))
        except (httpx.HTTPError, TimeoutError) as error:
            logger.warning("refund gateway silent on %s: %s", key, type(error).__name__)
            return Answer(Result.UNKNOWN)
        return _read(method, status, content)


async def _exchange(method: str, url: str, body: bytes, headers: dict[str, str]) -> tuple[int, bytes]:
    """Status and at most ANSWER_BYTES of the answer. Raises TimeoutError, httpx.HTTPError."""
    seconds = settings.REFUND_GATEWAY_TIMEOUT_SECONDS
    answer = b""
    async with (
        asyncio.timeout(seconds),
        httpx.AsyncClient(timeout=seconds) as client,
        client.stream(method, url, content=body, headers=headers) as response,
    ):
        async for chunk in response.aiter_bytes():
            answer += chunk
            if len(answer) > ANSWER_BYTES:
                break
        return response.status_code, answer


def sign(method: str, path: str, body: bytes, at: int | None = None) -> str:
    """The signature header's value for a request sent at ``at`` (unix seconds, now by default)."""
    moment = str(int(time.time()) if at is None else at)
    signed = f"{moment}.{method}.{path}.".encode() + body
    digest = hmac.new(settings.REFUND_GATEWAY_SECRET.encode(), signed, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"


def _read(method: str, code: int, content: bytes) -> Answer:
    if method == "GET":
        if code == httpx.codes.NOT_FOUND:
            return Answer(Result.ABSENT)
        if not httpx.codes.is_success(code):
            return Answer(Result.UNKNOWN)  # an error of asking says nothing about the money
    document = _document(content)
    status, reference = str(document.get("status", "")), str(document.get("reference", ""))[:REFERENCE_LENGTH]
    if httpx.codes.is_success(code) and status == "done":
        return Answer(Result.DONE, reference)
    if httpx.codes.is_success(code) and status == "refused":
        return Answer(Result.REFUSED, reference)
    if httpx.codes.is_client_error(code) and code not in NO_REFUSAL:
        return Answer(Result.REFUSED, reference or f"HTTP {code}")
    return Answer(Result.UNKNOWN)


def _document(content: bytes) -> dict[str, Any]:
    try:
        document = json.loads(content)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}
