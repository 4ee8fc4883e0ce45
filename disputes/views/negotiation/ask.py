"""The buyer asks the merchant for help."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import policy
from accounts.models import User
from core import clock
from core.templatetags.ui import yuan
from disputes import negotiation, shapes
from disputes.forms import FormState, blank, submit, unversioned
from disputes.models import Order, OrderLine
from disputes.views import gate
from disputes.views.common import line_of, order_or_404
from disputes.views.negotiation.common import ASKED, back_to_order
from evidence.models import Side
from rulebook.models import Remedy


@require_http_methods(["GET", "POST"])
@login_required
def ask(request: HttpRequest, number: str) -> HttpResponse:
    """The buyer asks for after-sales help. On success back to the order."""
    assert isinstance(request.user, User)
    user = request.user
    found = order_or_404(user, number)
    policy.require(user, "after_sales.ask", found)
    line = line_of(found, request.POST.get("line_id", "") or request.GET.get("line", ""))
    name = f"order:{found.number}:ask:{line.pk}"
    if request.method == "POST":
        form = submit(
            request,
            name,
            shape=shapes.AskAfterSales,
            act=lambda **given: negotiation.ask(actor=user, order_id=found.pk, **unversioned(given)).pk,
        )
        if form.done:
            messages.success(request, _("Your request was sent to the merchant."))
            return redirect(back_to_order(found, line))
    else:
        form = blank(
            request,
            name,
            start={
                "asked": Remedy.RETURN_REFUND if found.signed_at else Remedy.REFUND,
                "amount_fen": yuan(found.refundable_for(line.pk)),
                "goods_received": "true" if found.signed_at else "false",
            },
        )
    return _ask_page(request, found, line, form)


def _ask_page(request: HttpRequest, found: Order, line: OrderLine, form: FormState) -> HttpResponse:
    rules = gate.rules_now(clock.now())
    mine = [cause for cause in rules.causes if cause.filed_by == Side.BUYER]
    context = {
        "order": found,
        "line": line,
        "form": form,
        "values": form.flat,
        "asked_options": [{"value": kind.value, "label": kind.label, "hint": hint} for kind, hint in ASKED],
        "cause_options": [{"value": cause.code, "label": cause.name, "hint": cause.plain} for cause in mine],
        "received_options": [
            {"value": "true", "label": _("Yes, I have it")},
            {"value": "false", "label": _("No, it has not arrived")},
        ],
        "cap": found.refundable_for(line.pk),
        "answer_hours": rules.length(
            "after_sales_answer", condition="not_shipped" if found.shipped_at is None else ""
        ).delta,
    }
    return render(request, "disputes/after_sales_ask.html", context, status=form.status)
