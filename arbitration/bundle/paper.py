"""The case on paper: what case.json says, for reading."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from arbitration.desk_case import timeline
from arbitration.models import ItemWeight
from arbitration.queries import CaseFile, RulingFile
from core import pdf
from core.moments import beijing_text
from core.money import text as money
from disputes.models import State
from disputes.queries import Talk
from disputes.representations import name_for
from evidence.models import Side
from evidence.queries import Exhibit
from rulebook.models import IN_KIND, SENT_IN
from rulebook.words import own_words, penalty_text, with_penalty


def draw(file: CaseFile, rulings: list[RulingFile], talks: list[Talk], hashes: Mapping[UUID, str]) -> bytes:
    """The PDF, in the reader's language. ``hashes``: what the reader is told of files sent in the negotiation.

    No query.
    """
    parts = (
        _head(file),
        _talks(talks, hashes),
        _exhibits(file),
        _statements(file),
        _rulings(file, rulings),
        _history(file),
    )
    return pdf.document(f"{_('Case')} {file.case.number}", [block for part in parts for block in part])


def _head(file: CaseFile) -> Iterator[pdf.Block]:
    case = file.case
    yield "h1", f"{_('Case')} {case.number} · {file.cause.name}"
    yield (
        "p",
        _("As of %(at)s, Beijing time. Made for: %(reader)s.") % {"at": beijing_text(file.at), "reader": _reader(file)},
    )
    remedy = f"{case.get_remedy_display()} {_amount(case.remedy, case.claim_fen, case.claim_penalty_fen)}".strip()
    claim = with_penalty(remedy, case.remedy, case.claim_penalty_fen)
    yield (
        "table",
        [
            [_("Order"), _("Article"), _("Buyer"), _("Merchant"), _("State"), _("Claim")],
            [
                case.order.number,
                case.line.title,
                name_for(file.side, "buyer", case.buyer),
                case.store.name,
                State(case.state).label,
                claim,
            ],
        ],
    )
    yield "h2", _("Claim")
    for text in filter(None, (case.what_happened, case.difference, case.wanted)):
        yield "p", text
    if case.claim_penalty_fen:
        yield "p", _("The penalty rests on this promise: %(ground)s") % {"ground": case.claim_penalty_ground}


def _amount(remedy: str, fen: int, penalty_fen: int) -> str:
    """The amount; none where it is only what goods are worth, and a penalty is paid instead of it."""
    return "" if not fen or (penalty_fen and remedy in IN_KIND - SENT_IN) else money(fen)


def _reader(file: CaseFile) -> str:
    return str(Side(file.side).label) if file.side else _("Platform")


def _talks(talks: list[Talk], hashes: Mapping[UUID, str]) -> Iterator[pdf.Block]:
    said = [talk for talk in talks if talk.text or talk.attachments]
    if said:
        yield "h2", _("Before the case")
    for talk in said:
        yield "p", f"{beijing_text(talk.entry.at)} {_side(talk.entry.role)}: {talk.text}"
    sent = [item for talk in said for item in talk.attachments]
    if sent:
        rows = [
            [_side(item.side), item.original_name, beijing_text(item.received_at), hashes[item.pk]] for item in sent
        ]
        yield "table", [[_("Sent by"), _("File"), _("Received"), "SHA-256"], *rows]


def _exhibits(file: CaseFile) -> Iterator[pdf.Block]:
    if not file.exhibits:
        return
    yield "h2", _("Evidence")
    rows = [[_("Number"), _("What it shows"), _("Received"), "SHA-256"]]
    for item in file.exhibits:
        said = _("Only the platform sees this item") if item.withheld else file.shows(item)
        marks = [said, *([_("late")] if item.late else []), *_withdrawn(item)]
        number = f"{_side(item.side)} {item.exhibit_no}"
        rows.append([number, " · ".join(marks), beijing_text(item.received_at), item.sha256])
    yield "table", rows
    for item in file.exhibits:
        for reply in [] if item.withheld else file.replies.get(item.id, []):
            about = f"{_side(item.side)} {item.exhibit_no} ← {_side(reply.side)}"
            yield "p", f"{about}: {_STANCES[reply.stance]()} {reply.reason}"


def _withdrawn(item: Exhibit) -> list[str]:
    if not item.withdrawn_reason:
        return [_("withdrawn")] if item.withdrawn else []
    return [_("withdrawn: %(reason)s") % {"reason": item.withdrawn_reason}]


_STANCES = {
    "accepted": lambda: pgettext("stance", "Accepted"),
    "partly": lambda: pgettext("stance", "Partly accepted"),
    "disputed": lambda: pgettext("stance", "Disputed"),
}


def _statements(file: CaseFile) -> Iterator[pdf.Block]:
    if file.statements:
        yield "h2", _("Statements")
    for row in file.statements:
        yield "p", f"{beijing_text(row.at)} {_side(row.side)} · {row.get_stage_display()}"
        yield "p", row.text


def _rulings(file: CaseFile, rulings: list[RulingFile]) -> Iterator[pdf.Block]:
    marks: Mapping[UUID, str] = {item.id: f"{_side(item.side)} {item.exhibit_no}" for item in file.exhibits}
    for decided in rulings:
        ruling = decided.ruling
        yield "h2", f"{ruling.get_kind_display()} · {ruling.get_outcome_display()} · {beijing_text(ruling.signed_at)}"
        amount = _amount(ruling.remedy, ruling.amount_fen, ruling.penalty_fen)
        yield "p", f"{ruling.get_remedy_display()} {amount} · {_codes(ruling.clauses)}"
        if ruling.penalty_fen:
            label = _("Agreed penalty: %(ground)s") % {"ground": ruling.penalty_ground}
            yield "p", f"{label} · {penalty_text(ruling.remedy, ruling.penalty_fen)}"
        for finding in decided.findings:
            question = own_words(file.cause, finding.issue)
            yield "p", f"{finding.position}. {question}: {finding.get_result_display()}. {finding.reason}"
        if decided.weights:
            head = [_("Number"), _("Weight"), _("Reason")]
            rows = [[marks.get(row.item_id, ""), row.get_weight_display(), _reason(row)] for row in decided.weights]
            yield "table", [head, *rows]
        for summary in filter(None, (ruling.summary_applicant, ruling.summary_respondent)):
            yield "p", summary


def _reason(row: ItemWeight) -> str:
    return _("In review: %(reason)s") % {"reason": row.reason} if row.in_review else row.reason


def _codes(clauses: list[dict[str, Any]]) -> str:
    return ", ".join(f"{clause['code']} v{clause['version']}" for clause in clauses)


def _history(file: CaseFile) -> Iterator[pdf.Block]:
    yield "h2", _("Timeline")
    rows = [[beijing_text(row["at"]), _side(row["actor"]), str(row["text"])] for row in timeline(file.entries)]
    yield "table", [[_("Moment"), _("Who"), _("What happened")], *rows]


def _side(role: str) -> str:
    return str(Side(role).label) if role in Side.values else _("Platform")
