"""Marketplaces' keys, for administrators."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import policy, queries
from accounts.forms import KeyForm
from accounts.models import AccessKey
from accounts.views import acts
from accounts.views.common import attempt, signed_in


@require_http_methods(["GET", "POST"])
@login_required
def integrations(request: HttpRequest) -> HttpResponse:
    """Answers a POST with the page itself, not a redirect: the secret is shown here and never again."""
    user = signed_in(request)
    policy.require(user, "integrations.issue", None)
    form = KeyForm(request.POST or None)
    context: dict[str, Any] = {"form": form}
    if request.method == "POST" and form.is_valid():
        key, secret = attempt(form, lambda: acts.issue_integration(actor=user, **form.cleaned_data))
        context = {"form": KeyForm(), "new_key": key, "secret": secret}
    context["keys"] = queries.integration_keys()
    return render(request, "accounts/integrations.html", context, status=422 if form.errors else 200)


@require_POST
@login_required
def revoke_integration(request: HttpRequest, key_id: int) -> HttpResponse:
    try:
        acts.revoke_integration(actor=signed_in(request), key_id=key_id)
    except AccessKey.DoesNotExist as gone:
        raise Http404 from gone
    messages.success(request, _("The key no longer works."))
    return redirect("accounts:integrations")
