"""The ruling (裁决): signed, 60 seconds to take it back, in effect, and never edited."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import policy
from accounts.actors import CLOCK, Actor
from accounts.models import User
from arbitration import closing, steps, violations, weighing
from arbitration.decisions import Decision, calculation, cap_fen, on_file, outcome_of, require_whole
from arbitration.models import Acknowledgement, Finding, Ruling
from core.errors import Conflict, Refused
from disputes import deadlines, lifecycle
from disputes.models import Case, Deadline, Outcome, State
from disputes.models.case import WITH_MONEY
from ledger.recording import record
from rulebook.queries import applying

S = Ruling.State


@transaction.atomic
def rule(*, actor: Actor, case_id: int, decision: Decision, based_on: int | None = None) -> Case:
    """Sign the ruling. It takes effect in 60 s; until then only the platform sees it, and can take it back."""
    case = Case.objects.locked(case_id)
    at = lifecycle.begin(case, "rule", actor, based_on=based_on)
    ruling = write(case, actor, decision, kind=Ruling.Kind.FIRST, state=S.WAITING, at=at)
    lifecycle.move(
        case,
        "rule",
        actor=actor,
        at=at,
        audience="platform",
        facts={"ruling": ruling.pk, "amount_fen": ruling.amount_fen},
    )
    return case


def write(case: Case, actor: Actor, decision: Decision, *, kind: str, state: str, at: datetime) -> Ruling:
    """Check the decision whole and keep it as a ruling with its findings and weights."""
    require_whole(case, decision, at)
    assert isinstance(actor, User)
    rules = applying(case.rulebook_id, at)
    current = case.rulings.filter(state=S.IN_EFFECT).first()
    ruling = Ruling.objects.create(
        case=case,
        kind=kind,
        state=state,
        arbiter=actor,
        outcome=outcome_of(case, decision.remedy, decision.amount_fen, decision.penalty_fen),
        by_default=case.by_default,
        remedy=decision.remedy,
        amount_fen=decision.amount_fen,
        penalty_fen=decision.penalty_fen,
        penalty_ground=decision.penalty_ground if decision.penalty_fen else "",
        calculation=calculation(case, decision.amount_fen, decision.penalty_fen),
        freight_by=decision.freight_by,
        points=decision.points,
        clauses=[{"code": code, "version": rules.version_of(code)} for code in decision.clauses],
        summary_applicant=decision.summary_applicant,
        summary_respondent=decision.summary_respondent,
        signed_at=at,
        replaces=current,
    )
    _write_reasons(case, ruling, decision)
    return ruling


def _write_reasons(case: Case, ruling: Ruling, decision: Decision) -> None:
    items = {str(item.pk): item for item in on_file(case)}
    for position, given in enumerate(decision.findings, start=1):
        finding = Finding.objects.create(
            ruling=ruling,
            position=position,
            issue=given.issue,
            result=given.result,
            reason=given.reason,
            burden=list(given.burden),
        )
        finding.items.set([items[key] for key in given.items if key in items])
    weighing.weigh(ruling, items.values(), decision.weights)


@transaction.atomic
def undo_ruling(*, actor: Actor, case_id: int, based_on: int | None = None) -> Case:
    """Take the signed ruling back inside its minute; the text stays in the arbiter's draft."""
    case = Case.objects.locked(case_id)
    at = lifecycle.begin(case, "undo_ruling", actor, based_on=based_on)
    ruling = case.rulings.get(state=S.WAITING)
    ruling.state = S.UNDONE
    ruling.save()
    lifecycle.move(case, "undo_ruling", actor=actor, at=at, audience="platform", facts={"ruling": ruling.pk})
    return case


def take_effect(*, deadline: Deadline, at: datetime) -> None:
    """The minute is over: the ruling binds, its remedies and the review window start, both sides are told."""
    assert deadline.case is not None
    case = deadline.case
    lifecycle.check(case, "take_effect", CLOCK, at)
    ruling = case.rulings.get(state=S.WAITING)
    put_in_effect(case, ruling, at)
    case.offers.filter(state="open").update(state="lapsed", answered_at=at)
    lifecycle.move(case, "take_effect", actor=CLOCK, at=at, facts=_facts(ruling))
    if ruling.by_default:
        deadlines.open_clock(case, "set_aside", at)
    steps.start(case, ruling, at)


