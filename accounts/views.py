"""Settings, store staff, people and invitations as pages."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, cast

from allauth.account.internal.flows.login import perform_login
from allauth.account.models import Login
from django import forms
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import invitations, keys, people, policy, queries, second_factor, stores
from accounts.adapter import public
from accounts.forms import AcceptForm, AgentForm, InvitationForm, KeyForm, ProfileForm, RoleForm
from accounts.models import AccessKey, Membership, StaffInvitation, Store, User
from core import clock, language
from core.errors import Forbidden, Refused
from ledger.models import Audience
from ledger.recording import record

PEOPLE_A_PAGE = 50


def signed_in(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # every caller stands behind login_required
    return request.user


def note(subject: str, verb: str, *, actor: User, role: str, at: datetime, **facts: Any) -> None:
    """Record what a verb of this room did; these chains are read by the platform alone."""
    record(subject=subject, verb=verb, actor=actor, role=role, at=at, facts=facts, audience=Audience.PLATFORM)


def attempt(form: forms.Form, act: Callable[[], Any]) -> Any:
    """What ``act`` returns, all or nothing; a refusal becomes the form's error and the answer None."""
    try:
        with transaction.atomic():
            return act()
    except Forbidden:
        raise
    except Refused as refused:
        for name, sentences in (refused.fields or {"": [refused.message]}).items():
            form.add_error(name if name in form.fields else None, list(sentences))
        return None


# --- My settings -----------------------------------------------------------------------------------------------------
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
    if form.is_valid() and (issued := attempt(form, lambda: _issue(user, form.cleaned_data["label"]))):
        return _settings_page(request, secret=issued[1], new_key=issued[0])
    return _settings_page(request, key_form=form)


def _issue(user: User, label: str) -> tuple[AccessKey, str]:
    key, secret = keys.issue(actor=user, label=label)
    note(f"user:{user.pk}", "issue_key", actor=user, role=_part(user), at=clock.now(), key=key.pk)
    return key, secret


@require_POST
@login_required
def revoke_key(request: HttpRequest, key_id: int) -> HttpResponse:
    user = signed_in(request)
    revoke_and_note(user, key_id)
    messages.success(request, _("The key no longer works."))
    return redirect("accounts:settings")


@transaction.atomic
def revoke_and_note(user: User, key_id: int) -> None:
    """Raises Http404 for anyone else's key."""
    User.objects.select_for_update().get(pk=user.pk)
    at = clock.now()
    try:
        _key, worked = keys.revoke(actor=user, key_id=key_id, at=at)
    except AccessKey.DoesNotExist as gone:
        raise Http404 from gone
    if worked:
        note(f"user:{user.pk}", "revoke_key", actor=user, role=_part(user), at=at, key=key_id)


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


def _part(user: User) -> str:
    return user.staff_role or "person"


# --- My store --------------------------------------------------------------------------------------------------------
@require_GET
@login_required
def store(request: HttpRequest) -> HttpResponse:
    return _store_page(request)


@require_POST
@login_required
def add_agent(request: HttpRequest, code: str) -> HttpResponse:
    user, place, form = signed_in(request), _store_of(request, code), AgentForm(request.POST)
    if form.is_valid() and attempt(form, lambda: _add_agent(user, place, form.cleaned_data["email"])):
        messages.success(request, _("Added. They can work on the store's cases from now on."))
        return redirect("accounts:store")
    return _store_page(request, at_fault=place, form=form)


def _add_agent(user: User, place: Store, email: str) -> Membership:
    membership = stores.add_agent(actor=user, store_id=place.pk, email=email)
    at = clock.now()
    note(f"store:{place.pk}", "add_agent", actor=user, role="merchant", at=at, user=membership.user_id)
    return membership


@require_POST
@login_required
def remove_agent(request: HttpRequest, code: str, user_id: int) -> HttpResponse:
    user, place = signed_in(request), _store_of(request, code)
    try:
        with transaction.atomic():
            stores.remove_agent(actor=user, store_id=place.pk, user_id=user_id)
            note(f"store:{place.pk}", "remove_agent", actor=user, role="merchant", at=clock.now(), user=user_id)
    except Membership.DoesNotExist as gone:
        raise Http404 from gone
    messages.success(request, _("Removed. They no longer see the store's cases."))
    return redirect("accounts:store")


