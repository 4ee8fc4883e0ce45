"""Clocks that stopped, at the top of a supervisor's queue."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import policy
from accounts.models import User
from arbitration.views.common import reader
from disputes import stopped
from disputes.deadlines import CLOCKS
from disputes.models import Deadline, State


def rows(user: User) -> list[dict[str, Any]]:
    """Context of ``arbitration/_stopped.html``; no query for who is no supervisor."""
    if policy.refusal(user, "clocks.see", None) is not None:
        return []
    return [_row(row) for row in stopped.for_supervisor(user)]


def _row(row: Deadline) -> dict[str, Any]:
    """An application that was not sent is its applicant's own, so nothing leads to it."""
    sent = row.case is not None and row.case.state != State.DRAFT
    number = stopped.about(row).number
    return {
        "id": row.pk,
        "number": number,
        "href": reverse("arbitration:case", args=[number]) if sent else "",
        "clock": CLOCKS[row.kind].name,
        "due": row.due_at,
        "why": row.parked_because,
    }


@login_required
@require_POST
def run_again(request: HttpRequest, deadline_id: int) -> HttpResponse:
    policy.require(reader(request), "clocks.see", None)
    try:
        stopped.run_again(actor=reader(request), deadline_id=deadline_id)
    except Deadline.DoesNotExist:
        raise Http404 from None
    messages.success(request, _("The clock runs again. What follows happens within a minute, or it stands here again."))
    return redirect("arbitration:queue")
