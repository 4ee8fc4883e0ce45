"""The review (复审): once per side, only with new evidence, decided by another arbiter."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import policy
from accounts.actors import Actor
from accounts.models import User
from arbitration import closing, rulings, steps, weighing
from arbitration.decisions import Decision, WeightInput
from arbitration.models import Review, Ruling, SetAside, TurnedAway
from core import clock
from core.errors import Conflict, Refused
from disputes import deadlines, exhibits, lifecycle
from disputes.models import Case, Deadline
from evidence.models import Item, Side
from evidence.queries import known_bytes
from ledger.recording import record

S = Review.State
FORGIVEN = 1
"""How often a side may ask without new evidence before its right is used up."""
SAME_TRY = timedelta(minutes=1)
"""What is sent again so soon (a double tap, a program that repeats) is the same try."""


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
    """Ask for the one review of one's side. Without new bytes it is refused at the door, once without using it up.

    Remedies not yet carried out are held; the other side has 48 h to answer; another arbiter decides.
    """
    case = Case.objects.locked(case_id)
    at = lifecycle.begin(case, "request_review", actor, based_on=based_on)
    assert isinstance(actor, User)
    side = policy.side_of(actor, case)
    ruling = case.rulings.get(state=Ruling.State.IN_EFFECT)
    finding = ruling.findings.filter(pk=finding_id).first() if finding_id else None
    if finding is None:
        raise Refused("review_attacks_a_finding", _("Choose the finding you think is wrong."), field="finding")
    for name, text in (("argument", argument), ("why_not_before", why_not_before)):
        if not text.strip():
            raise Refused("review_gives_reasons", _("Say what is wrong, and why this comes only now."), field=name)
    items = new_items(case, side, item_ids)
    if not items:
        raise _nothing_new(case, actor, side, at)
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


def _nothing_new(case: Case, actor: User, side: str, at: datetime) -> Refused:
    spent = tries_left(case, side) == 1 and not _same_try(_tries(case, side), at)
    return Refused(
        "review_needs_new_evidence",
        _("A review needs evidence the platform has not seen in this case. Your side's review is used up now.")
        if spent
        else _(
            "A review needs evidence the platform has not seen in this case. "
            "Your right is not used up this time; another request without new evidence uses it up."
        ),
        field="items",
        stays=partial(turn_away, actor=actor, case_id=case.pk),
    )


@transaction.atomic
def turn_away(*, actor: User, case_id: int) -> None:
    """Write down that the actor's side asked for a review and brought nothing new."""
    case = Case.objects.locked(case_id)
    at, side = clock.now(), policy.side_of(actor, case)
    if lifecycle.refusal(case, "request_review", actor, at) is not None or _same_try(_tries(case, side), at):
        return
    TurnedAway.objects.create(case=case, side=side, requested_by=actor, at=at)
    case.version += 1
    case.save(update_fields=["version"])
    record(
        subject=case.subject,
        verb="review_turned_away",
        actor=actor,
        role=policy.role_in(actor, case),
        at=at,
        facts={"left": tries_left(case, side)},
    )


def _tries(case: Case, side: str) -> list[TurnedAway]:
    return sorted((row for row in case.turned_away.all() if row.side == side), key=lambda row: row.pk)


def _same_try(tries: Sequence[TurnedAway], at: datetime) -> bool:
    return bool(tries) and at < tries[-1].at + SAME_TRY


def tries_left(case: Case, side: str) -> int:
    """How many requests without new evidence the side has before its right is used up; 0: it is. One query; none
    where prefetched."""
    return max(0, FORGIVEN + 1 - len(_tries(case, side)))


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


@dataclass(frozen=True)
class Answer:
    """What becomes of one request. ``decision``: Review.Decision; both sides read the reason."""

    review_id: int
    decision: str
    reason: str