def _store_of(request: HttpRequest, code: str) -> Store:
    """A store the reader works for; to everyone else it does not exist."""
    user = signed_in(request)
    return get_object_or_404(Store, code=code, memberships__user=user, memberships__is_active=True)


def _store_page(request: HttpRequest, *, at_fault: Store | None = None, form: AgentForm | None = None) -> HttpResponse:
    user = signed_in(request)
    mine = queries.stores_of(user)
    if not mine:
        raise Http404
    owned = queries.owned_store_ids(user)
    rows = [
        {
            "store": place,
            "owned": place.pk in owned,
            "form": form if place == at_fault else AgentForm(auto_id=f"id_{place.pk}_%s"),
        }
        for place in mine
    ]
    return render(request, "accounts/store.html", {"rows": rows}, status=422 if form else 200)


# --- People, for administrators --------------------------------------------------------------------------------------
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
    note(subject, "invite_staff", actor=user, role=_part(user), at=at, staff_role=staff_role)
    return invitation, token


@require_POST
@login_required
def revoke_invitation(request: HttpRequest, invitation_id: int) -> HttpResponse:
    user, at = signed_in(request), clock.now()
    policy.require(user, "people.revoke_invitation", None)
    get_object_or_404(StaffInvitation, pk=invitation_id)
    with transaction.atomic():
        invitations.revoke(actor=user, invitation_id=invitation_id, at=at)
        note(f"invitation:{invitation_id}", "revoke_invitation", actor=user, role=_part(user), at=at)
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
    note(f"user:{user_id}", "set_role", actor=user, role=_part(user), at=clock.now(), **facts)
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
        note(f"user:{user_id}", f"{verb}_person", actor=user, role=_part(user), at=clock.now())
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
        note(f"user:{user_id}", "reset_second_factor", actor=user, role=_part(user), at=clock.now())
    messages.success(request, _("Reset. They sign in with their password and set up a new second factor first."))
    return redirect("accounts:person", user_id)


# --- Marketplaces' keys, for administrators --------------------------------------------------------------------------
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
    note(f"integration:{key.pk}", "issue_integration_key", actor=user, role=_part(user), at=clock.now(), key=key.pk)
    return key, secret


@require_POST
@login_required
def revoke_integration(request: HttpRequest, key_id: int) -> HttpResponse:
    user, at = signed_in(request), clock.now()
    policy.require(user, "integrations.revoke", None)
    get_object_or_404(AccessKey, pk=key_id, user=None)
    with transaction.atomic():
        if keys.revoke_integration(actor=user, key_id=key_id, at=at):
            note(f"integration:{key_id}", "revoke_integration_key", actor=user, role=_part(user), at=at, key=key_id)
    messages.success(request, _("The key no longer works."))
    return redirect("accounts:integrations")


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


# --- Accepting an invitation -----------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """The page behind an invitation's link: name and password, then signed in and led to the second factor."""
    at = clock.now()
    try:
        found = invitations.find(token=token)
    except StaffInvitation.DoesNotExist as unknown:
        raise Http404 from unknown
    invitations.require_open(found, at=at)
    form = AcceptForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        user = attempt(form, lambda: _accept(token, at, **form.cleaned_data))
        if user is not None:
            logout(request)  # whoever was signed in on this device is not the person invited
            return cast(HttpResponse, perform_login(request, Login(user=user, email=user.email)))
    context = {"invitation": found, "form": form}
    response = render(request, "accounts/invitation.html", context, status=422 if form.errors else 200)
    response.headers["Referrer-Policy"] = "no-referrer"  # the address is the secret
    response.headers["Cache-Control"] = "no-store"
    return response


def _accept(token: str, at: datetime, *, name: str, password: str) -> User:
    used, user = invitations.accept(token=token, name=name, password=password, language=get_language() or "", at=at)
    facts = {"invitation": used.pk, "staff_role": user.staff_role}
    note(f"user:{user.pk}", "accept_invitation", actor=user, role=_part(user), at=at, **facts)
    return user
