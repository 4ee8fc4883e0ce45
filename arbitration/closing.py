"""The end: a case closes when no review can come and every remedy is done."""

from datetime import datetime

from accounts.actors import CLOCK
from arbitration import restitution
from arbitration.models import Remedy, Ruling
from disputes import lifecycle
from disputes.models import Case, Deadline, State


def conclude(*, deadline: Deadline, at: datetime) -> None:
    """The review window is over: the ruling is final."""
    assert deadline.case is not None
    case = deadline.case
    if case.state in {State.RULED, State.ENFORCING}:
        case.final = True
        case.save(update_fields=["final"])
        restitution.settle(case, at)
        try_to_conclude(case, at)


def try_to_conclude(case: Case, at: datetime) -> None:
    """Close the case if nothing is left; show it as being carried out if only remedies are. Idempotent."""
    if case.state not in {State.RULED, State.ENFORCING} or not _final(case):
        return
    if not case.remedies.exclude(state__in=Remedy.DONE).exists():
        ruling = case.rulings.get(state=Ruling.State.IN_EFFECT)
        lifecycle.move(
            case,
            "conclude",
            actor=CLOCK,
            at=at,
            to=State.CLOSED,
            outcome=ruling.outcome,
            facts={"outcome": ruling.outcome},
        )
    elif case.state == State.RULED:
        lifecycle.move(case, "conclude", actor=CLOCK, at=at, to=State.ENFORCING)


def _final(case: Case) -> bool:
    asked = getattr(case, "set_aside", None)
    return case.final and (asked is None or asked.state != "asked")
