"""Between the bytes and the rows that name them: nothing is named that is not kept, nothing is kept that nobody names.

Bytes are kept before their row is written. A crash between the two leaves bytes that nobody names, which the sweep
removes a day later; never a row without bytes.
"""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from core.errors import Conflict
from evidence.models import Derivative, Item
from evidence.storage import LEFT_FOR, store
from ledger.recording import hold

ORPHAN_AGE = LEFT_FOR


def claim(hashes: Iterable[str], *, after: Iterable[str] = ()) -> None:
    """In the transaction that writes rows naming these bytes: keep the sweep away from them until it ends.

    ``after``: subjects to hold before them. One query on PostgreSQL. Raises Refused("file_not_kept") where the sweep
    was there first.
    """
    wanted = sorted(set(hashes))
    hold(*after, *(f"bytes:{sha256}" for sha256 in wanted))
    if not all(store().has(sha256) for sha256 in wanted):
        raise Conflict("file_not_kept", _("The file could not be kept. Send it again."), field="files")


def sweep_orphans(*, at: datetime, prefix: str = "") -> int:
    """Remove bytes that no row names, a day after they were last kept; returns how many files went.

    ``prefix``: two digits, to look only at hashes that begin so. They come from discarded or erased items and from
    crashes between the bytes and the row.
    """
    before = at - ORPHAN_AGE
    old = (sha256 for sha256, kept_at in store().kept(prefix) if kept_at <= before)
    return sum(_drop(sha256, before) for sha256 in old) + store().sweep_temporary(before=before)


def drop(sha256: str) -> bool:
    """Remove bytes at once, unless a row still names them; returns whether they went. Three queries."""
    with transaction.atomic():
        hold(f"bytes:{sha256}")
        if named(sha256):
            return False
        store().forget(sha256)
        return True


def _drop(sha256: str, before: datetime) -> bool:
    """Under the lock that ``claim`` takes: is it still old, and still nobody's? Then it goes. Three queries."""
    with transaction.atomic():
        hold(f"bytes:{sha256}")
        kept_at = store().kept_at(sha256)
        if kept_at is None or kept_at > before or named(sha256):
            return False
        store().forget(sha256)
        return True


def named(sha256: str) -> bool:
    """Whether a row that was not erased names these bytes. At most two queries."""
    return (
        Item.objects.filter(sha256=sha256, erased_at=None).exists() or Derivative.every.filter(sha256=sha256).exists()
    )
