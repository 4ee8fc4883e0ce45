"""Who decides: an arbiter takes a case, explicitly; no arbiter can hold it up."""

from datetime import datetime

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from accounts import policy
from accounts.actors import CLOCK, Actor
from accounts.models import StaffRole, User
from core.errors import Conflict, Refused
from disputes import lifecycle
from disputes.models import Case, Deadline, State


class GivenBack(models.TextChoices):
    """Why an arbiter gives a case back."""

    INTEREST = "interest", gettext_lazy("I know one of the sides, or have an interest")
    KNOWLEDGE = "knowledge", gettext_lazy("It needs knowledge that I do not have")
    TIME = "time", gettext_lazy("I cannot decide it in time")
    MISTAKE = "mistake", gettext_lazy("I took it by mistake")
    OTHER = "other", pgettext_lazy("reason", "Another reason")


@transaction.atomic
def take(*, actor: Actor, case_id: int, based_on: int | None = None) -> Case:
    """Take the case to decide what is next in it; others see who holds it and since when."""
    case = Case.objects.locked(case_id)
    at = lifecycle.begin(case, "take", actor, based_on=based_on)
    assert isinstance(actor, User)
    case.handler, case.taken_at = actor, at
    lifecycle.move(case, "take", actor=actor, at=at)
    return case


@transaction.atomic
def release(*, actor: Actor, case_id: int, reason: str, based_on: int | None = None) -> Case:
    """Give the case back to the queue. ``reason``: one of GivenBack, kept with the entry for the platform alone."""
    case = Case.objects.locked(case_id)
    at = lifecycle.begin(case, "release", actor, based_on=based_on)
    if reason not in GivenBack:
        raise Refused("skip_needs_reason", _("Say why you give the case back."), field="reason")
    case.handler, case.taken_at = None, None
    lifecycle.move(case, "release", actor=actor, at=at, audience="platform", facts={"reason": reason})
    return case


@transaction.atomic
def reassign(*, actor: Actor, case_id: int, arbiter_id: int, based_on: int | None = None) -> Case:
    """A supervisor hands the case to another arbiter, who must be impartial too."""
    case = Case.objects.locked(case_id)
    at = lifecycle.begin(case, "reassign", actor, based_on=based_on)
    arbiter = User.objects.filter(
        pk=arbiter_id, is_active=True, staff_role__in=[StaffRole.ARBITER, StaffRole.SUPERVISOR]
    ).first()
    if arbiter is None:
        raise Refused("assign_to_arbiter", _("Choose an arbiter."), field="arbiter")
    if (unfit := policy.impartial.refusal(arbiter, case)) is not None:
        raise Refused(unfit.code, unfit.message, field="arbiter")
    case.handler, case.taken_at = arbiter, at
    lifecycle.move(case, "reassign", actor=actor, at=at, audience="platform", facts={"arbiter": arbiter.pk})
    return case


def why_not_take(case: Case, actor: Actor, at: datetime) -> Refused | None:
    if case.handler_id == actor.pk:
        return Conflict("taken_once", _("You already hold this case."))
    if case.handler_id is not None:
        return Conflict("taken_by_another", _("Another arbiter holds this case."))
    if case.state == State.RULED and not _set_aside_waits(case):
        return Conflict("wrong_state", _("There is nothing to decide in this case now."))
    return None


def _set_aside_waits(case: Case) -> bool:
    asked = getattr(case, "set_aside", None)
    return asked is not None and asked.state == "asked"


def escalate(*, deadline: Deadline, at: datetime) -> None:
    """The platform's own hard limit passed: a supervisor is told. Nothing is decided by silence of the platform."""
    assert deadline.case is not None
    case = deadline.case
    if (refused := lifecycle.refusal(case, "escalate", CLOCK, at)) is not None:
        raise refused
    case.escalated_at = at
    lifecycle.move(case, "escalate", actor=CLOCK, at=at, audience="platform", facts={"clock": deadline.kind})
