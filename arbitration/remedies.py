"""Enforcement (执行): each remedy a row on its own clock, carried out once, by who owes it or the platform."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts import policy
from accounts.actors import CLOCK, Actor
from arbitration import closing, restitution, violations
from arbitration.models import Remedy, Ruling
from core.errors import Conflict, Refused
from disputes import deadlines, lifecycle, refunds
from disputes.models import Case, Deadline, Refund
from evidence.models import Side
from rulebook.models import Remedy as Ordered
from rulebook.queries import applying

K, S = Remedy.Kind, Remedy.State

STEPS: dict[str, tuple[str, ...]] = {
    Ordered.REFUND: (K.REFUND,),
    Ordered.RETURN_REFUND: (K.RETURN_GOODS, K.REFUND),
    Ordered.EXCHANGE: (K.RETURN_GOODS, K.EXCHANGE),
    Ordered.RESEND: (K.RESEND,),
    Ordered.REPAIR: (K.RETURN_GOODS, K.REPAIR),
    Ordered.COMPENSATION: (K.COMPENSATION,),
    Ordered.WARNING: (K.WARNING,),
    Ordered.REJECT: (K.REJECT,),
    Ordered.DEDUCT: (K.DEDUCT, K.REFUND, K.PAY_LOSS),
}
"""What a ruling's remedy means, step by step. Money and new goods come from the merchant, goods back from the buyer.

A loss is deducted from the refund the buyer asked for, and the rest of it goes back; where that refund was already
paid the buyer pays the loss itself: the platform takes nothing from anybody's card.
"""
OWED_BY_BUYER = (K.RETURN_GOODS, K.PAY_LOSS)
NOTHING_WITHOUT_AMOUNT = (*Remedy.MONEY, K.DEDUCT, K.PAY_LOSS)


def start(case: Case, ruling: Ruling, at: datetime) -> None:
    """Lay out the remedies of a ruling that has just come into effect and start the first."""
    previous: Remedy | None = None
    for kind in STEPS.get(ruling.remedy, ()):
        amount = _amount_fen(case, ruling, kind)
        if kind in NOTHING_WITHOUT_AMOUNT and amount <= 0:
            continue
        previous = Remedy.objects.create(
            case=case,
            ruling=ruling,
            kind=kind,
            owed_by=Side.BUYER if kind in OWED_BY_BUYER else Side.MERCHANT,
            amount_fen=amount,
            after=previous if kind in Remedy.MONEY or kind in Remedy.GOODS else None,
        )
    restitution.expect(case, ruling)
    for remedy in list(ruling.remedies.filter(after=None).exclude(kind=K.RESTITUTION).order_by("pk")):
        _begin(case, remedy, at)
    restitution.settle(case, at)


def _amount_fen(case: Case, ruling: Ruling, kind: str) -> int:
    """What one step is worth. A loss is taken from the refund asked for; what that does not cover the buyer owes."""
    if kind in Remedy.MONEY:
        return restitution.granted_fen(case, ruling) - restitution.moving_fen(case, before=ruling)
    if kind == K.DEDUCT:
        return min(ruling.amount_fen, restitution.refund_asked_fen(case))
    if kind == K.PAY_LOSS:
        return max(0, ruling.amount_fen - restitution.refund_asked_fen(case))
    return _worth(case, ruling)


def _worth(case: Case, ruling: Ruling) -> int:
    """What the platform refunds instead when goods are not delivered: the claim, or the line's price."""
    worth = ruling.amount_fen or case.claim_fen or case.line.price_fen * case.line.quantity
    return min(worth, case.order.refundable_fen)


