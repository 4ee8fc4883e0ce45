"""The readable difference between two versions of the rules."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from django.utils.translation import gettext as _

from rulebook import words
from rulebook.models import Cause, Clause
from rulebook.queries import Book, LengthRow

_TOKEN = re.compile(r"[A-Za-z0-9'%-]+|\s+|.", re.DOTALL)


@dataclass(frozen=True)
class Part:
    """A stretch of text: ``kind`` is "same", "old" (only in the earlier text) or "new"."""

    kind: str
    text: str


@dataclass(frozen=True)
class ClauseChange:
    """A clause whose words, or whose cause's machine-read parts, differ. ``paragraphs`` hold what to show."""

    clause: Clause
    kind: str
    paragraphs: Sequence[Sequence[Part]]


@dataclass(frozen=True)
class LengthChange:
    clock: str
    scope: str
    before: str
    after: str


def parts(before: str, after: str) -> list[Part]:
    """Word by word in English, character by character in Chinese."""
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    found: list[Part] = []
    for tag, a0, a1, b0, b1 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found.append(Part("same", "".join(old[a0:a1])))
            continue
        if a0 < a1:
            found.append(Part("old", "".join(old[a0:a1])))
        if b0 < b1:
            found.append(Part("new", "".join(new[b0:b1])))
    return found


def changed_codes(a: Book, b: Book) -> list[str]:
    """The clauses of ``b`` that are new or say something else than in ``a``, in either language."""
    return [clause.code for clause in b.clauses if _differs(a, b, clause)]


def clauses(a: Book, b: Book) -> list[ClauseChange]:
    """Every clause added, changed or dropped from ``a`` to ``b``, in the order of the book."""
    found = []
    for clause in b.clauses:
        if not a.has_clause(clause.code):
            found.append(ClauseChange(clause, "new", _paragraphs("", _text(b, clause))))
        elif _differs(a, b, clause):
            earlier = _text(a, a.clause(clause.code))
            found.append(ClauseChange(clause, "changed", _paragraphs(earlier, _text(b, clause))))
    dropped = (clause for clause in a.clauses if not b.has_clause(clause.code))
    return found + [ClauseChange(clause, "dropped", _paragraphs(_text(a, clause), "")) for clause in dropped]


def lengths(a: Book, b: Book) -> list[LengthChange]:
    """Every clock whose published length differs."""
    before, after = _lengths(a), _lengths(b)
    changes = []
    for key in dict.fromkeys([*after, *before]):
        old, new = before.get(key), after.get(key)
        if old == new:
            continue
        row = new or old
        assert row is not None
        changes.append(
            LengthChange(
                clock=str(words.CLOCKS[row.length.kind]),
                scope=words.scope_text(b if new else a, row),
                before=words.length_text(old.length) if old else "",
                after=words.length_text(new.length) if new else "",
            )
        )
    return changes


def numbers(a: Book, b: Book) -> list[LengthChange]:
    """Every other number that differs."""
    before, after = ({row.code: words.number_text(row.code, row.value) for row in book.numbers} for book in (a, b))
    return [
        LengthChange(str(words.NUMBERS[code]), "", before.get(code, ""), after.get(code, ""))
        for code in dict.fromkeys([*after, *before])
        if before.get(code) != after.get(code)
    ]


def cause_lines(cause: Cause) -> list[str]:
    """The machine-read parts of a cause as sentences."""
    lines = [words.reading(step) for step in cause.burden]
    lines += [words.issue_text(issue) for issue in cause.issues]
    for heading, slots in (
        (_("Asked from the applicant: %(items)s"), cause.asked_applicant),
        (_("Asked from the respondent: %(items)s"), cause.asked_respondent),
    ):
        lines.append(heading % {"items": words.joined([words.reading(slot) for slot in slots])})
    lines.append(_("Remedies: %(items)s") % {"items": words.remedies_text(cause)})
    lines.append(_("Freight: %(side)s") % {"side": words.FREIGHT[cause.freight]})
    lines.append(_("Violation points: %(points)s") % {"points": words.points_text(cause)})
    return lines


def _differs(a: Book, b: Book, clause: Clause) -> bool:
    if not a.has_clause(clause.code):
        return True
    earlier = a.clause(clause.code)
    fields = ("title_zh", "title_en", "text_zh", "text_en", "law_zh", "law_en")
    return any(getattr(earlier, name) != getattr(clause, name) for name in fields) or _machine(a, earlier) != _machine(
        b, clause
    )


_POINTS = ("points", "points_least", "points_most", "points_note_zh", "points_note_en")


def _machine(book: Book, clause: Clause) -> list[object]:
    names = ("burden", "asked_applicant", "asked_respondent", "remedies", "penalty_with", "freight", "issues", *_POINTS)
    return [getattr(cause, name) for cause in book.causes_of(clause.code) for name in names]


def _text(book: Book, clause: Clause) -> str:
    lines = [line for cause in book.causes_of(clause.code) for line in cause_lines(cause)]
    return "\n".join([clause.title, *clause.text.split("\n\n"), *lines])


def _paragraphs(before: str, after: str) -> list[list[Part]]:
    """The changed paragraphs alone: what stayed the same needs no reading."""
    old, new = before.splitlines(), after.splitlines()
    found = []
    for tag, a0, a1, b0, b1 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            pairs = max(a1 - a0, b1 - b0)
            for step in range(pairs):
                left = old[a0 + step] if a0 + step < a1 else ""
                right = new[b0 + step] if b0 + step < b1 else ""
                found.append(parts(left, right))
    return found


def _lengths(book: Book) -> dict[tuple[str, str, str, str], LengthRow]:
    return {(row.length.kind, row.cause, row.category, row.condition): row for row in book.lengths}
