"""The rules, for everybody to read. No sign-in needed."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from core import clock
from core.templatetags.ui import side_word
from rulebook import compare, queries, words
from rulebook.models import Status, Version
from rulebook.queries import Book

HELP_PERIODS = (
    "after_sales_answer",
    "filing",
    "admission_target",
    "response",
    "rebuttal",
    "ruling_target",
    "perform",
    "review_request",
)


@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The version in force. Three queries, and none for the rules themselves once loaded."""
    return _version_page(request, queries.in_force(clock.now()).number)


@require_GET
def help_page(request: HttpRequest) -> HttpResponse:
    """How an intervention goes, with the periods in force, the words the product uses, and whom to ask."""
    book = queries.book(queries.in_force(clock.now()).number)
    steps = [(kind, words.length_text(book.length(kind))) for kind in HELP_PERIODS]
    return render(request, "rulebook/help.html", {"periods": dict(steps), "number": book.number})


@require_GET
def version(request: HttpRequest, number: int) -> HttpResponse:
    return _version_page(request, number)


@require_GET
def clause(request: HttpRequest, code: str) -> HttpResponse:
    """A clause as it reads in the version in force."""
    return _clause_page(request, code, queries.in_force(clock.now()).number)


@require_GET
def clause_version(request: HttpRequest, code: str, number: int) -> HttpResponse:
    return _clause_page(request, code, number)


@require_GET
def difference(request: HttpRequest, a: int, b: int) -> HttpResponse:
    """What reads differently in version ``b`` than in version ``a``."""
    editions = _editions()
    earlier, later = _edition(editions, a), _edition(editions, b)
    books = queries.book(a), queries.book(b)
    return render(
        request,
        "rulebook/difference.html",
        {
            "earlier": earlier,
            "later": later,
            "clauses": compare.clauses(*books),
            "lengths": [*compare.lengths(*books), *compare.numbers(*books)],
        },
    )


def _version_page(request: HttpRequest, number: int) -> HttpResponse:
    editions = _editions()
    edition, book = _edition(editions, number), queries.book(number)
    before = _before(editions, number)
    changed = compare.changed_codes(queries.book(before), book) if before else []
    context = {
        "edition": edition,
        "editions": editions,
        "before": before,
        "changed": changed,
        "coming": next((row for row in editions if row["status"] == Status.ANNOUNCED and row != edition), None),
        "sections": _sections(book),
        "clocks": _clocks(book),
        "numbers": [
            {"label": words.NUMBERS[row.code], "value": words.number_text(row.code, row.value)} for row in book.numbers
        ],
    }
    return render(request, "rulebook/version.html", context)


def _clause_page(request: HttpRequest, code: str, number: int) -> HttpResponse:
    editions = _editions()
    edition, book = _edition(editions, number), queries.book(number)
    if not book.has_clause(code):
        raise Http404
    before = _before(editions, number)
    context = {
        "edition": edition,
        "clause": book.clause(code),
        "section": words.SECTIONS[book.clause(code).section],
        "causes": [_cause(book, cause) for cause in book.causes_of(code)],
        "editions": [row for row in editions if queries.book(row["number"]).has_clause(code)],
        "before": before,
        "changed": bool(before) and code in compare.changed_codes(queries.book(before), book),
    }
    return render(request, "rulebook/clause.html", context)


def _editions() -> list[dict[str, Any]]:
    at = clock.now()
    return [_told(row, row.status_at(at)) for row in queries.versions(at)]


def _told(row: Version, status: Status) -> dict[str, Any]:
    tone = {Status.IN_FORCE: "ok", Status.ANNOUNCED: "info", Status.COMMENT: "info"}.get(status, "")
    return {
        "number": row.number,
        "title": row.title,
        "status": status,
        "status_word": status.label,
        "tone": tone,
        "effective_at": row.effective_at,
        "replaced_at": row.replaced_at if status == Status.REPLACED else None,
    }


def _edition(editions: list[dict[str, Any]], number: int) -> dict[str, Any]:
    """Raises Http404 for a version that does not exist or is still a draft."""
    found = next((row for row in editions if row["number"] == number), None)
    if found is None:
        raise Http404
    return found


def _before(editions: list[dict[str, Any]], number: int) -> int:
    """The version that ``number`` replaced; 0 for the first."""
    return max((row["number"] for row in editions if row["number"] < number), default=0)


def _sections(book: Book) -> list[dict[str, Any]]:
    grouped: dict[str, list[Any]] = {}
    for row in book.clauses:
        grouped.setdefault(row.section, []).append(row)
    return [{"key": key, "title": words.SECTIONS[key], "clauses": rows} for key, rows in grouped.items()]


def _clocks(book: Book) -> list[dict[str, Any]]:
    """One row a clock, its ordinary length first, its special ones after it."""
    rows: dict[str, dict[str, Any]] = {}
    for entry in book.lengths:
        kind = entry.length.kind
        row = rows.setdefault(kind, {"label": words.CLOCKS[kind], "ordinary": "", "special": {}})
        scope, text = words.scope_text(book, entry), words.length_text(entry.length)
        if scope:
            row["special"].setdefault(scope, text)
        else:
            row["ordinary"] = text
    return list(rows.values())


def _cause(book: Book, cause: Any) -> dict[str, Any]:
    sides = {"applicant": cause.filed_by, "respondent": "merchant" if cause.filed_by == "buyer" else "buyer"}
    condition = "buyer_respondent" if sides["respondent"] == "buyer" else ""
    return {
        "cause": cause,
        "sides": sides,
        "burden": [{"side": sides[step["side"]], "text": words.reading(step)} for step in cause.burden],
        "asked": [
            {
                "side": sides[role],
                "required": [words.slot_text(slot) for slot in cause.asked(role) if slot["required"]],
                "helpful": [words.slot_text(slot) for slot in cause.asked(role) if not slot["required"]],
            }
            for role in ("applicant", "respondent")
        ],
        "issues": [words.issue_text(issue) for issue in cause.issues],
        "remedies": words.remedies_text(cause),
        "freight": side_word(sides[cause.freight]) if cause.freight in sides else words.FREIGHT[cause.freight],
        "points": words.points_text(cause),
        "respond": words.length_text(book.length("response", cause=cause.code, condition=condition)),
    }
