"""One case on the desk: buyer, what is to be decided, merchant."""

from typing import Any

from django.db.models import prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from arbitration import desk_case, editor
from arbitration.desk import changes_since
from arbitration.models import Remedy, Review, Ruling
from arbitration.operations import OPERATIONS
from arbitration.queries import CaseFile, ruling_files
from arbitration.views import common
from arbitration.views.ruling import ruling_view
from core import moments
from core.clock import BEIJING
from core.errors import Refused
from core.forms import typed
from disputes import deadlines, drafts
from disputes.forms import FormState, blank
from disputes.lifecycle import TRANSITIONS
from disputes.models import Case
from rulebook import calendar
from rulebook.words import joined, reading

EDITED = {"ruling": "rule", "review": "decide_review"}
"""In which mode which act is written in the ruling editor."""


@common.staff_page
@require_GET
def case(request: HttpRequest, number: str) -> HttpResponse:
    """The desk for one case; at most twenty queries, with twenty items and forty entries as with none."""
    file = common.load(request, number)
    common.note_reading(request, file)
    mode = common.mode_of(file)
    state = None
    if mode in EDITED and file.case.handler_id == common.reader(request).pk:
        state = form_of(request, file, EDITED[mode])
    return desk(request, file, state)


def form_of(request: HttpRequest, file: CaseFile, act: str) -> FormState:
    """The editor as it was left, or as the rulebook (in a review: the old ruling) fills it."""
    start = editor.start(file)
    if act == "decide_review" and file.ruling is not None:
        ruling_files([file.ruling])
        start |= editor.of_ruling(file, file.ruling)
    return blank(request, draft_name(file, act), based_on=file.case.version, start=start)


def draft_name(file: CaseFile, act: str) -> str:
    return f"{file.case.subject}:{act}"


def desk(request: HttpRequest, file: CaseFile, state: FormState | None = None) -> HttpResponse:
    """Draw the desk; ``state`` is the ruling form, where the reader may write one."""
    context = common.bar(request, file)
    mode = context["mode"]
    weights: dict[Any, Any] = {}
    if state is not None and mode in EDITED:
        form = _form(file, state, EDITED[mode])
        weights = {row.item.id: row for row in form["weights"]}
        context |= form
    if mode == "review":
        prefetch_related_objects(file.reviews, "finding", "items")
    context["columns"] = desk_case.columns(file, weights)
    context["issue_texts"] = [reading(issue) for issue in file.cause.issues]
    context["entries"] = desk_case.timeline(file.entries)
    burden = file.cause.burden_of(received=file.case.order.completed_at is not None)
    context["burden"] = " → ".join(reading(step) for step in burden)
    context |= _of_mode(file, mode)
    return render(request, "arbitration/case.html", context, status=state.status if state else 200)


def _form(file: CaseFile, state: FormState, act: str) -> dict[str, Any]:
    order = file.case.order
    return {
        "form": state,
        "form_act": act,
        "values": {name: texts[-1] for name, texts in state.values.items() if texts},
        "issues": editor.issues(file, state.values),
        "weights": editor.weights(file, state.values),
        "missing": editor.missing(file, state.values),
        "options": editor.options(file),
        "chosen_clauses": state.values.get("clauses[]", []),
        "cap_fen": file.cap_fen,
        "paid_fen": order.paid_for(file.case.line_id),
        "promises": joined(file.case.line.snapshot.get("promises", [])),
        "gone_fen": order.refunded_fen + order.reserved_fen,
        "answers": {str(row.review.pk): row for row in editor.answers(file, state.values)},
        "decisions": Review.Decision.choices,
    }


def _of_mode(file: CaseFile, mode: str) -> dict[str, Any]:
    """What only this mode shows."""
    found: dict[str, Any] = {"rulings": []}
    if mode == "admission":
        found["checks"], found["after_sales"], found["meter"] = desk_case.checks(file)
        asked = found["after_sales"]
        found["messages_of"] = list((asked or file.case.line).messages.order_by("at"))
        return found
    shown = [row for row in file.rulings if row.state not in {Ruling.State.UNDONE, Ruling.State.DROPPED}]
    found["rulings"] = [ruling_view(file, given, "") for given in ruling_files(shown)]
    undo = file.clock("ruling_undo")
    found["effect_at"] = undo.due_at if undo else None
    found["proof"] = file.clock("suspension_proof")
    if mode == "payment":
        found["refused"] = refused_payment(file)
    if mode == "return":
        found["returned"] = next((row for row in file.remedies if row.return_finding and row.state == "failed"), None)
    return found


def refused_payment(file: CaseFile) -> Remedy | None:
    """The first payment the payment service refused even from the platform."""
    return next((row for row in file.remedies if row.kind in Remedy.MONEY and row.state == Remedy.State.FAILED), None)


@common.staff_page
@require_POST
def draft(request: HttpRequest, number: str, act: str) -> HttpResponse:
    """Keep what is typed in the form of ``act``; JSON with the time kept, Beijing."""
    user = common.reader(request)
    case = Case.objects.visible_to(user).filter(number=number).first()
    if case is None or act not in OPERATIONS:
        raise Http404
    try:
        kept = drafts.save(user=user, form=f"{case.subject}:{act}", data=typed(request.POST))
    except Refused as refused:
        return JsonResponse({"error": {"code": refused.code, "message": refused.message}}, status=refused.status)
    return JsonResponse({"saved_at": f"{kept.saved_at.astimezone(BEIJING):%H:%M}"})


def due_for(file: CaseFile, kind: str) -> str:
    """When a clock of this kind would end if it started now, in words."""
    return moments.beijing_text(calendar.add(file.at, deadlines.length_for(file.case, kind, file.at)))


def changed_words(file: CaseFile, version: int) -> list[str]:
    """What has happened since ``version``, one sentence each."""
    entries = changes_since(file.case, version, file.entries, TRANSITIONS)
    return [
        _("%(at)s %(what)s") % {"at": moments.short_text(row["at"]), "what": row["text"]}
        for row in desk_case.timeline(entries)
    ]
