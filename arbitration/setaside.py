"""Setting a default aside (撤销缺席裁决): once, within 72 h, with an excuse and a defence; another arbiter decides."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from accounts.models import User
from arbitration import closing, steps, violations
from arbitration.models import Ruling, SetAside
from core.errors import Conflict, Refused
from disputes import lifecycle
from disputes.models import Case


@transaction.atomic
def request_set_aside(*, actor: Actor, case_id: int, excuse: str, defence: str, based_on: int | None = None) -> Case:
    """The silent side asks, saying why it was silent and what it would have answered. Remedies are held meanwhile."""
    case = Case.objects.locked(case_id)
    at = lifecycle.begin(case, "request_set_aside", actor, based_on=based_on)
    assert isinstance(actor, User)
    for name, text in (("excuse", excuse), ("defence", defence)):
        if not text.strip():
            raise Refused(
                "set_aside_needs_excuse_and_defence", _("Say both why you were silent and what you answer."), field=name
            )
    SetAside.objects.create(case=case, requested_by=actor, excuse=excuse, defence=defence, requested_at=at)
    steps.stay(case)
    lifecycle.move(case, "request_set_aside", actor=actor, at=at)
    return case


@transaction.atomic
def set_aside(*, actor: Actor, case_id: int, reason: str, based_on: int | None = None) -> Case:
    """Grant it: the default ruling falls (it stays readable, marked) and the response clock starts again."""
    case, asked, at = _deciding(actor, case_id, "set_aside", reason, based_on)
    asked.state = SetAside.State.GRANTED
    asked.save()
    steps.reverse(case, at)
    case.rulings.filter(state=Ruling.State.IN_EFFECT).update(state=Ruling.State.REPLACED)
    violations.take_back(case)
    case.by_default, case.final = False, False
    case.handler, case.taken_at = None, None
    lifecycle.move(case, "set_aside", actor=actor, at=at)
    return case


@transaction.atomic
def refuse_set_aside(*, actor: Actor, case_id: int, reason: str, based_on: int | None = None) -> Case:
    """Refuse it: the default ruling stands and its remedies go on."""
    case, asked, at = _deciding(actor, case_id, "refuse_set_aside", reason, based_on)
    asked.state = SetAside.State.REFUSED
    asked.save()
    case.handler, case.taken_at = None, None
    lifecycle.move(case, "refuse_set_aside", actor=actor, at=at)
    steps.go_on(case, at)
    closing.try_to_conclude(case, at)
    return case


def _deciding(
    actor: Actor, case_id: int, action: str, reason: str, based_on: int | None
) -> tuple[Case, SetAside, datetime]:
    case = Case.objects.locked(case_id)
    at = lifecycle.begin(case, action, actor, based_on=based_on)
    if not reason.strip():
        raise Refused("decision_needs_reason", _("Give the reason; both sides read it."), field="reason")
    asked: SetAside = case.set_aside
    asked.reason, asked.decided_at = reason, at
    case.escalated_at = None
    assert isinstance(actor, User)
    case.note_decision(actor)
    return case, asked, at


def why_not_request(case: Case, actor: Actor, at: datetime) -> Refused | None:
    if not case.by_default:
        return Conflict("set_aside_of_a_default", _("Only a ruling on a default can be set aside."))
    if hasattr(case, "set_aside"):
        return Conflict("set_aside_once", _("This was already asked."))
    return None


def why_not_decide(case: Case, actor: Actor, at: datetime) -> Refused | None:
    if not SetAside.objects.filter(case=case, state=SetAside.State.ASKED).exists():
        return Conflict("set_aside_asked", _("Nobody has asked for the default to be set aside."))
    return None
