"""Marketplaces' keys, for administrators."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import keys, policy, queries
from accounts.forms import KeyForm
from accounts.models import AccessKey, User
from accounts.views.common import attempt, note, part_of, signed_in
from core import clock


@require_http_methods(["GET", "POST"])
@login_required
def integrations(request: HttpRequest) -> HttpResponse:
    """Answers a POST with the page itself, not a redirect: the secret is shown here and never again."""
    user = signed_in(request)
    policy.require(user, "integrations.issue", None)
    form = KeyForm(request.POST or None)
    context: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid():
        key, secret = attempt(form, lambda: _issue_integration(user, form.cleaned_data["label"]))
        context = {"form": KeyForm(), "new_key": key, "secret": secret}
    context["keys"] = queries.integration_keys()
    return render(request, "accounts/integrations.html", context, status=422 if form.errors else 200)


def _issue_integration(user: User, label: str) -> tuple[AccessKey, str]:
    key, secret = keys.issue_integration(actor=user, label=label)
    note(f"integration:{key.pk}", "issue_integration_key", actor=user, role=part_of(user), at=clock.now(), key=key.pk)
    return key, secret


@require_POST
@login_required
def revoke_integration(request: HttpRequest, key_id: int) -> HttpResponse:
    user, at = signed_in(request), clock.now()
    policy.require(user, "integrations.revoke", None)
    get_object_or_404(AccessKey, pk=key_id, user=None)
    with transaction.atomic():
        if keys.revoke_integration(actor=user, key_id=key_id, at=at):
            note(f"integration:{key_id}", "revoke_integration_key", actor=user, role=part_of(user), at=at, key=key_id)
    messages.success(request, _("The key no longer works."))
    return redirect("accounts:integrations")
