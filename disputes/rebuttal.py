"""The rebuttal round (反驳): the applicant answers the respondent's items once, or lets it be."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from accounts.actors import CLOCK, Actor
from disputes import exhibits, lifecycle
from disputes.models import Case, Deadline, Statement
from disputes.response import Answer, bind, state


@transaction.atomic
def rebut(
    *,
    actor: Actor,
    case_id: int,
    statement: str = "",
    answers: Sequence[Answer] = (),
    based_on: int | None = None,
) -> Case:
    """Answer the respondent's items, with new evidence if there is some. Closes the exchange; the platform decides."""
    case = Case.objects.locked(case_id)
    at = lifecycle.begin(case, "rebut", actor, based_on=based_on)
    items = exhibits.ready(case, case.applicant_side)
    exhibits.freeze(case, actor=actor, side=case.applicant_side, items=items, at=at, disclosed=True)
    if statement.strip():
        state(case, actor, Statement.Stage.REBUTTAL, statement, at)
    answered = bind(case, case.applicant_side, answers, at)
    lifecycle.move(case, "rebut", actor=actor, at=at, facts={"items": len(items), "answered": answered})
    return case


@transaction.atomic
def skip(*, actor: Actor, case_id: int, based_on: int | None = None) -> Case:
    """Nothing to add: on to the ruling at once."""
    case = Case.objects.locked(case_id)
    at = lifecycle.begin(case, "skip", actor, based_on=based_on)
    lifecycle.move(case, "skip", actor=actor, at=at)
    return case


def rebuttal_expired(*, deadline: Deadline, at: datetime) -> None:
    """The round is optional: its end only moves the case on."""
    assert deadline.case is not None
    case = deadline.case
    lifecycle.check(case, "rebuttal_expired", CLOCK, at)
    lifecycle.move(case, "rebuttal_expired", actor=CLOCK, at=at)
