"""Reads: a case whole, as one reader may see it."""

from collections import defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import F, QuerySet, prefetch_related_objects
from django.utils.translation import gettext as _

from accounts import policy
from accounts.actors import Actor
from accounts.models import User
from arbitration import decisions
from arbitration.models import Acknowledgement, InformationRequest, ItemWeight, Remedy, Review, Ruling, SetAside
from core import clock
from core.errors import Refused
from disputes import lifecycle
from disputes import queries as disputes
from disputes.models import Case, Deadline, Offer, State, Statement, Suspension
from evidence.facts import Fact, facts
from evidence.queries import PLATFORM, Exhibit, file_of
from ledger.models import Entry
from ledger.queries import read
from rulebook.models import Cause
from rulebook.queries import Book, applying


class NotFiled(Exception):
    """The case is still its applicant's draft: there is nothing to read yet."""


@dataclass
class Reply:
    """One side's answer to an item of the other side. ``support``: ids of its own items it cites."""

    side: str
    stance: str
    reason: str
    at: datetime
    support: list[UUID] = field(default_factory=list)


@dataclass(frozen=True)
class CaseFile:
    """A case as ``side`` reads it (``""``: platform staff) at ``at``; what that reader may not see is not in it.

    ``rulings``: those that came into effect, newest first. ``acts``: every act the reader has the right to in this
    state, None where it is open, else why not. ``drafts``: the reader's own unsent items. ``facts``: for the platform.
    """

    case: Case
    at: datetime
    side: str
    rules: Book
    exhibits: list[Exhibit]
    drafts: list[Exhibit]
    replies: Mapping[UUID, list[Reply]]
    statements: list[Statement]
    offers: list[Offer]
    requests: list[InformationRequest]
    suspensions: list[Suspension]
    rulings: list[Ruling]
    remedies: list[Remedy]
    reviews: list[Review]
    set_aside: SetAside | None
    clocks: list[Deadline]
    entries: list[Entry]
    acts: Mapping[str, Refused | None]
    facts: Mapping[UUID, list[Fact]]

    @property
    def cause(self) -> Cause:
        """What the case is about; a draft may not say yet (Refused "unknown_cause")."""
        return self.rules.cause(self.case.cause)

    @cached_property
    def cap_fen(self) -> int:
        """The most a ruling can send back now (``decisions.cap_fen``), asked once. At most three queries."""
        return decisions.cap_fen(self.case)

    @property
    def other(self) -> str:
        return "merchant" if self.side == "buyer" else "buyer"

    @property
    def applies(self) -> bool:
        """Whether the reader filed the case."""
        return self.side == self.case.applicant_side

    @property
    def ruling(self) -> Ruling | None:
        return next((row for row in self.rulings if row.state == Ruling.State.IN_EFFECT), None)

    @property
    def review_marked(self) -> bool:
        """Whether the buyer's review of the goods stands marked, out of the store's score."""
        return any(row.kind == Remedy.Kind.MARK_REVIEW and row.state == Remedy.State.EXECUTED for row in self.remedies)

    def of(self, side: str) -> list[Exhibit]:
        return [item for item in self.exhibits if item.side == side]

    def shows(self, item: Exhibit) -> str:
        return disputes.shows(self.cause, item)

    def clock(self, *kinds: str, side: str = "", ref: str | None = None) -> Deadline | None:
        """The first clock of these kinds that runs or stands paused, soonest first (for ``side``, if named)."""
        return next(
            (
                row
                for row in self.clocks
                if row.state in Deadline.RUNNING
                and row.kind in kinds
                and (not side or row.side in (side, "both"))
                and ref in (None, row.ref)
            ),
            None,
        )

    @property
    def withheld(self) -> set[UUID]:
        """Items of the other side that are for the platform alone."""
        return {item.id for item in self.exhibits if item.withheld}

    def entry(self, *verbs: str) -> Entry | None:
        """The latest entry with one of these verbs."""
        return next((row for row in reversed(self.entries) if row.verb in verbs), None)

    def may(self, act: str) -> bool:
        return act in self.acts and self.acts[act] is None


