"""Custody entries: what happened to an item, in the ledger of its dossier.

received (hash, size, check sums) → inspected (verdict, tools) → derived (what was made of it, by which tools) →
redacted (the same, once more) → lodged → disclosed → withdrawn; discarded before it was lodged; original_viewed and
exported by whom; erased when its time is over. ``verify`` holds the rows against them: whatever makes or replaces
derivatives records ``derived``, and the last of each variant counts.
"""

from datetime import datetime
from typing import Any

from accounts import policy
from accounts.actors import Actor
from evidence.models import Dossier, Item
from ledger.models import Audience, Entry
from ledger.recording import record


def enter(*, verb: str, actor: Actor, item: Item, at: datetime, audience: str, **facts: Any) -> Entry:
    """Append ``evidence_<verb>`` about one item, inside the caller's transaction."""
    return record(
        subject=item.dossier.subject,
        verb=f"evidence_{verb}",
        actor=actor,
        role=policy.role_in(actor, item.dossier),
        at=at,
        facts={"item": str(item.pk), "sha256": item.sha256, **facts},
        audience=audience,
    )


def enter_many(*, verb: str, actor: Actor, dossier: Dossier, items: list[Item], at: datetime, audience: str) -> Entry:
    """One entry for an act on several items of one side; it carries each one's number and hash."""
    return record(
        subject=dossier.subject,
        verb=f"evidence_{verb}",
        actor=actor,
        role=policy.role_in(actor, dossier),
        at=at,
        facts={
            "side": items[0].side,
            "items": [{"item": str(item.pk), "exhibit_no": item.exhibit_no, "sha256": item.sha256} for item in items],
        },
        audience=audience,
    )


def audience_of(item: Item) -> str:
    """Who may read what happens to an item: its own side until it is disclosed, then everybody."""
    return Audience.ALL if item.disclosed_at else Audience(item.side)
