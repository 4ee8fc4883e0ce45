"""Violation points (违规分): given after a finding of fault, taken back with it."""

from datetime import datetime

from arbitration.models import Violation
from disputes.models import Case

NOT_PERFORMING, SILENCE = "not_performing", "silence"
S = Violation.State


def record(case: Case, side: str, code: str, points: int, at: datetime) -> None:
    """Points for one fault of one side in one case, counted once; given again if they were taken back."""
    row, _created = Violation.objects.get_or_create(
        case=case, side=side, code=code, defaults={"points": points, "at": at}
    )
    if row.state == S.REVERSED:
        row.points, row.at, row.state = points, at, S.RECORDED
        row.save(update_fields=["points", "at", "state"])


def take_back(case: Case) -> None:
    """The ruling they rest on fell: every point of the case goes with it, whatever it was for."""
    case.violations.update(state=S.REVERSED)