def case_file(actor: Actor, number: str, at: datetime, *, unfiled: bool = False) -> CaseFile:
    """The case with everything on it, for one reader. Raises Case.DoesNotExist where it does not exist for them,
    NotFiled for a draft unless ``unfiled`` ones are wanted too.

    Six queries, one more for each kind of row the ledger says the case has (at most nine), one for the actor's
    stores; two more while a settlement is being paid; for the platform two more for facts about the items. The request
    before the case and whoever else holds it are asked for when they are looked at.
    """
    case = _case(actor, number)
    if case.state == State.DRAFT and not unfiled:
        raise NotFiled
    side = policy.side_of(actor, case)
    entries = _entries(case, side)
    verbs = {entry.verb for entry in entries}
    _prefetch(case, side, verbs)
    exhibits, drafts = file_of(case.dossier, side or PLATFORM)
    rules = applying(case.rulebook_id, at)
    rulings = [row for row in case.rulings.all() if row.effective_at is not None or not side]
    clocks = sorted(case.deadlines.all(), key=lambda row: (row.due_at is None, row.due_at or row.opened_at, row.pk))
    return CaseFile(
        case=case,
        at=at,
        side=side,
        rules=rules,
        exhibits=exhibits,
        drafts=drafts,
        replies=_replies(case) if verbs & _ANSWERED else {},
        statements=sorted(case.statements.all(), key=lambda row: (row.at, row.pk)),
        offers=sorted(_offers(case, side), key=lambda row: -row.pk),
        requests=sorted(case.information_requests.all(), key=lambda row: -row.pk),
        suspensions=sorted(case.suspensions.all(), key=lambda row: -row.pk),
        rulings=sorted(rulings, key=lambda row: (row.effective_at or row.signed_at, row.pk), reverse=True),
        remedies=sorted(case.remedies.all(), key=lambda row: row.pk),
        reviews=sorted(case.reviews.all(), key=lambda row: row.pk),
        set_aside=getattr(case, "set_aside", None),
        clocks=clocks,
        entries=entries,
        acts=lifecycle.available(case, actor, at),
        facts={} if side else facts(disputes.same_matter(case), exhibits, bought_at=case.order.paid_at),
    )


def _case(actor: Actor, number: str) -> Case:
    # Three joins more and the planner takes longer than all other queries of the page.
    case = Case.objects.select_related("order", "line", "buyer", "store", "dossier").get(number=number)
    if not case.visible_to(actor):
        raise Case.DoesNotExist
    if isinstance(actor, User) and case.handler_id == actor.pk:
        case.handler = actor
    return case


def _entries(case: Case, side: str) -> list[Entry]:
    """The case's entries the reader may read, oldest first. One query."""
    return read(case.subject, side)


_TRACES: dict[str, frozenset[str]] = {
    "offers": frozenset({"offer", "accept_offer"}),
    "suspensions": frozenset({"propose_suspension", "suspend"}),
    "information_requests": frozenset({"ask"}),
    "statements": frozenset({"respond", "rebut", "state_late", "extend"}),
    "rulings": frozenset({"rule", "take_effect", "concede"}),
    "remedies": frozenset({"take_effect", "concede"}),
    "reviews": frozenset({"request_review"}),
    "turned_away": frozenset({"review_turned_away"}),
}
"""Which entries leave rows of which kind: where the ledger has none, the table is not asked."""
_ANSWERED = frozenset({"respond", "rebut"})
"""Which entries leave answers bound to items."""


def _prefetch(case: Case, side: str, verbs: set[str]) -> None:
    """Fetch the case's rows so that neither the guards nor the page ask again."""
    cache: dict[str, Any] = case.__dict__.setdefault("_prefetched_objects_cache", {})
    cache["deadlines"] = _kept(case.deadlines.all())
    if "request_set_aside" not in verbs:
        case._state.fields_cache["set_aside"] = None
    for name, traces in _TRACES.items():
        rows: QuerySet[Any] = getattr(case, name).all()
        if not traces & verbs:
            cache[name] = _filled(rows, [])
        elif name == "rulings":
            cache[name] = _rulings(rows)
        else:
            fetched = rows.filter(side=side) if name == "information_requests" and side else rows
            cache[name] = _kept(fetched.select_related("refund") if name == "remedies" else fetched)


