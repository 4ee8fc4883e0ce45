"""The case page of a party, its ruling, and the page of each act on it."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET, require_http_methods

from accounts.models import User
from arbitration.models import Ruling
from arbitration.queries import CaseFile, NotFiled, RulingFile, case_file, ruling_files
from core import clock
from disputes import drafts
from disputes.forms import FormState
from disputes.models import Case, State
from disputes.views import sections
from disputes.views.heads import act_url, head, turn


@require_GET
@login_required
def case(request: HttpRequest, number: str) -> HttpResponse:
    """Everything on the case as the reader's side sees it. At most 15 queries."""
    file = _read(request, number)
    if isinstance(file, HttpResponse):
        return file
    return render(request, "disputes/case.html", _case_page(request, file))


@require_GET
@login_required
def ruling(request: HttpRequest, number: str) -> HttpResponse:
    """The ruling with all its reasons, and the earlier ones it replaced. Nothing before it is in effect."""
    file = _read(request, number)
    if isinstance(file, HttpResponse):
        return file
    if not file.rulings:
        raise Http404
    made = [_ruling(file, row) for row in ruling_files(file.rulings)]
    context = _frame(file, [_("Ruling")]) | {
        "head": head(file),
        "rulings": made,
        "review": sections.review_box(file),
        "rules": sections.rules(file),
        "acknowledge": act_url(file.case, "acknowledge") if file.may("acknowledge") else "",
    }
    return render(request, "disputes/ruling.html", context)


def _read(request: HttpRequest, number: str) -> CaseFile | HttpResponse:
    """The case as the reader's side sees it; staff and drafts have their own pages. Strangers: 404."""
    assert isinstance(request.user, User)
    try:
        file = case_file(request.user, number, clock.now())
    except Case.DoesNotExist:
        raise Http404 from None
    except NotFiled:
        return redirect("disputes:file", number=number)
    return file if file.side else redirect(f"/desk/cases/{number}/")


def _frame(file: CaseFile, here: list[str]) -> dict[str, Any]:
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
    opened, closed = sections.actions(file, request.user, primary=now.act if "action" in top else "")
    order = file.case.order
    current = file.ruling
    return _frame(file, []) | {
        "head": top,
        "claim": sections.claim(file),
        "evidence": sections.evidence(file),
        "unsent": len(file.drafts),
        "unsent_href": act_url(file.case, "lodge") if file.may("lodge") else "",
        "statements": sections.statements(file),
        "offers": sections.offers(file),
        "requests": sections.requests(file),
        "suspension": sections.suspension(file),
        "verdict": sections.verdict(file, current) if current else None,
        "steps": sections.steps(file, current) if current else [],
        "review": sections.review_box(file),
        "timeline": sections.timeline(file, top),
        "rules": sections.rules(file),
        "refusal": sections.refusal(file),
        "expired": _expired(request.user, file),
        "opened": opened,
        "closed": closed,
        "order_facts": [
            {"label": _("Order number"), "value": order.number},
            {"label": _("Paid"), "fen": order.paid_fen},
            {"label": _("Refunded"), "fen": order.refunded_fen},
        ],
    }


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
        "still": [
            {"label": sections.label(act), "href": act_url(file.case, act)} for act in still if file.may(act)
        ],
    }


def _ruling(file: CaseFile, made: RulingFile) -> dict[str, Any]:
    row = made.ruling
    points = ngettext("%(n)d violation point", "%(n)d violation points", row.points) % {"n": row.points}
    return {
        "id": row.pk,
        "replaced": row.state == Ruling.State.REPLACED,
        "verdict": sections.verdict(file, row),
        "calc": sections.arithmetic(row),
        "steps": sections.steps(file, row),
        "findings": sections.findings(file, made),
        "weights": sections.weights(file, made),
        "clauses": sections.clauses(file, row),
        "points": points if row.points else "",
        "by": _("By consent") if row.kind == Ruling.Kind.CONSENT else pgettext("role", "Arbiter"),
    }


def form_name(file: CaseFile, act: str) -> str:
    """The name of the reader's unsent form of an act."""
    return f"case:{file.case.number}:{act}"


def written(data: dict[str, Any]) -> str:
    """The words somebody typed into a form, in order, as one text."""
    texts = [text.strip() for name, values in data.items() if _is_text(name) for text in values if text.strip()]
    return "\n\n".join(texts)


def _is_text(name: str) -> bool:
    return name.rpartition(".")[2] in TEXTS or name.startswith("answers[") and name.endswith("]")


TEXTS = {"statement", "reason", "missing_reason", "conditions", "argument", "why_not_before", "excuse", "defence", "note"}


@require_http_methods(["GET", "POST"])
@login_required
def act(request: HttpRequest, number: str, act: str) -> HttpResponse:
    raise Http404
