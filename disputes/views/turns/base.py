"""What the head of a case page says: whose turn, until when, what to press."""

from dataclasses import dataclass
from datetime import datetime

from disputes.models import Deadline


@dataclass
class Turn:
    """``whose``: buyer, merchant, platform, both or nobody. ``due``: the clock that counts; ``until``: a moment that no
    clock of the case keeps. ``act``: the one to offer.

    ``href``: where that leads when it is no act. ``mode``: only where it does not follow from ``whose``.
    """

    whose: str
    big: str
    due: Deadline | None = None
    until: datetime | None = None
    due_label: str = ""
    act: str = ""
    action: str = ""
    href: str = ""
    note: str = ""
    mode: str = ""


def passed(due: Deadline | None, at: datetime) -> bool:
    """Whether a clock is over though nobody has acted on it yet. The platform's own targets are not meant."""
    return (
        due is not None
        and due.state == Deadline.State.OPEN
        and due.due_at is not None
        and due.due_at <= at
        and due.side != "platform"
    )