@transaction.atomic
def decide_review(
    *,
    actor: Actor,
    case_id: int,
    answers: Sequence[Answer],
    ruling: Decision | None = None,
    weights: Sequence[WeightInput] = (),
    based_on: int | None = None,
) -> Case:
    """One joint review: each open request is upheld, varied or overturned, with its reason; it is final.

    Where all are upheld the ruling stands, and ``weights`` weighs what was lodged in the review. Else ``ruling``
    replaces the old one whole: what was held is reversed and laid out anew; money already moved is counted and paid
    back if needed.
    """
    case = Case.objects.locked(case_id)
    at = lifecycle.begin(case, "decide_review", actor, based_on=based_on)
    assert isinstance(actor, User)
    asked = open_requests(case)
    require_answers(asked, answers)
    new = _replace(case, actor, ruling, at) if changes(answers) else None
    if new is None:
        _let_stand(case, ruling, weights)
    _answer_each(case, asked, answers, actor, at)
    case.note_decision(actor)
    case.final, case.handler, case.taken_at, case.escalated_at = True, None, None, None
    given = {str(answer.review_id): answer.decision for answer in answers}
    facts = {"decisions": given, "ruling": new.pk if new else None}
    lifecycle.move(case, "decide_review", actor=actor, at=at, facts=facts)
    if new is None:
        steps.go_on(case, at)
    else:
        steps.start(case, new, at)
    closing.try_to_conclude(case, at)
    return case


def open_requests(case: Case) -> list[Review]:
    """The requests a decision must answer, oldest first. One query; none where prefetched."""
    return sorted((row for row in case.reviews.all() if row.state != S.DECIDED), key=lambda row: row.pk)


def require_answers(asked: Sequence[Review], answers: Sequence[Answer]) -> None:
    """Each open request is answered once, with one of the three decisions and a reason."""
    for index, answer in enumerate(answers):
        at = f"answers[{index}]"
        if answer.decision not in Review.Decision.values:
            raise Refused("review_decision", _("Choose: uphold, change or overturn."), field=f"{at}.decision")
        if not answer.reason.strip():
            raise Refused("decision_needs_reason", _("Give the reason; both sides read it."), field=f"{at}.reason")
    if sorted(answer.review_id for answer in answers) != [row.pk for row in asked]:
        raise Refused(
            "review_answers_each", _("Every open request gets one decision, with its own reason."), field="answers"
        )


def changes(answers: Sequence[Answer]) -> bool:
    """Whether any request succeeds, so that a new ruling is written."""
    return any(answer.decision != Review.Decision.UPHOLD for answer in answers)


def _replace(case: Case, actor: User, ruling: Decision | None, at: datetime) -> Ruling:
    if ruling is None:
        raise Refused("ruling_complete", _("A changed ruling is written whole."), field="findings")
    new = rulings.write(case, actor, ruling, kind=Ruling.Kind.REVIEW, state=Ruling.State.WAITING, at=at)
    steps.reverse(case, at)
    rulings.put_in_effect(case, new, at)
    return new


def _let_stand(case: Case, ruling: Decision | None, weights: Sequence[WeightInput]) -> None:
    if ruling is not None:
        raise Refused(
            "ruling_stands", _("Every request is turned down, so no new ruling is written."), field="findings"
        )
    items = weighing.require_new(case, weights)
    weighing.weigh(case.rulings.get(state=Ruling.State.IN_EFFECT), items, weights, in_review=True)


def _answer_each(case: Case, asked: Sequence[Review], answers: Sequence[Answer], actor: User, at: datetime) -> None:
    """Write each request's decision. A default still to be set aside falls with it, for the same reasons."""
    given = {answer.review_id: answer for answer in answers}
    for review in asked:
        review.state, review.decision, review.reason = S.DECIDED, given[review.pk].decision, given[review.pk].reason
        review.decided_by, review.decided_at = actor, at
        review.save()
    SetAside.objects.filter(case=case, state=SetAside.State.ASKED).update(
        state=SetAside.State.REFUSED, reason="\n".join(row.reason for row in asked), decided_at=at
    )


def why_not_request(case: Case, actor: Actor, at: datetime) -> Refused | None:
    if case.final:
        return Conflict("ruling_reviewable", _("This ruling is final: it was made by consent or in a review."))
    side = policy.side_of(actor, case)
    if any(row.side == side for row in case.reviews.all()):
        return Conflict("review_once", _("Your side has already used its one review."))
    if not tries_left(case, side):
        return Conflict("review_once", _("Your side asked for a review without new evidence twice: it is used up."))
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
