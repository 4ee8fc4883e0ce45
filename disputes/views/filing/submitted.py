"""The confirmation, with dated next steps."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.models import User
from core import clock, moments
from disputes import deadlines
from disputes.models import Case, Deadline, State
from disputes.views.filing.application import own_application
from rulebook.queries import book


@require_GET
@login_required
def submitted(request: HttpRequest, number: str) -> HttpResponse:
    """The confirmation: number, dated next steps. Reloading it sends nothing."""
    assert isinstance(request.user, User)
    case = own_application(request.user, number)
    if case.state == State.DRAFT:
        return redirect("disputes:file", number)
    at = clock.now()
    clocks = {row.kind: row for row in deadlines.running(case)}
    context = {
        "case": case,
        "order": case.order,
        "line": case.line,
        "next": _next_steps(case, clocks, at),
        "evidence_until": clocks["applicant_evidence"].due_at if "applicant_evidence" in clocks else None,
        "now": at,
    }
    return render(request, "disputes/submitted.html", context)


def _next_steps(case: Case, clocks: Mapping[str, Deadline], at: datetime) -> list[dict[str, Any]]:
    """What comes, with the dates that are known; later ones are counted from the usual lengths."""
    admission = clocks.get("admission_target")
    rules = book(case.rulebook_id)
    response = deadlines.length_for(case, "response", at).delta
    first: dict[str, Any] = {
        "title": _("The platform checks your application"),
        "state": "now" if case.state == State.AWAITING_ADMISSION else "done",
    }
    if admission is not None and admission.due_at is not None:
        first |= {"at": admission.due_at, "at_label": _("by")}
    return [
        {"title": _("You sent your application"), "at": case.filed_at, "state": "done"},
        first,
        {
            "title": _("The other side answers with its own evidence"),
            "note": _("Within %(duration)s after that. You are told the exact moment.")
            % {"duration": moments.duration_text(response)},
            "state": "todo",
        },
        {
            "title": _("You may answer its evidence once"),
            "note": _("Within %(duration)s; you need not.")
            % {"duration": moments.duration_text(rules.length("rebuttal").delta)},
            "state": "todo",
        },
        {
            "title": _("The platform rules, with a reason for every piece of evidence"),
            "note": _("Usually within %(duration)s.")
            % {"duration": moments.duration_text(rules.length("ruling_target").delta)},
            "state": "todo",
        },
    ]