def _begin(case: Case, remedy: Remedy, at: datetime) -> None:
    """Start a remedy's clock. What needs nobody's hand is done at once."""
    if remedy.kind in Remedy.AT_ONCE:
        _executed(case, remedy, at)
        return
    remedy.state = S.PERFORMING
    remedy.save()
    kind = "ship_back" if remedy.kind == K.RETURN_GOODS else "perform"
    deadlines.open_clock(case, kind, at, ref=str(remedy.pk), side=remedy.owed_by)


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
        _pay(case, remedy, Refund.Funding.MERCHANT, at)
    elif not waybill.strip():
        raise _no_proof(remedy)
    else:
        remedy.carrier, remedy.waybill, remedy.shipped_at = carrier, waybill, at
    lifecycle.move(case, "perform", actor=actor, at=at, facts=_facts(remedy))
    if remedy.kind not in Remedy.MONEY:
        _executed(case, remedy, at)
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
    *, actor: Actor, case_id: int, remedy_id: int, carrier: str, waybill: str, based_on: int | None = None
) -> Case:
    """The buyer sends the goods back; the merchant's clock to confirm starts."""
    case = Case.objects.locked(case_id)
    at = lifecycle.begin(case, "ship_back", actor, based_on=based_on)
    remedy = _mine(case, actor, remedy_id, _returnable(case, actor, at))
    remedy.carrier, remedy.waybill, remedy.shipped_at = carrier, waybill, at
    remedy.save()
    deadlines.close(case, ["ship_back"], at, Deadline.State.MET, ref=str(remedy.pk))
    deadlines.open_clock(case, "confirm_return", at, ref=str(remedy.pk), side=Side(remedy.owed_by).other)
    lifecycle.move(case, "ship_back", actor=actor, at=at, facts=_facts(remedy))
    return case


@transaction.atomic
def confirm_return(
    *, actor: Actor, case_id: int, remedy_id: int, finding: str, note: str = "", based_on: int | None = None
) -> Case:
    """The merchant says how the goods came back; anything but in order holds the next step for the platform."""
    case = Case.objects.locked(case_id)
    at = lifecycle.begin(case, "confirm_return", actor, based_on=based_on)
    remedy = _mine(case, actor, remedy_id, _confirmable(case, actor, at))
    if finding not in Remedy.ReturnFinding.values:
        raise Refused("return_finding", _("Choose how the goods came back."), field="finding")
    if finding != Remedy.ReturnFinding.RECEIVED and not note.strip():
        raise Refused("return_finding_needs_note", _("Describe what is wrong with the return."), field="note")
    remedy.return_finding, remedy.return_note = finding, note
    deadlines.close(case, ["confirm_return"], at, Deadline.State.MET, ref=str(remedy.pk))
    lifecycle.move(case, "confirm_return", actor=actor, at=at, facts={**_facts(remedy), "finding": finding})
    if finding == Remedy.ReturnFinding.RECEIVED:
        _executed(case, remedy, at)
    else:
        remedy.state = S.FAILED
        remedy.save()
        deadlines.open_clock(case, "return_target", at)
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
    lifecycle.move(case, "decide_return", actor=actor, at=at, facts={**_facts(remedy), "accepted": accepted})
    if accepted:
        _executed(case, remedy, at)
    else:
        _lapse(case, remedy, at)
    closing.try_to_conclude(case, at)
    return case


def remedy_expired(*, deadline: Deadline, at: datetime) -> None:
    """A remedy's clock ran out: a return not sent lapses, a return not confirmed counts as received, and what the
    merchant did not perform the platform carries out with money. Whoever did not perform is given points."""
    assert deadline.case is not None
    case = deadline.case
    lifecycle.check(case, "remedy_expired", CLOCK, at)
    remedy = case.remedies.get(pk=int(deadline.ref))
    lifecycle.move(case, "remedy_expired", actor=CLOCK, at=at, facts={**_facts(remedy), "clock": deadline.kind})
    if deadline.kind == "ship_back":
        _lapse(case, remedy, at)
    elif deadline.kind == "confirm_return":
        _executed(case, remedy, at)
        for following in remedy.then.filter(kind__in=Remedy.MONEY):
            deadlines.close(case, ["perform"], at, Deadline.State.DROPPED, ref=str(following.pk))
            _platform_pays(case, following, at)
    else:
        points = applying(case.rulebook_id, at).value("not_performing_points")
        violations.record(case, remedy.owed_by, violations.NOT_PERFORMING, points, at)
        if remedy.kind == K.PAY_LOSS:
            _lapse(case, remedy, at)
        else:
            _platform_pays(case, remedy, at)
    closing.try_to_conclude(case, at)


