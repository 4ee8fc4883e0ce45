"""What is owed to the platform: one's own, and for administrators everybody's, with what came in."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts import policy
from accounts.models import User
from core import money
from disputes import account_book, queries
from disputes.forms import blank, submit
from disputes.models import Debt
from disputes.shapes import ReceivePayment


@require_GET
@login_required
def debts(request: HttpRequest) -> HttpResponse:
    """The reader's debts, open ones first. Platform staff without a part in this are told there is nothing."""
    user = _reader(request)
    administers = policy.refusal(user, "debts.see", None) is None
    if user.staff_role and not administers:
        raise Http404
    page, following = queries.debts(user, before=_position(request))
    context = {
        "debts": page,
        "next_href": f"?before={following}" if following else "",
        "administers": administers,
        "stores": [] if user.staff_role else queries.deposits(user),
    }
    return render(request, "disputes/debts.html", context)


@require_http_methods(["GET", "POST"])
@login_required
def receive_payment(request: HttpRequest, debt_id: int) -> HttpResponse:
    """An administrator writes down what came in."""
    user = _reader(request)
    policy.require(user, "debts.see", None)
    debt = get_object_or_404(Debt.objects.select_related("store", "buyer", "case", "order"), pk=debt_id)
    name = f"debt:{debt.pk}"
    if request.method == "POST":
        state = submit(
            request,
            name,
            shape=ReceivePayment,
            act=lambda amount_fen: account_book.receive_payment(actor=user, debt_id=debt_id, amount_fen=amount_fen).pk,
        )
        if state.done:
            messages.success(request, _("Written down. Whoever owed it has been told."))
            return redirect("disputes:debts")
    else:
        state = blank(request, name, start={"amount_fen": f"{debt.open_fen // 100}.{debt.open_fen % 100:02d}"})
    values = {field: texts[-1] for field, texts in state.values.items() if texts}
    context = {"debt": debt, "form": state, "values": values, "open_text": money.text(debt.open_fen)}
    return render(request, "disputes/debt.html", context, status=state.status)


def _reader(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _position(request: HttpRequest) -> int | None:
    text = request.GET.get("before", "")
    return int(text) if text.isdigit() and len(text) < 19 else None
