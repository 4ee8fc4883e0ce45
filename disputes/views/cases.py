"""The case page of a party, and its ruling."""

from collections.abc import Iterable
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET

from accounts.models import User
from arbitration.models import ItemWeight, Ruling
from arbitration.queries import CaseFile, NotFiled, RulingFile, case_file, ruling_files, told
from core import clock
from disputes import drafts
from disputes.models import Case, State
from disputes.views.acts.page import form_name
from disputes.views.common import act_url
from disputes.views.drafts import written
from disputes.views.heads import RULING, head
from disputes.views.sections import actions, claims, exchanges, exhibits, history, reviews, rulings, steps
from disputes.views.turns import turn


@require_GET
@login_required
def case(request: HttpRequest, number: str) -> HttpResponse:
    """Everything on the case as the reader's side sees it. At most 15 queries."""
    file = read_case(request, number)
    if isinstance(file, HttpResponse):
        return file
    return render(request, "disputes/case.html", _case_page(request, file))


@require_GET
@login_required
def ruling(request: HttpRequest, number: str) -> HttpResponse:
    """The ruling with all its reasons, and the earlier ones it replaced. Nothing before it is in effect."""
    file = read_case(request, number)
    if isinstance(file, HttpResponse):
        return file
    if not file.rulings:
        raise Http404
    made = [_ruling(file, row) for row in ruling_files(file.rulings, withheld=file.withheld)]
    context = frame(file, [_("Ruling")]) | {
        "head": head(file, here=RULING),
        "rulings": made,
        "review": reviews.review_box(file),
        "rules": rulings.rules(file),
        "acknowledge": act_url(file.case, "acknowledge") if file.may("acknowledge") else "",
    }
    return render(request, "disputes/ruling.html", context)


def read_case(request: HttpRequest, number: str) -> CaseFile | HttpResponse:
    """The case as the reader's side sees it; staff and drafts have their own pages. Strangers: 404."""
    assert isinstance(request.user, User)
    try:
        file = case_file(request.user, number, clock.now())
    except Case.DoesNotExist:
        raise Http404 from None
    except NotFiled:
        return redirect("disputes:file", number=number)
    return file if file.side else redirect(f"/desk/cases/{number}/")


def frame(file: CaseFile, here: list[str]) -> dict[str, Any]:
    """What every page about the case has: its title and where it is."""
    inbox = file.side == "merchant"
    number = file.case.number
    crumbs: list[dict[str, Any]] = [
        {
            "label": pgettext("navigation", "Cases") if inbox else pgettext("navigation", "Dispute cases"),
            "href": reverse("disputes:inbox" if inbox else "disputes:cases"),
        },
        {"label": number, "id": True, "href": reverse("disputes:case", args=[number]) if here else ""},
        *({"label": label} for label in here),
    ]
    return {"file": file, "title": f"{file.case.line.title} · {file.cause.name}", "crumbs": crumbs}


def _case_page(request: HttpRequest, file: CaseFile) -> dict[str, Any]:
    assert isinstance(request.user, User)
    now = turn(file)
    top = head(file)
    opened, closed = actions.actions(file, request.user, primary=now.act if "action" in top else "")
    order = file.case.order
    current = file.ruling
    return frame(file, []) | {
        "head": top,
        "claim": claims.claim(file),
        "evidence": exhibits.evidence(file, _weights(file)),
        "unsent": len(file.drafts),
        "unsent_href": act_url(file.case, "lodge") if file.may("lodge") else "",
        "statements": exchanges.statements(file),
        "offers": exchanges.offers(file),
        "requests": exchanges.requests(file),
        "suspension": exchanges.suspension(file),
        "verdict": rulings.verdict(file, current) if current else None,
        "steps": steps.steps(file, current) if current else [],
        "review": reviews.review_box(file),
        "timeline": history.timeline(file, top),
        "rules": rulings.rules(file),
        "refusal": claims.refusal(file),
        "expired": _expired(request.user, file),
        "opened": opened,
        "closed": closed,
        "order_facts": [
            {"label": _("Order number"), "value": order.number},
            {"label": _("Paid"), "fen": order.paid_fen},
            {"label": _("Refunded"), "fen": order.refunded_fen},
        ],
    }


def _weights(file: CaseFile) -> Iterable[ItemWeight]:
    """What the items were worth in the ruling in effect; only on the ruling's page while more was asked. One query."""
    if file.ruling is None or file.case.state == State.AWAITING_INFORMATION:
        return ()
    return [told(row, file.withheld) for row in file.ruling.weights.all()]


def _expired(user: User, file: CaseFile) -> dict[str, Any] | None:
    """The respondent missed its response: what lapsed, when, and what remains. One query, for that side alone."""
    lapsed = file.entry("response_expired")
    if not file.case.by_default or file.applies or lapsed is None or file.case.state != State.DELIBERATION:
        return None
    kept = drafts.load(user=user, form=form_name(file, "respond"))
    still = ("state_late", "lodge", "concede", "offer")
    return {
        "title": _("Your time to respond is over"),
        "at": lapsed.at,
        "text": _("The platform decides on the file as it is. What you send now is kept and marked late."),
        "keep": written(kept.data) if kept else "",
        "still": [{"label": actions.label(act), "href": act_url(file.case, act)} for act in still if file.may(act)],
    }


def _ruling(file: CaseFile, made: RulingFile) -> dict[str, Any]:
    row = made.ruling
    points = ngettext("%(n)d violation point", "%(n)d violation points", row.points) % {"n": row.points}
    return {
        "id": row.pk,
        "replaced": row.state == Ruling.State.REPLACED,
        "verdict": rulings.verdict(file, row),
        "calc": rulings.arithmetic(row),
        "steps": steps.steps(file, row),
        "findings": rulings.findings(file, made),
        "weights": rulings.weights(file, made),
        "clauses": rulings.clauses(file, row),
        "points": points if row.points else "",
        "by": _("By consent") if row.kind == Ruling.Kind.CONSENT else pgettext("role", "Arbiter"),
    }
