"""Orders: the list, the page of one, and everything said between buyer and merchant before a case."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import policy
from accounts.models import User
from core import clock, money
from core.errors import Refused
from core.forms import Shape, typed
from core.templatetags.ui import yuan
from disputes import deadlines, drafts, eligibility, negotiation, queries, shapes
from disputes.forms import FormState, blank, submit
from disputes.models import AfterSales, Order, OrderLine
from disputes.views import gate, uploads
from evidence import items as custody
from evidence.models import Item, Side
from evidence.queries import drafts as unsent
from notices.sentences import actor_side, sentence
from rulebook.models import Remedy
from rulebook.queries import Book


# --- the list --------------------------------------------------------------------------------------------------------
@require_GET
@login_required
def order_list(request: HttpRequest) -> HttpResponse:
    """The reader's purchases; for people of a store, the store's orders first."""
    assert isinstance(request.user, User)
    works = bool(policy.store_ids(request.user)) if "as" in request.GET else None
    selling = request.GET.get("as") == "store" and bool(works)
    before = request.GET.get("before", "")
    rows, further = queries.order_list(
        request.user, selling=selling, before=int(before) if before.isdecimal() and len(before) < 19 else None
    )
    role = "&as=store" if selling else ""
    context = {
        "rows": [_row(row) for row in rows],
        "selling": selling,
        "next_href": f"?before={further}{role}" if further else "",
        "first_page": not before,
    }
    return render(request, "disputes/orders.html", context)


def _row(row: queries.OrderRow) -> dict[str, Any]:
    order = row.order
    return {
        "order": order,
        "line": row.line,
        "more": row.more,
        "status": _status(order),
        "request": f"{Remedy(row.after_sales.asked).label} · {row.after_sales.get_state_display()}"
        if row.after_sales
        else "",
        "case": row.case,
        "case_words": queries.state_words(row.case) if row.case else "",
    }


def _status(order: Order) -> str:
    if order.refunded_fen:
        return (
            _("Refunded in full")
            if order.refunded_fen == order.paid_fen
            else _("%(amount)s refunded") % {"amount": money.text(order.refunded_fen)}
        )
    if order.completed_at:
        return _("Completed")
    if order.signed_at:
        return _("Delivered")
    return _("On its way") if order.shipped_at else _("Paid, not shipped yet")


# --- one order -------------------------------------------------------------------------------------------------------
@require_GET
@login_required
def order(request: HttpRequest, number: str) -> HttpResponse:
    """The order with its always-present entry to an intervention, for the buyer and for the store's people alike."""
    assert isinstance(request.user, User)
    found = _order(request.user, number)
    at = clock.now()
    line = _line(found, request.GET.get("line", ""))
    side = policy.side_of(request.user, found)
    check = eligibility.check(found, line, side, at)
    rules = gate.rules_now(at)
    asked = check.after_sales
    context = {
        "order": found,
        "line": line,
        "lines": list(found.lines.all()),
        "side": side,
        "head": gate.head(found, line, check, at, side=side),
        "checks": gate.checks(check, rules),
        "promises": gate.promises(rules, side),
        "prepare": _prepare(asked, rules) if side == Side.BUYER else None,
        "talk": _talk(found, line, side),
        "asked": asked,
        "answer": _answer_head(found, asked, side, at),
        "acts": _acts(request.user, found, asked),
        "may_ask": side == Side.BUYER and (asked is None or asked.state not in AfterSales.LIVE),
        "sums": _sums(found),
        "moments": queries.moments_of(found),
        "now": at,
    }
    return render(request, "disputes/order.html", context)


def _order(user: User, number: str) -> Order:
    try:
        return queries.order_for(user, number)
    except Order.DoesNotExist:
        raise Http404 from None


def _line(found: Order, wanted: str) -> OrderLine:
    lines = list(found.lines.all())
    return next((line for line in lines if str(line.pk) == wanted), lines[0])


def _prepare(asked: AfterSales | None, rules: Book) -> dict[str, Any] | None:
    """What to have ready for the cause the buyer named to the merchant."""
    if asked is None or asked.cause not in {cause.code for cause in rules.causes}:
        return None
    cause = rules.cause(asked.cause)
    return {
        "slots": gate.asked_for(cause)[:4],
        "clause": _("Rule %(code)s, version %(n)s") % {"code": cause.clause.code, "n": rules.number},
        "href": reverse("rulebook:clause_version", args=[cause.clause.code, rules.number]),
    }


def _talk(found: Order, line: OrderLine, side: str) -> list[dict[str, Any]]:
    return [
        {
            "actor": actor_side(talk.entry),
            "title": sentence(talk.entry, reader=side),
            "text": talk.text,
            "at": talk.entry.at,
            "files": [_file(item) for item in talk.attachments],
        }
        for talk in queries.negotiation(found, line)
    ]


