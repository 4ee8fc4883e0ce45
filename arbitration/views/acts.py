"""The page and the sending of each of the platform's acts."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from arbitration import editor
from arbitration.operations import OPERATIONS
from arbitration.queries import CaseFile, ruling_files
from arbitration.views import case as pages
from arbitration.views import common, form, previews
from core.errors import Conflict, Forbidden
from core.forms import typed
from disputes import drafts, lifecycle
from disputes.forms import FormState, blank, submit

ON_THE_DESK = ("take", "undo_ruling", "rule", "decide_review")
"""Those whose form stands on the desk itself."""


@common.staff_page
@require_http_methods(["GET", "POST"])
def act(request: HttpRequest, number: str, act: str) -> HttpResponse:
    """The form of one act, and its sending. What was typed survives whatever happens."""
    if act not in form.TITLES:
        raise Http404
    file = common.load(request, number)
    if request.method == "POST":
        return _send(request, file, act)
    if act in ON_THE_DESK:
        return common.to_case(number)
    refused = lifecycle.refusal(file.case, act, common.reader(request), file.at)
    state = blank(request, pages.draft_name(file, act), based_on=file.case.version, start=form.start(file, act))
    if refused is not None:
        state.refusal, state.status = refused, refused.status
    return form.page(request, file, act, state)


def _send(request: HttpRequest, file: CaseFile, act: str) -> HttpResponse:
    user, case = common.reader(request), file.case
    values = typed(request.POST)
    given = editor.one(values, "previewed")
    if act in form.PREVIEWED and not previews.proven(act, user.pk, values, given):
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
    if act in form.PREVIEWED and closed is None:
        return previews.show(request, file, act, state.values, state=state, changes=changes)
    return form.page(request, file, act, state, changes)
