"""What waits for the platform, in the order it is to be done.

In SQL: no page is opened as often, and composing its two statements through the ORM took longer than running them and
drawing all of the page.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import clock
from core.clock import BEIJING
from disputes.models import Deadline

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
NOBODY_TAKES = ("return_target", "payment_target")
"""Decided without taking the case first."""

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

PAGE = 25
COUNTED = 200
"""More than anybody does in a day; counting stops here."""
SKIPPED_FOR = timedelta(hours=24)
SOON = timedelta(hours=2)


@dataclass(frozen=True)
class Filters:
    """The queue's state, all of it in the query string. Unknown values mean no filter."""

    kind: str = ""
    cause: str = ""
    holder: str = "open"
    search: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A target that runs, and what a row of the queue shows of its case. Moments are UTC, amounts fen.

    ``waits_for``: an open clock that makes deciding wait, or none. ``left``: the reader gave the case back a short
    while ago. ``decided``: the reader has decided in the case before. ``hard_at``: when it goes to a supervisor.
    """

    pk: int
    kind: str
    opened_at: datetime
    due_at: datetime
    case_id: int
    number: str
    rulebook_id: int
    cause: str
    claim_fen: int
    by_default: bool
    escalated_at: datetime | None
    taken_at: datetime | None
    handler_id: int | None
    handler_name: str
    title: str
    option: str
    waits_for: str | None
    left: bool
    decided: bool
    hard_at: datetime | None


@dataclass(frozen=True)
class Group:
    """Work by urgency. ``count`` over all pages, at most COUNTED (``more`` says there are more)."""

    key: str
    count: int
    more: bool
    rows: Sequence[Waiting]


@dataclass(frozen=True)
class Queue:
    """One page of the queue. ``previous`` and ``following`` are keyset positions, empty where there is no page.

    ``done``: how many acts the reader decided since midnight in Beijing.
    """

    groups: Sequence[Group]
    shown: int
    total: int
    more: bool
    done: int
    previous: str = ""
    following: str = ""
    counts: dict[str, int] = field(default_factory=dict)


def queue(user: User, filters: Filters, at: datetime, *, after: str = "", before: str = "") -> Queue:
    """One page, grouped by urgency. Two queries: the counts, the page."""
    wanted = _filtered(user, filters)
    counts, total, done = _counts(wanted, user, at)
    page, earlier, later = _page(wanted, user, at, after=after, before=before)
    more = total > COUNTED
    groups = [
        Group(key, counts[key], more and key == "later", shown)
        for key in counts
        if (shown := [row for row in page if _group(row.due_at, at) == key])
    ]
    return Queue(
        groups=groups,
        shown=len(page),
        total=min(total, COUNTED),
        more=more,
        done=done,
        previous=_key(page[0]) if page and earlier else "",
        following=_key(page[-1]) if page and later else "",
        counts=counts,
    )


def next_free(user: User, at: datetime, *, limit: int = 5) -> list[Waiting]:
    """What the reader is to do next, by due moment: free, impartial, ready to be decided, not just given back by them.

    One query.
    """
    free = [("c.handler_id IS NULL", []), _not(_decided_by(user))]
    wanted = [*_may_see(user), *free, (f"d.kind NOT IN ({_listed(NOBODY_TAKES)})", [])]
    # Of IS NULL the planner expects hardly any rows, and would sort them all instead of walking the index.
    ready = [(f"coalesce({_WAITS_FOR}, '') <> 'review_answer'", []), _not(_left_by(user, at))]
    return _rows([*wanted, *ready], user, at, limit=limit)


def first_free(rows: Iterable[Waiting]) -> Waiting | None:
    """The same choice among the rows of a page that begins the whole queue. No query."""
    return next((row for row in rows if _free_for(row)), None)


def _free_for(row: Waiting) -> bool:
    return (
        row.handler_id is None
        and not row.decided
        and row.kind not in NOBODY_TAKES
        and row.waits_for != "review_answer"
        and not row.left
    )


# --- the statements --------------------------------------------------------------------------------------------------
Condition = tuple[str, list[Any]]
"""A condition on clock ``d`` and case ``c``, with its values."""


def _listed(words: Iterable[str]) -> str:
    """Our own words, never a reader's, as a list of literals: an index's condition is recognised by them."""
    return ", ".join(f"'{word}'" for word in words)


def _clock_of(kinds: Iterable[str], column: str) -> str:
    """A column of the case's open clock of these kinds. LIMIT 1 keeps it a look-up a row: an EXISTS would be hashed
    over every open clock there is."""
    return (
        f"(SELECT o.{column} FROM disputes_deadline o WHERE o.case_id = d.case_id AND o.kind IN ({_listed(kinds)})"
        " AND o.state = 'open' LIMIT 1)"
    )


_WAITS_FOR = _clock_of(("ruling_undo", "review_answer"), "kind")
_FROM = "FROM disputes_deadline d JOIN disputes_case c ON c.id = d.case_id"
_COLUMNS = f"""d.id, d.kind, d.opened_at, d.due_at, c.id, c.number, c.rulebook_id, c.cause, c.claim_fen, c.by_default,
    c.escalated_at, c.taken_at, c.handler_id, coalesce(h.name, ''), coalesce(h.email, ''), l.title,
    l.option, {_WAITS_FOR}, {_clock_of(HARD, "due_at")}"""
_SHOWN = f"{_FROM} JOIN disputes_orderline l ON l.id = c.line_id LEFT JOIN accounts_user h ON h.id = c.handler_id"


def _may_see(user: User) -> list[Condition]:
    """Every open target of a case the reader has no part in."""
    stores = "SELECT store_id FROM accounts_membership WHERE user_id = %s AND is_active"
    return [
        (f"d.kind IN ({_listed(Deadline.TARGETS)}) AND d.state = 'open'", []),
        (f"c.buyer_id <> %s AND c.store_id NOT IN ({stores})", [user.pk, user.pk]),
    ]


def _filtered(user: User, filters: Filters) -> list[Condition]:
    found = _may_see(user)
    if filters.kind in KINDS:
        found.append(("d.kind = %s", [KINDS[filters.kind][0]]))
    if filters.cause:
        found.append(("c.cause = %s", [filters.cause]))
    if filters.holder in {"free", "open"}:
        mine = "" if filters.holder == "free" else " OR c.handler_id = %s"
        found.append((f"(c.handler_id IS NULL{mine})", [user.pk] if mine else []))
    elif filters.holder == "mine":
        found.append(("c.handler_id = %s", [user.pk]))
    if filters.search:
        text = filters.search.strip().upper()
        begins = f"{text.replace('!', '!!').replace('%', '!%').replace('_', '!_')}%"
        ordered = "SELECT id FROM disputes_order WHERE number = %s"
        found.append((f"(c.number LIKE %s ESCAPE '!' OR c.order_id IN ({ordered}))", [begins, text]))
    return found


def _left_by(user: User, at: datetime) -> Condition:
    """That the reader gave the case back a short while ago."""
    since = connection.ops.adapt_datetimefield_value(at - SKIPPED_FOR)
    rows = "SELECT 1 FROM ledger_entry e WHERE e.subject = 'case:' || c.number AND e.verb = 'release'"
    return f"EXISTS ({rows} AND e.actor_id = %s AND e.at >= %s)", [user.pk, since]


def _decided_by(user: User) -> Condition:
    """That the reader has decided in the case before. LIMIT 1 keeps it a look-up a row."""
    rows = "SELECT 1 FROM disputes_case_deciders p WHERE p.case_id = c.id AND p.user_id = %s LIMIT 1"
    return f"(coalesce(({rows}), 0) = 1)", [user.pk]


def _not(condition: Condition) -> Condition:
    text, values = condition
    return f"NOT {text}", values


def _where(conditions: Sequence[Condition]) -> Condition:
    return " AND ".join(text for text, _values in conditions), [one for _text, values in conditions for one in values]


def _run(statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())


def _counts(conditions: Sequence[Condition], user: User, at: datetime) -> tuple[dict[str, int], int, int]:
    """How many are in each group, and in all; both stop at COUNTED, the sum one above it. What the reader has decided
    today. One query."""
    today = at.astimezone(BEIJING).replace(hour=0, minute=0, second=0, microsecond=0)
    tonight = today + timedelta(days=1) - timedelta(microseconds=1)
    until = {"overdue": at, "soon": at + SOON, "today": max(at + SOON, tonight)}
    where, values = _where(conditions)
    filters = "".join(", count(*) FILTER (WHERE due_at <= %s)" for _key in until)
    *moments, since = [connection.ops.adapt_datetimefield_value(moment) for moment in (*until.values(), today)]
    decided = f"SELECT count(*) FROM ledger_entry WHERE actor_id = %s AND verb IN ({_listed(DECIDING)}) AND at >= %s"
    soonest = f"SELECT d.due_at {_FROM} WHERE {where} ORDER BY d.due_at, d.id LIMIT {COUNTED + 1}"
    statement = f"SELECT count(*), ({decided}){filters} FROM ({soonest}) AS counted"
    [(total, done, *reached)] = _run(statement, [user.pk, since, *moments, *values])
    counts, before = {}, 0
    for key, count in zip((*until, "later"), (*reached, total), strict=True):
        counts[key], before = min(count, COUNTED) - before, min(count, COUNTED)
    return counts, total, done


def _page(
    conditions: Sequence[Condition], user: User, at: datetime, *, after: str, before: str
) -> tuple[list[Waiting], bool, bool]:
    """The page after or before a position, and whether there is something before and after it. One query."""
    if position := _position(before):
        found = _rows([*conditions, _beyond("<", position)], user, at, limit=PAGE + 1, order="DESC")
        return found[:PAGE][::-1], len(found) > PAGE, True
    position = _position(after)
    beyond = [_beyond(">", position)] if position else []
    found = _rows([*conditions, *beyond], user, at, limit=PAGE + 1)
    return found[:PAGE], position is not None, len(found) > PAGE


def _rows(
    conditions: Sequence[Condition], user: User, at: datetime, *, limit: int, order: str = "ASC"
) -> list[Waiting]:
    where, values = _where(conditions)
    left, left_values = _left_by(user, at)
    decided, decided_values = _decided_by(user)
    statement = (
        f"SELECT {_COLUMNS}, {left}, {decided} {_SHOWN} WHERE {where} ORDER BY d.due_at {order}, d.id {order} LIMIT %s"
    )
    return [_row(*row) for row in _run(statement, [*left_values, *decided_values, *values, limit])]


def _row(*columns: Any) -> Waiting:
    """A row as the database gives it; SQLite has neither moments with a zone nor truth values of its own."""
    (pk, kind, opened, due, case_id, number, rulebook, cause, fen, default, escalated, taken) = columns[:12]
    handler, name, email, title, option, waits_for, hard, left, decided = columns[12:]
    opened_at, due_at = clock.stored(opened), clock.stored(due)
    assert opened_at is not None
    assert due_at is not None
    return Waiting(
        pk=pk,
        kind=kind,
        opened_at=opened_at,
        due_at=due_at,
        case_id=case_id,
        number=number,
        rulebook_id=rulebook,
        cause=cause,
        claim_fen=fen,
        by_default=bool(default),
        escalated_at=clock.stored(escalated),
        taken_at=clock.stored(taken),
        handler_id=handler,
        handler_name=name or email.partition("@")[0],
        title=title,
        option=option,
        waits_for=waits_for,
        left=bool(left),
        decided=bool(decided),
        hard_at=clock.stored(hard),
    )


def _beyond(way: str, position: tuple[datetime, int]) -> Condition:
    """Past a position in (due_at, id), as the index is walked."""
    due_at, key = position
    return f"(d.due_at, d.id) {way} (%s, %s)", [connection.ops.adapt_datetimefield_value(due_at), key]


def _key(row: Waiting) -> str:
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
