"""Reads: what happened in a reader's cases and orders since they last looked, and what waits for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import chain

from django.db import connection
from django.db.models import Q, QuerySet
from django.urls import reverse

from accounts import policy
from accounts.models import User
from disputes.models import Case, Deadline, Order
from disputes.queries import DUTIES, duty_name
from ledger.models import Audience, Entry
from notices.models import ReadMark
from notices.sentences import SENTENCES, actor_side, sentence

CAP = 99
PAGE = 30
QUIET = frozenset(
    {
        "upload",
        "take",
        "release",
        "reassign",
        "escalate",
        "acknowledge",
        "drop_draft",
        "order_received",
        "review_turned_away",
    }
    | {verb for verb in SENTENCES if verb.startswith("evidence_")}
)
"""Part of the record, but nobody needs to be told."""
_TOLD = sorted(SENTENCES.keys() - QUIET)


@dataclass(frozen=True)
class Duty:
    """One thing the reader is to do: what, about which item, until when, and where."""

    kind: str
    name: str
    about: str
    number: str
    title: str
    due_at: datetime
    href: str


@dataclass(frozen=True)
class Notice:
    """One thing that happened, for one reader."""

    id: int
    verb: str
    text: str
    actor: str
    at: datetime
    about: str
    number: str
    title: str
    href: str
    unread: bool


def told(user: User) -> tuple[QuerySet[Entry], QuerySet[Entry]]:
    """The entries about what the reader bought, and about what their stores sold, that the reader may see and did not
    make; none is in both. Lazy; two queries, and one for the stores."""
    rows = Entry.objects.filter(verb__in=_TOLD).exclude(actor=user)
    stores = policy.store_ids(user)
    sold = rows.filter(store__in=stores, audience__in=[Audience.ALL, Audience.PARTIES, Audience.MERCHANT])
    bought = rows.filter(buyer=user, audience__in=[Audience.ALL, Audience.PARTIES, Audience.BUYER])
    return bought.exclude(store__in=stores), sold


# In SQL because every page asks: putting these two together through the ORM took longer than all of a small page.
_MARK = "coalesce((SELECT last_entry FROM notices_readmark WHERE user_id = %s), 0)"
_HALF = """SELECT count(*) FROM (
    SELECT 1 FROM ledger_entry WHERE {whose} AND verb IN ({verbs}) AND audience IN ('all', 'parties', '{side}')
    AND (actor_id IS NULL OR actor_id <> %s) AND id > {mark} ORDER BY id LIMIT {cap}) AS half"""


def unread(user: User) -> int:
    """How many notices the reader has not read, at most ``CAP``. One query, and one for the stores.

    Each half walks its own index from the reader's mark and stops at the cap.
    """
    stores = policy.store_ids(user)
    places = ", ".join(["%s"] * len(stores))
    bought = _half(f"buyer_id = %s AND store_id NOT IN ({places})" if stores else "buyer_id = %s", "buyer")
    sql, values = f"SELECT ({bought})", [user.pk, *stores, user.pk, user.pk]
    if stores:
        sql += f" + ({_half(f'store_id IN ({places})', 'merchant')})"
        values += [*stores, user.pk, user.pk]
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return min(int(cursor.fetchone()[0]), CAP)


@cache
def _half(whose: str, side: str) -> str:
    return _HALF.format(whose=whose, side=side, mark=_MARK, cap=CAP, verbs=", ".join(f"'{verb}'" for verb in _TOLD))


def page(user: User, *, before: int | None = None, limit: int = PAGE) -> tuple[list[Notice], int | None]:
    """The newest notices, or those before an entry; and where the next page begins. At most seven queries."""
    earlier = {} if before is None else {"pk__lt": before}
    halves = [entries.filter(**earlier).order_by("-pk")[: limit + 1] for entries in told(user)]
    rows = sorted(chain(*halves), key=lambda row: -row.pk)[: limit + 1]
    mark = ReadMark.objects.filter(user=user).values_list("last_entry", flat=True).first() or 0
    shown = rows[:limit]
    return _notices(user, shown, mark), shown[-1].pk if len(rows) > limit else None


def _notices(user: User, entries: Sequence[Entry], mark: int) -> list[Notice]:
    about = _subjects({entry.subject for entry in entries})
    found = []
    for entry in entries:
        kind, _colon, number = entry.subject.partition(":")
        title, buyer_id = about.get(entry.subject, ("", None))
        found.append(
            Notice(
                id=entry.pk,
                verb=entry.verb,
                text=sentence(entry, reader="buyer" if buyer_id == user.pk else "merchant"),
                actor=actor_side(entry),
                at=entry.at,
                about=kind,
                number=number,
                title=title,
                href=reverse(f"disputes:{kind}", args=[number]),
                unread=entry.pk > mark,
            )
        )
    return found


def _subjects(subjects: set[str]) -> dict[str, tuple[str, int]]:
    """Title and buyer of each subject. Three queries."""
    numbers = {kind: [s.partition(":")[2] for s in subjects if s.startswith(f"{kind}:")] for kind in ("case", "order")}
    found = {
        f"case:{number}": (title, buyer)
        for number, title, buyer in Case.objects.filter(number__in=numbers["case"]).values_list(
            "number", "line__title", "buyer_id"
        )
    }
    orders = Order.objects.filter(number__in=numbers["order"]).prefetch_related("lines")
    return found | {f"order:{order.number}": (_title(order), order.buyer_id) for order in orders}


def _title(order: Order) -> str:
    lines = sorted(order.lines.all(), key=lambda line: line.position)
    return lines[0].title if lines else ""


def duties(user: User, at: datetime) -> list[Duty]:
    """What waits for the reader now, most urgent first, at most fifty. Two queries, and one for the stores."""
    stores = policy.store_ids(user)
    open_rows = Deadline.objects.filter(state=Deadline.State.OPEN, due_at__gt=at)
    in_cases = open_rows.filter(kind__in=DUTIES).filter(Q(side="buyer", case__buyer=user) | Q(store__in=stores))
    asked = open_rows.filter(kind="after_sales_answer", store__in=stores)
    rows = [
        *in_cases.select_related("case__line").order_by("due_at", "pk")[:50],
        *asked.select_related("after_sales__order", "after_sales__line").order_by("due_at", "pk")[:50],
    ]
    return sorted((_duty(row) for row in rows), key=lambda duty: duty.due_at)[:50]


def _duty(row: Deadline) -> Duty:
    assert row.due_at is not None
    name = duty_name(row)
    if row.case is not None:
        href = reverse("disputes:act", args=[row.case.number, DUTIES[row.kind]])
        return Duty(row.kind, name, "case", row.case.number, row.case.line.title, row.due_at, href)
    assert row.after_sales is not None
    order = row.after_sales.order
    href = reverse("disputes:order", args=[order.number])
    return Duty(row.kind, name, "order", order.number, row.after_sales.line.title, row.due_at, href)
