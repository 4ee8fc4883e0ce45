"""The stage: stories are played together, in the order of their moments, while the clock only moves forward.

A story is a generator that yields the moment of its next act. Between two acts every deadline that falls due is carried
out at its own moment and every refund is sent, as a worker would have done.
"""

import heapq
import itertools
from collections.abc import Generator
from datetime import datetime

from arbitration import execution
from core import clock
from disputes import sweep
from disputes.models import Deadline

Story = Generator[datetime, None, None]


class Stage:
    """Plays stories up to ``until``; what a story would do later is left undone."""

    def __init__(self, until: datetime) -> None:
        self.until = until
        self._acts: list[tuple[datetime, int, Story]] = []
        self._order = itertools.count()

    def add(self, story: Story) -> None:
        """Run the story to its first moment; nothing may happen before that."""
        self._wait_for(story, next(story, None))

    def play(self) -> None:
        while self._acts:
            moment, _order, story = heapq.heappop(self._acts)
            let_time_pass(moment)
            with clock.frozen(moment):
                upcoming = next(story, None)
                execution.settle_open_refunds()
            assert upcoming is None or upcoming >= moment, f"{story} goes back in time"
            self._wait_for(story, upcoming)
        let_time_pass(self.until)
        parked = Deadline.objects.exclude(parked_because="").values_list("kind", "parked_because").first()
        assert parked is None, f"a deadline could not be carried out: {parked}"

    def _wait_for(self, story: Story, moment: datetime | None) -> None:
        if moment is not None and moment < self.until:
            heapq.heappush(self._acts, (moment, next(self._order), story))


def let_time_pass(until: datetime) -> None:
    """Carry out what falls due up to ``until``, each at its own moment."""
    while (due_at := _next_due(until)) is not None:
        with clock.frozen(due_at):
            assert sweep.sweep(), "something is due and cannot be carried out"
            execution.settle_open_refunds()


def _next_due(until: datetime) -> datetime | None:
    rows = Deadline.objects.filter(state=Deadline.State.OPEN, parked_because="", due_at__lte=until)
    rows = rows.exclude(kind__in=Deadline.TARGETS)  # passing a target changes nothing
    return rows.order_by("due_at").values_list("due_at", flat=True).first()
