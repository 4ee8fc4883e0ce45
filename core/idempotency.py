"""Doing a thing once however often it is asked: double taps, retries, proxies that replay."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import Refused
from core.models import IdempotencyKey


def fingerprint(*parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def once(*, actor: str, key: str, mark: str, act: Callable[[], Any]) -> tuple[Any, bool]:
    """Run ``act`` unless (actor, key) already has an answer; return (JSON answer, whether it was replayed).

    Key and effect commit together; a twin that runs at the same time waits for the first and gets its answer. A
    refusal rolls both back, so a corrected form may use its key again. The same key with another request
    (``mark``) is refused with ``idempotency_key_reused``.
    """
    with transaction.atomic():
        row, created = IdempotencyKey.objects.get_or_create(actor=actor, key=key[:200], defaults={"fingerprint": mark})
        if not created:
            if row.fingerprint != mark:
                raise Refused("idempotency_key_reused", _("This key was already used for another request."))
            return row.answer, True
        row.answer = act()
        row.save(update_fields=["answer"])
        return row.answer, False