def _file(item: Item) -> dict[str, str]:
    variants = {made.variant for made in item.derivatives.all()}
    thumb = reverse("evidence:file", args=[item.pk, "thumb"]) if "thumb" in variants else ""
    return {"name": item.original_name, "thumb": thumb, "href": reverse("evidence:file", args=[item.pk, "view"])}


def _answer_head(found: Order, asked: AfterSales | None, side: str, at: datetime) -> dict[str, Any] | None:
    """The merchant's own status head while an after-sales request waits for its answer."""
    if asked is None or side != Side.MERCHANT or asked.state != AfterSales.State.OPEN:
        return None
    due = next((row.due_at for row in deadlines.running(asked, ["after_sales_answer"])), None)
    return {
        "mode": "you",
        "label": _("After-sales request"),
        "big": _("Waiting for your answer"),
        "note": _("The buyer asks for: %(kind)s %(amount)s")
        % {"kind": Remedy(asked.asked).label, "amount": money.text(asked.amount_fen) if asked.amount_fen else ""},
        "due_label": _("Answer before"),
        "due": due,
        "now": at,
        "action": {"href": "#answer", "label": _("Answer the request")},
        "primary": True,
        "do_note": _("Without an answer by then the buyer can ask the platform to step in."),
        "aria": _("After-sales request waiting for your answer"),
    }


def _sums(found: Order) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [{"label": _("Goods"), "fen": found.goods_fen}]
    if found.coupon_fen:
        rows.append({"label": _("Coupons"), "fen": -found.coupon_fen})
    rows += [
        {"label": _("Freight"), "fen": found.freight_fen},
        {"label": _("Paid"), "fen": found.paid_fen, "sum": True},
        {"label": _("Refunded"), "fen": found.refunded_fen},
    ]
    if found.reserved_fen:
        rows.append({"label": _("Being refunded"), "fen": found.reserved_fen})
    return rows


# --- asking the merchant ---------------------------------------------------------------------------------------------
ASKED = [
    (Remedy.RETURN_REFUND, gettext_lazy("I send it back and get my money back")),
    (Remedy.REFUND, gettext_lazy("I get my money back without sending anything back")),
    (Remedy.EXCHANGE, gettext_lazy("I send it back and get another one")),
    (Remedy.RESEND, gettext_lazy("The missing or broken part is sent again")),
    (Remedy.REPAIR, gettext_lazy("It is repaired")),
    (Remedy.COMPENSATION, gettext_lazy("I keep it and get part of the price back")),
]


@require_http_methods(["GET", "POST"])
@login_required
def ask(request: HttpRequest, number: str) -> HttpResponse:
    """The buyer asks for after-sales help. On success back to the order."""
    assert isinstance(request.user, User)
    user = request.user
    found = _order(user, number)
    policy.require(user, "after_sales.ask", found)
    line = _line(found, request.POST.get("line_id", "") or request.GET.get("line", ""))
    name = f"order:{found.number}:ask:{line.pk}"
    if request.method == "POST":
        form = submit(
            request,
            name,
            shape=shapes.AskAfterSales,
            act=lambda **given: negotiation.ask(actor=user, order_id=found.pk, **_plain(given)).pk,
        )
        if form.done:
            messages.success(request, _("Your request was sent to the merchant."))
            return redirect(_back(found, line))
    else:
        form = blank(
            request,
            name,
            start={
                "asked": Remedy.RETURN_REFUND if found.signed_at else Remedy.REFUND,
                "amount_fen": yuan(found.refundable_fen),
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
        "values": _first(form),
        "asked_options": [{"value": kind.value, "label": kind.label, "hint": hint} for kind, hint in ASKED],
        "cause_options": [{"value": cause.code, "label": cause.name, "hint": cause.plain} for cause in mine],
        "received_options": [
            {"value": "true", "label": _("Yes, I have it")},
            {"value": "false", "label": _("No, it has not arrived")},
        ],
        "cap": found.refundable_fen,
        "answer_hours": rules.length(
            "after_sales_answer", condition="not_shipped" if found.shipped_at is None else ""
        ).delta,
    }
    return render(request, "disputes/after_sales_ask.html", context, status=form.status)


def _plain(given: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if name != "based_on"}


def _first(form: FormState) -> dict[str, str]:
    """Field → its one value."""
    return {name: values[-1] if values else "" for name, values in form.values.items()}


def _back(found: Order, line: OrderLine) -> str:
    return f"{reverse('disputes:order', args=[found.number])}?line={line.pk}#negotiation"


# --- answering and writing -------------------------------------------------------------------------------------------
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


def _acts(user: User, found: Order, asked: AfterSales | None) -> list[dict[str, Any]]:
    """The acts the reader may do on the latest request now. At most one query an act."""
    if asked is None:
        return []
    asked.order = found
    return [
        {"key": key, "label": act.label, "href": reverse("disputes:negotiate", args=[found.number, asked.pk, key])}
        for key, act in ACTS.items()
        if negotiation.refusal(asked, key, user) is None
    ]


def _request(user: User, number: str, request_id: int) -> AfterSales:
    found = _order(user, number)
    try:
        asked = found.after_sales.select_related("line", "dossier").get(pk=request_id)
    except AfterSales.DoesNotExist:
        raise Http404 from None
    asked.order = found
    return asked


@require_http_methods(["GET", "POST"])
@login_required
def negotiate(request: HttpRequest, number: str, request_id: int, act: str) -> HttpResponse:
    """One act on an after-sales request: a page that says what follows, and its form."""
    assert isinstance(request.user, User)
    user = request.user
    asked = _request(user, number, request_id)
    if act == "write":
        return _write(request, user, asked)
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
            act=lambda **given: chosen.verb(actor=user, after_sales_id=asked.pk, **_plain(given)).pk,
        )
        if form.done:
            messages.success(request, str(chosen.done))
            return redirect(_back(asked.order, asked.line))
    else:
        form = blank(request, name, start=_starting(act, asked))
    return _act_page(request, user, asked, act, form)


