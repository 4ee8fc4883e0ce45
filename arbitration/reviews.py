"""The review (复审): once per side, only with new evidence, decided by another arbiter."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import policy
from accounts.actors import Actor
from accounts.models import User
from arbitration import closing, rulings, steps
from arbitration.decisions import Decision
from arbitration.models import Review, Ruling, SetAside
from core.errors import Conflict, Refused
from disputes import deadlines, exhibits, lifecycle
from disputes.models import Case, Deadline
from evidence.models import Item, Side
from evidence.queries import known_bytes

S = Review.State


@transaction.atomic
def request_review(
    *,
    actor: Actor,
    case_id: int,
    finding_id: int | None,
    argument: str,
    why_not_before: str,
    item_ids: Sequence[str],
    based_on: int | None = None,
) -> Case:
    """Ask for the one review of one's side. Without new bytes it is refused at the door, which uses nothing up.

    Remedies not yet carried out are held; the other side has 48 h to answer; another arbiter decides.
    """
    case = Case.objects.locked(case_id)
    at = lifecycle.begin(case, "request_review", actor, based_on=based_on)
    assert isinstance(actor, User)
    side = policy.side_of(actor, case)
    ruling = case.rulings.get(state=Ruling.State.IN_EFFECT)
    items = new_items(case, side, item_ids)
    if not items:
        raise Refused(
            "review_needs_new_evidence",
            _("A review needs evidence the platform has not seen in this case. Your right is not used up."),
            field="items",
        )
    finding = ruling.findings.filter(pk=finding_id).first() if finding_id else None
    if finding is None:
        raise Refused("review_attacks_a_finding", _("Choose the finding you think is wrong."), field="finding")
    for name, text in (("argument", argument), ("why_not_before", why_not_before)):
        if not text.strip():
            raise Refused("review_gives_reasons", _("Say what is wrong, and why this comes only now."), field=name)
    exhibits.freeze(case, actor=actor, side=side, items=items, at=at, disclosed=True)
    review = Review.objects.create(
        case=case,
        side=side,
        requested_by=actor,
        requested_at=at,
        finding=finding,
        argument=argument,
        why_not_before=why_not_before,
    )
    review.items.set(items)
    joint = case.state == "in_review"
    lifecycle.move(
        case,
        "request_review",
        actor=actor,
        at=at,
        facts={"review": review.pk, "finding": finding.position, "items": len(items)},
    )
    if not joint:
        steps.stay(case)
        for kind in ("review_target", "review_decision"):
            deadlines.open_clock(case, kind, at)
    deadlines.open_clock(case, "review_answer", at, ref=str(review.pk), side=Side(side).other)
    return case


def new_items(case: Case, side: str, item_ids: Sequence[str]) -> list[Item]:
    """Of the side's ready items, those whose bytes (SHA-256) it knows nowhere on the file yet. Three queries."""
    known = known_bytes(case.dossier, side)
    chosen = {str(key) for key in item_ids}
    return [item for item in exhibits.ready(case, side) if str(item.pk) in chosen and item.sha256 not in known]


@transaction.atomic
def answer_review(*, actor: Actor, case_id: int, statement: str, based_on: int | None = None) -> Case:
    """The other side answers the request, with evidence if it has some."""
    case = Case.objects.locked(case_id)
    at = lifecycle.begin(case, "answer_review", actor, based_on=based_on)
    side = policy.side_of(actor, case)
    review = case.reviews.get(side=Side(side).other, state=S.ASKED)
    items = exhibits.ready(case, side)
    exhibits.freeze(case, actor=actor, side=side, items=items, at=at, disclosed=True)
    review.answer, review.answered_at, review.state = statement, at, S.ANSWERED
    review.save()
    deadlines.close(case, ["review_answer"], at, Deadline.State.MET, ref=str(review.pk))
    lifecycle.move(case, "answer_review", actor=actor, at=at, facts={"review": review.pk, "items": len(items)})
    return case


def answer_expired(*, deadline: Deadline, at: datetime) -> None:
    """Decided without the answer: nothing changes but that the clock is over."""


@transaction.atomic
def decide_review(
    *,
    actor: Actor,
    case_id: int,
    decision: str,
    reason: str,
    ruling: Decision | None = None,
    based_on: int | None = None,
) -> Case:
    """Uphold, vary or overturn, all open requests in one. A changed ruling replaces the old one whole; it is final.

    What was held goes on, or is reversed and laid out anew; money already moved is counted and paid back if needed.
    """
    case = Case.objects.locked(case_id)
    at = lifecycle.begin(case, "decide_review", actor, based_on=based_on)
    assert isinstance(actor, User)
    if decision not in Review.Decision.values:
        raise Refused("review_decision", _("Choose: uphold, change or overturn."), field="decision")
    if not reason.strip():
        raise Refused("decision_needs_reason", _("Give the reason; both sides read it."), field="reason")
    new = None
    if decision != Review.Decision.UPHOLD:
        if ruling is None:
            raise Refused("ruling_complete", _("A changed ruling is written whole."), field="findings")
        new = rulings.write(case, actor, ruling, kind=Ruling.Kind.REVIEW, state=Ruling.State.WAITING, at=at)
        steps.reverse(case, at)
        rulings.put_in_effect(case, new, at)
    case.reviews.exclude(state=S.DECIDED).update(
        state=S.DECIDED, decision=decision, reason=reason, decided_by=actor, decided_at=at
    )
    SetAside.objects.filter(case=case, state=SetAside.State.ASKED).update(
        state=SetAside.State.REFUSED, reason=reason, decided_at=at
    )
    case.note_decision(actor)
    case.final, case.handler, case.taken_at, case.escalated_at = True, None, None, None
    lifecycle.move(
        case, "decide_review", actor=actor, at=at, facts={"decision": decision, "ruling": new.pk if new else None}
    )
    if new is None:
        steps.go_on(case, at)
    else:
        steps.start(case, new, at)
    closing.try_to_conclude(case, at)
    return case


def why_not_request(case: Case, actor: Actor, at: datetime) -> Refused | None:
    if case.final:
        return Conflict("ruling_reviewable", _("This ruling is final: it was made by consent or in a review."))
    side = policy.side_of(actor, case)
    if any(row.side == side for row in case.reviews.all()):
        return Conflict("review_once", _("Your side has already used its one review."))
    return None


def why_not_answer(case: Case, actor: Actor, at: datetime) -> Refused | None:
    side = policy.side_of(actor, case)
    if not any(row.state == S.ASKED and row.side != side for row in case.reviews.all()):
        return Conflict("review_asked_by_other_side", _("There is no request of the other side to answer."))
    return None


def why_not_decide(case: Case, actor: Actor, at: datetime) -> Refused | None:
    waiting = [row for row in deadlines.running(case, ["review_answer"]) if row.due_at is not None and at < row.due_at]
    if waiting:
        return Conflict("review_hears_both", _("The other side still has time to answer."))
    return None
