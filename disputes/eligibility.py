"""The gate (介入条件): every condition one by one, the same answer for the page, the API and the filing itself."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.utils.translation import gettext as _

from core import moments
from core.clock import BEIJING
from core.errors import Conflict, Refused
from disputes import deadlines
from disputes.models import AfterSales, AfterSalesMessage, Case, LogisticsEvent, Order, OrderLine, State
from disputes.models.case import OVER, Outcome
from evidence.models import Side
from rulebook import calendar
from rulebook.models import Remedy
from rulebook.queries import Book, book, in_force

S = AfterSales.State
WINDOW_EXCEPTIONS = ("authority_counterfeit", "court_document", "longer_promise", "provable_non_receipt")
"""Grounds on which no filing window applies; the arbiter checks the proof at the preliminary review."""

GOODS_BACK = frozenset({Remedy.RETURN_REFUND, Remedy.EXCHANGE, Remedy.REPAIR})
"""What cannot be performed before the goods have come back."""


@dataclass(frozen=True)
class Condition:
    """One condition: its rule code, whether it holds, the clause it stands in and, if not, how to fix it.

    ``opens_at``: when it will hold by itself, if ever.
    """

    code: str
    passed: bool
    clause: str
    text: str
    fix: str = ""
    opens_at: datetime | None = None


@dataclass(frozen=True)
class Eligibility:
    """All conditions of one side on one order line at one moment. ``closes_at``: last moment to file, if running."""

    conditions: Sequence[Condition]
    closes_at: datetime | None
    open_case: Case | None
    after_sales: AfterSales | None

    @property
    def passed(self) -> bool:
        return all(condition.passed for condition in self.conditions)

    @property
    def failed(self) -> list[Condition]:
        return [condition for condition in self.conditions if not condition.passed]

    @property
    def opens_at(self) -> datetime | None:
        """When the gate opens by itself; None when it is open or will not open without an act."""
        failed = self.failed
        if not failed or any(condition.opens_at is None for condition in failed):
            return None
        return max(condition.opens_at for condition in failed if condition.opens_at)

    def require(self) -> None:
        """Raise the first failed condition."""
        for condition in self.failed:
            raise Conflict(condition.code, condition.text, still_possible=[condition.fix] if condition.fix else [])


def check(
    order: Order,
    line: OrderLine,
    side: str,
    at: datetime,
    *,
    exception: str = "",
    threatened: bool = False,
    happened_on: date | None = None,
) -> Eligibility:
    """Evaluate the gate for ``side`` at ``at``. ``exception``: a ground of WINDOW_EXCEPTIONS the applicant claims.

    ``threatened``: a merchant who was threatened need not have written first. ``happened_on``: the day, in Beijing, of
    what a merchant files about; its time runs from the end of that day where that is later than the order's own.
    Raises Refused: event_since_purchase. At most eight queries.
    """
    rules = book(in_force(at).pk)
    requests = list(line.after_sales.order_by("-opened_at", "-pk"))
    request = next(iter(requests), None)
    cases = list(line.cases.filter(applicant_side=side).order_by("-pk"))
    if side == Side.BUYER:
        conditions = _buyer(order, request, rules, at)
        closes_at = _buyer_until(order, requests, rules)
    else:
        conditions = _merchant(order, line, rules, at, threatened)
        closes_at = _merchant_until(order, rules, _event_over(order, happened_on, at))
    window = _window(closes_at, at, exception, side)
    open_case = next((case for case in cases if case.state not in OVER), None)
    conditions += [window, _no_open_case(open_case), _not_decided(cases, request)]
    return Eligibility(conditions, closes_at, open_case, request)


def _buyer(order: Order, request: AfterSales | None, rules: Book, at: datetime) -> list[Condition]:
    live = request if request is not None and request.state != S.WITHDRAWN else None
    asked = Condition(
        "negotiated_first",
        live is not None,
        "GT-01",
        _("You have asked the merchant for after-sales help.") if live else _("You have not asked the merchant yet."),
        fix="" if live else _("Ask the merchant first. The whole record goes into the case by itself."),
        opens_at=None if live else _latest_answer(order, rules, at),
    )
    return [asked, _merchant_spoke(order, live, rules, at), _not_settled(live, rules, at)]


def _not_settled(request: AfterSales | None, rules: Book, at: datetime) -> Condition:
    """An agreement bars a case while there is time to perform it, and once it was performed."""
    text, fix, opens_at = _("Nothing has been agreed and performed yet."), "", None
    passed = True
    if request is not None and request.state == S.SETTLED:
        passed, text = False, _("What you and the merchant agreed was performed.")
        fix = _("If something else is wrong, open a new after-sales request and say so.")
    elif request is not None and request.state == S.AGREED:
        broken_at = _broken_at(request, rules)
        passed = at >= broken_at
        if passed:
            text = _("What you and the merchant agreed was not performed in time.")
        else:
            text, opens_at = _("You and the merchant have agreed, and there is still time to perform it."), broken_at
            fix = _("If the agreement is not kept until then, you can ask the platform.")
    return Condition("not_settled_yet", passed, "AD-01", text, fix=fix, opens_at=opens_at)


def _broken_at(request: AfterSales, rules: Book) -> datetime:
    """When an agreement counts as not kept: its payment was refused for good, or the time to perform it is over.

    An agreement has the time that a ruling to the same effect would have: where goods go back first, also the time to
    send them and to confirm them.
    """
    assert request.answered_at is not None
    if request.unpaid_at is not None:
        return request.unpaid_at
    steps = ("ship_back", "confirm_return", "perform") if request.agreed in GOODS_BACK else ("perform",)
    due = request.answered_at
    for kind in steps:
        due = calendar.add(due, rules.length(kind, cause=request.cause))
    return due


def _merchant_spoke(order: Order, request: AfterSales | None, rules: Book, at: datetime) -> Condition:
    """The merchant refused, stayed silent past its clock, or the negotiation went on for 24 h without a result."""
    opens_at: datetime | None = None
    passed = False
    if request is None:
        text = _("The merchant must have refused, or had time to answer.")
        opens_at = _latest_answer(order, rules, at)
    elif request.state in {S.REFUSED, S.UNANSWERED}:
        passed = True
        text = _("The merchant refused.") if request.state == S.REFUSED else _("The merchant did not answer in time.")
    elif request.state in {S.AGREED, S.SETTLED}:
        passed, text = True, _("The merchant answered.")
    else:
        opens_at = _gate_moment(request, rules)
        passed = opens_at is not None and at >= opens_at
        text = (
            _("The negotiation has gone on long enough without a result.")
            if passed
            else _("The merchant still has time to answer.")
        )
    fix = "" if passed else _("If the merchant refuses earlier, the entry opens at once and you are told.")
    return Condition("merchant_had_its_say", passed, "GT-01", text, fix=fix, opens_at=None if passed else opens_at)


def _latest_answer(order: Order, rules: Book, at: datetime) -> datetime:
    """When the gate opens at the latest if the merchant is asked now."""
    condition = "not_shipped" if order.shipped_at is None else ""
    return at + rules.length("after_sales_answer", condition=condition).delta


def _gate_moment(request: AfterSales, rules: Book) -> datetime | None:
    """The earlier of the merchant's answer clock and 24 h after the merchant first wrote back."""
    found = [
        due
        for due in request.deadlines.filter(kind="after_sales_answer").values_list("due_at", flat=True)
        if due is not None
    ]
    first_reply = request.messages.filter(side=Side.MERCHANT).order_by("at").values_list("at", flat=True).first()
    replied = min([moment for moment in (first_reply, request.answered_at) if moment], default=None)
    if replied is not None:
        found.append(replied + rules.length("negotiation_stalled").delta)
    return min(found, default=None)


