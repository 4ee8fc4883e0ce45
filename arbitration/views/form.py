"""The page of one of the platform's acts: its form, or why it is not possible now."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from arbitration import desk, desk_case, editor
from arbitration.admission import Ground
from arbitration.assignment import GivenBack
from arbitration.queries import CaseFile
from arbitration.views import case as pages
from arbitration.views import common
from core.templatetags.ui import side_word
from disputes import lifecycle
from disputes.forms import FormState
from disputes.models import Suspension
from evidence.models import Side

Data = dict[str, Any]
PREVIEWED = ("rule", "decide_review", "refuse")
"""Sent only from a preview of what each side will read."""

TITLES: dict[str, Any] = {
    "take": gettext_lazy("Take the case"),
    "release": gettext_lazy("Give the case back"),
    "reassign": gettext_lazy("Assign to another arbiter"),
    "admit": gettext_lazy("Accept the case"),
    "refuse": gettext_lazy("Refuse the case"),
    "ask": gettext_lazy("Ask for more information"),
    "rule": gettext_lazy("Rule"),
    "undo_ruling": gettext_lazy("Take the ruling back"),
    "decide_return": gettext_lazy("Decide on the returned goods"),
    "retry_payment": gettext_lazy("Send the payment again"),
    "decide_review": gettext_lazy("Decide the review"),
    "set_aside": gettext_lazy("Set the default ruling aside"),
    "refuse_set_aside": gettext_lazy("Keep the default ruling"),
    "suspend": gettext_lazy("Suspend the case"),
    "resume": gettext_lazy("Resume the case"),
    "prove_suspension": gettext_lazy("Confirm that the proof was shown"),
}
"""The platform's acts, each with its own page."""


def page(
    request: HttpRequest, file: CaseFile, act: str, state: FormState, changes: list[str] | None = None
) -> HttpResponse:
    closed = lifecycle.refusal(file.case, act, common.reader(request), file.at)
    context = common.bar(request, file) | {
        "act": act,
        "title": TITLES[act],
        "form": state,
        "values": {name: texts[-1] for name, texts in state.values.items() if texts},
        "changes": changes or [],
        "shut": closed,
        "typed": "\n\n".join(text for texts in state.values.values() for text in texts if len(text) > 20),
        **_fields(file, act, state),
    }
    return render(request, "arbitration/act.html", context, status=state.status)


def start(file: CaseFile, act: str) -> Data:
    if act == "decide_return":
        failed = next((row for row in file.remedies if row.return_finding and row.state == "failed"), None)
        return {"remedy_id": failed.pk if failed else ""}
    if act == "retry_payment":
        refused = pages.refused_payment(file)
        return {"remedy_id": refused.pk if refused else ""}
    return {"clause": "AD-01"} if act == "refuse" else {}


def _fields(file: CaseFile, act: str, state: FormState) -> Data:
    """What the form of this act needs beyond its values: choices, consequences, limits."""
    case = file.case
    label = str(TITLES[act])
    drawn: Data = {"label": label, "effects": [], "preview": act in PREVIEWED}
    if act == "admit":
        other = side_word(case.respondent_side)
        drawn["effects"] = [
            _("%(side)s sees the claim and its evidence.") % {"side": other},
            _("Its time to respond runs until %(at)s.") % {"at": pages.due_for(file, "response")},
            _("The case leaves your hands until the response and the rebuttal are in."),
        ]
    elif act == "refuse":
        drawn["grounds"] = Ground.choices
        drawn["clauses"] = editor.options(file)["clauses"]
    elif act == "ask":
        drawn |= _ask(file, state)
    elif act == "release":
        drawn["reasons"] = GivenBack.choices
    elif act == "reassign":
        drawn["people"] = desk.arbiters(case)
    elif act == "suspend":
        drawn["grounds"] = [pair for pair in Suspension.Ground.choices if pair[0] != Suspension.Ground.AGREED]
        drawn["days_max"] = file.rules.length("suspension").delta.days
        drawn["provers"] = [*Side.choices, ("", _("Nobody: the platform asked for the test itself"))]
        drawn["proof_due"] = pages.due_for(file, "suspension_proof")
    elif act == "retry_payment":
        drawn["refused"] = pages.refused_payment(file)
        drawn["effects"] = [
            _("One new attempt is made, under a new key. The earlier one is known to have been refused."),
            _("It comes from the merchant's deposit, or is advanced and recorded as the store's debt."),
            _("Both sides see it in the timeline. If it is refused again, the case comes back here."),
        ]
    elif act == "decide_return":
        drawn["returned"] = next((row for row in file.remedies if row.return_finding), None)
    elif act in {"set_aside", "refuse_set_aside"}:
        drawn["asked"] = file.set_aside
    return drawn


def _ask(file: CaseFile, state: FormState) -> Data:
    """Each side's three questions with templates, the round, and when the answers would be due."""
    state.errors = {name.partition("[")[0]: messages for name, messages in state.errors.items()}
    only = file.case.applicant_side if file.case.state == "awaiting_admission" else ""
    rounds = len({row.round for row in file.requests})
    sides = []
    for side in ("buyer", "merchant"):
        if only and side != only:
            continue
        texts = [*state.values.get(f"to_{side}[]", []), "", "", ""][:3]
        sides.append({"side": side, "texts": texts, "templates": desk_case.question_templates(file, side)})
    return {
        "sides": sides,
        "round": rounds + 1,
        "rounds": file.rules.value("information_rounds"),
        "answer_due": pages.due_for(file, "information"),
        "label": _("Send the questions"),
    }
