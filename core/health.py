"""Whether the parts are alive. Ages are in seconds; thresholds leave room for a restart."""

import logging
from datetime import UTC, datetime

from core.models import Heartbeat

logger = logging.getLogger(__name__)

SILENT_AFTER_SECONDS = 60


def beat(part: str) -> None:
    """Note that ``part`` is alive, by the host's own clock (a moved demo clock must not make it look dead)."""
    Heartbeat.objects.update_or_create(part=part, defaults={"beat_at": datetime.now(UTC)})


def age(part: str) -> float | None:
    """Seconds since ``part`` was last alive; None if it never was."""
    row = Heartbeat.objects.filter(part=part).first()
    return (datetime.now(UTC) - row.beat_at).total_seconds() if row else None
