"""Whether every byte is still what it was: checks that need nothing but the store and the rows."""

from collections.abc import Iterator
from dataclasses import dataclass

from evidence.models import Item
from evidence.storage import store


@dataclass(frozen=True)
class Fault:
    """A stored file that is missing or not the bytes that were received. ``reason``: ``missing`` or ``changed``."""

    subject: str
    item: str
    sha256: str
    reason: str


def check_files() -> Iterator[Fault]:
    """Re-hash every original, in order of receipt, and name each that does not hold. Reads every byte there is."""
    rows = Item.objects.select_related("dossier").order_by("received_at", "pk")
    for item in rows.iterator(chunk_size=500):
        try:
            sound = store().rehash(item.sha256).sha256 == item.sha256
        except FileNotFoundError:
            yield Fault(item.dossier.subject, str(item.pk), item.sha256, "missing")
            continue
        if not sound:
            yield Fault(item.dossier.subject, str(item.pk), item.sha256, "changed")
