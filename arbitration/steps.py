"""What a ruling orders, step by step: laid out, begun, done, held, taken up again, reversed."""

from datetime import datetime
from typing import Any

from django.db.models import Q

from accounts.actors import CLOCK
from arbitration import restitution
from arbitration.models import Remedy, Ruling
from disputes import deadlines, lifecycle
from disputes.models import Case, Deadline, Refund
from evidence.models import Side
from rulebook.models import IN_KIND, SENT_IN
from rulebook.models import Remedy as Ordered

K, S = Remedy.Kind, Remedy.State


STEPS: dict[str, tuple[str, ...]] = {
    Ordered.REFUND: (K.REFUND,),
    Ordered.RETURN_REFUND: (K.RETURN_GOODS, K.REFUND),
    Ordered.EXCHANGE: (K.RETURN_GOODS, K.EXCHANGE),
    Ordered.RESEND: (K.RESEND,),
    Ordered.REPAIR: (K.RETURN_GOODS, K.REPAIR),
    Ordered.COMPENSATION: (K.COMPENSATION,),
    Ordered.WARNING: (K.WARNING,),
    Ordered.MARK_REVIEW: (K.MARK_REVIEW,),
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
    """Lay out the remedies of a ruling that has just come into effect and start what waits for no other.

    Goods that an earlier ruling has brought back are not sent for again; those on their way count as sent.
    """
    previous: Remedy | None = None
    for kind in (*STEPS.get(ruling.remedy, ()), K.PENALTY):
        amount = _amount_fen(case, ruling, kind)
        if (kind in NOTHING_WITHOUT_AMOUNT and amount <= 0) or (kind == K.RETURN_GOODS and _are_back(case)):
            continue
        previous = Remedy.objects.create(
            case=case,
            ruling=ruling,
            kind=kind,
            owed_by=Side.BUYER if kind in OWED_BY_BUYER else Side.MERCHANT,
            amount_fen=amount,
            after=previous if _waits(ruling, kind) else None,
            by_platform=kind == K.MARK_REVIEW,
            **(_on_their_way(case) if kind == K.RETURN_GOODS else {}),
        )
    _owe_freight_again(case, ruling)
    restitution.expect(case, ruling)
    for remedy in list(ruling.remedies.filter(after=None).exclude(kind=K.RESTITUTION).order_by("pk")):
        begin(case, remedy, at)
    restitution.settle(case, at)


def _waits(ruling: Ruling, kind: str) -> bool:
    """Whether a step waits for the one before it: a penalty only for goods, to see whether they come."""
    return kind in Remedy.PRICE or kind in Remedy.GOODS or (kind == K.PENALTY and ruling.remedy in IN_KIND)


def _amount_fen(case: Case, ruling: Ruling, kind: str) -> int:
    """What one step is worth. A loss is taken from the refund asked for; what that does not cover the buyer owes. A
    penalty in case goods are not delivered is due anew, whatever an earlier ruling has moved: that goes back."""
    if kind == K.PENALTY:
        anew = ruling.remedy in IN_KIND
        return ruling.penalty_fen - (0 if anew else restitution.moving_fen(case, before=ruling, kinds=[kind]))
    if kind in Remedy.PRICE:
        return restitution.granted_fen(case, ruling) - restitution.moving_fen(case, before=ruling)
    if kind in Remedy.SAID:
        return 0
    if kind == K.DEDUCT:
        return min(ruling.amount_fen, restitution.refund_asked_fen(case))
    if kind == K.PAY_LOSS:
        return max(0, ruling.amount_fen - restitution.refund_asked_fen(case))
    stood_in_for = ruling.penalty_fen and ruling.remedy not in SENT_IN
    return 0 if stood_in_for else worth_fen(case, ruling.amount_fen)


def worth_fen(case: Case, amount_fen: int) -> int:
    """What the platform refunds when goods are not delivered: what the ruling says that they are worth, else what was
    paid for the article, which the buyer has sent in."""
    worth = amount_fen or case.order.paid_for(case.line_id)
    return min(worth, case.order.refundable_for(case.line_id))


def owe_freight(case: Case, ruling: Ruling, back: Remedy | None, freight_fen: int) -> None:
    """What the buyer paid to send the goods ``back``: the merchant owes it once the return is confirmed."""
    Remedy.objects.create(
        case=case, ruling=ruling, kind=K.FREIGHT, owed_by=Side.MERCHANT, amount_fen=freight_fen, after=back
    )


def _are_back(case: Case) -> bool:
    """Whether the merchant has the goods from an earlier ruling of the case, and has sent none since. One query."""
    moved = case.remedies.filter(kind__in=Remedy.GOODS, state=S.EXECUTED).order_by("executed_at", "pk").last()
    return moved is not None and moved.kind == K.RETURN_GOODS


def _on_their_way(case: Case) -> dict[str, Any]:
    """Carrier, waybill and moment of goods sent back under a ruling that fell before they were confirmed. One query."""
    sent = case.remedies.filter(kind=K.RETURN_GOODS, state=S.REVERSED).exclude(shipped_at=None).order_by("pk").last()
    return {name: getattr(sent, name) for name in ("carrier", "waybill", "shipped_at")} if sent else {}


def _owe_freight_again(case: Case, ruling: Ruling) -> None:
    """Freight that the buyer stated under a ruling that fell before it was paid, where the new one lays it on the
    merchant too. At most three queries."""
    stated = case.remedies.filter(kind=K.FREIGHT).order_by("pk").last()
    if stated is not None and stated.state == S.REVERSED and restitution.merchant_bears_freight(case, ruling):
        back = ruling.remedies.filter(kind=K.RETURN_GOODS).first()
        if back is not None or _are_back(case):
            owe_freight(case, ruling, back, stated.amount_fen)


def begin(case: Case, remedy: Remedy, at: datetime) -> None:
    """Start a remedy's clock. What needs nobody's hand is done at once; goods already sent wait to be confirmed."""
    if remedy.kind in Remedy.AT_ONCE:
        executed(case, remedy, at)
        return
    remedy.state = S.PERFORMING
    remedy.save()
    kind, side = ("ship_back" if remedy.kind == K.RETURN_GOODS else "perform"), remedy.owed_by
    if remedy.kind == K.RETURN_GOODS and remedy.shipped_at is not None:
        kind, side = "confirm_return", Side(remedy.owed_by).other
    deadlines.open_clock(case, kind, at, ref=str(remedy.pk), side=side)


def executed(case: Case, remedy: Remedy, at: datetime) -> None:
    """Done, once; the next step starts, and a penalty in case this one were not falls away."""
    remedy.state, remedy.executed_at = S.EXECUTED, at
    remedy.save()
    lifecycle.move(case, "remedy_executed", actor=CLOCK, at=at, facts=facts_of(remedy))
    for following in remedy.then.filter(state=S.PENDING):
        if following.if_not_done:
            lapse(case, following, at)
        else:
            begin(case, following, at)


def lapse(case: Case, remedy: Remedy, at: datetime) -> None:
    """Not done in time: it and what was to follow lapse."""
    remedy.state = S.LAPSED
    remedy.save()
    for following in remedy.then.all():
        lapse(case, following, at)


def stay(case: Case) -> None:
    """A review or a set-aside was asked before execution: hold everything whose money is not on its way yet.

    The clocks end with the act that asks (``lifecycle.PERFORMANCE``), what was due before it having happened first.
    """
    for remedy in case.remedies.filter(state__in=[S.PENDING, S.PERFORMING], refund=None).exclude(kind=K.RESTITUTION):
        remedy.state = S.STAYED
        remedy.save()


def go_on(case: Case, at: datetime) -> None:
    """The ruling stands: held remedies take up their clocks again, from the start of the step they stood at."""
    for remedy in case.remedies.filter(state=S.STAYED).order_by("pk"):
        waits = remedy.after is not None and remedy.after.state != S.EXECUTED
        remedy.state = S.PENDING
        remedy.save()
        if not waits:
            begin(case, remedy, at)
    restitution.settle(case, at)


def reverse(case: Case, at: datetime) -> None:
    """The ruling fell: what was not carried out is reversed, and what it only said with it."""
    case.remedies.filter(kind__in=Remedy.SAID, state=S.EXECUTED).update(state=S.REVERSED)
    open_ones = case.remedies.filter(state__in=[S.PENDING, S.PERFORMING, S.STAYED, S.FAILED])
    open_ones.filter(Q(refund=None) | Q(refund__state=Refund.State.FAILED)).update(state=S.REVERSED)
    kinds = ["perform", "ship_back", "confirm_return", "return_target", "return_decision", "payment_target"]
    deadlines.close(case, kinds, at, Deadline.State.DROPPED)


def facts_of(remedy: Remedy) -> dict[str, object]:
    return {
        "remedy": remedy.pk,
        "kind": remedy.kind,
        "owed_by": remedy.owed_by,
        "amount_fen": remedy.amount_fen,
        "by_platform": remedy.by_platform,
    }
