"""The verdict on items that were sealed first: ready, or refused with the reason. The row is the truth, not the queue.

Whoever begins leases the item, so that a ring heard twice costs nothing; what a dead worker held is free again when its
lease ends. After three beginnings without an end a file is set aside as not to be checked, and stops nobody.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q

from core import clock
from evidence import antivirus, doorbell, inspection, receiving, types
from evidence.models import Item, State
from evidence.storage import store
from ledger.recording import hold

MOST_ATTEMPTS = 3
LEASE = timedelta(seconds=45)
SLOW_LEASE = timedelta(seconds=150)
LEFT_ALONE = timedelta(seconds=30)
"""So long whoever sent a file is expected to ask for its verdict."""
BATCH = 20


def check(item_id: UUID) -> Item | None:
    """Inspect an item that waits for it, and write the verdict; the item as it is now, None where it was discarded.

    Running it twice, late or in two places at once gives one verdict.
    """
    if _begin(item_id, clock.now()):
        item = Item.objects.select_related("dossier").get(pk=item_id)
        if item.check_attempts > MOST_ATTEMPTS:
            _write(item, inspection.Report(refused=inspection.NOT_CHECKED))
        else:
            _inspect(item)
    return Item.objects.select_related("dossier").filter(pk=item_id).first()


def sweep() -> int:
    """Ring for every item that waits while nobody is at it. Returns how many; one query when there is none."""
    now = clock.now()
    waiting = Item.objects.filter(_free(now), state=State.INSPECTING, received_at__lt=now - LEFT_ALONE)
    items = list(waiting.order_by("received_at")[:BATCH])
    for item in items:
        doorbell.ring(item)
    return len(items)


def _free(now: datetime) -> Q:
    return Q(check_until=None) | Q(check_until__lte=now)


def _begin(item_id: UUID, now: datetime) -> bool:
    """Lease the item. False where there is nothing to check or somebody is at it."""
    free = Item.objects.filter(_free(now), pk=item_id, state=State.INSPECTING)
    slow = [taken.media_type for taken in types.TAKEN if taken.slow]
    begun = {"check_attempts": F("check_attempts") + 1}
    return bool(
        free.filter(media_type__in=slow).update(**begun, check_until=now + SLOW_LEASE)
        or free.exclude(media_type__in=slow).update(**begun, check_until=now + LEASE)
    )


def _inspect(item: Item) -> None:
    try:
        with store().local(item.sha256) as path, inspection.inspect(path, item.media_type) as report:
            if report.refused == inspection.NOT_CHECKED:
                _again(item)
            else:
                _write(item, report)
    except antivirus.Unavailable:  # no fault of the file's
        _again(item, check_attempts=F("check_attempts") - 1)


def _again(item: Item, **changes: Any) -> None:
    """No verdict: the item waits for the next sweep but one."""
    waiting = Item.objects.filter(pk=item.pk, state=State.INSPECTING)
    waiting.update(check_until=clock.now() + LEFT_ALONE, **changes)


def _write(item: Item, report: inspection.Report) -> None:
    derivatives = receiving.keep_made(report)
    with transaction.atomic():
        hold(item.dossier.subject)
        state = State.REFUSED if report.refused else State.READY
        waiting = Item.objects.filter(pk=item.pk, state=State.INSPECTING)
        if waiting.update(state=state, refused_code=report.refused, check_until=None, **receiving.measured(report)):
            receiving.write_made(item, derivatives, report, at=clock.now())
