"""Speaks to the marketplace's refund service over HTTP: signed, idempotent, with time limits (docs/api.md)."""

import hashlib
import hmac
import json
import logging
import time
from typing import Any

import httpx
from django.conf import settings

from disputes.gateway import Answer, Result
from disputes.models import Refund

logger = logging.getLogger(__name__)


class HttpGateway:
    """``POST /refunds`` with the key in ``Idempotency-Key``; ``GET /refunds/<key>`` to ask.

    2xx is believed, 4xx (but 408, 409, 425, 429) is a refusal, and everything else, silence included, is unknown.
    Every request carries ``Gongduan-Signature: t=<unix seconds>,v1=<hex HMAC-SHA256 of "t.body">``.
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
            },
            refund.key,
        )

    def ask(self, refund: Refund) -> Answer:
        return self._send("GET", f"/refunds/{refund.key}", None, refund.key)

    def _send(self, method: str, path: str, document: dict[str, Any] | None, key: str) -> Answer:
        body = json.dumps(document, separators=(",", ":")).encode() if document is not None else b""
        headers = {"Content-Type": "application/json", "Idempotency-Key": key, "Gongduan-Signature": sign(body)}
        try:
            response = httpx.request(
                method,
                settings.REFUND_GATEWAY_URL.rstrip("/") + path,
                content=body,
                headers=headers,
                timeout=settings.REFUND_GATEWAY_TIMEOUT_SECONDS,
                follow_redirects=False,
            )
        except httpx.HTTPError as error:
            logger.warning("refund gateway silent on %s: %s", key, type(error).__name__)
            return Answer(Result.UNKNOWN)
        return _read(response, method)


def sign(body: bytes, at: int | None = None) -> str:
    """The signature header's value for a body sent at ``at`` (unix seconds, now by default)."""
    moment = str(int(time.time()) if at is None else at)
    digest = hmac.new(settings.REFUND_GATEWAY_SECRET.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={moment},v1={digest}"


def _read(response: httpx.Response, method: str) -> Answer:
    if method == "GET" and response.status_code == httpx.codes.NOT_FOUND:
        return Answer(Result.ABSENT)
    try:
        document = response.json()
    except ValueError:
        document = {}
    status, reference = str(document.get("status", "")), str(document.get("reference", ""))
    if response.is_success and status == "done":
        return Answer(Result.DONE, reference)
    if response.is_success and status == "refused":
        return Answer(Result.REFUSED, reference)
    if response.is_client_error and response.status_code not in {408, 409, 425, 429}:
        return Answer(Result.REFUSED, reference or f"HTTP {response.status_code}")
    return Answer(Result.UNKNOWN)
