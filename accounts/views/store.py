"""My store and its agents."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts import queries
from accounts.forms import AgentForm
from accounts.models import Membership, Store
from accounts.views import acts
from accounts.views.common import attempt, signed_in, store_of


@require_GET
@login_required
def store(request: HttpRequest) -> HttpResponse:
    return _store_page(request)


@require_POST
@login_required
def add_agent(request: HttpRequest, code: str) -> HttpResponse:
    user, form = signed_in(request), AgentForm(request.POST)
    place = store_of(user, code)
    if form.is_valid() and attempt(form, lambda: acts.add_agent(actor=user, store_id=place.pk, **form.cleaned_data)):
        messages.success(request, _("Added. They can work on the store's cases from now on."))
        return redirect("accounts:store")
    return _store_page(request, at_fault=place, form=form)


@require_POST
@login_required
def remove_agent(request: HttpRequest, code: str, user_id: int) -> HttpResponse:
    user = signed_in(request)
    try:
        acts.remove_agent(actor=user, store_id=store_of(user, code).pk, user_id=user_id)
    except Membership.DoesNotExist as gone:
        raise Http404 from gone
    messages.success(request, _("Removed. They no longer see the store's cases."))
    return redirect("accounts:store")


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