def closing(order: Order, line: OrderLine, side: str, rules: Book) -> datetime | None:
    """When ``side`` can file about the line no more. One query."""
    if side == Side.BUYER:
        return _buyer_until(order, line.after_sales.all(), rules)
    return _merchant_until(order, rules)


def _buyer_until(order: Order, requests: Iterable[AfterSales], rules: Book) -> datetime | None:
    """The filing window runs from completion, or from where the negotiation failed if that came later.

    A request made after the window from completion counts for nothing: what is over stays over.
    """
    until = _until(order, rules, order.completed_at, Side.BUYER)
    failed = [_failed_at(row, rules) for row in requests if until is None or row.opened_at < until]
    starts = [moment for moment in (order.completed_at, *failed) if moment is not None]
    return _until(order, rules, max(starts, default=None), Side.BUYER)


def _failed_at(request: AfterSales, rules: Book) -> datetime | None:
    """When asking came to nothing: the refusal, the end of the silence, or the last moment to keep what was agreed."""
    if request.state in {S.REFUSED, S.UNANSWERED}:
        return request.answered_at
    return _broken_at(request, rules) if request.state == S.AGREED else None


def _merchant_until(order: Order, rules: Book, event_over: datetime | None = None) -> datetime | None:
    starts = (order.completed_at, _return_arrived(order), event_over)
    return _until(order, rules, max([moment for moment in starts if moment], default=None), Side.MERCHANT)