def _kept(rows: QuerySet[Any]) -> QuerySet[Any]:
    len(rows)
    return rows


def _rulings(rows: QuerySet[Any]) -> QuerySet[Any]:
    """The rulings with who has read them. One query: a row for each reader, folded."""
    found: dict[int, Ruling] = {}
    readers: dict[int, list[Acknowledgement]] = defaultdict(list)
    for ruling in rows.annotate(read_by=F("acknowledgements__side"), read_at=F("acknowledgements__at")).order_by("pk"):
        found.setdefault(ruling.pk, ruling)
        if ruling.read_by:
            readers[ruling.pk].append(Acknowledgement(ruling=ruling, side=ruling.read_by, at=ruling.read_at))
    for ruling in found.values():
        ruling.__dict__["_prefetched_objects_cache"] = {
            "acknowledgements": _filled(Acknowledgement.objects.all(), readers[ruling.pk])
        }
    return _filled(rows.all(), list(found.values()))


def _filled(rows: QuerySet[Any], found: Iterable[Any]) -> QuerySet[Any]:
    rows._result_cache = list(found)
    return rows


_REPLIES = """
    SELECT a.id, a.item_id, a.side, a.stance, a.reason, a.at, s.item_id
    FROM disputes_rebuttal a LEFT JOIN disputes_rebuttal_support s ON s.rebuttal_id = a.id
    WHERE a.case_id = %s ORDER BY a.id, s.id
"""


def _replies(case: Case) -> Mapping[UUID, list[Reply]]:
    """Item → the answers bound to it. One query."""
    found: dict[int, Reply] = {}
    bound: dict[UUID, list[Reply]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(_REPLIES, [case.pk])
        rows = cursor.fetchall()
    for key, item, side, stance, reason, at, support in rows:
        if key not in found:
            found[key] = Reply(side, stance, reason, _moment(at))
            bound[_uuid(item)].append(found[key])
        if support is not None:
            found[key].support.append(_uuid(support))
    return bound


def _moment(value: datetime | str) -> datetime:
    at = clock.stored(value)
    assert at is not None
    return at


def _uuid(value: UUID | str) -> UUID:
    """A key out of a statement of our own: SQLite gives text."""
    return value if isinstance(value, UUID) else UUID(value)


def _offers(case: Case, side: str) -> list[Offer]:
    """Both sides see every offer; the platform only one that was accepted (without prejudice)."""
    return [row for row in case.offers.all() if side or row.state == Offer.State.ACCEPTED]


@dataclass(frozen=True)
class RulingFile:
    """One ruling with its reasons: findings (their items and burdens) and the weight of every item."""

    ruling: Ruling
    findings: list[Any]
    weights: list[Any]


def ruling_files(rulings: list[Ruling], *, withheld: Container[UUID] = ()) -> list[RulingFile]:
    """The reasons of each ruling, in the order given. Three queries; none for no ruling.

    Of ``withheld`` items the reader learns the weight, no words about it.
    """
    if rulings:
        prefetch_related_objects(rulings, "findings__items", "weights")
    return [
        RulingFile(
            ruling=row,
            findings=sorted(row.findings.all(), key=lambda finding: finding.position),
            weights=[told(weight, withheld) for weight in row.weights.all()],
        )
        for row in rulings
    ]


def told(row: ItemWeight, withheld: Container[UUID]) -> ItemWeight:
    """The weight of an item, without words about one that is withheld."""
    if row.item_id not in withheld:
        return row
    hidden = _("This item is for the platform only.")
    return ItemWeight(
        pk=row.pk,
        ruling_id=row.ruling_id,
        item_id=row.item_id,
        weight=row.weight,
        reason=hidden,
        in_review=row.in_review,
    )
