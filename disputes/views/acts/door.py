"""The page of one act: shown, kept, checked, sent, shown again with what was wrong, or over."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import policy
from accounts.models import User
from arbitration.models import Ruling
from arbitration.operations import OPERATIONS
from arbitration.queries import CaseFile, ruling_files
from core.errors import Refused
from core.forms import typed
from disputes import drafts, exhibits, lifecycle
from disputes.forms import FormState, blank, submit
from disputes.views import uploads
from disputes.views.acts import PAGES
from disputes.views.acts.check import carried, preview, tasks
from disputes.views.acts.page import form_name
from disputes.views.cases import frame, read_case
from disputes.views.common import act_url
from disputes.views.drafts import written
from disputes.views.files import evidence_uploads, keep_descriptions
from disputes.views.heads import head
from disputes.views.sections import actions, claims
from notices.sentences import actor_side, sentence


@require_http_methods(["GET", "POST"])
@login_required
def act(request: HttpRequest, number: str, act: str) -> HttpResponse:
    """The page of one act: its form while it is possible, afterwards why not, with everything typed still readable.

    On POST it is done once per key and leads back to the case (303); a refusal shows the form again, whole.
    """
    file = read_case(request, number)
    if isinstance(file, HttpResponse):
        return file
    if act not in PAGES:
        raise Http404
    assert isinstance(request.user, User)
    policy.require(request.user, f"case.{act}", file.case)
    if request.method == "GET":
        form = blank(request, form_name(file, act), based_on=file.case.version, start=_start(request, act))
        return _act_page(request, file, act, form)
    if request.FILES or KEEP & request.POST.keys():
        return _keep(request, file, act)
    form = _send(request, request.user, file, act)
    if form.done:
        messages.success(request, PAGES[act](file, form).done)
        return _see_other(reverse("disputes:case", args=[number]))
    again = read_case(request, number)
    assert isinstance(again, CaseFile)
    return _act_page(request, again, act, form)


KEEP = {"_save", "_check", "_upload"}
"""Buttons that only keep what was typed: for later, to look at it as the other side will, or to add files."""


def _start(request: HttpRequest, act: str) -> dict[str, Any]:
    """What a link may fill in beforehand: the finding a review is to attack."""
    finding = request.GET.get("finding", "")
    return {"finding_id": finding} if act == "request_review" and finding.isdigit() else {}


def _see_other(url: str) -> HttpResponse:
    return HttpResponse(status=303, headers={"Location": url})


def _keep(request: HttpRequest, file: CaseFile, act: str) -> HttpResponse:
    """Keep the form as typed, and every file that came along; then the check page, or the form again.

    Files are never sent in one go with the act: what they show is said, and looked at, before.
    """
    assert isinstance(request.user, User)
    user, here = request.user, act_url(file.case, act)
    received = uploads.take(
        request, lambda upload, slot: exhibits.receive(actor=user, case_id=file.case.pk, upload=upload, slot=slot)
    )
    uploads.tell(request, received)
    try:
        keep_descriptions(user, file.case, request.POST)
        kept = {name: values for name, values in typed(request.POST).items() if name not in KEEP}
        drafts.save(user=user, form=form_name(file, act), data=kept)
    except Refused as refused:
        form = FormState(form_name(file, act), typed(request.POST), refusal=refused, status=refused.status)
        return _act_page(request, file, act, form)
    if "_check" in request.POST:
        return _see_other(f"{here}?check=1")
    if not received.kept:
        messages.success(request, _("Saved. You can go on any time before the due moment."))
    return _see_other(f"{here}#files" if "_upload" in request.POST else here)


def _send(request: HttpRequest, user: User, file: CaseFile, act: str) -> FormState:
    """Perform the act with what was typed; what was said about unsent files is kept first."""
    try:
        keep_descriptions(user, file.case, request.POST)
    except Refused as refused:
        return FormState(form_name(file, act), typed(request.POST), refused.fields, refused, refused.status)
    operation = OPERATIONS[act]

    def perform(**given: Any) -> int:
        return operation.verb(actor=user, case_id=file.case.pk, **given).version

    form = submit(request, form_name(file, act), shape=operation.shape, act=perform, based_on=file.case.version)
    form.errors = {RENAMED.get(name, name): messages for name, messages in form.errors.items()}
    return form


RENAMED = {"finding": "finding_id", "item_ids": "items"}
"""A verb's word for an input → the name of the form's field."""


def _act_page(request: HttpRequest, file: CaseFile, act: str, form: FormState) -> HttpResponse:
    assert isinstance(request.user, User)
    form.based_on = file.case.version
    closed = lifecycle.refusal(file.case, act, request.user, file.at)
    if closed is not None:
        return _over(request, file, act, form, closed)
    page = PAGES[act](file, form)
    checking = request.method == "GET" and "check" in request.GET and page.template.endswith("respond.html")
    context = frame(file, [page.title]) | {
        "head": head(file, here=act),
        "act": act,
        "page": page,
        "form": form,
        "action": act_url(file.case, act),
        "case_href": reverse("disputes:case", args=[file.case.number]),
        "autosave": reverse("disputes:draft", args=[form.name]),
        "claim": claims.claim(file),
        "changes": _changes(file, request, form),
        "saved_at": form.saved_at,
        "extend_href": act_url(file.case, "extend") if act != "extend" and file.may("extend") else "",
        "others": [
            {"label": actions.label(name), "href": act_url(file.case, name)}
            for name in ("concede", "offer", "skip")
            if act in {"respond", "rebut"} and file.may(name)
        ],
    }
    if page.files:
        uploaded = evidence_uploads(file.case, request.user, choose=page.files == "choose")
        context |= {"uploads": uploaded, "page_tasks": tasks(page, uploaded, checking)}
    if act == "request_review" and file.ruling is not None:
        context["finding_options"] = _finding_options(file, file.ruling)
    if checking:
        context |= {"preview": preview(file, page, context["uploads"]["silent"]), "carried": carried(form)}
        return render(request, "disputes/acts/check.html", context, status=form.status)
    return render(request, page.template, context, status=form.status)


def _finding_options(file: CaseFile, ruling: Ruling) -> list[dict[str, Any]]:
    """The findings of the ruling in effect, to choose the one that is attacked. Three queries."""
    (made,) = ruling_files([ruling])
    return [
        {
            "value": row.pk,
            "label": f"{row.position} {row.issue}",
            "hint": f"{row.get_result_display()} · {row.reason}",
        }
        for row in made.findings
    ]


def _over(request: HttpRequest, file: CaseFile, act: str, form: FormState, closed: Refused) -> HttpResponse:
    """The act is not possible now: when that ended, what was typed, and what is possible instead."""
    assert isinstance(request.user, User)
    at = actions.ended(file, act)
    opened, _closed = actions.actions(file, request.user, primary="")
    context = frame(file, [actions.label(act)]) | {
        "head": head(file, here=act),
        "label": actions.label(act),
        "title_over": closed.message,
        "at": at,
        "text": _("Nothing was sent.") if request.method == "POST" else "",
        "keep": written(dict(form.values)),
        "still": [row for row in opened if "href" in row],
        "case_href": reverse("disputes:case", args=[file.case.number]),
    }
    return render(request, "disputes/acts/over.html", context, status=409 if request.method == "POST" else 200)


def _changes(file: CaseFile, request: HttpRequest, form: FormState) -> list[dict[str, Any]]:
    """After a conflict: what happened since the form was opened, newest last. Each change of a case is one entry."""
    if form.refusal is None or form.refusal.code != "case_version_current":
        return []
    based = request.POST.get("based_on", "")
    since = file.case.version - int(based) if based.isdigit() else 1
    entries = [entry for entry in file.entries if not entry.verb.startswith("evidence_")]
    return [
        {"actor": actor_side(entry), "text": sentence(entry, reader=file.side), "at": entry.at}
        for entry in entries[-max(since, 1) :]
    ]
