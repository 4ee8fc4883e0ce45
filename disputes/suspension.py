"""Suspension (中止): both sides agree, or the platform has a ground, which the side that named it proves.

Paused clocks do not tick.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import policy
from accounts.actors import CLOCK, Actor
from core.errors import Conflict, Refused
from disputes import deadlines, exhibits, lifecycle
from disputes.models import Case, Deadline, Suspension
from evidence.models import Side
from rulebook.queries import Length, applying

S, Ground = Suspension.State, Suspension.Ground


@transaction.atomic
def propose_suspension(*, actor: Actor, case_id: int, days: int, reason: str, based_on: int | None = None) -> Case:
    """One side asks the other to pause the case for ``days`` days."""
    case = Case.objects.locked(case_id)
    at = lifecycle.begin(case, "propose_suspension", actor, based_on=based_on)
    _check(case, days, reason, at)
    Suspension.objects.create(
        case=case,
        ground=Ground.AGREED,
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
    proof_from: str = "",
    based_on: int | None = None,
) -> Case:
    """Agree to the other side's proposal; or, for the arbiter who holds the case, suspend it on a ground.

    ``proof_from`` is the side that named the ground: it shows the proof in its time, or the case goes on. Of a court or
    the police somebody always has to; of a laboratory, where the platform did not ask for the test itself.
    """
    case = Case.objects.locked(case_id)
    at = lifecycle.begin(case, "suspend", actor, based_on=based_on)
    live = case.suspensions.filter(state=S.PROPOSED).first()
    if not policy.side_of(actor, case):
        _check(case, days, reason, at)
        _check_ground(ground, proof_from)
        case.suspensions.filter(state=S.PROPOSED).update(state=S.LAPSED, ended_at=at)
        live = Suspension(
            case=case,
            ground=ground,
            proposed_by="platform",
            days=days,
            reason=reason,
            proof_from=proof_from,
            proposed_at=at,
        )
    assert live is not None
    live.state, live.started_at = S.RUNNING, at
    live.save()
    facts = {"ground": live.ground, "days": live.days} | ({"proof_from": live.proof_from} if live.proof_from else {})
    lifecycle.move(case, "suspend", actor=actor, at=at, facts=facts)
    deadlines.open_clock(case, "suspension", at, length=Length("suspension", live.days, "days"))
    if live.proof_from:
        deadlines.open_clock(case, "suspension_proof", at, side=live.proof_from)
    return case


def _check_ground(ground: str, proof_from: str) -> None:
    if ground not in {Ground.LABORATORY, Ground.AUTHORITY}:
        raise Refused("suspension_ground", _("Choose the ground of the suspension."), field="ground")
    if proof_from not in Side.values and (proof_from or ground == Ground.AUTHORITY):
        raise Refused(
            "proof_from_who_named_it",
            _("Choose the side that named the court or the police: it has to show the proof."),
            field="proof_from",
        )


@transaction.atomic
def prove_suspension(
    *, actor: Actor, case_id: int, item_ids: Sequence[str] = (), note: str = "", based_on: int | None = None
) -> Case:
    """The side that named the ground puts its proof on file; or the arbiter who holds the case says what was shown."""
    case = Case.objects.locked(case_id)
    at = lifecycle.begin(case, "prove_suspension", actor, based_on=based_on)
    side = policy.side_of(actor, case)
    items = exhibits.chosen(case, side, item_ids) if side else []
    if side and not items:
        raise Refused("proof_needs_items", _("Choose at least one uploaded file that shows it."), field="items")
    if not side and not note.strip():
        raise Refused("proof_says_what_was_shown", _("Say what you were shown, and when."), field="note")
    exhibits.freeze(case, actor=actor, side=side, items=items, at=at, disclosed=not exhibits.before_admission(case))
    running = case.suspensions.get(state=S.RUNNING)
    running.proved_at, running.proof_note = at, note
    running.save()
    facts = {"side": running.proof_from, "items": len(items), "confirmed": not side}
    lifecycle.move(case, "prove_suspension", actor=actor, at=at, facts=facts)
    return case


def proof_expired(*, deadline: Deadline, at: datetime) -> None:
    """Nobody showed that it is so: the case goes on, with what was left of every clock."""
    assert deadline.case is not None
    case = deadline.case
    lifecycle.check(case, "proof_expired", CLOCK, at)
    _close(case, at)
    lifecycle.move(case, "proof_expired", actor=CLOCK, at=at, facts={"side": deadline.side})


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


def _end(case: Case, actor: Actor, at: datetime) -> None:
    _close(case, at)
    lifecycle.move(case, "resume", actor=actor, at=at)


def _close(case: Case, at: datetime) -> None:
    case.suspensions.filter(state=S.RUNNING).update(state=S.ENDED, ended_at=at)


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
    if actor != CLOCK and _over(case, at):
        return Conflict("resume_before_due", _("The suspension is over; the case goes on by itself."))
    running = _live(case, S.RUNNING)
    if policy.side_of(actor, case) and (running is None or running.ground != Ground.AGREED):
        return Conflict("suspension_by_platform", _("The platform suspended the case; it resumes it too."))
    return None


def _over(case: Case, at: datetime) -> bool:
    """Whether its days, or the time to prove its ground, are over, though nobody has swept."""
    return any(row.due_at is not None and row.due_at <= at for row in deadlines.running(case, lifecycle.SUSPENSION))


def why_not_prove(case: Case, actor: Actor, at: datetime) -> Refused | None:
    side, running = policy.side_of(actor, case), _live(case, S.RUNNING)
    if running is None or not running.proof_from or running.proved_at is not None:
        return Conflict("proof_is_awaited", _("No proof is awaited for this suspension."))
    if side and side != running.proof_from:
        return Conflict("proof_by_who_named_it", _("The other side named this ground; it has to show the proof."))
    return None