def _platform_pays(case: Case, remedy: Remedy, at: datetime) -> None:
    """From the merchant's deposit, or advanced and recorded as its debt. Goods not delivered become their worth."""
    if remedy.kind not in Remedy.MONEY:
        remedy.state = S.LAPSED
        remedy.save()
        if remedy.amount_fen <= 0:
            return
        remedy = Remedy.objects.create(
            case=case,
            ruling=remedy.ruling,
            kind=K.REFUND,
            owed_by=remedy.owed_by,
            amount_fen=remedy.amount_fen,
            state=S.PERFORMING,
        )
    remedy.by_platform = True
    _pay(case, remedy, _platform_funding(case, remedy), at)


def _platform_funding(case: Case, remedy: Remedy) -> str:
    enough = case.store.deposit_fen >= remedy.amount_fen
    return Refund.Funding.DEPOSIT if enough else Refund.Funding.ADVANCE


def _pay(case: Case, remedy: Remedy, funding: str, at: datetime) -> None:
    """Send what the remedy is worth, at most what can still go back: another line of the order may have been refunded
    since the ruling. Where nothing can, the remedy lapses. A new attempt has a new key; only a refusal makes one."""
    amount_fen = min(remedy.amount_fen, case.order.refundable_fen)
    if amount_fen == 0:
        _lapse(case, remedy, at)
        return
    assert remedy.refund is None or remedy.refund.state == Refund.State.FAILED, "only a refusal is followed by more"
    attempts = Refund.objects.filter(case=case, key__startswith=f"remedy-{remedy.pk}-").count()
    remedy.refund = refunds.request(
        order=case.order,
        amount_fen=amount_fen,
        key=f"remedy-{remedy.pk}-{attempts + 1}",
        funding=funding,
        at=at,
        case=case,
    )
    remedy.state = S.PERFORMING
    remedy.save()


@transaction.atomic
def follow_refund(*, refund: Refund) -> None:
    """A remedy's refund came to an end at the gateway: executed; or refused, and then paid by the platform; or
    refused to the platform too, and then a supervisor is told. Harmless when told twice."""
    remedy_id, case_id = Remedy.objects.values_list("pk", "case_id").get(refund=refund)
    case = Case.objects.locked(case_id)
    remedy = Remedy.objects.select_related("ruling", "refund").get(pk=remedy_id)
    if remedy.state != S.PERFORMING or remedy.refund_id != refund.pk:
        return
    at = refund.executed_at or refund.tried_at or refund.requested_at
    if refund.state == Refund.State.EXECUTED:
        _executed(case, remedy, at)
    elif not _still_owed(case, remedy):
        remedy.state = S.REVERSED
        remedy.save()
    elif not remedy.by_platform:
        _platform_pays(case, remedy, at)
    elif refund.funding == Refund.Funding.DEPOSIT:
        _pay(case, remedy, Refund.Funding.ADVANCE, at)
    else:
        _failed(case, remedy, at)
    restitution.settle(case, at)
    closing.try_to_conclude(case, at)


def _still_owed(case: Case, remedy: Remedy) -> bool:
    """Whether a payment that was refused is to be made at all: its ruling may have fallen while it was on its way."""
    if remedy.ruling.state == Ruling.State.IN_EFFECT:
        return True
    now = case.rulings.filter(state=Ruling.State.IN_EFFECT).first()
    return now is not None and restitution.granted_fen(case, now) > restitution.moving_fen(case)


def _failed(case: Case, remedy: Remedy, at: datetime) -> None:
    """The payment service refused the platform too: both sides read it, a supervisor has it before them."""
    remedy.state = S.FAILED
    remedy.save()
    case.escalated_at = at
    lifecycle.move(case, "remedy_failed", actor=CLOCK, at=at, facts=_facts(remedy))
    deadlines.open_clock(case, "payment_target", at, ref=str(remedy.pk))


