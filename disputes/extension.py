"""24 hours more, once per side and case, asked before the clock runs out, with a reason."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import policy
from accounts.actors import Actor
from core.errors import Conflict, Refused
from disputes import deadlines, lifecycle
from disputes.models import Case, Deadline, Statement
from disputes.response import state
from rulebook.queries import applying

EXTENDABLE = ("response", "rebuttal", "information")


@transaction.atomic
def extend(*, actor: Actor, case_id: int, reason: str, based_on: int | None = None) -> Case:
    """Move the actor's running clock by the rulebook's extension. The reason goes to the file."""
    case = Case.objects.locked(case_id)
    at = lifecycle.begin(case, "extend", actor, based_on=based_on)
    if not reason.strip():
        raise Refused("extension_needs_reason", _("Say what you need the time for."), field="reason")
    side = policy.side_of(actor, case)
    row = _running(case, side, at)
    assert row is not None
    state(case, actor, Statement.Stage.EXTENSION, reason, at)
    deadlines.extend(row, applying(case.rulebook_id, at).length("extension"))
    lifecycle.move(case, "extend", actor=actor, at=at, facts={"side": side, "clock": row.kind, "due_at": row.due_at})
    return case


def why_not_extend(case: Case, actor: Actor, at: datetime) -> Refused | None:
    side = policy.side_of(actor, case)
    if _running(case, side, at) is None:
        return Conflict("extend_before_due", _("You have no running clock that can be extended."))
    if any(row.side == side and row.stage == Statement.Stage.EXTENSION for row in case.statements.all()):
        return Conflict("extension_once", _("Your side has already used its extension in this case."))
    return None


def _running(case: Case, side: str, at: datetime) -> Deadline | None:
    rows = [row for row in deadlines.running(case, EXTENDABLE) if row.side == side and row.due_at and at < row.due_at]
    return rows[0] if rows else None
