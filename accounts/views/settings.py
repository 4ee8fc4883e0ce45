"""My settings: profile, keys, signing out everywhere."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import people, queries, second_factor
from accounts.forms import KeyForm, ProfileForm
from accounts.models import AccessKey
from accounts.views import acts
from accounts.views.common import attempt, signed_in
from core import language


@require_http_methods(["GET", "POST"])
@login_required
def settings(request: HttpRequest) -> HttpResponse:
    user = signed_in(request)
    initial = {"name": user.name, "language": user.language or get_language(), "shortcuts": user.shortcuts}
    form = ProfileForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        people.update_profile(actor=user, **form.cleaned_data)
        response = redirect("accounts:settings")
        language.remember(request, response, user.language)
        messages.success(request, _("Saved."))
        return response
    return _settings_page(request, profile=form)


@require_POST
@login_required
def issue_key(request: HttpRequest) -> HttpResponse:
    """Answers with the page itself, not a redirect: the secret is shown here and never again."""
    user, form = signed_in(request), KeyForm(request.POST)
    if form.is_valid() and (issued := attempt(form, lambda: acts.issue_key(actor=user, **form.cleaned_data))):
        return _settings_page(request, secret=issued[1], new_key=issued[0])
    return _settings_page(request, key_form=form)


@require_POST
@login_required
def revoke_key(request: HttpRequest, key_id: int) -> HttpResponse:
    try:
        acts.revoke_key(actor=signed_in(request), key_id=key_id)
    except AccessKey.DoesNotExist as gone:
        raise Http404 from gone
    messages.success(request, _("The key no longer works."))
    return redirect("accounts:settings")


@require_POST
@login_required
def sign_out_everywhere(request: HttpRequest) -> HttpResponse:
    people.sign_out_everywhere(actor=signed_in(request))
    logout(request)
    messages.success(request, _("You are signed out on every device."))
    return redirect("account_login")


def _settings_page(request: HttpRequest, **given: Any) -> HttpResponse:
    user = signed_in(request)
    initial = {"name": user.name, "language": user.language or get_language(), "shortcuts": user.shortcuts}
    profile, key_form = given.get("profile"), given.get("key_form")
    context = {
        "profile": profile or ProfileForm(initial=initial),
        "key_form": key_form or KeyForm(),
        "keys": queries.keys_of(user),
        "second_factor": second_factor.active(user),
        "second_factor_required": second_factor.required(user),
        "secret": given.get("secret"),
        "new_key": given.get("new_key"),
    }
    bad = any(form is not None and form.errors for form in (profile, key_form))
    return render(request, "accounts/settings.html", context, status=422 if bad else 200)
