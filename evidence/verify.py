"""Whether every byte is still what it was: checks that need nothing but the store and the rows."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from evidence.models import Derivative, Item
from evidence.storage import store

ORPHAN_AGE = timedelta(days=1)


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
            sound = store().rehash(item.sha256) == item.sha256
        except FileNotFoundError:
            yield Fault(item.dossier.subject, str(item.pk), item.sha256, "missing")
            continue
        if not sound:
            yield Fault(item.dossier.subject, str(item.pk), item.sha256, "changed")


def sweep_orphans(*, at: datetime) -> int:
    """Remove bytes that no row names, a day after they were last kept (an upload may still be writing its row).

    They come from discarded items and from crashes between the bytes and the row. Returns how many went.
    """
    gone = 0
    for sha256, kept_at in store().kept():
        if kept_at > at - ORPHAN_AGE:
            continue
        if not (Item.objects.filter(sha256=sha256).exists() or Derivative.objects.filter(sha256=sha256).exists()):
            store().forget(sha256)
            gone += 1
    return gone