def drop_waiting(*, deadline: Deadline, at: datetime) -> None:
    """The case ended inside the minute of a signed ruling (withdrawn, conceded, settled): it never takes effect."""
    case = deadline.case
    assert case is not None
    ruling = case.rulings.get(state=S.WAITING)
    ruling.state = S.DROPPED
    ruling.save(update_fields=["state"])
    record(
        subject=case.subject,
        verb="ruling_dropped",
        actor=CLOCK,
        role="system",
        at=at,
        audience="platform",
        facts={"ruling": ruling.pk},
    )


def put_in_effect(case: Case, ruling: Ruling, at: datetime) -> None:
    """Replace the ruling in effect, if any, and record the points of the new one."""
    case.rulings.filter(state=S.IN_EFFECT).update(state=S.REPLACED)
    ruling.state, ruling.effective_at = S.IN_EFFECT, at
    ruling.save()
    assert ruling.arbiter is not None
    case.note_decision(ruling.arbiter)
    case.handler, case.taken_at, case.escalated_at = None, None, None
    violations.take_back(case)
    if ruling.points:
        violations.record(case, case.respondent_side, case.cause, ruling.points, at)
    if ruling.by_default and ruling.outcome != Outcome.FOR_RESPONDENT:
        points = applying(case.rulebook_id, at).value("silence_points")
        violations.record(case, case.respondent_side, violations.SILENCE, points, at)


@transaction.atomic
def concede(*, actor: Actor, case_id: int, based_on: int | None = None) -> Case:
    """The respondent agrees to the claim as filed: a ruling by consent, no points, no review; remedies start.

    The freight of a return is borne as the rules of the cause say where a claim is granted.
    """
    case = Case.objects.locked(case_id)
    at = lifecycle.begin(case, "concede", actor, based_on=based_on)
    amount = min(case.claim_fen, cap_fen(case))
    ruling = Ruling.objects.create(
        case=case,
        kind=Ruling.Kind.CONSENT,
        state=S.IN_EFFECT,
        outcome="for_applicant",
        remedy=case.remedy,
        amount_fen=amount,
        penalty_fen=case.claim_penalty_fen,
        penalty_ground=case.claim_penalty_ground,
        calculation=calculation(case, amount, case.claim_penalty_fen),
        freight_by=applying(case.rulebook_id, at).cause(case.cause).freight_if_granted,
        signed_at=at,
        effective_at=at,
    )
    case.offers.filter(state="open").update(state="withdrawn", answered_at=at)
    case.final, case.handler, case.taken_at = True, None, None
    lifecycle.move(case, "concede", actor=actor, at=at, facts=_facts(ruling))
    steps.start(case, ruling, at)
    closing.try_to_conclude(case, at)
    return case


@transaction.atomic
def acknowledge(*, actor: Actor, case_id: int, based_on: int | None = None) -> Case:
    """One's side has read the ruling. Changes nothing but that it is known."""
    case = Case.objects.locked(case_id)
    at = lifecycle.begin(case, "acknowledge", actor, based_on=based_on)
    ruling = case.rulings.get(state=S.IN_EFFECT)
    Acknowledgement.objects.create(ruling=ruling, side=policy.side_of(actor, case), at=at)
    lifecycle.move(case, "acknowledge", actor=actor, at=at, facts={"ruling": ruling.pk})
    return case


def why_not_rule(case: Case, actor: Actor, at: datetime) -> Refused | None:
    if any(ruling.state == S.WAITING for ruling in case.rulings.all()):
        return Conflict("one_ruling_waiting", _("A ruling is already signed and waits its minute."))
    return None


def why_not_concede(case: Case, actor: Actor, at: datetime) -> Refused | None:
    if case.state == State.DELIBERATION and case.remedy in WITH_MONEY and case.order.refundable_for(case.line_id) == 0:
        return Conflict("refund_within_paid", _("Everything paid for this article has already gone back."))
    return None


def why_not_acknowledge(case: Case, actor: Actor, at: datetime) -> Refused | None:
    ruling = next((row for row in case.rulings.all() if row.state == S.IN_EFFECT), None)
    if ruling is None:
        return Conflict("wrong_state", _("There is no ruling to read."))
    side = policy.side_of(actor, case)
    if any(row.side == side for row in ruling.acknowledgements.all()):
        return Conflict("acknowledged_once", _("You have already confirmed this."))
    return None


def _facts(ruling: Ruling) -> dict[str, Any]:
    return {
        "ruling": ruling.pk,
        "kind": ruling.kind,
        "outcome": ruling.outcome,
        "remedy": ruling.remedy,
        "amount_fen": ruling.amount_fen,
        "penalty_fen": ruling.penalty_fen,
        "points": ruling.points,
    }
