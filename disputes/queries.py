"""Reads for the parties' lists and for the order page. Each says what it costs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Min, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts import policy
from accounts.models import Store, User
from disputes import lifecycle
from disputes.models import AfterSales, AfterSalesMessage, Case, Deadline, Debt, Order, OrderLine, Outcome, State
from disputes.models.case import OVER
from evidence.models import Dossier, Item, Side
from evidence.queries import Exhibit
from ledger.models import Entry
from rulebook.models import Cause
from rulebook.words import slot_words

PAGE = 20

DUTIES: Mapping[str, str] = {
    "draft_kept": "file",
    "response": "respond",
    "rebuttal": "rebut",
    "information": "answer",
    "perform": "perform",
    "ship_back": "ship_back",
    "confirm_return": "confirm_return",
    "review_answer": "answer_review",
    "offer": "accept_offer",
    "settlement": "perform_settlement",
    "suspension_proof": "prove_suspension",
}
"""Clock that runs against a side → the act that meets it."""


# --- whose turn ------------------------------------------------------------------------------------------------------
def whose_turn(case: Case, clocks: Sequence[Deadline]) -> str:
    """``buyer``, ``merchant``, ``platform``, ``both`` or ``""`` (nobody's). ``clocks``: the case's running ones."""
    if case.state in {State.DRAFT, State.AWAITING_REBUTTAL}:
        return case.applicant_side
    if case.state == State.AWAITING_RESPONSE:
        return case.respondent_side
    if case.state in {State.AWAITING_ADMISSION, State.DELIBERATION}:
        return "platform"
    sides = {row.side for row in clocks if row.kind in DUTIES and row.kind != "offer" and row.side in Side.values}
    if case.state == State.IN_REVIEW:
        answering = {row.side for row in clocks if row.kind == "review_answer"}
        return next(iter(answering)) if answering else "platform"
    if case.state == State.SUSPENDED:
        return next((row.side for row in clocks if row.kind == "suspension_proof"), "")
    if case.state in OVER or not sides:
        return ""
    return "both" if len(sides) > 1 else sides.pop()


def next_duty(clocks: Iterable[Deadline], side: str) -> Deadline | None:
    """The open clock that runs out first for ``side``; None when nothing waits for it."""
    mine = [row for row in clocks if row.side == side and row.kind in DUTIES and row.due_at is not None]
    return min(mine, key=lambda row: (row.due_at, row.pk), default=None)


def duty_name(row: Deadline) -> str:
    """What is to be done before the clock runs out, in a few words."""
    if row.kind == "draft_kept":
        return _("Send the application you began")
    if row.kind == "offer":
        return _("Answer the settlement offer")
    if row.kind == "after_sales_answer":
        return _("Answer the after-sales request")
    return str(lifecycle.TRANSITIONS[DUTIES[row.kind]].name)


def state_words(case: Case) -> str:
    """The state as everybody reads it, with the outcome once there is one."""
    label = str(State(case.state).label)
    if case.state == State.CLOSED and case.outcome:
        return _("%(state)s: %(outcome)s") % {"state": label, "outcome": Outcome(case.outcome).label}
    return label


# --- what is owed to the platform ------------------------------------------------------------------------------------
def debts(user: User, *, before: int | None = None) -> tuple[list[Debt], int | None]:
    """The debts the reader may know of, newest first, and where the next page begins. Two queries at most."""
    rows = Debt.objects.visible_to(user).select_related("store", "buyer", "case", "order")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows.order_by("-pk")[: PAGE + 1])
    return found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else None


def deposits(user: User) -> list[Store]:
    """The stores the reader works for, with what the platform holds for them (``deposit_fen``). One query."""
    return list(Store.objects.filter(pk__in=policy.store_ids(user)).order_by("name", "pk"))


# --- orders ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class OrderRow:
    """An order in a list: its first article, how many more, and where its after-sales and its case stand."""

    order: Order
    line: OrderLine | None
    more: int
    after_sales: AfterSales | None
    case: Case | None


def order_list(user: User, *, selling: bool, before: int | None = None) -> tuple[list[OrderRow], int | None]:
    """The reader's purchases, or the orders of the stores they work for, newest first; where the next page begins.

    Four queries.
    """
    whose = Q(store__in=policy.store_ids(user)) if selling else Q(buyer=user)
    orders = Order.objects.filter(whose)
    if before is not None:
        last = Order.objects.filter(pk=before).values("paid_at")[:1]
        orders = orders.filter(Q(paid_at__lt=Subquery(last)) | Q(paid_at=Subquery(last), pk__lt=before))
    own = Side.MERCHANT if selling else Side.BUYER
    rows = list(
        orders.select_related("store", "buyer")
        .prefetch_related(
            Prefetch("lines", OrderLine.objects.order_by("position")),
            Prefetch("after_sales", AfterSales.objects.order_by("-pk")),
            Prefetch("cases", Case.objects.filter(~Q(state=State.DRAFT) | Q(applicant_side=own)).order_by("-pk")),
        )
        .order_by("-paid_at", "-pk")[: PAGE + 1]
    )
    return [_order_row(order) for order in rows[:PAGE]], rows[PAGE - 1].pk if len(rows) > PAGE else None


def _order_row(order: Order) -> OrderRow:
    lines, asked, cases = list(order.lines.all()), list(order.after_sales.all()), list(order.cases.all())
    return OrderRow(
        order,
        lines[0] if lines else None,
        max(len(lines) - 1, 0),
        asked[0] if asked else None,
        next((case for case in cases if case.state not in OVER), cases[0] if cases else None),
    )


@dataclass(frozen=True)
class Talk:
    """One entry of the negotiation: who, what happened (an entry of the ledger), what they wrote, and with what."""

    entry: Entry
    text: str = ""
    attachments: Sequence[Item] = field(default=())


def order_for(user: User, number: str) -> Order:
    """The order with lines and logistics. Raises Order.DoesNotExist for strangers. Four queries with the stores."""
    return (
        Order.objects.visible_to(user)
        .select_related("buyer", "store")
        .prefetch_related(Prefetch("lines", OrderLine.objects.order_by("position")), "logistics")
        .get(number=number)
    )


def negotiation(order: Order, line: OrderLine) -> list[Talk]:
    """Everything said and done about the line before a case, oldest first. Six queries."""
    requests = {
        request.pk: request
        for request in line.after_sales.order_by("pk").prefetch_related(
            Prefetch("messages", AfterSalesMessage.objects.order_by("pk").prefetch_related("attachments__derivatives"))
        )
    }
    entries = Entry.objects.filter(subject=f"order:{order.number}", verb__startswith="after_sales_").order_by("seq")
    first = {message.pk: message for message in line.messages.all()}
    answered = {entry.facts["after_sales"]: entry.pk for entry in entries if entry.verb in _ANSWERS}
    said = []
    for entry in entries:
        if (message := first.get(entry.facts.get("line_message", 0))) is not None:
            said.append(Talk(entry, message.text))
        elif (request := requests.get(entry.facts.get("after_sales", 0))) is not None:
            said.append(_talk(entry, request, answered))
    return said


_ANSWERS = {"after_sales_refused", "after_sales_countered"}


def _talk(entry: Entry, request: AfterSales, answered: dict[int, int]) -> Talk:
    if entry.verb == "after_sales_asked":
        return Talk(entry, request.reason)
    if entry.verb == "after_sales_wrote":
        message = next((row for row in request.messages.all() if row.pk == entry.facts["message"]), None)
        return Talk(entry, message.text, list(message.attachments.all())) if message else Talk(entry)
    # The row keeps the latest answer's words alone.
    return Talk(entry, request.answer if answered.get(request.pk) == entry.pk else "")


def earlier_applications(case: Case) -> QuerySet[Case]:
    """What the same side sent about the same article and the platform did not accept, newest first. No query yet."""
    rows = Case.objects.filter(line=case.line_id, applicant_side=case.applicant_side, state=State.NOT_ADMITTED)
    return rows.exclude(pk=case.pk).order_by("-filed_at", "-pk")


def same_matter(case: Case) -> QuerySet[Dossier]:
    """The case's dossier and those of its earlier applications. No query yet."""
    earlier = earlier_applications(case).order_by().values("dossier")
    return Dossier.objects.filter(Q(pk=case.dossier_id) | Q(pk__in=earlier))


def shows(cause: Cause, item: Exhibit) -> str:
    """What an item shows: its caption, else what its place in the checklist asks for, else its kind. No query."""
    words = slot_words(cause, item.slot) if item.slot and not item.caption else ""
    return item.caption or words or item.kind_label


# --- cases -----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class CaseRow:
    """A case in a list: whose turn it is, and the reader's own next clock if there is one."""

    case: Case
    turn: str
    duty: Deadline | None


def _running() -> "Prefetch[str]":
    rows = Deadline.objects.filter(state__in=Deadline.RUNNING).only("case", "kind", "side", "due_at")
    return Prefetch("deadlines", rows, to_attr="clocks")


def my_cases(user: User, *, show: str, before: int | None = None) -> tuple[list[CaseRow], int | None]:
    """The buyer's cases, newest first: ``show`` is ``open``, ``ended`` or ``all``. Two queries."""
    cases = Case.objects.filter(buyer=user).filter(Q(applicant_side=Side.BUYER) | ~Q(state=State.DRAFT))
    shown = _shown(cases, show)
    if before is not None:
        shown = shown.filter(pk__lt=before)
    read = shown.select_related("line", "store").only(*_LISTED, *_CARD).prefetch_related(_running())
    found = list(read.order_by("-pk")[: PAGE + 1])
    rows = [_case_row(case, Side.BUYER) for case in found[:PAGE]]
    return rows, found[PAGE - 1].pk if len(found) > PAGE else None


def _shown(cases: QuerySet[Case], show: str) -> QuerySet[Case]:
    if show == "ended":
        return cases.filter(state__in=OVER)
    return cases.exclude(state__in=OVER) if show == "open" else cases


def _case_row(case: Case, side: str) -> CaseRow:
    clocks: list[Deadline] = case.clocks  # type: ignore[attr-defined]
    return CaseRow(case, whose_turn(case, clocks), next_duty(clocks, side))


def store_duties(user: User, *, after: tuple[datetime, int] | None = None) -> tuple[list[Deadline], bool]:
    """A page of what waits for the reader's stores, most urgent first, and whether more follows. One query, and one
    for the stores. ``after``: due moment and key of the last row of the page before.
    """
    rows = Deadline.objects.filter(
        store__in=policy.store_ids(user), state=Deadline.State.OPEN, kind__in=[*DUTIES, "after_sales_answer"]
    )
    if after is not None:
        # The first part is redundant: it is what the index starts its walk from.
        rows = rows.filter(Q(due_at__gte=after[0]) & (Q(due_at__gt=after[0]) | Q(due_at=after[0], pk__gt=after[1])))
    related = ("case__line", "after_sales__order", "after_sales__line")
    found = list(rows.select_related(*related).only(*_DUTY).order_by("due_at", "pk")[: PAGE + 1])
    return found[:PAGE], len(found) > PAGE


_DUTY = (
    *("kind", "side", "due_at"),
    *(f"case__{name}" for name in ("number", "state", "cause", "claim_fen", "rulebook", "line__title")),
    *(f"after_sales__{name}" for name in ("asked", "amount_fen", "order__number", "line__title")),
)
"""What a row of the inbox shows: statements and listing texts stay where they are."""


def store_cases(user: User, *, show: str, before: int | None = None) -> tuple[list[Case], int | None]:
    """Cases of the reader's stores, newest first: ``waiting`` (for somebody else), ``ended`` or ``all``.

    Each has ``their_due``, the next moment anything runs out. One query, and one for the stores.
    """
    running = Deadline.objects.filter(case=OuterRef("pk"), state=Deadline.State.OPEN).order_by()
    cases = Case.objects.filter(Q(applicant_side=Side.MERCHANT) | ~Q(state=State.DRAFT))
    cases = cases.filter(store__in=policy.store_ids(user))
    if show == "waiting":
        mine = running.filter(kind__in=DUTIES, side=Side.MERCHANT)
        cases = cases.exclude(state__in=OVER).exclude(pk__in=mine.values("case_id"))
    elif show == "ended":
        cases = cases.filter(state__in=OVER)
    if before is not None:
        cases = cases.filter(pk__lt=before)
    next_due = running.values("case_id").annotate(first=Min("due_at")).values("first")
    found = list(
        cases.select_related("line").only(*_LISTED).annotate(their_due=Subquery(next_due)).order_by("-pk")[: PAGE + 1]
    )
    return found[:PAGE], found[PAGE - 1].pk if len(found) > PAGE else None


_LISTED = ("number", "state", "outcome", "cause", "claim_fen", "rulebook", "closed_at", "line__title")
_CARD = ("applicant_side", "remedy", "store__name")


def case_for(user: User, number: str) -> Case:
    """A case the reader is a side of. Raises Case.DoesNotExist for everybody else. Two queries with the stores."""
    return (
        Case.objects.visible_to(user)
        .select_related("order__buyer", "line", "buyer", "store", "dossier")
        .get(number=number)
    )


def moments_of(order: Order) -> list[tuple[str, datetime]]:
    """The order's own dated steps, oldest first. No query."""
    named = [
        (pgettext("step of an order", "Paid"), order.paid_at),
        (_("Shipped"), order.shipped_at),
        (_("First scan by the carrier"), order.first_scan_at),
        (_("Signed for"), order.signed_at),
        (_("Completed"), order.completed_at),
    ]
    steps = [(name, at) for name, at in named if at is not None]
    steps += [(event.text, event.at) for event in order.logistics.all()]
    return sorted(steps, key=lambda step: step[1])