def _starting(act: str, asked: AfterSales) -> dict[str, Any]:
    if act != "counter":
        return {}
    return {"offer": Remedy.COMPENSATION, "amount_fen": yuan(min(asked.amount_fen, asked.order.refundable_fen))}


def _act_page(request: HttpRequest, user: User, asked: AfterSales, act: str, form: FormState) -> HttpResponse:
    closed = negotiation.refusal(asked, act, user)
    context = {
        "order": asked.order,
        "line": asked.line,
        "asked": asked,
        "act": act,
        "words": ACTS[act],
        "form": form,
        "values": _first(form),
        "closed": closed,
        "effects": _effects(act, asked),
        "back": _back(asked.order, asked.line),
        "facts": _asked_facts(asked),
        "offer_options": [{"value": kind.value, "label": kind.label} for kind, _hint in ASKED],
        "cap": asked.order.refundable_fen,
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


def _write(request: HttpRequest, user: User, asked: AfterSales) -> HttpResponse:
    """Write a message with files. Files are received first, so nothing wrong with the text ever loses one."""
    name = f"order:{asked.order.number}:write:{asked.pk}"
    side = policy.side_of(user, asked.order)
    if request.method == "POST":
        received = uploads.take(
            request, lambda upload, _slot: negotiation.attach(actor=user, after_sales_id=asked.pk, upload=upload)
        )
        if uploads.partial(request):
            return uploads.answer(request, received, _row_of(asked))
        uploads.tell(request, received)
        if "send" not in request.POST:
            drafts.save(user=user, form=name, data=typed(request.POST))
            return redirect(request.path)
        form = submit(request, name, shape=shapes.WriteAfterSales, act=lambda **given: _send(user, asked, given, side))
        if form.done:
            messages.success(request, _("Your message was sent."))
            return redirect(_back(asked.order, asked.line))
    else:
        form = blank(request, name)
    assert asked.dossier is not None
    context = {
        "order": asked.order,
        "line": asked.line,
        "asked": asked,
        "form": form,
        "values": _first(form),
        "files": [_row_of(asked)(item) for item in unsent(asked.dossier, side)],
        "talk": _talk(asked.order, asked.line, side),
        "back": _back(asked.order, asked.line),
        "accept": uploads.ACCEPT,
        "to_merchant": side == Side.BUYER,
    }
    return render(request, "disputes/after_sales_write.html", context, status=form.status)


def _send(user: User, asked: AfterSales, given: dict[str, Any], side: str) -> int:
    assert asked.dossier is not None
    files = list(asked.dossier.items.filter(side=side, state="ready").order_by("position", "received_at"))
    return negotiation.write(actor=user, after_sales_id=asked.pk, text=given["text"], attachments=files).pk


def _row_of(asked: AfterSales) -> Callable[[Any], dict[str, Any]]:
    def row(item: Any) -> dict[str, Any]:
        remove = reverse("disputes:detach", args=[asked.order.number, asked.pk, uploads.id_of(item)])
        return {**uploads.row(item), "remove_href": remove}

    return row


@require_POST
@login_required
def attach(request: HttpRequest, number: str, request_id: int) -> HttpResponse:
    """Files for the next message, without the message."""
    return negotiate(request, number, request_id, "write")


@require_POST
@login_required
def detach(request: HttpRequest, number: str, request_id: int, item_id: uuid.UUID) -> HttpResponse:
    """Take back a file that was not sent yet."""
    assert isinstance(request.user, User)
    asked = _request(request.user, number, request_id)
    assert asked.dossier is not None
    item = asked.dossier.items.filter(pk=item_id, side=policy.side_of(request.user, asked.order)).first()
    if item is None:
        raise Http404
    item.dossier = asked.dossier
    try:
        custody.discard(actor=request.user, item=item, at=clock.now())
    except Refused as refused:
        messages.error(request, refused.message)
    return redirect("disputes:negotiate", number, request_id, "write")
