"""Answering a request: agree, refuse, propose, accept, take back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts import policy
from accounts.models import User
from core import money
from core.forms import Shape
from core.templatetags.ui import yuan
from disputes import negotiation, shapes
from disputes.forms import FormState, blank, submit, unversioned
from disputes.models import AfterSales, Order
from disputes.views.negotiation.common import ASKED, back_to_order, request_or_404
from rulebook.models import Remedy


@dataclass(frozen=True)
class Act:
    """An act on a request: its verb, shape, words, and whether it cannot be taken back (a danger, or a payment)."""

    verb: Callable[..., Any]
    shape: type[Shape]
    label: Any
    done: Any
    danger: bool = False


ACTS: dict[str, Act] = {
    "agree": Act(negotiation.agree, shapes.Nothing, gettext_lazy("Agree to the request"), gettext_lazy("You agreed.")),
    "refuse": Act(
        negotiation.refuse,
        shapes.RefuseAfterSales,
        gettext_lazy("Refuse the request"),
        gettext_lazy("Your refusal was sent."),
        danger=True,
    ),
    "counter": Act(
        negotiation.counter,
        shapes.CounterAfterSales,
        gettext_lazy("Propose something else"),
        gettext_lazy("Your proposal was sent."),
    ),
    "accept": Act(
        negotiation.accept,
        shapes.Nothing,
        gettext_lazy("Accept the merchant's proposal"),
        gettext_lazy("You accepted. This is settled."),
    ),
    "withdraw": Act(
        negotiation.withdraw,
        shapes.Nothing,
        gettext_lazy("Take the request back"),
        gettext_lazy("Your request was taken back."),
        danger=True,
    ),
}


def open_acts(user: User, found: Order, asked: AfterSales | None) -> list[dict[str, Any]]:
    """The acts the reader may do on the latest request now. At most one query an act."""
    if asked is None:
        return []
    asked.order = found
    return [
        {"key": key, "label": act.label, "href": reverse("disputes:negotiate", args=[found.number, asked.pk, key])}
        for key, act in ACTS.items()
        if negotiation.refusal(asked, key, user) is None
    ]


@require_http_methods(["GET", "POST"])
@login_required
def negotiate(request: HttpRequest, number: str, request_id: int, act: str) -> HttpResponse:
    """One act on an after-sales request: a page that says what follows, and its form."""
    assert isinstance(request.user, User)
    user = request.user
    asked = request_or_404(user, number, request_id)
    if act not in ACTS:
        raise Http404
    if policy.refusal(user, f"after_sales.{act}", asked.order) is not None:
        raise Http404
    name = f"order:{number}:{act}:{asked.pk}"
    chosen = ACTS[act]
    if request.method == "POST":
        form = submit(
            request,
            name,
            shape=chosen.shape,
            act=lambda **given: chosen.verb(actor=user, after_sales_id=asked.pk, **unversioned(given)).pk,
        )
        if form.done:
            messages.success(request, str(chosen.done))
            return redirect(back_to_order(asked.order, asked.line))
    else:
        form = blank(request, name, start=_starting(act, asked))
    return _act_page(request, user, asked, act, form)


def _starting(act: str, asked: AfterSales) -> dict[str, Any]:
    if act != "counter":
        return {}
    return {"offer": Remedy.COMPENSATION, "amount_fen": yuan(min(asked.amount_fen, _cap(asked)))}


def _cap(asked: AfterSales) -> int:
    return asked.order.refundable_for(asked.line_id)


def _act_page(request: HttpRequest, user: User, asked: AfterSales, act: str, form: FormState) -> HttpResponse:
    closed = negotiation.refusal(asked, act, user)
    context = {
        "order": asked.order,
        "line": asked.line,
        "asked": asked,
        "act": act,
        "words": ACTS[act],
        "form": form,
        "values": form.flat,
        "closed": closed,
        "effects": _effects(act, asked),
        "back": back_to_order(asked.order, asked.line),
        "facts": _asked_facts(asked),
        "offer_options": [{"value": kind.value, "label": kind.label} for kind, _hint in ASKED],
        "cap": _cap(asked),
    }
    status = form.status if form.status != 200 or closed is None else closed.status
    return render(request, "disputes/after_sales_act.html", context, status=status)


def _asked_facts(asked: AfterSales) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [{"label": _("Asked for"), "value": Remedy(asked.asked).label}]
    if asked.amount_fen:
        rows.append({"label": _("Amount"), "fen": asked.amount_fen})
    if asked.counter:
        rows.append({"label": _("The merchant proposes"), "value": Remedy(asked.counter).label})
        if asked.counter_fen:
            rows.append({"label": _("Amount proposed"), "fen": asked.counter_fen})
    return rows


def _effects(act: str, asked: AfterSales) -> list[str]:
    """What follows, in sentences, before the button is pressed."""
    kind, fen = (asked.counter, asked.counter_fen) if act == "accept" else (asked.asked, asked.amount_fen)
    if act in {"agree", "accept"}:
        pays = kind in {Remedy.REFUND, Remedy.COMPENSATION}
        return [
            _("%(amount)s goes back to the buyer at once. This cannot be taken back.") % {"amount": money.text(fen)}
            if pays
            else _("Both sides now do what was agreed: %(kind)s.") % {"kind": Remedy(kind).label},
            _("The request is settled. If the agreement is not kept, the buyer can ask again."),
        ]
    if act == "refuse":
        return [
            _("The buyer can ask the platform to step in at once, with your reason in the file."),
            _("You can still agree or propose something else until then."),
        ]
    if act == "counter":
        return [_("The buyer can accept it, or go on negotiating."), _("Nothing is paid before the buyer accepts.")]
    return [
        _("The merchant no longer has to answer."),
        _("You can ask again later; everything said so far stays readable."),
    ]
