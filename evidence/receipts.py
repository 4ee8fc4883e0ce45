"""The receipt of an item, for the side that sent it: what was received, when, and where in the ledger it stands."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from accounts import policy
from accounts.actors import Actor
from core import pdf
from core.moments import beijing_text
from evidence import custody
from evidence.models import Item
from ledger import keys
from ledger.chain import canonical, content
from ledger.models import Entry


@dataclass(frozen=True)
class Receipt:
    """``canonical``: the entry's text. ``content``: its SHA-256; the entry's hash is the SHA-256 of ``entry.prev_hash``
    and that. Entries of the first form have no ``content``; their hash covers the text itself.
    """

    item: Item
    entry: Entry
    canonical: str
    content: str

    @property
    def document(self) -> dict[str, Any]:
        """For programs. Keeps its names for good."""
        return {
            "item": str(self.item.pk),
            "name": self.item.original_name,
            "size": self.item.size,
            "sha256": self.item.sha256,
            "received_at": self.entry.at.isoformat(),
            "chain": self.entry.subject,
            "position": self.entry.seq,
            "prev_hash": self.entry.prev_hash,
            "canonical": self.canonical,
            "content": self.content,
            "hash": self.entry.hash,
            "heads_public_key": keys.public_key(),
        }


def receipt(actor: Actor, item_id: UUID) -> Receipt:
    """Raises Item.DoesNotExist for everybody but the item's own side. At most four queries."""
    item = Item.objects.select_related("dossier").get(pk=item_id)
    if policy.side_of(actor, item.dossier) != item.side:
        raise Item.DoesNotExist
    entry = custody.received(item.dossier, [item])[str(item.pk)]
    return Receipt(item, entry, canonical(entry).decode(), content(entry))


def as_json(made: Receipt) -> bytes:
    return json.dumps(made.document, ensure_ascii=False, indent=1).encode() + b"\n"


def as_pdf(made: Receipt) -> bytes:
    """In the reader's language."""
    item, entry = made.item, made.entry
    rows = [
        [_("What was recorded"), ""],
        [_("File"), item.original_name],
        [_("Size"), _("%(n)d bytes") % {"n": item.size}],
        ["SHA-256", item.sha256],
        [_("Received"), f"{beijing_text(entry.at)} ({entry.at.isoformat()})"],
        [_("Chain and position"), f"{entry.subject} · {entry.seq}"],
        [_("Hash of the entry before"), entry.prev_hash or "–"],
        [_("SHA-256 of the entry's text"), made.content or "–"],
        [_("Hash of the entry"), entry.hash],
    ]
    steps = [("p", f"{number}. {step}") for number, step in enumerate(how_to_check(made), 1)]
    title = _("Receipt")
    blocks = [("h1", title), ("table", rows), ("h2", _("How to check it")), *steps, ("p", made.canonical)]
    return pdf.document(f"{title} {item.pk}", blocks)


def how_to_check(made: Receipt) -> list[str]:
    """Steps that need nothing of ours."""
    chained = (
        _("The entry's hash is the SHA-256 of the hash before it, directly followed by the SHA-256 of its text.")
        if made.content
        else _("The entry's hash is the SHA-256 of the hash before it, directly followed by the entry's text.")
    )
    return [
        _("Compute the SHA-256 of your own file (sha256sum, on Windows certutil -hashfile): it is the one above."),
        chained,
        _("Keep this receipt. Nobody can change the entry later without its hash differing from the one you hold."),
    ]
