"""Accepting an invitation."""

from typing import cast

from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from django.contrib.auth import logout
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_http_methods

from accounts import invitations
from accounts.forms import AcceptForm
from accounts.models import StaffInvitation
from accounts.views import acts
from accounts.views.common import attempt
from core import clock


@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind an invitation's link: name and password, then signed in and led to the second factor."""
    try:
        found = invitations.find(token=token)
    except StaffInvitation.DoesNotExist as unknown:
        raise Http404 from unknown
    invitations.require_open(found, at=clock.now())
    form = AcceptForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        language = get_language() or ""
        user = attempt(form, lambda: acts.accept(token=token, language=language, **form.cleaned_data))
        if user is not None:
            logout(request)  # whoever was signed in on this device is not the person invited
            return cast(HttpResponse, perform_login(request, Login(user=user, email=user.email)))
    context = {"invitation": found, "form": form}
    response = render(request, "accounts/invitation.html", context, status=422 if form.errors else 200)
    response.headers["Referrer-Policy"] = "no-referrer"  # the address is the secret
    response.headers["Cache-Control"] = "no-store"
    return response
