"""Reads for one case on the desk: its items with their facts, its conditions with their facts, the questions to ask."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from arbitration.assignment import GivenBack
from arbitration.queries import CaseFile, Reply
from core import moments, money
from core.templatetags.ui import filesize, side_word
from disputes import eligibility, lifecycle
from disputes.eligibility import Condition
from disputes.models import AfterSales, Deadline, Rebuttal
from evidence.queries import Exhibit, Meter, checklist
from ledger.models import Entry
from rulebook.words import joined, reading


@dataclass(frozen=True)
class DeskItem:
    """An item on the desk. ``facts`` are things measured; ``flags`` are things to look at, never a verdict.

    ``replies``: each with its stance in words and as a degree.
    """

    item: Exhibit
    shows: str
    facts: list[str]
    flags: list[str]
    replies: list[tuple[Reply, Any, str]]
    new: bool = False
    weight: Any = None


@dataclass(frozen=True)
class Check:
    """One condition of the preliminary review with what it rests on."""

    text: str
    passed: bool | None
    note: str
    clause: str
    clause_href: str


@dataclass(frozen=True)
class Column:
    """One side of the desk. ``silent_at``: when its time to respond ran out with nothing said."""

    side: str
    name: str
    applies: bool
    items: list[DeskItem]
    statements: list[Any]
    answered: int = 0
    to_answer: int = 0
    silent_at: datetime | None = None
    told: bool = True
    requests: list[Any] = field(default_factory=list)


def columns(file: CaseFile, weights: dict[Any, Any] | None = None) -> list[Column]:
    """Buyer left, merchant right, always. No query."""
    fresh = {item.pk for review in file.reviews for item in review.items.all()} if file.reviews else set()
    return [_column(file, side, fresh, weights or {}) for side in ("buyer", "merchant")]


def _column(file: CaseFile, side: str, fresh: set[Any], weights: dict[Any, Any]) -> Column:
    case = file.case
    items = [
        DeskItem(
            item=item,
            shows=file.shows(item),
            facts=_facts(item),
            flags=flags(file, item),
            replies=[
                (reply, Rebuttal.Stance(reply.stance).label, _DEGREES[reply.stance]) for reply in _said(file, item)
            ],
            new=item.id in fresh,
            weight=weights.get(item.id),
        )
        for item in file.of(side)
    ]
    theirs = [item for item in file.exhibits if item.side != side and item.disclosed_at and not item.withdrawn]
    lapsed = next((row for row in file.clocks if row.kind == "response" and row.state == "expired"), None)
    silent = case.by_default and side == case.respondent_side and lapsed is not None
    return Column(
        side=side,
        name=str(case.buyer) if side == "buyer" else case.store.name,
        applies=side == case.applicant_side,
        items=items,
        statements=[row for row in file.statements if row.side == side],
        answered=sum(any(reply.side == side for reply in file.replies.get(item.id, [])) for item in theirs),
        to_answer=len(theirs),
        silent_at=lapsed.due_at if silent and lapsed else None,
        told=side == case.applicant_side or file.entry("admit") is not None,
        requests=[row for row in file.requests if row.side == side],
    )


_DEGREES = {"accepted": "full", "partly": "part", "disputed": "none"}


def _said(file: CaseFile, item: Exhibit) -> list[Reply]:
    return file.replies.get(item.id, [])


def _facts(item: Exhibit) -> list[str]:
    taken = _("Taken %(at)s") % {"at": moments.short_text(item.capture_at)} if item.capture_at else _("No capture time")
    facts = [item.kind_label, taken]
    if item.pages:
        facts.append(ngettext("%(n)d page", "%(n)d pages", item.pages) % {"n": item.pages})
    return [*facts, filesize(item.size), f"SHA-256 {item.sha256[:8]}"]


def flags(file: CaseFile, item: Exhibit) -> list[str]:
    """Facts with their source, what its side covered or keeps from the other, what is not answered."""
    found = [f"{fact.text} ({fact.source})" for fact in file.facts.get(item.id, ())]
    if item.covered:
        found.append(
            ngettext("%(n)d part covered by its side", "%(n)d parts covered by its side", item.covered)
            % {"n": item.covered}
        )
    if item.platform_only:
        found.append(_("For the platform only: %(reason)s") % {"reason": item.platform_only_reason})
    if item.disclosed_at and not item.withdrawn and not item.late and _unanswered(file, item):
        other = "merchant" if item.side == "buyer" else "buyer"
        found.append(_("Not answered by the %(side)s") % {"side": side_word(other).lower()})
    return found


def _unanswered(file: CaseFile, item: Exhibit) -> bool:
    other = "merchant" if item.side == "buyer" else "buyer"
    spoke = any(row.side == other for row in file.statements)
    return spoke and not any(reply.side == other for reply in file.replies.get(item.id, []))


# --- preliminary review ----------------------------------------------------------------------------------------------
_WORDS = {
    "negotiated_first": (
        gettext_lazy("Asked the other side first"),
        gettext_lazy("Did not ask the other side first"),
    ),
    "merchant_had_its_say": (
        gettext_lazy("The merchant refused, stayed silent or had its 24 hours"),
        gettext_lazy("The merchant still has time to answer"),
    ),
    "not_settled_yet": (gettext_lazy("Nothing was agreed and performed"), gettext_lazy("The two sides have agreed")),
    "order_over": (
        gettext_lazy("The order is completed or the return has arrived"),
        gettext_lazy("The order is still under way"),
    ),
    "wrote_to_buyer_first": (
        gettext_lazy("Wrote to the buyer 24 hours before, or was threatened"),
        gettext_lazy("Did not write to the buyer first"),
    ),
    "inside_filing_window": (gettext_lazy("Filed in time"), gettext_lazy("Filed after its time")),
    "one_open_case_per_line": (
        gettext_lazy("No other case about this item is open"),
        gettext_lazy("Another case about this item is open"),
    ),
    "not_decided_before": (
        gettext_lazy("Not decided before"),
        gettext_lazy("The platform has already decided this"),
    ),
}


def checks(file: CaseFile) -> tuple[list[Check], AfterSales | None, Meter]:
    """Every condition as it stood when the case was filed, with its fact and clause. At most seven queries."""
    case = file.case
    gate = eligibility.check(
        case.order,
        case.line,
        case.applicant_side,
        case.filed_at or file.at,
        exception=case.window_exception,
        threatened=case.threatened,
        happened_on=case.happened_on,
    )
    request = gate.after_sales
    found = [_check(file, condition, gate, request) for condition in gate.conditions]
    meter = checklist(file.cause.asked("applicant"), file.of(case.applicant_side))
    lacking = joined([reading(slot) for slot in meter.missing])
    found.append(
        _own_check(
            file,
            "EV-01",
            meter.complete,
            _("Required evidence: %(done)d of %(all)d") % {"done": meter.required_done, "all": meter.required_total},
            " ".join(filter(None, [_("Missing: %(slots)s.") % {"slots": lacking} if lacking else "",
                                   case.missing_reason])),
        )
    )  # fmt: skip
    left = case.order.refundable_for(case.line_id)
    fits = case.claim_fen <= left
    amounts = {"claim": money.text(case.claim_fen), "left": money.text(left)}
    found.append(
        _own_check(
            file,
            "RU-03",
            fits,
            _("The claim is within what was paid") if fits else _("The claim is above what can still go back"),
            _("Claim %(claim)s, refundable %(left)s") % amounts,
        )
    )
    return found, request, meter


def _check(file: CaseFile, condition: Condition, gate: Any, request: AfterSales | None) -> Check:
    passed = condition.passed
    if condition.code == "one_open_case_per_line" and gate.open_case and gate.open_case.pk == file.case.pk:
        passed = True
    yes, no = _WORDS[condition.code]
    return _own_check(file, condition.clause, passed, str(yes if passed else no), _fact(file, condition, gate, request))


def _own_check(file: CaseFile, clause: str, passed: bool, text: str, note: str) -> Check:
    number = file.rules.version_of(clause)
    return Check(text, passed, note, f"{clause} v{number}", f"/rules/{clause}/v{number}/")


def _fact(file: CaseFile, condition: Condition, gate: Any, request: AfterSales | None) -> str:
    if condition.code == "negotiated_first" and request:
        return _("Asked %(at)s: %(amount)s") % {
            "at": moments.short_text(request.opened_at),
            "amount": money.text(request.amount_fen),
        }
    if condition.code == "merchant_had_its_say" and request:
        answered = moments.short_text(request.answered_at) if request.answered_at else ""
        return " ".join(filter(None, [str(request.get_state_display()), answered]))
    if condition.code == "inside_filing_window":
        facts = {"at": moments.short_text(file.case.filed_at or file.at)}
        if not gate.closes_at:
            return _("Filed %(at)s; no window runs") % facts
        found = _("Filed %(at)s; the window closes %(end)s") % {**facts, "end": moments.short_text(gate.closes_at)}
        if file.case.happened_on is None:
            return found
        said = _("says that it happened on %(day)s") % {"day": moments.day_text(file.case.happened_on)}
        return f"{found} · {said}"
    if condition.code == "wrote_to_buyer_first" and file.case.threatened:
        return _("Says that the buyer made a threat")
    if condition.code == "order_over" and file.case.order.completed_at:
        return moments.short_text(file.case.order.completed_at)
    return ""


# --- questions -------------------------------------------------------------------------------------------------------
def question_templates(file: CaseFile, side: str) -> list[str]:
    """Up to three questions for a side, from its checklist: what is missing first."""
    party = "applicant" if side == file.case.applicant_side else "respondent"
    slots = file.cause.asked(party)
    filled = {item.slot for item in file.of(side) if not item.withdrawn}
    lacking = sorted(slots, key=lambda slot: (slot["slot"] in filled, not slot["required"]))
    return [_("Add the following, or say why you do not have it: %(slot)s.") % {"slot": reading(slot)}
            for slot in lacking[:3]]  # fmt: skip


# --- history ---------------------------------------------------------------------------------------------------------
_EVIDENCE = {
    "evidence_lodged": gettext_lazy("Evidence lodged"),
    "evidence_disclosed": gettext_lazy("Evidence shown to the other side"),
    "evidence_withdrawn": gettext_lazy("Evidence withdrawn"),
    "evidence_inspected": gettext_lazy("File checked"),
    "evidence_original_viewed": gettext_lazy("Original opened"),
    "evidence_redacted": gettext_lazy("Parts of a file covered"),
    "evidence_exported": gettext_lazy("Case downloaded"),
    "evidence_erased": gettext_lazy("Files and words erased"),
    "case_read": gettext_lazy("Read by an auditor"),
}
_ACTORS = {"buyer": "buyer", "merchant": "merchant", "system": "system"}


def timeline(entries: list[Entry]) -> list[dict[str, Any]]:
    """The history for the timeline, oldest first, in the reader's language. No query."""
    found = []
    for entry in entries:
        word = lifecycle.TRANSITIONS[entry.verb].name if entry.verb in lifecycle.TRANSITIONS else None
        word = word or _EVIDENCE.get(entry.verb)
        if word is not None:
            actor = _ACTORS.get(entry.role, "platform")
            found.append({"actor": actor, "text": word, "at": entry.at, "note": _note(entry)})
    return found


def _note(entry: Entry) -> Any:
    return GivenBack(entry.facts["reason"]).label if entry.verb == "release" else ""


def target(file: CaseFile) -> Deadline | None:
    """The platform's target that runs now, or stands paused."""
    return file.clock(*Deadline.TARGETS)


def hard_limit(file: CaseFile) -> Deadline | None:
    return file.clock("admission", "ruling", "review_decision")
