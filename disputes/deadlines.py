"""UNTIL WHEN: one row a clock, one function that computes due moments, the only writer of ``due_at``.

Lengths come from the rulebook version the case pinned; what happens at expiry is named here and done by the sweep
(``disputes.sweep``). Half-open: allowed while ``at < due_at``.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Max
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from disputes.models import AfterSales, Case, Deadline
from evidence.models import Side
from rulebook import calendar
from rulebook.queries import Book, Length, applying

ALL = ("*",)
"""Every running clock of the case."""


@dataclass(frozen=True)
class Clock:
    """``whose``: the party the clock runs against. ``expires``: the verb the sweep calls, ``""`` if none is needed; it
    gets the clock, whose case the sweep has locked (before there is one: the order), and the due moment.

    ``dropped``: the verb to call when the clock ends because what it was for came to nothing. ``as_long_as``: the clock
    whose length in the rulebook it has, where it has none of its own: every second look by the platform has the same
    target and the same hard limit.
    """

    name: Any
    whose: str
    expires: str = ""
    dropped: str = ""
    as_long_as: str = ""


CLOCKS: dict[str, Clock] = {
    # before the case
    "after_sales_answer": Clock(
        _("Merchant answers the after-sales request"), "merchant", "disputes.negotiation.expire"
    ),
    "filing": Clock(_("File the case"), "applicant"),
    "draft_kept": Clock(_("Draft is kept"), "applicant", "disputes.filing.drop_draft"),
    "draft_notice": Clock(_("Notice before the draft is deleted"), "applicant", "disputes.filing.remind_of_draft"),
    # first instance
    "applicant_evidence": Clock(_("Applicant's evidence"), "applicant"),
    "admission_target": Clock(_("Preliminary review (target)"), "platform"),
    "admission": Clock(_("Preliminary review"), "platform", "arbitration.assignment.escalate"),
    "response": Clock(_("Response"), "respondent", "disputes.response.response_expired"),
    "rebuttal": Clock(_("Rebuttal round"), "applicant", "disputes.rebuttal.rebuttal_expired"),
    "information": Clock(
        _("Answer to the platform's questions"), "asked", "arbitration.information.information_expired"
    ),
    "ruling_target": Clock(_("Ruling (target)"), "platform"),
    "ruling": Clock(_("Ruling"), "platform", "arbitration.assignment.escalate"),
    "ruling_undo": Clock(
        _("Ruling can be taken back"),
        "platform",
        "arbitration.rulings.take_effect",
        dropped="arbitration.rulings.drop_waiting",
    ),
    # after the ruling
    "perform": Clock(_("Performance of the remedy"), "owing", "arbitration.remedies.remedy_expired"),
    "ship_back": Clock(_("Goods are sent back"), "owing", "arbitration.remedies.remedy_expired"),
    "confirm_return": Clock(_("Return is confirmed"), "owing", "arbitration.remedies.remedy_expired"),
    "review_request": Clock(_("Ask for a review"), "both", "arbitration.closing.conclude"),
    "review_answer": Clock(_("Answer in review"), "asked", "arbitration.reviews.answer_expired"),
    "review_target": Clock(_("Review decision (target)"), "platform"),
    "review_decision": Clock(_("Review decision"), "platform", "arbitration.assignment.escalate"),
    "set_aside": Clock(_("Ask to set aside a default"), "respondent"),
    "set_aside_target": Clock(_("Decision on a default (target)"), "platform", as_long_as="review_target"),
    "set_aside_decision": Clock(
        _("Decision on a default"), "platform", "arbitration.assignment.escalate", as_long_as="review_decision"
    ),
    "return_target": Clock(_("Decision on a disputed return (target)"), "platform", as_long_as="review_target"),
    "return_decision": Clock(
        _("Decision on a disputed return"), "platform", "arbitration.assignment.escalate", as_long_as="review_decision"
    ),
    "payment_target": Clock(_("Decision on a refused payment (target)"), "platform", as_long_as="review_target"),
    # the two sides among themselves
    "offer": Clock(_("Settlement offer"), "asked", "disputes.settlement.offer_expired"),
    "settlement": Clock(_("Settlement is performed"), "owing", "disputes.settlement.settlement_broken"),
    "suspension": Clock(_("Suspension"), "both", "disputes.suspension.resume_on_time"),
    "suspension_proof": Clock(_("Proof of the suspension's ground"), "asked", "disputes.suspension.proof_expired"),
    "records_kept": Clock(_("Records are kept"), "platform"),
}

TARGETS = Deadline.TARGETS
"""The platform's targets, one open exactly while something waits for the platform: the desk's queue. Passing one
changes nothing, so the sweep leaves it open until the act is done."""

PLATFORM = (*TARGETS, *(kind for kind, clock in CLOCKS.items() if clock.expires == "arbitration.assignment.escalate"))
"""The platform's own time, targets and hard limits, paused while it waits for material it asked for."""


def length_for(case: Case, kind: str, at: datetime, *, condition: str = "") -> Length:
    """How long the rulebook's ``kind`` is for this case from ``at`` on, by the rules it follows then."""
    if kind == "response" and case.respondent_side == Side.BUYER:
        condition = "buyer_respondent"
    rules = applying(case.rulebook_id, at)
    return rules.length(kind, cause=case.cause, category=case.order.category, condition=condition)


def filing_due(rules: Book, start: datetime, *, category: str, side: str) -> datetime:
    """When the window to file closes that opened at ``start`` (refusal or completion)."""
    kind = "filing" if side == Side.BUYER else "merchant_filing"
    return calendar.add(start, rules.length(kind, category=category))


