"""Reads for the arbiters' desk: what waits for the platform, in the order it is to be done."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Concat
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.queries import works_for
from core.clock import BEIJING
from disputes.models import Case, Deadline
from ledger.models import Entry

KINDS: dict[str, tuple[str, Any, str]] = {
    "admission": ("admission_target", _("Preliminary review"), "file-search"),
    "ruling": ("ruling_target", _("Deliberation"), "gavel"),
    "review": ("review_target", _("Review"), "history"),
    "set_aside": ("set_aside_target", _("Set aside"), "rotate-ccw"),
    "return": ("return_target", _("Return"), "package-open"),
    "payment": ("payment_target", _("Refused payment"), "circle-alert"),
}
"""What can wait for the platform: its target clock, its word, its icon."""
KIND_OF = {target: kind for kind, (target, _word, _icon) in KINDS.items()}
HARD = ("admission", "ruling", "review_decision")
DECIDING = (
    "admit",
    "refuse",
    "ask",
    "rule",
    "decide_review",
    "set_aside",
    "refuse_set_aside",
    "decide_return",
    "retry_payment",
)
"""Acts that count as one piece of work done."""

NOBODY_TAKES = ("return_target", "payment_target")
"""Decided without taking the case first."""

PAGE = 25
COUNTED = 500
"""Nobody needs an exact number above this; counting stops here."""
SKIPPED_FOR = timedelta(hours=24)
SOON = timedelta(hours=2)


@dataclass(frozen=True)
class Filters:
    """The queue's state, all of it in the query string. Unknown values mean no filter."""

    kind: str = ""
    cause: str = ""
    holder: str = "open"
    search: str = ""


@dataclass(frozen=True)
class Group:
    """Work by urgency. ``count`` over all pages, at most COUNTED (``more`` says there are more)."""

    key: str
    count: int
    more: bool
    rows: Sequence[Deadline]


@dataclass(frozen=True)
class Queue:
    """One page of the queue. ``previous`` and ``following`` are keyset positions, empty where there is no page."""

    groups: Sequence[Group]
    shown: int
    total: int
    more: bool
    previous: str = ""
    following: str = ""
    counts: dict[str, int] = field(default_factory=dict)


def waiting(user: User) -> "QuerySet[Deadline]":
    """Every open target of a case the reader may see and has no part in, due first. No query yet."""
    rows = Deadline.objects.filter(kind__in=Deadline.TARGETS, state="open", case__isnull=False)
    return rows.exclude(case__buyer=user).exclude(case__store__in=works_for(user)).order_by("due_at", "id")


def filtered(rows: "QuerySet[Deadline]", filters: Filters, user: User) -> "QuerySet[Deadline]":
    if filters.kind in KINDS:
        rows = rows.filter(kind=KINDS[filters.kind][0])
    if filters.cause:
        rows = rows.filter(case__cause=filters.cause)
    if filters.holder == "mine":
        rows = rows.filter(case__handler=user)
    elif filters.holder == "free":
        rows = rows.filter(case__handler=None)
    elif filters.holder == "open":
        rows = rows.filter(Q(case__handler=None) | Q(case__handler=user))
    if filters.search:
        text = filters.search.strip().upper()
        rows = rows.filter(case__in=Case.objects.filter(Q(number__startswith=text) | Q(order__number=text)))
    return rows


def queue(user: User, filters: Filters, at: datetime, *, after: str = "", before: str = "") -> Queue:
    """One page, grouped by urgency. Two queries: the counts, the page."""
    rows = filtered(waiting(user), filters, user)
    counts, total = _counts(rows, at)
    rows = rows.annotate(left=_left_by(user, at), hard_at=_clock_of(HARD, "due_at"))
    page, earlier, later = _page(rows, after=after, before=before)
    more = total > COUNTED
    groups = [
        Group(key, counts[key], more and key == "later", shown)
        for key in counts
        if (shown := [row for row in page if row.due_at is not None and _group(row.due_at, at) == key])
    ]
    return Queue(
        groups=groups,
        shown=len(page),
        total=min(total, COUNTED),
        more=more,
        previous=_key(page[0]) if page and earlier else "",
        following=_key(page[-1]) if page and later else "",
        counts=counts,
    )


def _counts(rows: "QuerySet[Deadline]", at: datetime) -> tuple[dict[str, int], int]:
    """How many are in each group, and in all; both stop at COUNTED, the sum one above it. One query."""
    tomorrow = (at.astimezone(BEIJING) + timedelta(days=1)).replace(hour=0, minute=0, second=0, microsecond=0)
    soon = Q(due_at__lte=at + SOON)
    until = {"overdue": Q(due_at__lte=at), "soon": soon, "today": soon | Q(due_at__lt=tomorrow)}
    found = rows.values("due_at")[: COUNTED + 1].aggregate(
        all=Count("due_at"), **{key: Count("due_at", filter=condition) for key, condition in until.items()}
    )
    counts, before = {}, 0
    for key, count in [*((key, found[key]) for key in until), ("later", found["all"])]:
        counts[key], before = min(count, COUNTED) - before, min(count, COUNTED)
    return counts, found["all"]


_SHOWN = (
    "kind",
    "opened_at",
    "due_at",
    *(
        f"case__{name}"
        for name in ("number", "cause", "claim_fen", "by_default", "escalated_at", "taken_at", "rulebook", "decided_by")
    ),
    "case__line__title",
    "case__line__option",
    "case__handler__name",
    "case__handler__email",
)
"""What a row of the queue shows: statements and listing texts stay where they are."""


