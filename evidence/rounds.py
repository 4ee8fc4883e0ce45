"""The nightly round: everything is checked once a day, a few seconds a minute, and goes on where it stopped."""

import logging
import time
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db.models import Q

from core import health
from evidence import keeping, verify
from evidence.models import Defect, Walk
from evidence.verify import Checked, Fault

logger = logging.getLogger(__name__)

SLICE_SECONDS = 5.0
EVERY = timedelta(days=1)
OLD = timedelta(days=2)
"""Nobody has looked at everything for this long: the check does not keep up."""
_BUSY = timedelta(minutes=2)  # a task is killed by then
_ORPHANS = "orphans"


def work(*, seconds: float = SLICE_SECONDS) -> int:
    """Go on with the round for about ``seconds``, beginning one when the last is a day old; returns how many keys.

    Two workers never walk together. A slice that is killed is done again.
    """
    walk = _claim(health.host_now())
    if walk is None:
        return 0
    until, before = time.monotonic() + seconds, walk.checked
    try:
        for checked in _steps(walk.phase, walk.after):
            _note(checked.faults, health.host_now())
            walk.checked += 1
            if checked.phase == "heads":  # no place to stop: they are read anew wherever the chains go on
                continue
            walk.phase, walk.after = checked.phase, checked.key
            if time.monotonic() >= until:
                break
        else:
            _finish(walk)
    finally:
        walk.busy_until = None
        walk.save()
    return walk.checked - before


def _claim(now: datetime) -> Walk | None:
    """The walk, this worker's alone; None where somebody works on it or nothing is due. At most three queries."""
    walk, _created = Walk.objects.get_or_create(pk=1, defaults={"started_at": now})
    if walk.started_at is None and walk.finished_at and now < walk.finished_at + EVERY:
        return None
    free = Walk.objects.filter(Q(busy_until=None) | Q(busy_until__lte=now), pk=1)
    if not free.update(busy_until=now + _BUSY):
        return None
    walk.refresh_from_db()
    if walk.started_at is None:
        walk.started_at, walk.phase, walk.after, walk.checked = now, "", "", 0
    return walk


def _steps(phase: str, after: str) -> Iterator[Checked]:
    if phase != _ORPHANS:
        yield from verify.run(phase, after)
    for number in range(256):
        prefix = f"{number:02x}"
        if phase != _ORPHANS or prefix > after:
            keeping.sweep_orphans(at=health.host_now(), prefix=prefix)
            yield Checked(_ORPHANS, prefix, [], 0)


def _note(faults: list[Fault], now: datetime) -> None:
    for fault in faults:
        logger.error("evidence fault: %s", fault)
        Defect.objects.update_or_create(
            subject=fault.subject,
            ref=fault.ref,
            detail=fault.detail[:300],
            over_at=None,
            defaults={"kind": fault.kind, "seen_at": now},
            create_defaults={"kind": fault.kind, "seen_at": now, "found_at": now},
        )


def _finish(walk: Walk) -> None:
    """What this round no longer found is over."""
    now = health.host_now()
    Defect.objects.filter(over_at=None, seen_at__lt=walk.started_at).update(over_at=now)
    walk.started_at, walk.finished_at = None, now


def state() -> tuple[float | None, int, bool]:
    """Seconds since everything was last checked (None: never), how many faults stand, and whether all is well.

    Before the first round has ended, its beginning counts. Two queries.
    """
    walk = Walk.objects.filter(pk=1).first()
    faults = Defect.objects.filter(over_at=None).count()
    now = health.host_now()
    since = (walk.finished_at or walk.started_at) if walk else None
    age = (now - walk.finished_at).total_seconds() if walk and walk.finished_at else None
    return age, faults, not faults and (since is None or now - since <= OLD)