@transaction.atomic
def retry_payment(*, actor: Actor, case_id: int, remedy_id: int, based_on: int | None = None) -> Case:
    """A supervisor has a payment sent once more, under a new key: the earlier one is known to have been refused."""
    case = Case.objects.locked(case_id)
    at = lifecycle.begin(case, "retry_payment", actor, based_on=based_on)
    remedy = _refused_payments(case).filter(pk=remedy_id).first()
    if remedy is None:
        raise Conflict("retry_after_refusal", _("Only a payment known to have been refused is sent again."))
    deadlines.close(case, ["payment_target"], at, Deadline.State.MET, ref=str(remedy.pk))
    if not deadlines.running(case, ["payment_target"]):
        case.escalated_at = None
    _pay(case, remedy, _platform_funding(case, remedy), at)
    lifecycle.move(case, "retry_payment", actor=actor, at=at, facts=_facts(remedy))
    closing.try_to_conclude(case, at)
    return case


def _refused_payments(case: Case) -> QuerySet[Remedy]:
    rows = case.remedies.filter(kind__in=Remedy.MONEY, state=S.FAILED, refund__state=Refund.State.FAILED)
    return rows.select_related("refund")


def _executed(case: Case, remedy: Remedy, at: datetime) -> None:
    """Done, once; the next step starts."""
    remedy.state, remedy.executed_at = S.EXECUTED, at
    remedy.save()
    lifecycle.move(case, "remedy_executed", actor=CLOCK, at=at, facts=_facts(remedy))
    for following in remedy.then.filter(state=S.PENDING):
        _begin(case, following, at)


def _lapse(case: Case, remedy: Remedy, at: datetime) -> None:
    """Not done in time: it and what was to follow lapse."""
    remedy.state = S.LAPSED
    remedy.save()
    for following in remedy.then.all():
        _lapse(case, following, at)


def stay(case: Case, at: datetime) -> None:
    """A review was asked before execution: hold everything whose money is not on its way yet."""
    for remedy in case.remedies.filter(state__in=[S.PENDING, S.PERFORMING], refund=None).exclude(kind=K.RESTITUTION):
        remedy.state = S.STAYED
        remedy.save()
    deadlines.close(case, ["perform", "ship_back", "confirm_return"], at, Deadline.State.DROPPED)


def go_on(case: Case, at: datetime) -> None:
    """The ruling stands: held remedies take up their clocks again, from the start of the step they stood at."""
    for remedy in case.remedies.filter(state=S.STAYED).order_by("pk"):
        waits = remedy.after is not None and remedy.after.state != S.EXECUTED
        remedy.state = S.PENDING
        remedy.save()
        if waits:
            continue
        if remedy.kind == K.RETURN_GOODS and remedy.shipped_at is not None:
            remedy.state = S.PERFORMING
            remedy.save()
            deadlines.open_clock(case, "confirm_return", at, ref=str(remedy.pk), side=Side(remedy.owed_by).other)
        else:
            _begin(case, remedy, at)
    restitution.settle(case, at)


def reverse(case: Case, at: datetime) -> None:
    """The ruling fell: what was not carried out is reversed."""
    open_ones = case.remedies.filter(state__in=[S.PENDING, S.PERFORMING, S.STAYED, S.FAILED])
    open_ones.filter(Q(refund=None) | Q(refund__state=Refund.State.FAILED)).update(state=S.REVERSED)
    kinds = ["perform", "ship_back", "confirm_return", "return_target", "payment_target"]
    deadlines.close(case, kinds, at, Deadline.State.DROPPED)


# --- guards ----------------------------------------------------------------------------------------------------------
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


def why_not_retry_payment(case: Case, actor: Actor, at: datetime) -> Refused | None:
    if any(row.state == S.FAILED and row.kind in Remedy.MONEY for row in case.remedies.all()):
        return None
    return Conflict("retry_after_refusal", _("No payment was refused."))


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


def _facts(remedy: Remedy) -> dict[str, object]:
    return {
        "remedy": remedy.pk,
        "kind": remedy.kind,
        "owed_by": remedy.owed_by,
        "amount_fen": remedy.amount_fen,
        "by_platform": remedy.by_platform,
    }
