"""Settlement (和解): offers between the two sides until a ruling takes effect, and their performance."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import policy
from accounts.actors import CLOCK, Actor
from accounts.models import User
from core.errors import Conflict, Refused
from disputes import deadlines, lifecycle, orders, refunds
from disputes.models import Case, Deadline, Offer, Refund
from evidence.models import Side
from rulebook.queries import Length, applying

S = Offer.State


@transaction.atomic
def offer(
    *,
    actor: Actor,
    case_id: int,
    amount_fen: int,
    payer: str = Side.MERCHANT,
    conditions: str = "",
    valid_hours: int = 48,
    perform_days: int = 3,
    based_on: int | None = None,
) -> Case:
    """Offer money and conditions, valid for ``valid_hours``, to be performed within ``perform_days`` of acceptance.

    The money is the ``payer``'s, whoever makes the offer; the buyer's only where the merchant filed.
    """
    case = Case.objects.locked(case_id)
    at = lifecycle.begin(case, "offer", actor, based_on=based_on)
    assert isinstance(actor, User)
    _check(case, amount_fen, conditions, valid_hours, perform_days, at)
    _check_money(case, amount_fen, payer)
    made = Offer.objects.create(
        case=case,
        side=policy.side_of(actor, case),
        author=actor,
        payer=payer if amount_fen else Side.MERCHANT,
        amount_fen=amount_fen,
        conditions=conditions,
        perform_days=perform_days,
        valid_hours=valid_hours,
        made_at=at,
    )
    deadlines.open_clock(
        case, "offer", at, ref=str(made.pk), side=Side(made.side).other, length=Length("offer", valid_hours, "hours")
    )
    lifecycle.move(case, "offer", actor=actor, at=at, facts=_facts(made), audience="parties")
    return case


def _check(case: Case, amount_fen: int, conditions: str, valid_hours: int, perform_days: int, at: datetime) -> None:
    rules = applying(case.rulebook_id, at)
    if amount_fen == 0 and not conditions.strip():
        raise Refused("offer_says_something", _("Offer an amount or write a condition."), field="amount_fen")
    if not 1 <= valid_hours <= rules.length("offer").delta.total_seconds() / 3600:
        raise Refused("offer_valid_at_most_7_days", _("An offer is valid for 1 hour to 7 days."), field="valid_hours")
    if not 1 <= perform_days <= rules.length("settlement").delta.days:
        raise Refused(
            "settlement_within_15_days", _("A settlement is performed within 1 to 15 days."), field="perform_days"
        )


def _check_money(case: Case, amount_fen: int, payer: str) -> None:
    if payer != Side.BUYER:
        orders.check_within_paid(case.order, case.line_id, amount_fen)
    elif case.applicant_side != Side.MERCHANT:
        raise Refused(
            "buyer_pays_where_merchant_filed",
            _("The buyer can be the one who pays only in a case the merchant filed."),
            field="payer",
        )
    else:
        orders.check_loss_within_paid(case.order, case.line_id, amount_fen)


@transaction.atomic
def accept_offer(*, actor: Actor, case_id: int, offer_id: int, based_on: int | None = None) -> Case:
    """Accept the other side's open offer: the dispute stops, performance starts, every other clock waits."""
    case = Case.objects.locked(case_id)
    at = lifecycle.begin(case, "accept_offer", actor, based_on=based_on)
    chosen = _open_offer(case, actor, offer_id, at)
    _answer(chosen, S.ACCEPTED, at)
    deadlines.close(case, ["offer"], at, Deadline.State.MET)
    case.offers.filter(state=S.OPEN).update(state=S.WITHDRAWN, answered_at=at)
    lifecycle.move(case, "accept_offer", actor=actor, at=at, facts=_facts(chosen))
    deadlines.open_clock(
        case,
        "settlement",
        at,
        ref=str(chosen.pk),
        side=chosen.payer,
        length=Length("settlement", chosen.perform_days, "days"),
    )
    return case


@transaction.atomic
def decline_offer(*, actor: Actor, case_id: int, offer_id: int, reason: str = "", based_on: int | None = None) -> Case:
    """Decline; the arbiter never learns of the offer."""
    case = Case.objects.locked(case_id)
    at = lifecycle.begin(case, "decline_offer", actor, based_on=based_on)
    chosen = _open_offer(case, actor, offer_id, at)
    chosen.decline_reason = reason
    _answer(chosen, S.DECLINED, at)
    deadlines.close(case, ["offer"], at, Deadline.State.MET, ref=str(chosen.pk))
    lifecycle.move(case, "decline_offer", actor=actor, at=at, facts=_facts(chosen), audience="parties")
    return case


@transaction.atomic
def withdraw_offer(*, actor: Actor, case_id: int, based_on: int | None = None) -> Case:
    """Take one's own open offer back before it is answered."""
    case = Case.objects.locked(case_id)
    at = lifecycle.begin(case, "withdraw_offer", actor, based_on=based_on)
    chosen = case.offers.get(state=S.OPEN, side=policy.side_of(actor, case))
    _answer(chosen, S.WITHDRAWN, at)
    deadlines.close(case, ["offer"], at, Deadline.State.DROPPED, ref=str(chosen.pk))
    lifecycle.move(case, "withdraw_offer", actor=actor, at=at, facts=_facts(chosen), audience="parties")
    return case


def offer_expired(*, deadline: Deadline, at: datetime) -> None:
    """Nobody answered in time."""
    assert deadline.case is not None
    case = deadline.case
    lifecycle.check(case, "offer_expired", CLOCK, at)
    chosen = case.offers.get(pk=int(deadline.ref))
    if chosen.state == S.OPEN:
        _answer(chosen, S.LAPSED, at)
        lifecycle.move(case, "offer_expired", actor=CLOCK, at=at, facts=_facts(chosen), audience="parties")


