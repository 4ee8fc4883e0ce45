"""The case page of a party, its ruling, and the page of each act on it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext
from django.views.decorators.http import require_GET, require_http_methods

from accounts import policy
from accounts.models import User
from arbitration.models import Ruling
from arbitration.operations import OPERATIONS
from arbitration.queries import CaseFile, NotFiled, RulingFile, case_file, ruling_files
from core import clock
from core.errors import Refused
from core.forms import typed
from disputes import drafts, lifecycle
from disputes.forms import FormState, blank, submit
from disputes.models import Case, State
from disputes.views import filing, sections
from disputes.views.acts import PAGES, Page
from disputes.views.heads import RULING, act_url, head, turn
from notices.sentences import actor_side, sentence


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
        "head": head(file, here=RULING),
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
        "still": [{"label": sections.label(act), "href": act_url(file.case, act)} for act in still if file.may(act)],
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
    return name.rpartition(".")[2] in TEXTS or (name.startswith("answers[") and name.endswith("]"))


TEXTS = {"statement", "reason", "missing_reason", "conditions", "argument", "why_not_before", "excuse", "defence"}


# --- acts ------------------------------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
@login_required
def act(request: HttpRequest, number: str, act: str) -> HttpResponse:
    """The page of one act: its form while it is possible, afterwards why not, with everything typed still readable.

    On POST it is done once per key and leads back to the case (303); a refusal shows the form again, whole.
    """
    file = _read(request, number)
    if isinstance(file, HttpResponse):
        return file
    if act not in PAGES:
        raise Http404
    assert isinstance(request.user, User)
    policy.require(request.user, f"case.{act}", file.case)
    if request.method == "GET":
        form = blank(request, form_name(file, act), based_on=file.case.version, start=_start(request, act))
        return _act_page(request, file, act, form)
    if KEEP & request.POST.keys():
        return _keep(request, file, act)
    form = _send(request, request.user, file, act)
    if form.done:
        messages.success(request, PAGES[act](file, form).done)
        return _see_other(reverse("disputes:case", args=[number]))
    again = _read(request, number)
    assert isinstance(again, CaseFile)
    return _act_page(request, again, act, form)


KEEP = {"_save", "_check"}
"""Buttons that only keep what was typed: for later, or to look at it as the other side will."""


def _start(request: HttpRequest, act: str) -> dict[str, Any]:
    """What a link may fill in beforehand: the finding a review is to attack."""
    finding = request.GET.get("finding", "")
    return {"finding_id": finding} if act == "request_review" and finding.isdigit() else {}


def _see_other(url: str) -> HttpResponse:
    return HttpResponse(status=303, headers={"Location": url})


def _keep(request: HttpRequest, file: CaseFile, act: str) -> HttpResponse:
    """Keep the form as typed; then the check page, or the form again."""
    assert isinstance(request.user, User)
    here = act_url(file.case, act)
    try:
        kept = {name: values for name, values in typed(request.POST).items() if name not in KEEP}
        drafts.save(user=request.user, form=form_name(file, act), data=kept)
    except Refused as refused:
        form = FormState(form_name(file, act), typed(request.POST), refusal=refused, status=refused.status)
        return _act_page(request, file, act, form)
    if "_check" in request.POST:
        return _see_other(f"{here}?check=1")
    messages.success(request, _("Saved. You can go on any time before the due moment."))
    return _see_other(here)


def _send(request: HttpRequest, user: User, file: CaseFile, act: str) -> FormState:
    """Perform the act with what was typed; what was said about unsent files is kept first."""
    try:
        filing.keep_descriptions(user, file.case, request.POST)
    except Refused as refused:
        return FormState(form_name(file, act), typed(request.POST), refused.fields, refused, refused.status)
    operation = OPERATIONS[act]

    def perform(**given: Any) -> int:
        return operation.verb(actor=user, case_id=file.case.pk, **given).version

    form = submit(request, form_name(file, act), shape=operation.shape, act=perform, based_on=file.case.version)
    form.errors = {RENAMED.get(name, name): messages for name, messages in form.errors.items()}
    return form


RENAMED = {"finding": "finding_id", "item_ids": "items"}
"""A verb's word for an input → the name of the form's field."""


def _act_page(request: HttpRequest, file: CaseFile, act: str, form: FormState) -> HttpResponse:
    assert isinstance(request.user, User)
    form.based_on = file.case.version
    closed = lifecycle.refusal(file.case, act, request.user, file.at)
    if closed is not None:
        return _over(request, file, act, form, closed)
    page = PAGES[act](file, form)
    checking = request.method == "GET" and "check" in request.GET and page.template.endswith("respond.html")
    context = _frame(file, [page.title]) | {
        "head": head(file, here=act),
        "act": act,
        "page": page,
        "form": form,
        "action": act_url(file.case, act),
        "case_href": reverse("disputes:case", args=[file.case.number]),
        "autosave": reverse("disputes:draft", args=[form.name]),
        "claim": sections.claim(file),
        "changes": _changes(file, request, form),
        "saved_at": form.saved_at,
        "extend_href": act_url(file.case, "extend") if act != "extend" and file.may("extend") else "",
        "others": [
            {"label": sections.label(name), "href": act_url(file.case, name)}
            for name in ("concede", "offer", "skip")
            if act in {"respond", "rebut"} and file.may(name)
        ],
    }
    if page.files:
        uploaded = filing.evidence_uploads(file.case, request.user, choose=page.files == "choose")
        context |= {"uploads": uploaded, "page_tasks": _tasks(page, uploaded, checking)}
    if act == "request_review" and file.ruling is not None:
        context["finding_options"] = _finding_options(file, file.ruling)
    if checking:
        context |= {"preview": _preview(file, page), "carried": _carried(form)}
        return render(request, "disputes/acts/check.html", context, status=form.status)
    return render(request, page.template, context, status=form.status)


def _finding_options(file: CaseFile, ruling: Ruling) -> list[dict[str, Any]]:
    """The findings of the ruling in effect, to choose the one that is attacked. Three queries."""
    (made,) = ruling_files([ruling])
    return [
        {
            "value": row.pk,
            "label": f"{row.position} {row.issue}",
            "hint": f"{row.get_result_display()} · {row.reason}",
        }
        for row in made.findings
    ]


def _over(request: HttpRequest, file: CaseFile, act: str, form: FormState, closed: Refused) -> HttpResponse:
    """The act is not possible now: when that ended, what was typed, and what is possible instead."""
    assert isinstance(request.user, User)
    at = sections.ended(file, act)
    opened, _closed = sections.actions(file, request.user, primary="")
    context = _frame(file, [sections.label(act)]) | {
        "head": head(file, here=act),
        "label": sections.label(act),
        "title_over": closed.message,
        "at": at,
        "text": _("Nothing was sent.") if request.method == "POST" else "",
        "keep": written(dict(form.values)),
        "still": [row for row in opened if "href" in row],
        "case_href": reverse("disputes:case", args=[file.case.number]),
    }
    return render(request, "disputes/acts/over.html", context, status=409 if request.method == "POST" else 200)


def _changes(file: CaseFile, request: HttpRequest, form: FormState) -> list[dict[str, Any]]:
    """After a conflict: what happened since the form was opened, newest last. Each change of a case is one entry."""
    if form.refusal is None or form.refusal.code != "case_version_current":
        return []
    based = request.POST.get("based_on", "")
    since = file.case.version - int(based) if based.isdigit() else 1
    entries = [entry for entry in file.entries if not entry.verb.startswith("evidence_")]
    return [
        {"actor": actor_side(entry), "text": sentence(entry, reader=file.side), "at": entry.at}
        for entry in entries[-max(since, 1) :]
    ]


def _tasks(page: Page, uploaded: dict[str, Any], checking: bool) -> list[dict[str, Any]]:
    """逐条回应 · 总体陈述 · 举证 · 检查: how far each is."""
    if "points" not in page.more:
        return []
    points = [point for point in page.more["points"] if not point["closed"]]
    answered = len([point for point in points if point["stance"]])
    stated = bool(page.more["statement"]["value"].strip())
    missing = (uploaded["meter"] or {}).get("missing", [])
    tasks: list[dict[str, Any]] = [
        {
            "label": _("Answer item by item"),
            "href": "#points",
            "state": "done" if answered == len(points) else "doing" if answered else "todo",
            "word": f"{answered}/{len(points)}",
        },
        {"label": _("Overall statement"), "href": "#statement", "state": "done" if stated else "todo"},
        {
            "label": _("Evidence"),
            "href": "#files",
            "state": "missing" if missing else "done" if uploaded["rows"] else "todo",
            "word": ngettext("%(n)d missing", "%(n)d missing", len(missing)) % {"n": len(missing)}
            if missing
            else ngettext("%(n)d file", "%(n)d files", uploaded["count"]) % {"n": uploaded["count"]},
        },
        {"label": _("Check and send"), "href": "#check", "state": "doing" if checking else "todo", "current": checking},
    ]
    return tasks


def _preview(file: CaseFile, page: Page) -> dict[str, Any]:
    """What is about to be sent, as the other side will read it."""
    points = [point for point in page.more["points"] if not point["closed"]]
    ready = [item for item in file.drafts if item.state == "ready"]
    first = max((item.exhibit_no or 0 for item in file.of(file.side)), default=0) + 1
    return {
        "points": points,
        "open": len([point for point in points if not point["stance"]]),
        "statement": page.more["statement"]["value"],
        "missing": (page.more.get("missing") or {}).get("value", ""),
        "lacking": bool(page.more.get("missing")) and not page.more["missing"]["value"].strip(),
        "items": [
            {
                "id": f"new-{number}",
                "side": file.side,
                "no": number,
                "caption": item.caption or item.name,
                "kind_word": item.kind_label,
                "at": file.at,
                "thumb": item.thumb_url,
                "href": item.view_url,
            }
            for number, item in enumerate(ready, first)
        ],
    }


def _carried(form: FormState) -> list[tuple[str, str]]:
    """Every field as typed, to go along with the last button."""
    return [(name, value) for name, values in form.values.items() for value in values]
