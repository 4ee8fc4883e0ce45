"""The page of notices."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from accounts.models import User
from core import clock
from notices import marks, queries


@require_GET
@login_required
def notices(request: HttpRequest) -> HttpResponse:
    """What waits for the reader, then what happened, newest first."""
    assert isinstance(request.user, User)
    at = clock.now()
    before = request.GET.get("before", "")
    rows, further = queries.page(request.user, before=int(before) if before.isdecimal() else None)
    context = {
        "duties": [] if before else queries.duties(request.user, at),
        "notices": rows,
        "last": rows[0].id if rows and not before else 0,
        "next_href": f"?before={further}" if further else "",
        "now": at,
    }
    return render(request, "notices/notices.html", context)


@require_POST
@login_required
def mark_read(request: HttpRequest) -> HttpResponse:
    """Everything up to the newest notice the page showed is read."""
    assert isinstance(request.user, User)
    last = request.POST.get("last", "")
    if last.isdecimal() and len(last) < 19:
        marks.mark_read(actor=request.user, last_entry=int(last))
    return redirect("notices:notices")
