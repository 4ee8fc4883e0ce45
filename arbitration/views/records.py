"""Holds for supervisors; a person's own request to be erased, and the administrator who carries it out."""

from datetime import datetime, time, timedelta

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import policy
from arbitration import records
from arbitration.views.common import reader
from core import clock
from core.clock import BEIJING
from core.errors import Forbidden, Refused
from disputes.models import ErasureRequest, Hold


class HoldForm(forms.Form):
    number = forms.CharField(label=gettext_lazy("Number of the case or order"), max_length=40)
    reason = forms.CharField(label=gettext_lazy("Why these records must be kept"), max_length=records.REASON_LENGTH)
    until = forms.DateField(
        label=gettext_lazy("Until the end of"), widget=forms.DateInput(attrs={"type": "date", "class": "input"})
    )
    number.widget.attrs["class"] = reason.widget.attrs["class"] = "input"


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def holds(request: HttpRequest) -> HttpResponse:
    """What is held now, and a form to hold more. Two queries."""
    policy.require(reader(request), "records.hold", None)
    form = HoldForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and _held(request, form):
        return redirect("arbitration:holds")
    rows = records.standing(clock.now()).select_related("order", "set_by").order_by("until", "pk")
    status = 422 if form.errors else 200
    return render(request, "arbitration/holds.html", {"form": form, "rows": rows}, status=status)


def _held(request: HttpRequest, form: HoldForm) -> bool:
    said = form.cleaned_data
    until = datetime.combine(said["until"] + timedelta(days=1), time(), BEIJING)
    try:
        records.hold(actor=reader(request), order_number=said["number"], reason=said["reason"], until=until)
    except Forbidden:
        raise
    except Refused as refused:
        for name in refused.fields or {"": []}:
            form.add_error(name or None, refused.message)
        return False
    messages.success(request, _("These records are kept."))
    return True


@login_required
@require_POST
def lift(request: HttpRequest, hold_id: int) -> HttpResponse:
    policy.require(reader(request), "records.hold", None)
    try:
        records.lift(actor=reader(request), hold_id=hold_id)
    except Hold.DoesNotExist:
        raise Http404 from None
    messages.success(request, _("The hold was lifted."))
    return redirect("arbitration:holds")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def own(request: HttpRequest) -> HttpResponse:
    """What erasing would do, what stands against it now, and the button to ask."""
    user = reader(request)
    if request.method == "POST":
        records.ask_erasure(actor=user)
        return redirect("arbitration:own_erasure")
    asked = user.erasure_requests.filter(handled_at=None).first()
    return render(
        request, "arbitration/own_erasure.html", {"asked": asked, "against": records.obstacles(user, clock.now())}
    )


@login_required
@require_GET
def requests(request: HttpRequest) -> HttpResponse:
    """Open requests, oldest first, each with what stands against it."""
    policy.require(reader(request), "records.erase_person", None)
    at = clock.now()
    rows = ErasureRequest.objects.filter(handled_at=None).select_related("user").order_by("asked_at", "pk")[:50]
    shown = [{"request": row, "against": records.obstacles(row.user, at)} for row in rows]
    return render(request, "arbitration/erasures.html", {"rows": shown})


@login_required
@require_POST
def carry_out(request: HttpRequest, request_id: int) -> HttpResponse:
    policy.require(reader(request), "records.erase_person", None)
    try:
        records.erase_person(actor=reader(request), request_id=request_id)
    except ErasureRequest.DoesNotExist:
        raise Http404 from None
    messages.success(request, _("The person's files, words and name are erased."))
    return redirect("arbitration:erasures")
