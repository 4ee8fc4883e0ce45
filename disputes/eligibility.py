"""The gate (介入条件): every condition one by one, the same answer for the page, the API and the filing itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from core.errors import Conflict
from disputes import deadlines
from disputes.models import AfterSales, Case, LogisticsEvent, Order, OrderLine, State
from disputes.models.case import OVER
from evidence.models import Side
from rulebook.queries import Book, book, in_force

S = AfterSales.State
WINDOW_EXCEPTIONS = ("authority_counterfeit", "court_document", "longer_promise", "provable_non_receipt")
"""Grounds on which no filing window applies; the arbiter checks the proof at the preliminary review."""


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
    order: Order, line: OrderLine, side: str, at: datetime, *, exception: str = "", threatened: bool = False
) -> Eligibility:
    """Evaluate the gate for ``side`` at ``at``. ``exception``: a ground of WINDOW_EXCEPTIONS the applicant claims.

    ``threatened``: a merchant who was threatened need not have written first. At most seven queries.
    """
    rules = book(in_force(at).pk)
    request = line.after_sales.order_by("-opened_at", "-pk").first()
    cases = list(line.cases.filter(applicant_side=side).order_by("-pk"))
    if side == Side.BUYER:
        conditions = _buyer(order, request, rules, at)
        start = _buyer_start(order, request)
    else:
        conditions = _merchant(order, rules, at, threatened)
        start = _merchant_start(order)
    window, closes_at = _window(order, rules, start, side, at, exception)
    open_case = next((case for case in cases if case.state not in OVER), None)
    conditions += [window, _no_open_case(open_case), _not_decided(cases)]
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
    settled = live is not None and live.state in {S.AGREED, S.SETTLED} and live.unpaid_at is None
    not_settled = Condition(
        "not_settled_yet",
        not settled,
        "AD-01",
        _("You and the merchant have agreed.") if settled else _("Nothing has been agreed and performed yet."),
        fix=_("If the agreement is not kept, open a new after-sales request and say so.") if settled else "",
    )
    return [asked, _merchant_spoke(order, live, rules, at), not_settled]


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
    moments = [
        due
        for due in request.deadlines.filter(kind="after_sales_answer").values_list("due_at", flat=True)
        if due is not None
    ]
    first_reply = request.messages.filter(side=Side.MERCHANT).order_by("at").values_list("at", flat=True).first()
    replied = min([moment for moment in (first_reply, request.answered_at) if moment], default=None)
    if replied is not None:
        moments.append(replied + rules.length("negotiation_stalled").delta)
    return min(moments, default=None)


def _buyer_start(order: Order, request: AfterSales | None) -> datetime | None:
    """The filing window runs from the refusal (or silence), from the payment that failed, or from completion,
    whichever came last."""
    refused = request.answered_at if request is not None and request.state in {S.REFUSED, S.UNANSWERED} else None
    unpaid = request.unpaid_at if request is not None else None
    return max([moment for moment in (refused, unpaid, order.completed_at) if moment], default=None)


def _merchant(order: Order, rules: Book, at: datetime, threatened: bool) -> list[Condition]:
    over = order.completed_at is not None or _return_arrived(order) is not None
    since = at - rules.length("wrote_first").delta
    wrote = threatened or order.after_sales.filter(messages__side=Side.MERCHANT, messages__at__lte=since).exists()
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
            _("You wrote to the buyer at least 24 hours ago.")
            if wrote
            else _("Write to the buyer about it first; the entry opens 24 hours later."),
            fix="" if wrote else _("Not needed where the buyer made a threat: say so when you file."),
        ),
    ]


def _merchant_start(order: Order) -> datetime | None:
    return max([moment for moment in (order.completed_at, _return_arrived(order)) if moment], default=None)


def _return_arrived(order: Order) -> datetime | None:
    return (
        order.logistics.filter(way=LogisticsEvent.Way.BACK, code="signed")
        .order_by("-at")
        .values_list("at", flat=True)
        .first()
    )


def _window(
    order: Order, rules: Book, start: datetime | None, side: str, at: datetime, exception: str
) -> tuple[Condition, datetime | None]:
    closes_at = deadlines.filing_due(rules, start, category=order.category, side=side) if start else None
    inside = closes_at is None or at < closes_at or exception in WINDOW_EXCEPTIONS
    text = _("You are inside the time to file.") if inside else _("The time to file is over.")
    fix = (
        ""
        if inside
        else _(
            "With proof of counterfeit from an authority, a court document, a longer promise by the merchant, "
            "or provable non-receipt, no time limit applies."
        )
    )
    return Condition("inside_filing_window", inside, "GT-03", text, fix=fix), closes_at


def _no_open_case(open_case: Case | None) -> Condition:
    waiting = open_case is not None and open_case.state != State.DRAFT
    return Condition(
        "one_open_case_per_line",
        not waiting,
        "GT-04",
        _("A case about this item is already open.") if waiting else _("No case about this item is open."),
        fix=_("Go on in the open case.") if waiting else "",
    )


def _not_decided(cases: list[Case]) -> Condition:
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
