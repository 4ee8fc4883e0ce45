"""Taking a case away: what is in it, and the archive itself."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from arbitration.bundle import exporting
from arbitration.queries import NotFiled, case_file
from arbitration.views.common import reader
from core import clock
from disputes.models import Case


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def bundle(request: HttpRequest, number: str) -> HttpResponseBase:
    """For the two sides, arbiters, supervisors and auditors: each gets what they may see. POST: the archive."""
    try:
        if request.method == "POST":
            return archive(exporting.export(actor=reader(request), number=number))
        return _about(request, number)
    except (Case.DoesNotExist, NotFiled):
        raise Http404 from None


def _about(request: HttpRequest, number: str) -> HttpResponse:
    file = case_file(reader(request), number, clock.now())
    back = reverse("disputes:case" if file.side else "arbitration:case", args=[number])
    mine, theirs = file.of(file.side), file.of(file.other)
    return render(request, "arbitration/bundle.html", {"file": file, "back": back, "mine": mine, "theirs": theirs})


def archive(made: exporting.Bundle) -> StreamingHttpResponse:
    """Sent while it is written; its length is not known before."""
    response = StreamingHttpResponse(made.stream(), content_type="application/zip")
    response.headers["Content-Disposition"] = f'attachment; filename="{made.name}"'
    response.headers["Cache-Control"] = "private, no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