def _page(rows: "QuerySet[Deadline]", *, after: str, before: str) -> tuple[list[Deadline], bool, bool]:
    """The page after or before a position, and whether there is something before and after it. One query."""
    rows = cast(
        "QuerySet[Deadline]",
        rows.annotate(waits_for=_clock_of(["ruling_undo", "review_answer"], "kind"))
        .select_related("case__line", "case__handler")
        .only(*_SHOWN),
    )
    if position := _position(before):
        found = list(rows.filter(_beyond("lt", position)).order_by("-due_at", "-id")[: PAGE + 1])
        return found[:PAGE][::-1], len(found) > PAGE, True
    position = _position(after)
    found = list((rows.filter(_beyond("gt", position)) if position else rows)[: PAGE + 1])
    return found[:PAGE], position is not None, len(found) > PAGE


def _clock_of(kinds: Sequence[str], column: str) -> Subquery:
    """A column of the case's open clock of these kinds. LIMIT 1 keeps it a look-up a row: an Exists would be hashed
    over every open clock there is. To leave rows out, exclude a value: of IS NULL the planner expects hardly any rows,
    and sorts them all instead of walking the index."""
    rows = Deadline.objects.filter(case=OuterRef("case"), kind__in=kinds, state="open")
    return Subquery(rows.values(column)[:1])


def _beyond(way: str, position: tuple[datetime, int]) -> Q:
    """Past a position in (due_at, id). The first part is redundant: it is what the index starts its walk from."""
    due_at, key = position
    return Q(**{f"due_at__{way}e": due_at}) & (
        Q(**{f"due_at__{way}": due_at}) | Q(due_at=due_at, **{f"id__{way}": key})
    )


def _key(row: Deadline) -> str:
    assert row.due_at is not None
    return f"{row.due_at.timestamp():.6f}-{row.pk}"


def _position(text: str) -> tuple[datetime, int] | None:
    stamp, _dash, key = text.partition("-")
    try:
        return datetime.fromtimestamp(float(stamp), tz=BEIJING), int(key)
    except (ValueError, OverflowError, OSError):
        return None


def _group(due: datetime, at: datetime) -> str:
    if due <= at:
        return "overdue"
    if due - at <= SOON:
        return "soon"
    return "today" if due.astimezone(BEIJING).date() == at.astimezone(BEIJING).date() else "later"


def next_free(user: User, at: datetime, *, limit: int = 5) -> list[Deadline]:
    """What the reader is to do next, by due moment: free, impartial, ready to be decided, not just given back by them.

    One query. ``hard_at``: when it goes to a supervisor.
    """
    rows = waiting(user).filter(case__handler=None).exclude(case__decided_by=user).exclude(kind__in=NOBODY_TAKES)
    rows = rows.annotate(
        waits_for=Coalesce(_clock_of(["review_answer"], "kind"), Value("")),
        left=Coalesce(_left_by(user, at), Value("")),
        hard_at=_clock_of(HARD, "due_at"),
    )
    rows = rows.exclude(waits_for="review_answer").exclude(left="release")
    return list(rows.select_related("case__line").only(*_SHOWN)[:limit])


def first_free(rows: Iterable[Deadline], user: User) -> Deadline | None:
    """The same choice among the rows of a page that begins the whole queue. No query."""
    return next((row for row in rows if _free_for(row, user)), None)


def _free_for(row: Any, user: User) -> bool:
    return (
        row.case.handler_id is None
        and row.case.decided_by_id != user.pk
        and row.kind not in NOBODY_TAKES
        and row.waits_for != "review_answer"
        and row.left is None
    )


def _left_by(user: User, at: datetime) -> Subquery:
    """That the reader gave the case back a short while ago."""
    rows = Entry.objects.filter(
        subject=Concat(Value("case:"), OuterRef("case__number")), verb="release", actor=user, at__gte=at - SKIPPED_FOR
    )
    return Subquery(rows.values("verb")[:1])


def done_today(user: User, at: datetime) -> int:
    """How many acts the reader decided since midnight in Beijing. One query."""
    midnight = at.astimezone(BEIJING).replace(hour=0, minute=0, second=0, microsecond=0)
    return Entry.objects.filter(actor=user, verb__in=DECIDING, at__gte=midnight).count()


def changes_since(case: Case, version: int, entries: Iterable[Entry], verbs: Iterable[str]) -> list[Entry]:
    """The entries that moved the case on from ``version``: each of its moves counts one. No query."""
    moves = [entry for entry in entries if entry.verb in set(verbs)]
    return moves[-(case.version - version) :] if case.version > version else []


def arbiters(case: Case) -> list[tuple[User, int]]:
    """Who could take the case over, with how much each holds now, least first. Two queries."""
    people = User.objects.filter(is_active=True, staff_role__in=["arbiter", "supervisor"]).exclude(pk=case.buyer_id)
    people = people.exclude(memberships__store=case.store_id, memberships__is_active=True)
    if case.handler_id:
        people = people.exclude(pk=case.handler_id)
    if case.decided_by_id:
        people = people.exclude(pk=case.decided_by_id)
    holding = dict.fromkeys(people, 0)
    for holder in Case.objects.filter(handler__in=holding).exclude(state="closed").values_list("handler", flat=True):
        person = next(user for user in holding if user.pk == holder)
        holding[person] += 1
    return sorted(holding.items(), key=lambda pair: (pair[1], str(pair[0])))
