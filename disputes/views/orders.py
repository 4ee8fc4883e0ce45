"""Orders: the list, and the page of one with its always-present entry to an intervention."""

from datetime import datetime
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts import policy
from accounts.models import User
from core import clock, money
from disputes import deadlines, eligibility, queries
from disputes.models import AfterSales, Order
from disputes.views import gate
from disputes.views.common import line_of, order_or_404
from disputes.views.negotiation.acts import open_acts
from disputes.views.negotiation.messages import talk_rows
from evidence.models import Side
from rulebook.models import Remedy
from rulebook.queries import Book


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


@require_GET
@login_required
def order(request: HttpRequest, number: str) -> HttpResponse:
    """The order with its always-present entry to an intervention, for the buyer and for the store's people alike."""
    assert isinstance(request.user, User)
    found = order_or_404(request.user, number)
    at = clock.now()
    line = line_of(found, request.GET.get("line", ""))
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
        "threat_href": gate.threat_href(found, line, check),
        "promises": gate.promises(rules, side),
        "prepare": _prepare(asked, rules) if side == Side.BUYER else None,
        "talk": talk_rows(found, line, side),
        "asked": asked,
        "answer": _answer_head(found, asked, side, at),
        "acts": open_acts(request.user, found, asked),
        "may_ask": side == Side.BUYER and (asked is None or asked.state not in AfterSales.LIVE),
        "sums": sums(found),
        "moments": queries.moments_of(found),
        "now": at,
    }
    return render(request, "disputes/order.html", context)


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


def sums(found: Order) -> list[dict[str, Any]]:
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
