"""Suspension (中止): both sides agree, or the platform has a ground. Paused clocks do not tick."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import policy
from accounts.actors import CLOCK, Actor
from core.errors import Conflict, Refused
from disputes import deadlines, lifecycle
from disputes.models import Case, Deadline, Suspension
from rulebook.queries import Length, applying

S = Suspension.State


@transaction.atomic
def propose_suspension(*, actor: Actor, case_id: int, days: int, reason: str, based_on: int | None = None) -> Case:
    """One side asks the other to pause the case for ``days`` days."""
    case = Case.objects.locked(case_id)
    at = lifecycle.begin(case, "propose_suspension", actor, based_on=based_on)
    _check(case, days, reason, at)
    Suspension.objects.create(
        case=case,
        ground=Suspension.Ground.AGREED,
        proposed_by=policy.side_of(actor, case),
        days=days,
        reason=reason,
        proposed_at=at,
    )
    lifecycle.move(case, "propose_suspension", actor=actor, at=at, facts={"days": days})
    return case


def _check(case: Case, days: int, reason: str, at: datetime) -> None:
    if not 1 <= days <= applying(case.rulebook_id, at).length("suspension").delta.days:
        raise Refused("suspension_at_most_30_days", _("A suspension lasts 1 to 30 days."), field="days")
    if not reason.strip():
        raise Refused("suspension_needs_reason", _("Say why the case should pause."), field="reason")


@transaction.atomic
def suspend(
    *,
    actor: Actor,
    case_id: int,
    ground: str = "",
    days: int = 0,
    reason: str = "",
    based_on: int | None = None,
) -> Case:
    """Agree to the other side's proposal; or, for the arbiter who holds the case, suspend it on a ground."""
    case = Case.objects.locked(case_id)
    at = lifecycle.begin(case, "suspend", actor, based_on=based_on)
    live = case.suspensions.filter(state=S.PROPOSED).first()
    if not policy.side_of(actor, case):
        _check(case, days, reason, at)
        if ground not in {Suspension.Ground.LABORATORY, Suspension.Ground.AUTHORITY}:
            raise Refused("suspension_ground", _("Choose the ground of the suspension."), field="ground")
        case.suspensions.filter(state=S.PROPOSED).update(state=S.DECLINED, ended_at=at)
        live = Suspension(case=case, ground=ground, proposed_by="platform", days=days, reason=reason, proposed_at=at)
    assert live is not None
    live.state, live.started_at = S.RUNNING, at
    live.save()
    lifecycle.move(case, "suspend", actor=actor, at=at, facts={"ground": live.ground, "days": live.days})
    deadlines.open_clock(case, "suspension", at, length=Length("suspension", live.days, "days"))
    return case


@transaction.atomic
def decline_suspension(*, actor: Actor, case_id: int, based_on: int | None = None) -> Case:
    """The case goes on; one's own proposal can be taken back the same way."""
    case = Case.objects.locked(case_id)
    at = lifecycle.begin(case, "decline_suspension", actor, based_on=based_on)
    case.suspensions.filter(state=S.PROPOSED).update(state=S.DECLINED, ended_at=at)
    lifecycle.move(case, "decline_suspension", actor=actor, at=at)
    return case


@transaction.atomic
def resume(*, actor: Actor, case_id: int, based_on: int | None = None) -> Case:
    """End the suspension early: either side an agreed one, the arbiter one it ordered."""
    case = Case.objects.locked(case_id)
    at = lifecycle.begin(case, "resume", actor, based_on=based_on)
    _end(case, actor, at)
    return case


def resume_on_time(*, deadline: Deadline, at: datetime) -> None:
    """The days are over."""
    assert deadline.case is not None
    case = deadline.case
    lifecycle.check(case, "resume", CLOCK, at)
    _end(case, CLOCK, at)


def end_with(case: Case, at: datetime) -> None:
    """The case is over, and what paused it or was to pause it too."""
    case.suspensions.filter(state=S.RUNNING).update(state=S.ENDED, ended_at=at)
    case.suspensions.filter(state=S.PROPOSED).update(state=S.DECLINED, ended_at=at)


def _end(case: Case, actor: Actor, at: datetime) -> None:
    case.suspensions.filter(state=S.RUNNING).update(state=S.ENDED, ended_at=at)
    lifecycle.move(case, "resume", actor=actor, at=at)


def _live(case: Case, state: str) -> Suspension | None:
    return next((row for row in case.suspensions.all() if row.state == state), None)


def why_not_propose(case: Case, actor: Actor, at: datetime) -> Refused | None:
    if _live(case, S.PROPOSED) or _live(case, S.RUNNING):
        return Conflict("one_live_suspension", _("A suspension has already been proposed."))
    return None


def why_not_answer(case: Case, actor: Actor, at: datetime) -> Refused | None:
    if not _live(case, S.PROPOSED):
        return Conflict("suspension_proposed", _("No suspension has been proposed."))
    return None


def why_not_suspend(case: Case, actor: Actor, at: datetime) -> Refused | None:
    side, proposed = policy.side_of(actor, case), _live(case, S.PROPOSED)
    if side and (proposed is None or proposed.proposed_by == side):
        return Conflict("suspension_by_both", _("A suspension needs the other side's proposal or agreement."))
    return None


def why_not_resume(case: Case, actor: Actor, at: datetime) -> Refused | None:
    if actor != CLOCK and not deadlines.is_open(case, "suspension", at):
        return Conflict("resume_before_due", _("The suspension is over; the case goes on by itself."))
    running = _live(case, S.RUNNING)
    if policy.side_of(actor, case) and (running is None or running.ground != Suspension.Ground.AGREED):
        return Conflict("suspension_by_platform", _("The platform suspended the case; it resumes it too."))
    return None
