"""The applicant lets the case go."""

from django.db import transaction

from accounts.actors import Actor
from disputes import lifecycle
from disputes.models import Case


@transaction.atomic
def withdraw(*, actor: Actor, case_id: int, based_on: int | None = None) -> Case:
    """Close the case as withdrawn. Inside the filing window the applicant may file again."""
    case = Case.objects.locked(case_id)
    at = lifecycle.begin(case, "withdraw", actor, based_on=based_on)
    case.offers.filter(state="open").update(state="withdrawn", answered_at=at)
    lifecycle.move(case, "withdraw", actor=actor, at=at, outcome="withdrawn")
    return case
