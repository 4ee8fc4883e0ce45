"""Custody entries: what happened to an item, in the ledger of its dossier.

received (hash, size, check sums) → inspected (verdict, tools) → derived (what was made of it, by which tools) →
redacted (the same, once more) → lodged → disclosed → withdrawn; discarded before it was lodged; original_viewed and
exported by whom; erased when its time is over. ``verify`` holds the rows against them: whatever makes or replaces
derivatives records ``derived``, and the last of each variant counts.

What is computed from the original's bytes (SHA-256, size, check sums) stands only in entries that the other side may
not read: whoever knows all but a covered telephone number could try every number against them. An entry for both sides
names the received entry by its content instead, which is salted (``ledger.chain``) and so cannot be guessed.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from accounts import policy
from accounts.actors import Actor
from evidence.models import Dossier, Item
from ledger.chain import content
from ledger.models import Audience, Entry
from ledger.recording import record


def enter(*, verb: str, actor: Actor, item: Item, at: datetime, audience: str, **facts: Any) -> Entry:
    """Append ``evidence_<verb>`` about one item, inside the caller's transaction."""
    named = _named([item], audience)[item]
    return record(
        subject=item.dossier.subject,
        verb=f"evidence_{verb}",
        actor=actor,
        role=policy.role_in(actor, item.dossier),
        at=at,
        facts={"item": str(item.pk), **named, **facts},
        audience=audience,
    )


def enter_many(*, verb: str, actor: Actor, dossier: Dossier, items: list[Item], at: datetime, audience: str) -> Entry:
    """One entry for an act on several items of one side; it carries each one's number and what stands for its bytes."""
    named = _named(items, audience)
    return record(
        subject=dossier.subject,
        verb=f"evidence_{verb}",
        actor=actor,
        role=policy.role_in(actor, dossier),
        at=at,
        facts={
            "side": items[0].side,
            "items": [{"item": str(item.pk), "exhibit_no": item.exhibit_no, **named[item]} for item in items],
        },
        audience=audience,
    )


def received(dossier: Dossier, items: Iterable[Item]) -> dict[str, Entry]:
    """Item → the entry that it was received. One query."""
    keys = [str(item.pk) for item in items]
    rows = Entry.objects.filter(subject=dossier.subject, verb="evidence_received", facts__item__in=keys)
    return {entry.facts["item"]: entry for entry in rows}


def _named(items: list[Item], audience: str) -> dict[Item, dict[str, str]]:
    """What stands for the bytes of each. One query where both sides read it, none otherwise."""
    if audience != Audience.ALL:
        return {item: {"sha256": item.sha256} for item in items}
    entries = received(items[0].dossier, items)
    return {item: {"received": content(entries[str(item.pk)])} if str(item.pk) in entries else {} for item in items}


def audience_of(item: Item) -> str:
    """Who may read what happens to an item: its own side until it is disclosed, then everybody."""
    return Audience.ALL if item.disclosed_at else Audience(item.side)
