"""Reads: what happened in a reader's cases and orders since they last looked, and what waits for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Concat
from django.urls import reverse

from accounts.models import Membership, User
from disputes.models import AfterSales, Case, Deadline, Order, State
from disputes.queries import DUTIES, duty_name
from ledger.models import Audience, Entry
from notices.models import ReadMark
from notices.sentences import SENTENCES, actor_side, sentence

CAP = 99
PAGE = 30
QUIET = frozenset(
    {"upload", "take", "release", "reassign", "escalate", "acknowledge", "drop_draft", "order_received"}
    | {verb for verb in SENTENCES if verb.startswith("evidence_")}
)
"""Part of the record, but nobody needs to be told."""


@dataclass(frozen=True)
class Duty:
    """One thing the reader is to do: what, about which item, until when, and where."""

    name: str
    number: str
    title: str
    due_at: datetime
    href: str


@dataclass(frozen=True)
class Notice:
    """One thing that happened, for one reader."""

    id: int
    text: str
    actor: str
    at: datetime
    number: str
    title: str
    href: str
    unread: bool


def for_reader(user: User) -> QuerySet[Entry]:
    """The entries about the reader's cases and orders that the reader may see and did not make. Lazy; one query."""
    stores = Membership.objects.filter(user=user, is_active=True).values("store_id")
    bought = Q(audience__in=[Audience.ALL, Audience.PARTIES, Audience.BUYER]) & _about(Q(buyer=user))
    sold = Q(audience__in=[Audience.ALL, Audience.PARTIES, Audience.MERCHANT]) & _about(Q(store__in=stores))
    told = SENTENCES.keys() - QUIET
    return Entry.objects.filter(bought | sold, verb__in=sorted(told)).exclude(actor=user)


def _about(whose: Q) -> Q:
    cases = Case.objects.filter(whose).exclude(state=State.DRAFT)
    orders = Order.objects.filter(whose)
    return Q(subject__in=cases.values_list(Concat(Value("case:"), "number"))) | Q(
        subject__in=orders.values_list(Concat(Value("order:"), "number"))
    )


def unread(user: User) -> int:
    """How many notices the reader has not read, at most ``CAP``. One query."""
    mark = Coalesce(Subquery(ReadMark.objects.filter(user=user).values("last_entry")[:1]), 0)
    return min(for_reader(user).filter(pk__gt=mark).values("pk")[: CAP + 1].count(), CAP)


def page(user: User, *, before: int | None = None) -> tuple[list[Notice], int | None]:
    """The newest notices, or those before an entry; and where the next page begins. At most five queries."""
    entries = for_reader(user).order_by("-pk")
    if before is not None:
        entries = entries.filter(pk__lt=before)
    rows = list(entries[: PAGE + 1])
    mark = ReadMark.objects.filter(user=user).values_list("last_entry", flat=True).first() or 0
    shown = rows[:PAGE]
    return _notices(user, shown, mark), shown[-1].pk if len(rows) > PAGE else None


def _notices(user: User, entries: Sequence[Entry], mark: int) -> list[Notice]:
    about = _subjects({entry.subject for entry in entries})
    found = []
    for entry in entries:
        kind, _colon, number = entry.subject.partition(":")
        title, buyer_id = about.get(entry.subject, ("", None))
        found.append(
            Notice(
                id=entry.pk,
                text=sentence(entry, reader="buyer" if buyer_id == user.pk else "merchant"),
                actor=actor_side(entry),
                at=entry.at,
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
    """What waits for the reader now, most urgent first, at most fifty. Two queries."""
    stores = Membership.objects.filter(user=user, is_active=True).values("store_id")
    open_rows = Deadline.objects.filter(state=Deadline.State.OPEN, due_at__gt=at)
    in_cases = open_rows.filter(kind__in=DUTIES).filter(
        Q(side="buyer", case__buyer=user) | Q(side="merchant", case__store__in=stores)
    )
    asked = open_rows.filter(
        kind="after_sales_answer", after_sales__state=AfterSales.State.OPEN, after_sales__order__store__in=stores
    )
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
        return Duty(name, row.case.number, row.case.line.title, row.due_at, href)
    assert row.after_sales is not None
    order = row.after_sales.order
    return Duty(
        name, order.number, row.after_sales.line.title, row.due_at, reverse("disputes:order", args=[order.number])
    )


def mark_read(user: User, last_entry: int) -> None:
    """Everything up to ``last_entry`` is read; the mark never goes back."""
    mark, created = ReadMark.objects.get_or_create(user=user, defaults={"last_entry": last_entry})
    if not created and mark.last_entry < last_entry:
        mark.last_entry = last_entry
        mark.save(update_fields=["last_entry"])
