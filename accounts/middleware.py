"""Platform staff see no page before their second factor."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import second_factor
from accounts.models import User
from core import errors

# What is needed to set one up, to leave, and to read the way there. E-mail pages: the address is confirmed first.
_OPEN = {
    "account_logout",
    "account_reauthenticate",
    "account_email",
    "account_confirm_email",
    "account_email_verification_sent",
    "set_language",
    "healthz",
    "readyz",
}


class StaffSecondFactor:
    """Leads staff whose session has not shown a second factor to it, or to setting one up. No query once it has."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        user = request.user
        if not isinstance(user, User) or not second_factor.required(user):
            return None
        name = (request.resolver_match.url_name if request.resolver_match else None) or ""
        if name in _OPEN or name.startswith("mfa_") or second_factor.passed(request.session, user):
            return None
        if request.path.startswith("/api/"):
            message = _("Sign in with your second factor first.")
            return JsonResponse(errors.body("second_factor_first", message), status=403)
        if second_factor.active(user):
            return HttpResponseRedirect(f"{reverse('mfa_reauthenticate')}?{urlencode({'next': request.path})}")
        return HttpResponseRedirect(reverse("mfa_activate_totp"))
