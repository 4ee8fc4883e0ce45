"""Erasing for good: bytes, derivatives and words go; hash, size, number, moments and the chain stay."""

from collections.abc import Iterable
from datetime import datetime
from functools import partial

from django.db import transaction
from django.db.models import Case, Value, When

from accounts.actors import Actor
from evidence import custody, keeping
from evidence.models import Derivative, Dossier, Item, Reading, Redaction
from ledger.models import Audience
from ledger.recording import hold

REASON_LEFT = "–"
"""What is left of the reason why an item is for the platform alone, or was withdrawn: a constraint wants one."""


def erase(*, actor: Actor, dossier: Dossier, sides: Iterable[str], at: datetime) -> int:
    """Erase every item of these sides; returns how many. Inside the caller's transaction.

    Their bytes go from the store once that commits, unless another item has the same; a crash in between leaves them
    to the sweep. Erasing again finds nothing.
    """
    hold(dossier.subject)
    erased = 0
    for side in sides:
        rows = list(dossier.items.filter(side=side, erased_at=None).order_by("received_at", "pk"))
        if rows:
            _erase(rows, at)
            custody.enter_many(verb="erased", actor=actor, dossier=dossier, items=rows, at=at, audience=Audience.ALL)
        erased += len(rows)
    return erased


def _erase(rows: list[Item], at: datetime) -> None:
    """Six queries."""
    keys = [item.pk for item in rows]
    made = Derivative.every.filter(item__in=keys)
    hashes = {*(item.sha256 for item in rows), *made.values_list("sha256", flat=True)}
    made.delete()
    Reading.objects.filter(item__in=keys).delete()
    Redaction.objects.filter(item__in=keys).delete()
    reason = Case(When(withdrawn_reason="", then=Value("")), default=Value(REASON_LEFT))
    Item.objects.filter(pk__in=keys).update(
        original_name="", caption="", capture_at=None, withdrawn_reason=reason, erased_at=at
    )
    Item.objects.filter(pk__in=keys, platform_only=True).update(platform_only_reason=REASON_LEFT)
    for sha256 in sorted(hashes):
        transaction.on_commit(partial(keeping.drop, sha256))