def open_clock(
    subject: Case | AfterSales,
    kind: str,
    at: datetime,
    *,
    length: Length | None = None,
    ref: str = "",
    side: str = "",
    condition: str = "",
) -> Deadline:
    """Start a clock at ``at``; returns its row. The database refuses a second open one of the same kind and ref."""
    if isinstance(subject, Case):
        clock = CLOCKS[kind]
        length = length or length_for(subject, clock.as_long_as or kind, at, condition=condition)
        side = side or subject.side_of_party(clock.whose)
    assert length is not None
    of = subject if isinstance(subject, Case) else subject.order
    return Deadline.objects.create(
        case=subject if isinstance(subject, Case) else None,
        after_sales=subject if isinstance(subject, AfterSales) else None,
        kind=kind,
        ref=ref,
        side=side,
        store_id=of.store_id if side == Side.MERCHANT else None,
        calendar=length.calendar,
        opened_at=at,
        due_at=calendar.add(at, length),
    )


def running(subject: Case | AfterSales, kinds: Iterable[str] = ALL, *, ref: str | None = None) -> list[Deadline]:
    """The subject's open and paused clocks of these kinds, paused ones last. One query; none where prefetched."""
    kinds = tuple(kinds)
    rows = [
        row
        for row in subject.deadlines.all()
        if row.state in Deadline.RUNNING and (kinds == ALL or row.kind in kinds) and ref in (None, row.ref)
    ]
    return sorted(rows, key=lambda row: (row.due_at is None, row.due_at or row.opened_at, row.pk))


def is_open(subject: Case | AfterSales, kind: str, at: datetime, *, ref: str | None = None, side: str = "") -> bool:
    """Whether a clock of this kind still runs at ``at`` (for ``side``, if named). One query."""
    return any(
        row.state == Deadline.State.OPEN
        and row.due_at is not None
        and at < row.due_at
        and (not side or row.side in (side, "both"))
        for row in running(subject, [kind], ref=ref)
    )


def close(
    subject: Case | AfterSales, kinds: Iterable[str], at: datetime, state: str, *, ref: str | None = None
) -> None:
    """End clocks as met or dropped."""
    for row in running(subject, kinds, ref=ref):
        _end(row, at, state)


def expire(row: Deadline) -> None:
    """End a clock that ran out and do what follows; the moment of both is when it was due, however late anybody looked.

    The row's case, if it has one, must be locked.
    """
    due_at = row.due_at
    assert due_at is not None
    _end(row, due_at, Deadline.State.EXPIRED)
    if verb := CLOCKS[row.kind].expires:
        import_string(verb)(deadline=row, at=due_at)


def run_out(case: Case, at: datetime) -> int:
    """Expire what of the case is due at ``at`` and not parked, oldest first, also what that makes due; returns how
    many. A query, and one more for each that was."""
    done = 0
    while row := next((row for row in running(case) if _overdue(row, at)), None):
        row.case = case
        expire(row)
        done += 1
    return done


def _overdue(row: Deadline, at: datetime) -> bool:
    return row.due_at is not None and row.due_at <= at and not row.parked_because and row.kind not in TARGETS


def _end(row: Deadline, at: datetime, state: str) -> None:
    if row.due_at is None:
        row.due_at, row.remaining = at, None
    row.state, row.closed_at = state, at
    row.save(update_fields=["state", "closed_at", "due_at", "remaining"])
    if state == Deadline.State.DROPPED and (verb := CLOCKS[row.kind].dropped):
        import_string(verb)(deadline=row, at=at)


def keep_records(case: Case, at: datetime) -> None:
    """However the case ended: its records are kept from the completion of the order (from ``at`` where there was
    none), and what a review could need, for longer than its window. Three queries."""
    row = open_clock(case, "records_kept", case.order.completed_at or at)
    window: datetime | None = case.deadlines.filter(kind="review_request").aggregate(last=Max("due_at"))["last"]
    if window is None:
        return
    needed = calendar.add(window, length_for(case, "review_material", at))
    if row.due_at is not None and row.due_at < needed:
        row.due_at = needed
        row.save(update_fields=["due_at"])


def pause(case: Case, kinds: Iterable[str], at: datetime) -> None:
    """Stop clocks: they do not tick, and what is left is kept. Pauses nest."""
    for row in running(case, kinds):
        row.pauses += 1
        if row.state == Deadline.State.OPEN:
            assert row.due_at is not None
            row.remaining = calendar.between(at, max(at, row.due_at), row.calendar)
            row.due_at, row.state = None, Deadline.State.PAUSED
        row.save(update_fields=["pauses", "remaining", "due_at", "state"])


def resume(case: Case, kinds: Iterable[str], at: datetime) -> None:
    """Give paused clocks back exactly what was left, once no interruption holds them any more."""
    for row in running(case, kinds):
        if row.state != Deadline.State.PAUSED:
            continue
        row.pauses -= 1
        if row.pauses == 0:
            assert row.remaining is not None
            row.due_at = calendar.add(at, _exactly(row.remaining, row.calendar))
            row.remaining, row.state = None, Deadline.State.OPEN
        row.save(update_fields=["pauses", "remaining", "due_at", "state"])


def extend(row: Deadline, length: Length) -> None:
    """Move an open clock's due moment by ``length``."""
    assert row.due_at is not None
    row.due_at = calendar.add(row.due_at, length)
    row.extensions += 1
    row.save(update_fields=["due_at", "extensions"])


def bring_forward(row: Deadline, due_at: datetime) -> bool:
    """Let an open clock run out earlier; never later. Returns whether it moved."""
    if row.due_at is None or due_at >= row.due_at:
        return False
    row.due_at = due_at
    row.save(update_fields=["due_at"])
    return True


def _exactly(left: timedelta, kept_in: str) -> Length:
    return Length("left", left // timedelta(microseconds=1), "microseconds", kept_in)
