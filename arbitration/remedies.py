"""Enforcement (执行): each remedy a row on its own clock, carried out once, by who owes it or the platform."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import policy
from accounts.actors import CLOCK, Actor
from arbitration import closing, restitution, violations
from arbitration.models import Remedy, Ruling
from arbitration.payments import pay, platform_pays
from arbitration.steps import executed, facts_of, lapse, owe_freight
from core import money
from core.errors import Conflict, Refused
from disputes import deadlines, exhibits, lifecycle
from disputes.models import Case, Deadline, Refund
from evidence.models import Kind, Side
from rulebook.queries import applying

K, S = Remedy.Kind, Remedy.State
SHOWING = (Kind.PHOTO, Kind.VIDEO, Kind.DOCUMENT)
"""What shows how goods arrived; a record of their weight is a document."""


@transaction.atomic
def perform(
    *, actor: Actor, case_id: int, remedy_id: int, carrier: str = "", waybill: str = "", based_on: int | None = None
) -> Case:
    """The side that owes it performs: money is sent through the gateway at once; goods need their waybill."""
    case = Case.objects.locked(case_id)
    at = lifecycle.begin(case, "perform", actor, based_on=based_on)
    remedy = _mine(case, actor, remedy_id, _performable(case, actor, at))
    deadlines.close(case, ["perform"], at, Deadline.State.MET, ref=str(remedy.pk))
    if remedy.kind in Remedy.MONEY:
        pay(case, remedy, Refund.Funding.MERCHANT, at)
    elif not waybill.strip():
        raise _no_proof(remedy)
    else:
        remedy.carrier, remedy.waybill, remedy.shipped_at = carrier, waybill, at
    lifecycle.move(case, "perform", actor=actor, at=at, facts=facts_of(remedy))
    if remedy.kind not in Remedy.MONEY:
        executed(case, remedy, at)
    closing.try_to_conclude(case, at)
    return case


def _no_proof(remedy: Remedy) -> Refused:
    if remedy.kind == K.PAY_LOSS:
        return Refused(
            "payment_needs_reference",
            _("Write the number of the payment, so that the merchant can find it."),
            field="waybill",
        )
    return Refused(
        "goods_need_waybill", _("Write the waybill number, so that both sides can follow it."), field="waybill"
    )


@transaction.atomic
def ship_back(
    *,
    actor: Actor,
    case_id: int,
    remedy_id: int,
    carrier: str,
    waybill: str,
    freight_fen: int = 0,
    based_on: int | None = None,
) -> Case:
    """The buyer sends the goods back; the merchant's clock to confirm starts. ``freight_fen`` is what it cost, which
    the merchant owes where it bears that."""
    case = Case.objects.locked(case_id)
    at = lifecycle.begin(case, "ship_back", actor, based_on=based_on)
    remedy = _mine(case, actor, remedy_id, _returnable(case, actor, at))
    if freight_fen:
        _check_freight(freight_cap_fen(case, remedy.ruling, at), freight_fen)
        owe_freight(case, remedy.ruling, remedy, freight_fen)
    remedy.carrier, remedy.waybill, remedy.shipped_at = carrier, waybill, at
    remedy.save()
    deadlines.close(case, ["ship_back"], at, Deadline.State.MET, ref=str(remedy.pk))
    deadlines.open_clock(case, "confirm_return", at, ref=str(remedy.pk), side=Side(remedy.owed_by).other)
    lifecycle.move(case, "ship_back", actor=actor, at=at, facts={**facts_of(remedy), "freight_fen": freight_fen})
    return case


def freight_cap_fen(case: Case, ruling: Ruling, at: datetime) -> int:
    """The most a buyer has back for sending goods: what the rules say, nothing where the merchant does not bear it."""
    bears = restitution.merchant_bears_freight(case, ruling)
    return applying(case.rulebook_id, at).value("return_freight_fen") if bears else 0


def _check_freight(cap_fen: int, freight_fen: int) -> None:
    if not 0 < freight_fen <= cap_fen:
        raise Refused(
            "freight_within_rules",
            _("The merchant pays back at most %(cap)s of freight for this return.") % {"cap": money.text(cap_fen)},
            field="freight_fen",
        )


@transaction.atomic
def confirm_return(
    *, actor: Actor, case_id: int, remedy_id: int, finding: str, note: str = "", based_on: int | None = None
) -> Case:
    """The merchant says how the goods came back; anything but in order holds the next step for the platform, and the
    files that are ready go on file with it, seen by both sides.

    Raises Refused: return_finding, return_finding_needs_note, return_finding_needs_photo.
    """
    case = Case.objects.locked(case_id)
    at = lifecycle.begin(case, "confirm_return", actor, based_on=based_on)
    remedy = _mine(case, actor, remedy_id, _confirmable(case, actor, at))
    if finding not in Remedy.ReturnFinding.values:
        raise Refused("return_finding", _("Choose how the goods came back."), field="finding")
    if finding != Remedy.ReturnFinding.RECEIVED and not note.strip():
        raise Refused("return_finding_needs_note", _("Describe what is wrong with the return."), field="note")
    side, disputed = policy.side_of(actor, case), finding != Remedy.ReturnFinding.RECEIVED
    items = exhibits.ready(case, side) if disputed else []
    if finding in Remedy.TO_BE_SHOWN and not any(item.kind in SHOWING for item in items):
        raise Refused(
            "return_finding_needs_photo",
            _("Add a photo on arrival, an unboxing video or a record of the weight. Your finding goes with it."),
            field="files",
        )
    exhibits.freeze(case, actor=actor, side=side, items=items, at=at, disclosed=True)
    remedy.return_finding, remedy.return_note = finding, note
    deadlines.close(case, ["confirm_return"], at, Deadline.State.MET, ref=str(remedy.pk))
    lifecycle.move(
        case, "confirm_return", actor=actor, at=at, facts={**facts_of(remedy), "finding": finding, "items": len(items)}
    )
    if finding == Remedy.ReturnFinding.RECEIVED:
        executed(case, remedy, at)
    else:
        remedy.state = S.FAILED
        remedy.save()
        deadlines.open_clock(case, "return_target", at)
        deadlines.open_clock(case, "return_decision", at)
    closing.try_to_conclude(case, at)
    return case


@transaction.atomic
def decide_return(
    *, actor: Actor, case_id: int, remedy_id: int, accepted: bool, reason: str, based_on: int | None = None
) -> Case:
    """An arbiter decides a disputed return: the next step goes on, or what was to follow lapses."""
    case = Case.objects.locked(case_id)
    at = lifecycle.begin(case, "decide_return", actor, based_on=based_on)
    remedy = case.remedies.filter(pk=remedy_id, kind=K.RETURN_GOODS, state=S.FAILED).first()
    if remedy is None:
        raise Conflict("return_disputed", _("This return is not disputed."))
    if not reason.strip():
        raise Refused("decision_needs_reason", _("Give the reason; both sides read it."), field="reason")
    remedy.return_note = f"{remedy.return_note}\n\n{reason}".strip()
    case.escalated_at = None
    lifecycle.move(case, "decide_return", actor=actor, at=at, facts={**facts_of(remedy), "accepted": accepted})
    if accepted:
        executed(case, remedy, at)
    else:
        lapse(case, remedy, at)
    closing.try_to_conclude(case, at)
    return case


def remedy_expired(*, deadline: Deadline, at: datetime) -> None:
    """A remedy's clock ran out: a return not sent lapses, a return not confirmed counts as received, and what the
    merchant did not perform the platform carries out with money. Whoever did not perform is given points."""
    assert deadline.case is not None
    case = deadline.case
    lifecycle.check(case, "remedy_expired", CLOCK, at)
    remedy = case.remedies.get(pk=int(deadline.ref))
    lifecycle.move(case, "remedy_expired", actor=CLOCK, at=at, facts={**facts_of(remedy), "clock": deadline.kind})
    if deadline.kind == "ship_back":
        lapse(case, remedy, at)
    elif deadline.kind == "confirm_return":
        executed(case, remedy, at)
        for following in remedy.then.filter(kind__in=Remedy.MONEY):
            deadlines.close(case, ["perform"], at, Deadline.State.DROPPED, ref=str(following.pk))
            platform_pays(case, following, at)
    else:
        points = applying(case.rulebook_id, at).value("not_performing_points")
        violations.record(case, remedy.owed_by, violations.NOT_PERFORMING, points, at)
        if remedy.kind == K.PAY_LOSS:
            lapse(case, remedy, at)
        else:
            platform_pays(case, remedy, at)
    closing.try_to_conclude(case, at)


def why_not_perform(case: Case, actor: Actor, at: datetime) -> Refused | None:
    return None if _performable(case, actor, at) else _nothing(case, ["perform"])


def why_not_ship_back(case: Case, actor: Actor, at: datetime) -> Refused | None:
    return None if _returnable(case, actor, at) else _nothing(case, ["ship_back"])


def why_not_confirm_return(case: Case, actor: Actor, at: datetime) -> Refused | None:
    return None if _confirmable(case, actor, at) else _nothing(case, ["confirm_return"])


def why_not_decide_return(case: Case, actor: Actor, at: datetime) -> Refused | None:
    if case.remedies.filter(kind=K.RETURN_GOODS, state=S.FAILED).exists():
        return None
    return Conflict("return_disputed", _("No return is disputed."))


def _nothing(case: Case, kinds: Iterable[str]) -> Conflict:
    if deadlines.running(case, kinds):
        return Conflict("perform_before_due", _("It is not your turn, or the time to do this is over."))
    return Conflict("nothing_owed", _("Nothing of this kind is to be done now."))


def _on_clock(case: Case, kind: str, side: str, at: datetime) -> set[int]:
    """Ids of the remedies whose ``kind`` clock still runs for ``side``."""
    rows = deadlines.running(case, [kind])
    return {int(row.ref) for row in rows if row.side == side and row.due_at is not None and at < row.due_at}


def _performable(case: Case, actor: Actor, at: datetime) -> set[int]:
    return _on_clock(case, "perform", policy.side_of(actor, case), at)


def _returnable(case: Case, actor: Actor, at: datetime) -> set[int]:
    return _on_clock(case, "ship_back", policy.side_of(actor, case), at)


def _confirmable(case: Case, actor: Actor, at: datetime) -> set[int]:
    return _on_clock(case, "confirm_return", policy.side_of(actor, case), at)


def _mine(case: Case, actor: Actor, remedy_id: int, open_ids: set[int]) -> Remedy:
    if remedy_id not in open_ids:
        raise Conflict("nothing_owed", _("Nothing of this kind is to be done now."))
    return case.remedies.get(pk=remedy_id)
