"""Whether the parts are alive. Ages are in seconds; thresholds leave room for a restart."""

import logging
from datetime import UTC, datetime

from core.models import Heartbeat

logger = logging.getLogger(__name__)

SILENT_AFTER_SECONDS = 60


def host_now() -> datetime:
    """The host's own clock, for what is about machinery: a moved demo clock must not make it look dead or old."""
    return datetime.now(UTC)


def beat(part: str) -> None:
    """Note that ``part`` is alive."""
    Heartbeat.objects.update_or_create(part=part, defaults={"beat_at": host_now()})


def age(part: str) -> float | None:
    """Seconds since ``part`` was last alive; None if it never was."""
    row = Heartbeat.objects.filter(part=part).first()
    return (host_now() - row.beat_at).total_seconds() if row else None
