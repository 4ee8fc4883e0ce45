"""Reads. A published version never changes, so each process loads it once and then asks the database no more."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from types import MappingProxyType

from django.utils.translation import gettext as _

from core.errors import Refused
from rulebook.models import Cause, Clause, Number, Pending, Version


@dataclass(frozen=True)
class Length:
    """How long a clock runs. ``calendar`` is "calendar" or "working"; add it with ``rulebook.calendar.add``."""

    kind: str
    amount: int
    unit: str
    calendar: str = "calendar"

    @property
    def delta(self) -> timedelta:
        """Elapsed time; on the working calendar a day is its nine working hours."""
        if self.unit == "days" and self.calendar == "working":
            return timedelta(hours=9 * self.amount)
        return timedelta(**{self.unit: self.amount})


@dataclass(frozen=True)
class LengthRow:
    """One published length and what it is for; a blank means "any"."""

    length: Length
    cause: str
    category: str
    condition: str
    clause: str = ""

    def fits(self, cause: str, category: str, condition: str) -> bool:
        return self.cause in {"", cause} and self.category in {"", category} and self.condition in {"", condition}

    @property
    def rank(self) -> tuple[bool, bool, bool]:
        return bool(self.condition), bool(self.cause), bool(self.category)


@dataclass(frozen=True)
class Book:
    """One version, fully loaded; or what a pending case follows of several (``applying``). Asking it costs no query."""

    version: Version
    clauses: tuple[Clause, ...]
    causes: tuple[Cause, ...]
    lengths: tuple[LengthRow, ...]
    _clauses: Mapping[str, Clause]
    _causes: Mapping[str, Cause]
    numbers: tuple[Number, ...] = ()

    @property
    def number(self) -> int:
        """The version the case pinned, whatever single clauses follow."""
        return self.version.number

    @property
    def followed(self) -> list[Clause]:
        """The clauses that are a later version's."""
        return [clause for clause in self.clauses if clause.version_id != self.number]

    def version_of(self, code: str) -> int:
        """The version a clause is followed in. Raises Refused("unknown_clause")."""
        return self.clause(code).version_id

    def value(self, code: str) -> int:
        """A number of the rules. Raises LookupError for one this version does not know."""
        found = [row.value for row in self.numbers if row.code == code]
        if not found:
            raise LookupError(f"rulebook v{self.number} has no number {code!r}")
        return found[0]

    def clause(self, code: str) -> Clause:
        """Raises Refused("unknown_clause")."""
        if code not in self._clauses:
            raise Refused("unknown_clause", _("Version %(n)d has no such clause.") % {"n": self.number}, field="clause")
        return self._clauses[code]

    def cause(self, code: str) -> Cause:
        """Raises Refused("unknown_cause")."""
        if code not in self._causes:
            raise Refused("unknown_cause", _("Choose one of the listed causes."), field="cause")
        return self._causes[code]

    def has_clause(self, code: str) -> bool:
        return code in self._clauses

    def causes_of(self, clause_code: str) -> list[Cause]:
        return [cause for cause in self.causes if cause.clause.code == clause_code]

    def length(self, kind: str, *, cause: str = "", category: str = "", condition: str = "") -> Length:
        """The most specific published length: condition, then cause, then category, then the ordinary one.

        Raises LookupError for a clock this version does not know.
        """
        fitting = [row for row in self.lengths if row.length.kind == kind and row.fits(cause, category, condition)]
        if not fitting:
            raise LookupError(f"rulebook v{self.number} has no clock {kind!r}")
        return max(fitting, key=lambda row: row.rank).length


def versions(at: datetime) -> list[Version]:
    """Every version the public may read at ``at`` (from its comment period on), newest first. One query."""
    return list(Version.objects.filter(comment_at__lte=at).order_by("-number"))


def in_force(at: datetime) -> Version:
    """The version in force at ``at``. One query. Raises Refused("rule_version_in_force") when there is none."""
    version = Version.objects.filter(effective_at__lte=at).order_by("-effective_at").first()
    if version is None:
        raise Refused("rule_version_in_force", _("No version of the rules is in force at this moment."))
    return version


@lru_cache(maxsize=64)
def book(number: int) -> Book:
    """Version ``number``: five queries the first time in a process, then none. Raises Version.DoesNotExist."""
    version = Version.objects.get(number=number)
    clauses = tuple(version.clauses.order_by("position"))
    causes = tuple(version.causes.select_related("clause").order_by("position"))
    lengths = tuple(
        LengthRow(
            Length(row.kind, row.amount, row.unit, row.calendar), row.cause, row.category, row.condition, row.clause
        )
        for row in version.lengths.order_by("pk")
    )
    return _bound(version, clauses, causes, lengths, tuple(version.numbers.order_by("pk")))


def _bound(
    version: Version,
    clauses: tuple[Clause, ...],
    causes: tuple[Cause, ...],
    lengths: tuple[LengthRow, ...],
    numbers: tuple[Number, ...],
) -> Book:
    return Book(
        version=version,
        clauses=clauses,
        causes=causes,
        lengths=lengths,
        _clauses=MappingProxyType({clause.code: clause for clause in clauses}),
        _causes=MappingProxyType({cause.code: cause for cause in causes}),
        numbers=numbers,
    )


# --- pending cases ---------------------------------------------------------------------------------------------------
def applying(pinned: int, at: datetime) -> Book:
    """The rules that a case filed under version ``pinned`` follows at ``at``.

    They are that version's, except for the clauses a later version in force changed for pending cases too
    (``Pending.NEW``), with everything machine-read that belongs to them. One query for the first moment asked about in
    an hour (and ``book``'s), then none: a version is in the database at least seven days before it comes into force.
    """
    known = _in_force_from(int(at.timestamp()) // 3600)
    return _with_changes(pinned, tuple(number for number, moment in known if number > pinned and moment <= at))


def in_use(at: datetime) -> Book | None:
    """The rules in force at ``at``, none where there are none yet. As cheap as ``applying``."""
    numbers = [number for number, moment in _in_force_from(int(at.timestamp()) // 3600) if moment <= at]
    return book(max(numbers)) if numbers else None


@lru_cache(maxsize=64)
def _in_force_from(_hour: int) -> list[tuple[int, datetime]]:
    rows = Version.objects.order_by("number").values_list("number", "effective_at")
    return [(number, moment) for number, moment in rows if moment is not None]


@lru_cache(maxsize=64)
def _with_changes(pinned: int, later: tuple[int, ...]) -> Book:
    found = book(pinned)
    for number in later:
        found = _overlaid(found, book(number))
    return found


def _overlaid(old: Book, new: Book) -> Book:
    """``old`` with every part of ``new`` whose clause says that pending cases follow it."""
    changed = {clause.code: clause for clause in new.clauses if clause.pending == Pending.NEW}
    return _bound(
        old.version,
        tuple(changed.get(clause.code, clause) for clause in old.clauses),
        tuple(new.cause(cause.code) if cause.clause.code in changed else cause for cause in old.causes),
        (
            *(row for row in old.lengths if row.clause not in changed),
            *(row for row in new.lengths if row.clause in changed),
        ),
        (*(row for row in old.numbers if row.clause not in changed), *(n for n in new.numbers if n.clause in changed)),
    )


def forget() -> None:
    """A version came in: what this process has loaded is loaded again."""
    book.cache_clear()
    _in_force_from.cache_clear()
    _with_changes.cache_clear()
