"""The preliminary review (初审): accept the case, refuse it with its ground, or (information.ask) ask first."""

from django.db import models, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.actors import Actor
from core.errors import Refused
from disputes import lifecycle
from disputes.models import Case
from evidence import items as custody
from evidence.models import Side
from rulebook.queries import applying


class Ground(models.TextChoices):
    """Why a case is not admissible (DOMAIN §2)."""

    LATE = "late", gettext_lazy("Filed after its time")
    WRONG_GOODS = "wrong_goods", gettext_lazy("The order does not show the real goods")
    SETTLED = "settled", gettext_lazy("Already settled and performed")
    SHAM = "sham", gettext_lazy("Not a genuine trade")
    STATUTORY = "statutory", gettext_lazy("Only about statutory damages")
    DECIDED = "decided", gettext_lazy("Already decided, with nothing new")
    IN_COURT = "in_court", gettext_lazy("Already before a court")
    NOT_NEGOTIATED = "not_negotiated", gettext_lazy("Not negotiated with the other side first")
    EVIDENCE = "evidence", gettext_lazy("No evidence of the claim at all")


@transaction.atomic
def admit(*, actor: Actor, case_id: int, based_on: int | None = None) -> Case:
    """Accept the case: the other side sees the claim and its evidence, and its response clock starts."""
    case = Case.objects.locked(case_id)
    at = lifecycle.begin(case, "admit", actor, based_on=based_on)
    for side in Side:
        custody.disclose(dossier=case.dossier, side=side, at=at, actor=actor)
    case.handler, case.taken_at, case.escalated_at = None, None, None
    lifecycle.move(case, "admit", actor=actor, at=at, facts={"rules": case.rulebook_id})
    return case


@transaction.atomic
def refuse(*, actor: Actor, case_id: int, ground: str, clause: str, reason: str, based_on: int | None = None) -> Case:
    """Not admissible (不予受理): ground, clause and reason are shown to the applicant, with what can still be done."""
    case = Case.objects.locked(case_id)
    at = lifecycle.begin(case, "refuse", actor, based_on=based_on)
    if ground not in Ground.values:
        raise Refused("refusal_ground", _("Choose the ground of the refusal."), field="ground")
    applying(case.rulebook_id, at).clause(clause)
    if not reason.strip():
        raise Refused("refusal_needs_reason", _("Say why: the applicant reads it."), field="reason")
    case.refusal_code, case.refusal_clause, case.refusal_reason = ground, clause, reason
    case.handler, case.taken_at = None, None
    case.offers.filter(state="open").update(state="lapsed", answered_at=at)
    lifecycle.move(case, "refuse", actor=actor, at=at, facts={"ground": ground, "clause": clause})
    return case
