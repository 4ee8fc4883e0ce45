"""The applicant files: a draft on the order line, filled in as they go, then one act."""

import secrets
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import policy
from accounts.actors import CLOCK, Actor
from core import clock, money
from core.clock import BEIJING
from core.errors import Refused
from disputes import deadlines, eligibility, exhibits, lifecycle, orders
from disputes.models import Case, Deadline, Order, State
from disputes.models.case import OVER, WITH_AMOUNT
from evidence import items as custody
from evidence.models import Dossier, Item
from evidence.queries import checklist
from ledger.recording import record
from rulebook.models import Cause, Remedy
from rulebook.queries import Length, book, in_force


@transaction.atomic
def start(
    *,
    actor: Actor,
    order_id: int,
    line_id: int,
    exception: str = "",
    threatened: bool = False,
    happened_on: date | None = None,
) -> Case:
    """Open a draft on an order line, or return the one there is. The gate is checked now and again when filing.

    The draft pins the rulebook version in force.
    """
    order = Order.objects.locked(order_id)
    at = clock.now()
    policy.require(actor, "case.start", order)
    side = policy.side_of(actor, order)
    line = order.line(line_id)
    existing = line.cases.filter(applicant_side=side).exclude(state__in=OVER).first()
    if existing is not None and existing.state == State.DRAFT:
        return existing
    gate = eligibility.check(order, line, side, at, exception=exception, threatened=threatened, happened_on=happened_on)
    gate.require()
    number = _number(at)
    case = Case.objects.create(
        number=number,
        order=order,
        line=line,
        after_sales=gate.after_sales,
        dossier=Dossier.objects.create(subject=f"case:{number}", buyer=order.buyer, store=order.store),
        buyer=order.buyer,
        store=order.store,
        applicant_side=side,
        rulebook=in_force(at),
        window_exception=exception,
        threatened=threatened,
        happened_on=happened_on,
        created_at=at,
        state_since=at,
    )
    _keep_draft(case, at)
    record(
        subject=f"order:{order.number}",  # the case itself may go with its draft
        verb="case_started",
        actor=actor,
        role=side,
        at=at,
        audience=side,
        facts={"case": number},
    )
    return case


