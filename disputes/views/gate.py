"""The entry to an intervention as the order page always shows it: one status head from one eligibility check."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from core import moments
from disputes import queries
from disputes.eligibility import Condition, Eligibility
from disputes.models import Order, OrderLine, State
from evidence.models import Side
from rulebook.models import Cause, in_english
from rulebook.queries import Book, book, in_force

Head = dict[str, Any]


def head(order: Order, line: OrderLine, gate: Eligibility, at: datetime, *, side: str) -> Head:
    """What ``components/status_head.html`` draws: open, not open yet, closed, or the case there is."""
    shown: Head = {"label": _("Ask the platform to step in"), "now": at}
    case = gate.open_case
    if case is not None and case.state != State.DRAFT:
        shown |= _case_exists(gate)
    elif gate.passed:
        shown |= _open(order, line, gate, side, drafted=case is not None)
        if side == Side.MERCHANT and case is None:
            # For a store the entry is a possibility, not what the page is for.
            shown |= {"mode": "other", "primary": False}
    elif any(condition.code == "inside_filing_window" for condition in gate.failed):
        shown |= _closed(order, line, gate, at)
    elif gate.opens_at is not None:
        shown |= _not_yet(order, line, side, gate)
    else:
        shown |= _not_possible(order, line, side, gate)
    shown["aria"] = _("%(label)s: %(state)s") % {"label": shown["label"], "state": shown["big"]}
    return shown


def _case_exists(gate: Eligibility) -> Head:
    assert gate.open_case is not None
    case = gate.open_case
    return {
        "mode": "news",
        "big": _("A case is open"),
        "note": queries.state_words(case),
        "due_label": _("Case number"),
        "due_big": case.number,
        "action": {"href": reverse("disputes:case", args=[case.number]), "label": _("Go to the case")},
        "primary": True,
        "do_note": _("Evidence, answers, settlement and the decision are all there."),
    }


def _open(order: Order, line: OrderLine, gate: Eligibility, side: str, *, drafted: bool) -> Head:
    if drafted and gate.open_case is not None:
        action = {
            "href": reverse("disputes:file", args=[gate.open_case.number]),
            "label": _("Go on with my application"),
        }
    else:
        action = {"href": _start(order, line), "label": _("Ask the platform to step in")}
    shown: Head = {
        "mode": "you",
        "big": _("You have begun") if drafted else _("You can ask now"),
        "note": _why_open(gate, side),
        "due_label": _("Last moment to ask"),
        "action": action,
        "primary": True,
        "do_note": _("About 6 minutes, saved as you go. You can still settle with the other side afterwards."),
    }
    if gate.closes_at is not None:
        return shown | {"due": gate.closes_at}
    return shown | {"due_big": _("No limit yet"), "due_note": _("The time starts when the order is completed.")}


def _why_open(gate: Eligibility, side: str) -> str:
    """What opened it for the reader; a refusal opens nothing for the merchant who refused."""
    request = gate.after_sales if side == Side.BUYER else None
    spoke = next((row for row in gate.conditions if row.code in {"merchant_had_its_say", "wrote_to_buyer_first"}), None)
    if request is not None and request.answered_at is not None and request.state == "refused":
        return _("The merchant refused on %(at)s.") % {"at": moments.short_text(request.answered_at)}
    if request is not None and request.answered_at is not None and request.state == "unanswered":
        return _("The merchant had not answered by %(at)s.") % {"at": moments.short_text(request.answered_at)}
    return spoke.text if spoke else ""


def _not_yet(order: Order, line: OrderLine, side: str, gate: Eligibility) -> Head:
    first = gate.failed[0]
    shown: Head = {
        "mode": "other",
        "big": _("Not yet possible"),
        "note": first.text,
        "due": gate.opens_at,
        "do_note": next((condition.fix for condition in reversed(gate.failed) if condition.fix), ""),
    }
    if first.code == "negotiated_first":
        return shown | {
            "due_label": _("Possible from, if you ask the merchant now"),
            "action": {"href": _ask(order, line), "label": _("Ask the merchant first")},
            "primary": True,
            "no_countdown": True,
            "due_note": _("At once if the merchant refuses, or when its time to answer is over."),
            "do_note": first.fix,
        }
    return shown | {
        "due_label": _("Possible from"),
        "action": _write(order, line, gate, side),
    }


def _closed(order: Order, line: OrderLine, gate: Eligibility, at: datetime) -> Head:
    assert gate.closes_at is not None
    return {
        "mode": "other",
        "big": _("The time to ask is over"),
        "note": _("Nobody asked inside the time the rules give."),
        "due_label": _("Ended"),
        "due": gate.closes_at,
        "no_countdown": True,
        "due_note": _("%(duration)s ago") % {"duration": moments.duration_text(at - gate.closes_at)},
        "action": {"href": _start(order, line), "label": _("See what is still possible")},
        "do_note": next(row.fix for row in gate.failed if row.code == "inside_filing_window"),
    }


def _not_possible(order: Order, line: OrderLine, side: str, gate: Eligibility) -> Head:
    first = gate.failed[0]
    shown: Head = {
        "mode": "other",
        "big": _("Not possible now"),
        "note": first.text,
        "due_label": _("What you can do"),
        "due_note": first.fix,
    }
    if first.code == "wrote_to_buyer_first":
        return shown | {
            "due_big": _("Write to the buyer"),
            "action": _write(order, line, gate, side),
            "do_note": _("Where the buyer made a threat you need not wait."),
        }
    if first.code in {"not_settled_yet", "negotiated_first"}:
        return shown | {
            "due_big": _("Ask again"),
            "action": {"href": _ask(order, line), "label": _("Ask the merchant")},
        }
    return shown | {"due_big": _("Ask for a review") if first.code == "not_decided_before" else _("Wait for the order")}


def threat_href(order: Order, line: OrderLine, gate: Eligibility) -> str:
    """Where a merchant who was threatened goes, if having written first is all that is missing."""
    waits = [row.code for row in gate.failed] == ["wrote_to_buyer_first"]
    return _start(order, line) if waits else ""


def _start(order: Order, line: OrderLine) -> str:
    return f"{reverse('disputes:start', args=[order.number])}?line={line.pk}"


def _ask(order: Order, line: OrderLine) -> str:
    return f"{reverse('disputes:ask', args=[order.number])}?line={line.pk}"


def _write(order: Order, line: OrderLine, gate: Eligibility, side: str) -> dict[str, str]:
    """To the request's messages, or where there is none to those about the article."""
    label = _("Write to the merchant") if side == Side.BUYER else _("Write to the buyer")
    if gate.after_sales is None:
        return {"href": f"{reverse('disputes:write_about', args=[order.number])}?line={line.pk}", "label": label}
    return {"href": reverse("disputes:write", args=[order.number, gate.after_sales.pk]), "label": label}