def _event_over(order: Order, happened_on: date | None, at: datetime) -> datetime | None:
    """The end of the day on which it happened."""
    if happened_on is None:
        return None
    if not order.paid_at.astimezone(BEIJING).date() <= happened_on <= at.astimezone(BEIJING).date():
        raise Refused("event_since_purchase", _("Choose a day between the purchase and today."), field="happened_on")
    return datetime.combine(happened_on + timedelta(days=1), time.min, BEIJING)


def _until(order: Order, rules: Book, start: datetime | None, side: str) -> datetime | None:
    return deadlines.filing_due(rules, start, category=order.category, side=side) if start else None


def _merchant(order: Order, line: OrderLine, rules: Book, at: datetime, threatened: bool) -> list[Condition]:
    over = order.completed_at is not None or _return_arrived(order) is not None
    first, before = _wrote_at(order, line), rules.length("wrote_first")
    opens_at = calendar.add(first, before) if first is not None else None
    wrote = threatened or (opens_at is not None and at >= opens_at)
    if wrote:
        text = _("You wrote to the buyer at least %(duration)s ago.")
    elif first is not None:
        text = _("You wrote to the buyer; the entry opens %(duration)s after that.")
    else:
        text = _("Write to the buyer about it first; the entry opens %(duration)s later.")
    return [
        Condition(
            "order_over",
            over,
            "GT-02",
            _("The order is completed or the return has arrived.") if over else _("The order is still under way."),
            fix="" if over else _("You can file once the order is completed or the return has arrived."),
        ),
        Condition(
            "wrote_to_buyer_first",
            wrote,
            "GT-02",
            text % {"duration": moments.duration_text(before.delta)},
            fix="" if wrote else _("Not needed where the buyer made a threat: say so when you file."),
            opens_at=None if wrote else opens_at,
        ),
    ]


def _wrote_at(order: Order, line: OrderLine) -> datetime | None:
    """When the merchant first wrote to the buyer, about a request or without one. Two queries."""
    wrote = AfterSalesMessage.objects.filter(after_sales__order=order, side=Side.MERCHANT)
    first = line.messages.filter(side=Side.MERCHANT)
    found = [rows.order_by("at").values_list("at", flat=True).first() for rows in (wrote, first)]
    return min([moment for moment in found if moment is not None], default=None)


def _return_arrived(order: Order) -> datetime | None:
    return (
        order.logistics.filter(way=LogisticsEvent.Way.BACK, code="signed")
        .order_by("-at")
        .values_list("at", flat=True)
        .first()
    )


def _window(closes_at: datetime | None, at: datetime, exception: str, side: str) -> Condition:
    inside = closes_at is None or at < closes_at or exception in WINDOW_EXCEPTIONS
    text = _("You are inside the time to file.") if inside else _("The time to file is over.")
    if inside:
        fix = ""
    elif side == Side.MERCHANT:
        fix = _("If it happened after the order was completed, say on which day when you file.")
    else:
        fix = _(
            "With proof of counterfeit from an authority, a court document, a longer promise by the merchant, "
            "or provable non-receipt, no time limit applies."
        )
    return Condition("inside_filing_window", inside, "GT-03" if side == Side.BUYER else "GT-02", text, fix=fix)


def _no_open_case(open_case: Case | None) -> Condition:
    waiting = open_case is not None and open_case.state != State.DRAFT
    return Condition(
        "one_open_case_per_line",
        not waiting,
        "GT-04",
        _("A case about this item is already open.") if waiting else _("No case about this item is open."),
        fix=_("Go on in the open case.") if waiting else "",
    )


def _not_decided(cases: list[Case], request: AfterSales | None) -> Condition:
    """What was decided, or settled and performed, is over; after a settlement a new request says what else is wrong."""
    settled = [case.state_since for case in cases if case.outcome == Outcome.SETTLED]
    if settled and (request is None or request.opened_at <= max(settled)):
        return Condition(
            "not_decided_before",
            False,
            "AD-01",
            _("A case about this item ended with a settlement that was performed."),
            fix=_("If something else is wrong, open a new after-sales request and say so."),
        )
    decided = any(
        case.state == State.CLOSED and case.outcome in {"for_applicant", "for_respondent", "partial"} for case in cases
    )
    return Condition(
        "not_decided_before",
        not decided,
        "AD-01",
        _("The platform has already decided this.") if decided else _("The platform has not decided this yet."),
        fix=_("Inside its time, a review of the ruling is possible, with new evidence.") if decided else "",
    )
