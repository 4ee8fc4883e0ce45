"""A ruling as one reader sees it: drawn the same whether it is still a preview or long in effect."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from arbitration import editor, summaries
from arbitration.decisions import Decision, FindingInput, WeightInput, calculation, outcome_of
from arbitration.models import Finding, ItemWeight
from arbitration.queries import CaseFile, RulingFile
from core.templatetags.ui import side_word
from evidence.queries import Exhibit
from rulebook.models import IN_KIND, SENT_IN
from rulebook.words import own_words, penalty_named

RESULT = {value: (degree, Finding.Result(value).label) for value, _short, degree in editor.RESULTS}
MET = {value: (degree, label) for value, label, degree in editor.MET}
WEIGHT = dict(ItemWeight.Weight.choices)


def ruling_view(file: CaseFile, given: RulingFile, reader: str) -> dict[str, Any]:
    """A kept ruling. ``reader``: buyer, merchant or ``""`` for the platform, who reads both summaries."""
    row = given.ruling
    marks = {item.id: item for item in file.exhibits}
    side = reader or file.case.applicant_side
    return {
        "ruling": row,
        "state": row.get_state_display(),
        "text": summaries.result_text(file, row.outcome, row, side),
        "calculation": row.calculation,
        "amount_fen": row.amount_fen,
        "penalty_fen": row.penalty_fen,
        "penalty_in_case": bool(row.penalty_fen) and row.remedy in IN_KIND,
        "penalty_instead": bool(row.penalty_fen) and row.remedy in IN_KIND - SENT_IN,
        "penalty_named": penalty_named(row.remedy),
        "penalty_ground": row.penalty_ground,
        "remedy": row.get_remedy_display() if row.remedy else "",
        "freight": _freight(file, row.freight_by),
        "points": row.points,
        "summary": _summary(file, row.summary_applicant, row.summary_respondent, reader),
        "summaries": [row.summary_applicant, row.summary_respondent] if not reader else [],
        "findings": [_finding(file, marks, f.position, f, [item.pk for item in f.items.all()]) for f in given.findings],
        "weights": _weights(file, marks, [(w.item_id, w.weight, w.reason, w.in_review) for w in given.weights], reader),
        "clauses": _clauses(file, [clause["code"] for clause in row.clauses]),
    }


def decision_view(file: CaseFile, decision: Decision, reader: str) -> dict[str, Any]:
    """A ruling not yet signed, as ``reader`` will read it."""
    outcome = outcome_of(file.case, decision.remedy, decision.amount_fen, decision.penalty_fen)
    marks = {str(item.id): item for item in file.exhibits}
    return {
        "text": summaries.result_text(file, outcome, decision, reader),
        "calculation": calculation(file.case, decision.amount_fen, decision.penalty_fen),
        "amount_fen": decision.amount_fen,
        "penalty_fen": decision.penalty_fen,
        "penalty_in_case": bool(decision.penalty_fen) and decision.remedy in IN_KIND,
        "penalty_instead": bool(decision.penalty_fen) and decision.remedy in IN_KIND - SENT_IN,
        "penalty_named": penalty_named(decision.remedy),
        "penalty_ground": decision.penalty_ground,
        "remedy": dict(editor.options(file)["remedies"]).get(decision.remedy, "") if decision.remedy else "",
        "freight": _freight(file, decision.freight_by),
        "points": decision.points,
        "summary": _summary(file, decision.summary_applicant, decision.summary_respondent, reader),
        "findings": [_finding(file, marks, number, f, f.items) for number, f in enumerate(decision.findings, start=1)],
        "weights": _weights(file, marks, [(w.item_id, w.weight, w.reason, False) for w in decision.weights], reader),
        "clauses": _clauses(file, decision.clauses),
    }


def new_weights(file: CaseFile, given: Sequence[WeightInput], reader: str) -> list[dict[str, Any]]:
    """What a review that lets the ruling stand says of the items lodged in it, as ``reader`` will read it."""
    marks = {str(item.id): item for item in file.exhibits}
    return _weights(file, marks, [(w.item_id, w.weight, w.reason, True) for w in given], reader)


def _summary(file: CaseFile, applicant: str, respondent: str, reader: str) -> str:
    return applicant if reader in ("", file.case.applicant_side) else respondent


def _freight(file: CaseFile, party: str) -> str:
    if party not in {"applicant", "respondent"}:
        return ""
    return _("Return freight: %(side)s") % {"side": side_word(file.case.side_of_party(party))}


def _finding(
    file: CaseFile, marks: dict[Any, Exhibit], number: int, given: Finding | FindingInput, items: Iterable[Any]
) -> dict[str, Any]:
    degree, word = RESULT.get(given.result, ("open", Finding.Result.OPEN.label))
    return {
        "no": number,
        "question": own_words(file.cause, given.issue),
        "degree": degree,
        "degree_word": word,
        "reason": given.reason,
        "cites": [_mark(marks[key]) for key in items if key in marks],
        "burdens": [
            {
                "side": step["side"],
                "text": own_words(file.cause, step["text"]),
                "degree": MET.get(step.get("met", ""), ("open", ""))[0],
                "degree_word": MET.get(step.get("met", ""), ("open", _("not decided")))[1],
            }
            for step in given.burden
        ],
    }


def _mark(item: Exhibit) -> dict[str, Any]:
    return {"side": item.side, "no": item.exhibit_no, "href": ""}


def _weights(file: CaseFile, marks: dict[Any, Exhibit], given: list[Any], reader: str) -> list[dict[str, Any]]:
    """Every item's weight. What is for the platform alone shows the other side its number, no words about it."""
    rows = []
    for key, weight, reason, in_review in given:
        item = marks.get(key)
        if item is None:
            continue
        hidden = bool(reader) and item.platform_only and item.side != reader
        rows.append(
            {
                **_mark(item),
                "caption": "" if hidden else file.shows(item),
                "degree": weight or "open",
                "degree_word": WEIGHT.get(weight, ""),
                "reason": _("This item is for the platform only.") if hidden else reason,
                "in_review": in_review,
            }
        )
    return rows


def _clauses(file: CaseFile, codes: Any) -> list[dict[str, Any]]:
    found = [file.rules.clause(code) for code in codes if file.rules.has_clause(code)]
    return [
        {
            "code": str(row),
            "href": f"/rules/{row.code}/v{row.version_id}/",
            "title": row.title,
            "text": row.text,
        }
        for row in found
    ]
