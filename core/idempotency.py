"""Doing a thing once however often it is asked: double taps, retries, proxies that replay."""

import hashlib
import json
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import Refused
from core.models import IdempotencyKey

KEPT_FOR = timedelta(days=7)
"""How long an answer can be asked for again under its key; programs may rely on 48 hours."""


def fingerprint(*parts: Any) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode()).hexdigest()


def digest(chunks: Iterable[bytes]) -> str:
    """SHA-256 of a body too large to be kept in a mark."""
    found = hashlib.sha256()
    for chunk in chunks:
        found.update(chunk)
    return found.hexdigest()


def known(*, actor: str, key: str, mark: str) -> Any:
    """The answer (actor, key) already has, else None. For acts that must not run inside ``once``'s transaction."""
    row = IdempotencyKey.objects.filter(actor=_short(actor), key=key[:200]).first()
    return None if row is None else _same(row, mark)


def once(*, actor: str, key: str, mark: str, act: Callable[[], Any]) -> tuple[Any, bool]:
    """Run ``act`` unless (actor, key) already has an answer; return (JSON answer, whether it was replayed).

    Key and effect commit together; a twin that runs at the same time waits for the first and gets its answer. A
    refusal rolls both back, so a corrected form may use its key again; what the refusal itself leaves behind is
    written then. The same key with another request (``mark``) is refused with ``idempotency_key_reused``.
    """
    try:
        with transaction.atomic():
            row, created = IdempotencyKey.objects.get_or_create(
                actor=_short(actor), key=key[:200], defaults={"fingerprint": mark}
            )
            if not created:
                return _same(row, mark), True
            row.answer = act()
            row.save(update_fields=["answer"])
            return row.answer, False
    except Refused as refused:
        if refused.stays is not None:
            refused.stays()
        raise


def forget(*, before: datetime) -> int:
    """Delete the keys first used before a moment; returns how many. Whoever repeats so late is not repeating."""
    return IdempotencyKey.objects.filter(created_at__lt=before).delete()[0]


def _same(row: IdempotencyKey, mark: str) -> Any:
    if row.fingerprint != mark:
        raise Refused("idempotency_key_reused", _("This key was already used for another request."))
    return row.answer


def _short(actor: str) -> str:
    """As it fits the column: an integration's label may be longer."""
    return actor if len(actor) <= 64 else hashlib.sha256(actor.encode()).hexdigest()
