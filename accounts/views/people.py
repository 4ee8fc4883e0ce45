"""People and their invitations, for administrators."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import policy, queries
from accounts.forms import InvitationForm, RoleForm
from accounts.models import StaffInvitation, User
from accounts.views import acts
from accounts.views.common import attempt, signed_in
from core import clock

PEOPLE_A_PAGE = 50


@require_GET
@login_required
def people_list(request: HttpRequest) -> HttpResponse:
    return _people_page(request)


@require_POST
@login_required
def invite(request: HttpRequest) -> HttpResponse:
    """Answers with the page itself: the link is shown here and never again."""
    user, form = signed_in(request), InvitationForm(request.POST)
    policy.require(user, "people.invite", None)
    if form.is_valid() and (made := attempt(form, lambda: acts.invite(actor=user, **form.cleaned_data))):
        invitation, token = made
        return _people_page(request, invitation=invitation, link=acts.link_of(token))
    return _people_page(request, form=form)


@require_POST
@login_required
def revoke_invitation(request: HttpRequest, invitation_id: int) -> HttpResponse:
    user = signed_in(request)
    policy.require(user, "people.revoke_invitation", None)
    get_object_or_404(StaffInvitation, pk=invitation_id)
    acts.revoke_invitation(actor=user, invitation_id=invitation_id)
    messages.success(request, _("The invitation no longer works."))
    return redirect("accounts:people")


@require_http_methods(["GET", "POST"])
@login_required
def person(request: HttpRequest, user_id: int) -> HttpResponse:
    user = signed_in(request)
    policy.require(user, "people.see", None)
    shown = get_object_or_404(User, pk=user_id)
    form = RoleForm(request.POST or None, initial={"staff_role": shown.staff_role})
    typed = request.method == "POST" and form.is_valid()
    if typed and attempt(form, lambda: acts.set_role(actor=user, user_id=user_id, **form.cleaned_data)):
        messages.success(request, _("Saved. They sign in again with the new role."))
        return redirect("accounts:person", user_id)
    status = 422 if form.errors else 200
    return render(request, "accounts/person.html", {"person": shown, "form": form}, status=status)


@require_POST
@login_required
def switch_access(request: HttpRequest, user_id: int, verb: str) -> HttpResponse:
    """``disable`` or ``enable`` a person."""
    user = signed_in(request)
    policy.require(user, "people.see", None)
    get_object_or_404(User, pk=user_id)
    {"disable": acts.disable, "enable": acts.enable}[verb](actor=user, user_id=user_id)
    messages.success(
        request, _("Shut out. Their sessions and keys ended.") if verb == "disable" else _("They can sign in again.")
    )
    return redirect("accounts:person", user_id)


@require_POST
@login_required
def reset_second_factor(request: HttpRequest, user_id: int) -> HttpResponse:
    """For staff who lost their phone: the next sign-in leads them to setting up a new second factor."""
    user = signed_in(request)
    policy.require(user, "people.see", None)
    get_object_or_404(User, pk=user_id)
    acts.reset_second_factor(actor=user, user_id=user_id)
    messages.success(request, _("Reset. They sign in with their password and set up a new second factor first."))
    return redirect("accounts:person", user_id)


def _people_page(request: HttpRequest, *, form: InvitationForm | None = None, **given: Any) -> HttpResponse:
    policy.require(signed_in(request), "people.see", None)
    search = request.GET.get("q", "").replace("\0", "").strip()[:100]
    found = queries.people(search=search, staff_only=not search)
    context = {
        "page": Paginator(found, PEOPLE_A_PAGE).get_page(request.GET.get("page")),
        "search": search,
        "invitations": queries.open_invitations(),
        "now": clock.now(),
        "form": form or InvitationForm(),
        **given,
    }
    return render(request, "accounts/people.html", context, status=422 if form else 200)