def checks(gate: Eligibility, rules: Book) -> list[dict[str, Any]]:
    """The conditions one by one, for ``components/check_list.html``."""
    return [_check(condition, rules) for condition in gate.conditions]


def _check(condition: Condition, rules: Book) -> dict[str, Any]:
    shown: dict[str, Any] = {"text": condition.text, "passed": condition.passed}
    if condition.passed:
        return shown
    if condition.opens_at is not None:
        shown["passed"] = None
    shown["fix"] = condition.fix
    if rules.has_clause(condition.clause):
        shown["clause"] = _("Rule %(code)s, version %(n)s") % {"code": condition.clause, "n": rules.number}
        shown["clause_href"] = reverse("rulebook:clause_version", args=[condition.clause, rules.number])
    return shown


def promises(rules: Book, side: str, cause: Cause | None = None) -> list[dict[str, str]]:
    """The dated course of a case, with this version's lengths."""
    code = cause.code if cause else ""
    condition = "buyer_respondent" if side == Side.MERCHANT else ""
    response = rules.length("response", cause=code, condition=condition).delta
    return [
        {"icon": "file-text", "text": _("You send your claim and evidence")},
        {
            "icon": "scale",
            "text": _("The platform checks it within %(duration)s")
            % {"duration": moments.duration_text(rules.length("admission_target").delta)},
        },
        {
            "icon": "messages-square",
            "text": _("The other side answers within %(duration)s") % {"duration": moments.duration_text(response)},
        },
        {
            "icon": "gavel",
            "text": _("The ruling comes within %(duration)s after that")
            % {"duration": moments.duration_text(rules.length("ruling_target").delta)},
        },
    ]


def asked_for(cause: Cause | None) -> list[dict[str, Any]]:
    """What the applicant should have ready for a cause, required things first."""
    slots = cause.asked("applicant") if cause else []
    rows = [{"label": slot["en"] if in_english() else slot["zh"], "required": slot["required"]} for slot in slots]
    return sorted(rows, key=lambda row: not row["required"])


def rules_now(at: datetime) -> Book:
    """The rules in force. One query."""
    return book(in_force(at).pk)
