"""The respondent's turn: defend item by item, or stay silent and be in default."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import policy
from accounts.actors import CLOCK, Actor
from accounts.models import User
from core.errors import Conflict, Refused
from disputes import exhibits, lifecycle
from disputes.filing import check_required
from disputes.models import Case, Deadline, Rebuttal, Statement
from evidence.models import State as ItemState
from rulebook.queries import applying


@dataclass(frozen=True)
class Answer:
    """One side's answer to one item of the other side; ``support`` are ids of its own items."""

    item_id: str
    stance: str
    reason: str = ""
    support: Sequence[str] = field(default_factory=tuple)


@transaction.atomic
def respond(
    *,
    actor: Actor,
    case_id: int,
    statement: str,
    answers: Sequence[Answer] = (),
    missing_reason: str = "",
    based_on: int | None = None,
) -> Case:
    """Lodge the response: statement, evidence, and rebuttals bound to the applicant's items. Opens the rebuttal round.

    Items left without an answer show as not answered. The side's ready items are lodged and disclosed.
    """
    case = Case.objects.locked(case_id)
    at = lifecycle.begin(case, "respond", actor, based_on=based_on)
    items = exhibits.ready(case, case.respondent_side)
    check_required(applying(case.rulebook_id, at).cause(case.cause).asked_respondent, items, missing_reason)
    exhibits.freeze(case, actor=actor, side=case.respondent_side, items=items, at=at, disclosed=True)
    state(case, actor, Statement.Stage.RESPONSE, statement, at)
    answered = bind(case, case.respondent_side, answers, at)
    lifecycle.move(case, "respond", actor=actor, at=at, facts={"items": len(items), "answered": answered})
    return case


def state(case: Case, actor: Actor, stage: str, text: str, at: datetime) -> None:
    """Keep one side's statement at one stage."""
    assert isinstance(actor, User)
    Statement.objects.create(case=case, side=policy.side_of(actor, case), author=actor, stage=stage, text=text, at=at)


def bind(case: Case, side: str, answers: Sequence[Answer], at: datetime) -> int:
    """Bind answers to the other side's disclosed items; returns how many. A dispute needs its reason."""
    theirs = {str(item.pk): item for item in case.dossier.items.exclude(side=side).exclude(disclosed_at=None)}
    own = {str(item.pk): item for item in case.dossier.items.filter(side=side, state=ItemState.LODGED)}
    bound = 0
    for position, answer in enumerate(answers):
        if not answer.stance:
            continue
        if answer.item_id not in theirs:
            raise Refused("answer_binds_to_item", _("This item is not in the case."), field=f"answers[{position}].item")
        if answer.stance != Rebuttal.Stance.ACCEPTED and not answer.reason.strip():
            raise Refused(
                "dispute_needs_reason",
                _("Say why you do not (fully) accept this item."),
                field=f"answers[{position}].reason",
            )
        rebuttal = Rebuttal.objects.create(
            case=case, item=theirs[answer.item_id], side=side, stance=answer.stance, reason=answer.reason, at=at
        )
        rebuttal.support.set([own[key] for key in answer.support if key in own])
        bound += 1
    return bound


def response_expired(*, deadline: Deadline, at: datetime) -> None:
    """Silence to the deadline is a default (缺席): straight to deliberation on the file, and a finding."""
    assert deadline.case is not None
    case = deadline.case
    lifecycle.check(case, "response_expired", CLOCK, at)
    case.by_default = True
    lifecycle.move(case, "response_expired", actor=CLOCK, at=at, facts={"silent": case.respondent_side})


@transaction.atomic
def state_late(*, actor: Actor, case_id: int, statement: str, based_on: int | None = None) -> Case:
    """After a default, a late statement is kept and marked; the arbiter weighs it only with a reason."""
    case = Case.objects.locked(case_id)
    at = lifecycle.begin(case, "state_late", actor, based_on=based_on)
    state(case, actor, Statement.Stage.LATE, statement, at)
    lifecycle.move(case, "state_late", actor=actor, at=at)
    return case


def why_not_state_late(case: Case, actor: Actor, at: datetime) -> Refused | None:
    if not case.by_default or policy.side_of(actor, case) != case.respondent_side:
        return Conflict("late_statement_after_default", _("A late statement is for the side that missed its response."))
    return None
