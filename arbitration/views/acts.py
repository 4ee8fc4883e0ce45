"""The page and the sending of each of the platform's acts."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from arbitration import desk, desk_case, editor
from arbitration.admission import Ground
from arbitration.assignment import GivenBack
from arbitration.operations import OPERATIONS
from arbitration.queries import CaseFile, ruling_files
from arbitration.views import case as pages
from arbitration.views import common, previews
from core.errors import Conflict, Forbidden
from core.forms import typed
from core.templatetags.ui import side_word
from disputes import drafts, lifecycle
from disputes.forms import FormState, blank, submit
from disputes.models import Suspension

Data = dict[str, Any]

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
}
"""The platform's acts, each with its own page."""
ON_THE_DESK = ("take", "undo_ruling", "rule", "decide_review")
"""Those whose form stands on the desk itself."""


@common.staff_page
@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, number: str, act: str) -> HttpResponse:
    """The form of one act, and its sending. What was typed survives whatever happens."""
    if act not in TITLES:
        raise Http404
    file = common.load(request, number)
    if request.method == "POST":
        return _send(request, file, act)
    if act in ON_THE_DESK:
        return common.to_case(number)
    refused = lifecycle.refusal(file.case, act, common.reader(request), file.at)
    state = blank(request, pages.draft_name(file, act), based_on=file.case.version, start=_start(file, act))
    if refused is not None:
        state.refusal, state.status = refused, refused.status
    return _page(request, file, act, state)


def _send(request: HttpRequest, file: CaseFile, act: str) -> HttpResponse:
    user, case = common.reader(request), file.case
    values = typed(request.POST)
    given = editor.one(values, "previewed")
    if act in previews.PREVIEWED and not previews.proven(act, user.pk, values, given):
        kept = {name: texts for name, texts in values.items() if name != "previewed"}
        drafts.save(user=user, form=pages.draft_name(file, act), data=kept)
        raise Conflict(
            "preview_first",
            _("Look at the preview first: it shows what each side will read. Your text is kept."),
        )
    operation = OPERATIONS[act]
    state = submit(
        request,
        pages.draft_name(file, act),
        shape=operation.shape,
        act=lambda **given: operation.verb(actor=user, case_id=case.pk, **given).number,
        based_on=case.version,
    )
    if state.done:
        return _sent(request, file, act)
    return _refused(request, file.case.number, act, state)


def _sent(request: HttpRequest, file: CaseFile, act: str) -> HttpResponse:
    if act in common.SENT:
        messages.success(request, str(common.SENT[act]))
    if act == "undo_ruling":
        _restore(request, file)
    return redirect("arbitration:queue") if act == "release" else common.to_case(file.case.number)


def _restore(request: HttpRequest, file: CaseFile) -> None:
    """The text of the ruling just taken back becomes the arbiter's draft again."""
    signed = next((row for row in file.rulings if row.state == "waiting"), None)
    if signed is not None:
        ruling_files([signed])
        fields = editor.of_ruling(file, signed)
        drafts.save(user=common.reader(request), form=pages.draft_name(file, "rule"), data=fields)


def _refused(request: HttpRequest, number: str, act: str, state: FormState) -> HttpResponse:
    """The form again, drawn from the case as it stands now. Whoever has no right to it is told so before any field."""
    file = common.load(request, number)
    state.based_on = file.case.version
    closed = lifecycle.refusal(file.case, act, common.reader(request), file.at)
    if isinstance(closed, Forbidden):
        state.refusal, state.status = closed, closed.status
    changes: list[str] = []
    if state.refusal is not None and state.refusal.code == "case_version_current":
        posted = request.POST.get("based_on", "")
        changes = pages.changed_words(file, int(posted)) if posted.isdigit() else []
    if act in previews.PREVIEWED and closed is None:
        return previews.show(request, file, act, state.values, state=state, changes=changes)
    return _page(request, file, act, state, changes)


def _page(
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


def _start(file: CaseFile, act: str) -> Data:
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
    drawn: Data = {"label": label, "effects": [], "preview": act in previews.PREVIEWED}
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
