"""People and their invitations, for administrators."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import invitations, people, policy, queries
from accounts.adapter import public
from accounts.forms import InvitationForm, RoleForm
from accounts.models import StaffInvitation, User
from accounts.views.common import attempt, note, part_of, signed_in
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
    if form.is_valid() and (made := attempt(form, lambda: _invite(user, **form.cleaned_data))):
        invitation, token = made
        link = public(reverse("accounts:invitation", args=[token]))
        return _people_page(request, invitation=invitation, link=link)
    return _people_page(request, form=form)


def _invite(user: User, *, email: str, staff_role: str) -> tuple[StaffInvitation, str]:
    at = clock.now()
    invitation, token = invitations.invite(actor=user, email=email, staff_role=staff_role, at=at)
    subject = f"invitation:{invitation.pk}"
    note(subject, "invite_staff", actor=user, role=part_of(user), at=at, staff_role=staff_role)
    return invitation, token


@require_POST
@login_required
def revoke_invitation(request: HttpRequest, invitation_id: int) -> HttpResponse:
    user, at = signed_in(request), clock.now()
    policy.require(user, "people.revoke_invitation", None)
    get_object_or_404(StaffInvitation, pk=invitation_id)
    with transaction.atomic():
        invitations.revoke(actor=user, invitation_id=invitation_id, at=at)
        note(f"invitation:{invitation_id}", "revoke_invitation", actor=user, role=part_of(user), at=at)
    messages.success(request, _("The invitation no longer works."))
    return redirect("accounts:people")


@require_http_methods(["GET", "POST"])
@login_required
def person(request: HttpRequest, user_id: int) -> HttpResponse:
    user = signed_in(request)
    policy.require(user, "people.see", None)
    shown = get_object_or_404(User, pk=user_id)
    form = RoleForm(request.POST or None, initial={"staff_role": shown.staff_role})
    if request.method == "POST" and form.is_valid():
        role = form.cleaned_data["staff_role"]
        if attempt(form, lambda: _set_role(user, user_id, role)):
            messages.success(request, _("Saved. They sign in again with the new role."))
            return redirect("accounts:person", user_id)
    status = 422 if form.errors else 200
    return render(request, "accounts/person.html", {"person": shown, "form": form}, status=status)


def _set_role(user: User, user_id: int, staff_role: str) -> User:
    changed, before = people.set_role(actor=user, user_id=user_id, staff_role=staff_role)
    facts = {"before": before, "staff_role": staff_role}
    note(f"user:{user_id}", "set_role", actor=user, role=part_of(user), at=clock.now(), **facts)
    return changed


@require_POST
@login_required
def switch_access(request: HttpRequest, user_id: int, verb: str) -> HttpResponse:
    """``disable`` or ``enable`` a person."""
    user = signed_in(request)
    policy.require(user, "people.see", None)
    get_object_or_404(User, pk=user_id)
    with transaction.atomic():
        {"disable": people.disable, "enable": people.enable}[verb](actor=user, user_id=user_id)
        note(f"user:{user_id}", f"{verb}_person", actor=user, role=part_of(user), at=clock.now())
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
    with transaction.atomic():
        people.reset_second_factor(actor=user, user_id=user_id)
        note(f"user:{user_id}", "reset_second_factor", actor=user, role=part_of(user), at=clock.now())
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