@transaction.atomic
def perform_settlement(*, actor: Actor, case_id: int, reference: str = "", based_on: int | None = None) -> Case:
    """The merchant's money is refunded at once; a buyer that owes has paid the merchant itself, under ``reference``;
    without money the merchant confirms that the conditions are met."""
    case = Case.objects.locked(case_id)
    at = lifecycle.begin(case, "perform_settlement", actor, based_on=based_on)
    accepted = _accepted(case)
    by_refund = accepted.amount_fen > 0 and accepted.payer == Side.MERCHANT
    if by_refund:
        _refund(case, accepted, at)
    elif accepted.payer == Side.BUYER:
        _note_payment(accepted, reference)
    lifecycle.move(case, "perform_settlement", actor=actor, at=at, facts=_facts(accepted))
    if not by_refund:
        _performed(case, accepted, at)
    return case


def _refund(case: Case, accepted: Offer, at: datetime) -> None:
    refunds.request(
        order=case.order,
        line_id=case.line_id,
        amount_fen=accepted.amount_fen,
        key=f"settlement-{accepted.pk}",
        funding=Refund.Funding.MERCHANT,
        at=at,
        case=case,
    )


def _note_payment(accepted: Offer, reference: str) -> None:
    """The platform charges nobody's card: who pays the merchant says under which number."""
    if not reference.strip():
        raise Refused(
            "payment_needs_reference",
            _("Write the number of the payment, so that the merchant can find it."),
            field="reference",
        )
    accepted.reference = reference.strip()
    accepted.save(update_fields=["reference"])


@transaction.atomic
def follow_refund(*, refund: Refund, case_id: int) -> None:
    """The settlement's refund came to an end: the case closes as settled, or goes back where it was."""
    case = Case.objects.locked(case_id)
    if case.state != "settlement":
        return
    accepted = _accepted(case)
    if refund.state == Refund.State.EXECUTED:
        assert refund.executed_at is not None
        _performed(case, accepted, refund.executed_at)
    elif refund.state == Refund.State.FAILED:
        at = refund.tried_at or refund.requested_at
        lifecycle.move(case, "settlement_broken", actor=CLOCK, at=at, facts=_facts(accepted))


def _performed(case: Case, accepted: Offer, at: datetime) -> None:
    lifecycle.check(case, "settlement_performed", CLOCK, at)
    lifecycle.move(case, "settlement_performed", actor=CLOCK, at=at, outcome="settled", facts=_facts(accepted))


def settlement_broken(*, deadline: Deadline, at: datetime) -> None:
    """What was agreed was not performed in time: the case goes on where it stood, with the time that was left."""
    assert deadline.case is not None
    case = deadline.case
    lifecycle.check(case, "settlement_broken", CLOCK, at)
    lifecycle.move(case, "settlement_broken", actor=CLOCK, at=at, facts=_facts(_accepted(case)))


def why_not_offer(case: Case, actor: Actor, at: datetime) -> Refused | None:
    if _open_of(case, policy.side_of(actor, case)):
        return Conflict("one_open_offer_per_side", _("You already have an open offer. Take it back to make another."))
    return None


def why_not_answer(case: Case, actor: Actor, at: datetime) -> Refused | None:
    theirs = _open_of(case, _theirs(actor, case))
    if theirs is None:
        return Conflict("offer_open", _("There is no open offer from the other side."))
    if not _unexpired(case, theirs, at):
        return Conflict("accept_before_due", _("The offer has lapsed."))
    return None


def why_not_withdraw_offer(case: Case, actor: Actor, at: datetime) -> Refused | None:
    own = _open_of(case, policy.side_of(actor, case))
    if own is None:
        return Conflict("offer_open", _("You have no open offer."))
    if not _unexpired(case, own, at):
        return Conflict("accept_before_due", _("The offer has lapsed."))
    return None


def why_not_perform(case: Case, actor: Actor, at: datetime) -> Refused | None:
    if Refund.objects.filter(key=f"settlement-{_accepted(case).pk}").exists():
        return Conflict("performed_once", _("The payment is already on its way."))
    return None


def _open_offer(case: Case, actor: Actor, offer_id: int, at: datetime) -> Offer:
    chosen = case.offers.filter(pk=offer_id, state=S.OPEN, side=_theirs(actor, case)).first()
    if chosen is None or not _unexpired(case, chosen, at):
        raise Conflict("offer_open", _("This offer is no longer open."))
    return chosen


def _unexpired(case: Case, made: Offer, at: datetime) -> bool:
    """A suspended case pauses its offers' clocks; a paused offer may still be answered."""
    return any(row.due_at is None or at < row.due_at for row in deadlines.running(case, ["offer"], ref=str(made.pk)))


def _answer(made: Offer, state: str, at: datetime) -> None:
    made.state, made.answered_at = state, at
    made.save()


def _open_of(case: Case, side: str) -> Offer | None:
    return next((row for row in case.offers.all() if row.state == S.OPEN and row.side == side), None)


def _accepted(case: Case) -> Offer:
    agreed = case.agreed_offer
    assert agreed is not None
    return agreed


def _theirs(actor: Actor, case: Case) -> str:
    side = policy.side_of(actor, case)
    return Side(side).other if side else ""


def _facts(made: Offer) -> dict[str, Any]:
    return {"offer": made.pk, "by": made.side, "payer": made.payer, "amount_fen": made.amount_fen}