def _keep_draft(case: Case, at: datetime) -> None:
    """The draft's time runs, and before its end the applicant is told."""
    kept = deadlines.open_clock(case, "draft_kept", at)
    assert kept.due_at is not None
    before = kept.due_at - deadlines.length_for(case, "draft_notice", at).delta
    length = Length("draft_notice", (before - at) // timedelta(seconds=1), "seconds")
    deadlines.open_clock(case, "draft_notice", at, length=length)


def remind_of_draft(*, deadline: Deadline, at: datetime) -> None:
    """The draft goes soon: its applicant, and nobody else, is told."""
    assert deadline.case_id is not None
    case = Case.objects.locked(deadline.case_id)
    [kept] = deadlines.running(case, ["draft_kept"])
    record(
        subject=f"order:{case.order.number}",
        verb="draft_ends",
        actor=CLOCK,
        role="system",
        at=at,
        audience=case.applicant_side,
        about=case,
        facts={"due_at": kept.due_at},
    )


def _number(at: datetime) -> str:
    """``DC-2026-1122-0457``: the day in Beijing and a free random tail, so that numbers do not count the cases."""
    day = at.astimezone(BEIJING).strftime("DC-%Y-%m%d-")
    for digits in (4, 4, 4, 6, 8, 10):
        number = f"{day}{secrets.randbelow(10**digits):0{digits}d}"
        if not Case.objects.filter(number=number).exists():
            return number
    raise RuntimeError("no free case number")


@transaction.atomic
def file(
    *,
    actor: Actor,
    case_id: int,
    cause: str,
    remedy: str,
    amount_fen: int,
    penalty_fen: int = 0,
    penalty_ground: str = "",
    what_happened: str,
    difference: str,
    wanted: str,
    missing_reason: str = "",
    exception: str = "",
    threatened: bool = False,
    happened_on: date | None = None,
    based_on: int | None = None,
) -> Case:
    """Submit the draft. Amounts in fen. The draft's ready items are lodged; the other side sees them on admission.

    The case follows the rules in force now, at the moment of filing, whatever the draft began under. What was said when
    it was begun (exception, threat, day) holds unless it is said anew.
    """
    case = Case.objects.locked(case_id)
    at = lifecycle.begin(case, "file", actor, based_on=based_on)
    exception, threatened = exception or case.window_exception, threatened or case.threatened
    happened_on = happened_on or case.happened_on
    eligibility.check(
        case.order,
        case.line,
        case.applicant_side,
        at,
        exception=exception,
        threatened=threatened,
        happened_on=happened_on,
    ).require()
    case.rulebook = in_force(at)
    chosen = book(case.rulebook_id).cause(cause)
    check_claim(case, chosen, remedy, amount_fen, penalty_fen, penalty_ground)
    items = exhibits.ready(case, case.applicant_side)
    check_required(chosen.asked_applicant, items, missing_reason)
    case.cause, case.remedy, case.claim_fen = cause, remedy, amount_fen
    case.claim_penalty_fen, case.claim_penalty_ground = penalty_fen, penalty_ground.strip()
    case.what_happened, case.difference, case.wanted = what_happened, difference, wanted
    case.missing_reason, case.window_exception, case.filed_at = missing_reason, exception, at
    case.threatened, case.happened_on = threatened, happened_on
    exhibits.freeze(case, actor=actor, side=case.applicant_side, items=items, at=at, disclosed=False)
    lifecycle.move(
        case,
        "file",
        actor=actor,
        at=at,
        facts={
            "cause": cause,
            "remedy": remedy,
            "claim_fen": amount_fen,
            "penalty_fen": penalty_fen,
            "items": len(items),
            "rules": case.rulebook_id,
        },
    )
    return case


def check_claim(
    case: Case, cause: Cause, remedy: str, amount_fen: int, penalty_fen: int = 0, penalty_ground: str = ""
) -> None:
    """Raise Refused for a cause, remedy, amount or penalty (in fen) that this side cannot claim."""
    if cause.filed_by != case.applicant_side:
        raise Refused("cause_fits_side", _("This cause is for the other side to file."), field="cause")
    if remedy not in cause.remedies:
        raise Refused("remedy_fits_cause", _("This solution is not foreseen for this cause."), field="remedy")
    if remedy in WITH_AMOUNT and amount_fen <= 0:
        raise Refused("amount_positive", _("Write an amount above zero."), field="amount_fen")
    if remedy != Remedy.DEDUCT:
        orders.check_within_paid(case.order, case.line_id, amount_fen)
    else:
        orders.check_loss_within_paid(case.order, case.line_id, amount_fen)
    if penalty_fen or penalty_ground.strip():
        amiss = penalty_amiss(case, cause, remedy, penalty_fen, penalty_ground)
        if amiss:
            fields = {name: [text] for name, text in amiss.items()}
            raise Refused("penalty_within_rules", next(iter(amiss.values())), fields=fields)


def penalty_amiss(case: Case, cause: Cause, remedy: str, penalty_fen: int, ground: str) -> dict[str, str]:
    """What keeps a penalty from being claimed or ordered with ``remedy``: field → sentence. No query."""
    amiss: dict[str, str] = {}
    paid = case.order.paid_for(case.line_id)
    if remedy not in cause.penalty_with:
        amiss["penalty_fen"] = _("The rules foresee no penalty with this solution.")
    elif penalty_fen <= 0:
        amiss["penalty_fen"] = _("Write an amount above zero.")
    elif penalty_fen > paid:
        amiss["penalty_fen"] = _("A penalty is at most %(paid)s, which was paid for this article.") % {
            "paid": money.text(paid)
        }
    if not ground.strip():
        amiss["penalty_ground"] = _("Name the promise that the penalty rests on.")
    return amiss


def check_required(asked: list[dict[str, object]], items: list[Item], missing_reason: str) -> None:
    """Submitting below the required evidence is possible, but only by saying why it is not there."""
    meter = checklist(asked, items)
    if meter.required_done < meter.required_total and not missing_reason.strip():
        raise Refused(
            "required_evidence_or_reason",
            _("%(n)d required items are missing. Add them, or say why you do not have them.")
            % {"n": meter.required_total - meter.required_done},
            field="missing_reason",
        )


def drop_draft(*, deadline: Deadline, at: datetime) -> None:
    """A draft nobody filed in 30 days goes; what was uploaded to it goes with it."""
    assert deadline.case is not None
    case = deadline.case
    lifecycle.check(case, "drop_draft", CLOCK, at)
    lifecycle.move(case, "drop_draft", actor=CLOCK, at=at)
    dossier = case.dossier
    case.delete()
    for item in dossier.items.all():
        custody.discard(actor=CLOCK, item=item, at=at)
    dossier.delete()
