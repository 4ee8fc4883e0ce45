"""My store and its agents."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts import queries, stores
from accounts.forms import AgentForm
from accounts.models import Membership, Store, User
from accounts.views.common import attempt, note, signed_in
from core import clock


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
