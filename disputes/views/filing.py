"""Filing: what to expect, then six short steps whose answers are kept as they are typed, and the files of a case."""

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from rest_framework import serializers

from accounts import policy
from accounts.models import User
from arbitration.operations import OPERATIONS
from core import clock, moments, money
from core.clock import BEIJING
from core.errors import Refused, flatten
from core.forms import Fen, Shape, nested, typed
from core.templatetags.ui import yuan
from core.text import PlainText
from disputes import deadlines, drafts, eligibility, exhibits, queries, shapes
from disputes import filing as verbs
from disputes.forms import FormState, blank, submit
from disputes.models import Case, Deadline, Order, State
from disputes.models.case import WITH_MONEY
from disputes.views import gate, orders, uploads
from evidence import items as custody
from evidence.models import CAPTION_LENGTH, Item, Side
from evidence.queries import Exhibit, checklist
from evidence.queries import drafts as unsent
from evidence.types import ITEMS_PER_SIDE
from rulebook.models import Cause, Remedy, in_english
from rulebook.queries import book

SHORT = shapes.SHORT
FIRST_CAUSES = 8

STEPS = [
    ("cause", gettext_lazy("Cause")),
    ("claim", pgettext_lazy("step", "Claim")),
    ("statement", gettext_lazy("Statement")),
    ("evidence", gettext_lazy("Evidence")),
    ("check", gettext_lazy("Check")),
]
"""The pages; the sixth step is the sending itself."""

REMEDY_HINTS = {
    Remedy.RETURN_REFUND: gettext_lazy("The goods go back, the money comes back."),
    Remedy.REFUND: gettext_lazy("The money comes back, nothing is sent back."),
    Remedy.EXCHANGE: gettext_lazy("The goods go back, another one comes."),
    Remedy.RESEND: gettext_lazy("What is missing or broken is sent again."),
    Remedy.REPAIR: gettext_lazy("It is repaired."),
    Remedy.COMPENSATION: gettext_lazy("The goods stay, part of the price comes back."),
    Remedy.WARNING: gettext_lazy("The platform warns the other side; no money."),
    Remedy.REJECT: gettext_lazy("The buyer's claim is turned down."),
    Remedy.DEDUCT: gettext_lazy("The loss is taken off the buyer's refund."),
}
EXCEPTIONS = {
    "authority_counterfeit": gettext_lazy("An authority found the goods to be counterfeit"),
    "court_document": gettext_lazy("There is a court document"),
    "longer_promise": gettext_lazy("The merchant promised a longer time"),
    "provable_non_receipt": gettext_lazy("I can prove that I never received the goods"),
}


class CauseStep(Shape):
    cause = serializers.CharField(max_length=32)


class ClaimStep(Shape):
    remedy = serializers.ChoiceField(Remedy.choices)
    amount_fen = Fen(default=0)


class StatementStep(Shape):
    what_happened = PlainText(max_length=SHORT)
    difference = PlainText(max_length=SHORT)
    wanted = PlainText(max_length=SHORT)


class Declared(shapes.File):
    """The whole application, with the declaration that it is true."""

    truth = serializers.BooleanField(
        default=False, error_messages={"invalid": gettext_lazy("Confirm that what you say is true.")}
    )

    def validate_truth(self, value: bool) -> bool:
        if not value:
            raise serializers.ValidationError(_("Confirm that what you say is true."), code="truth_declared")
        return value

    def arguments(self) -> dict[str, Any]:
        return {name: value for name, value in self.validated_data.items() if name != "truth"}


WITH_AMOUNT = WITH_MONEY | {Remedy.DEDUCT}

SHAPES: Mapping[str, type[Shape]] = {"cause": CauseStep, "claim": ClaimStep, "statement": StatementStep}


# --- before the first step -------------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
@login_required
def start(request: HttpRequest, number: str) -> HttpResponse:
    """What to expect; on POST a draft is opened (or the one there is) and the first step shown."""
    assert isinstance(request.user, User)
    user = request.user
    found = orders._order(user, number)
    line = orders._line(found, request.POST.get("line_id", "") or request.GET.get("line", ""))
    side = policy.side_of(user, found)
    name = f"order:{found.number}:start:{line.pk}"
    if request.method == "POST":
        form = submit(
            request,
            name,
            shape=shapes.StartCase,
            act=lambda **given: verbs.start(actor=user, order_id=found.pk, **orders._plain(given)).number,
        )
        if form.done:
            return redirect("disputes:file", form.answer)
    else:
        form = blank(request, name)
    at = clock.now()
    check = eligibility.check(found, line, side, at)
    if check.open_case is not None and check.open_case.state != State.DRAFT:
        return redirect("disputes:case", check.open_case.number)
    rules = gate.rules_now(at)
    asked = check.after_sales
    cause = rules.cause(asked.cause) if asked and asked.cause in {row.code for row in rules.causes} else None
    failed = {condition.code for condition in check.failed}
    context = {
        "order": found,
        "line": line,
        "side": side,
        "form": form,
        "values": orders._first(form),
        "check": check,
        "checks": gate.checks(check, rules),
        "late": "inside_filing_window" in failed,
        "may_claim_threat": "wrote_to_buyer_first" in failed,
        "can_start": failed <= {"inside_filing_window", "wrote_to_buyer_first"},
        "exception_options": [{"value": key, "label": label} for key, label in EXCEPTIONS.items()],
        "promises": gate.promises(rules, side, cause),
        "cause": cause,
        "prepare": gate.asked_for(cause),
        "keep": moments.duration_text(rules.length("draft_kept").delta),
    }
    return render(request, "disputes/filing_start.html", context, status=form.status)


# --- the steps -------------------------------------------------------------------------------------------------------
@require_GET
@login_required
def resume(request: HttpRequest, number: str) -> HttpResponse:
    """Go on where the application stands."""
    assert isinstance(request.user, User)
    case = _mine(request.user, number)
    if case.state != State.DRAFT:
        return redirect("disputes:submitted", number)
    return redirect("disputes:file_step", number, _first_open(_answers(request.user, case)))


@require_http_methods(["GET", "POST"])
@login_required
def step(request: HttpRequest, number: str, step: str) -> HttpResponse:
    """One step: what was typed is kept before anything is checked; then the next step, or this one with its errors."""
    assert isinstance(request.user, User)
    if step not in dict(STEPS):
        raise Http404
    case = _mine(request.user, number)
    if case.state != State.DRAFT:
        return _already_sent(request, case)
    if step == "check":
        return _check(request, request.user, case)
    if request.method == "POST":
        return _keep(request, request.user, case, step)
    return _page(request, request.user, case, step, blank(request, form_name(case), start=_start(case)))


def form_name(case: Case) -> str:
    return f"case:{case.number}:file"


def _mine(user: User, number: str) -> Case:
    """The case, if the reader's side filed it; everybody else finds nothing."""
    try:
        case = queries.case_for(user, number)
    except Case.DoesNotExist:
        raise Http404 from None
    if policy.side_of(user, case) != case.applicant_side:
        raise Http404
    return case


def _already_sent(request: HttpRequest, case: Case) -> HttpResponse:
    """A step of an application that was sent: its confirmation, or for a stale form what was typed, to copy."""
    if request.method == "GET" or request.POST.get("idempotency_key"):
        return redirect("disputes:submitted", case.number)
    kept = "\n\n".join(value for name, values in typed(request.POST).items() for value in values if len(value) > 40)
    return render(request, "disputes/filing_over.html", {"case": case, "keep": kept}, status=409)


def _start(case: Case) -> dict[str, Any]:
    """What is known before the first word is typed: nothing the buyer told the merchant is asked again."""
    asked = case.after_sales
    found: dict[str, Any] = {"exception": case.window_exception}
    if asked is not None and case.applicant_side == Side.BUYER:
        found |= {"cause": asked.cause, "remedy": asked.asked, "what_happened": asked.reason[:SHORT]}
        found["amount_fen"] = yuan(min(asked.amount_fen or case.order.refundable_fen, case.order.refundable_fen))
    else:
        found["amount_fen"] = yuan(0 if case.applicant_side == Side.MERCHANT else case.order.refundable_fen)
    return found


def _answers(user: User, case: Case) -> dict[str, str]:
    """Field → value, as kept so far."""
    draft = drafts.load(user=user, form=form_name(case))
    kept = {name: values[-1] for name, values in draft.data.items() if values} if draft else {}
    return {**{name: str(value) for name, value in _start(case).items()}, **kept}


def _first_open(answers: Mapping[str, str]) -> str:
    """The first step that is not complete; the check when all are. A step counts once it was sent."""
    for key, shape in SHAPES.items():
        if f"{key}_done" not in answers or not _valid(shape, answers):
            return key
    return "evidence" if "evidence_done" not in answers else "check"


def _valid(shape: type[Shape], answers: Mapping[str, str]) -> bool:
    return bool(shape(data=_filled(dict(answers)), context={"typed": True}).is_valid())


def _keep(request: HttpRequest, user: User, case: Case, step: str) -> HttpResponse:
    if step == "evidence":
        return _keep_evidence(request, user, case)
    form = FormState(name=form_name(case), values=typed(request.POST))
    try:
        drafts.save(user=user, form=form.name, data=dict(form.values))
        shape = SHAPES[step](data=_filled(nested(form.values)), context={"typed": True})
        if not shape.is_valid():
            form.errors, form.status = flatten(shape.errors), 422
        else:
            _check_step(user, case, step, shape.validated_data)
    except Refused as refused:
        form.refusal, form.errors, form.status = refused, refused.fields, refused.status
    if form.status != 200:
        kept = blank(request, form.name, start=_start(case))
        form.values = {**kept.values, **form.values}
        return _page(request, user, case, step, form)
    drafts.save(user=user, form=form.name, data={f"{step}_done": ["1"]})
    keys = [key for key, _label in STEPS]
    return redirect("disputes:file_step", case.number, keys[keys.index(step) + 1])


def _filled(data: dict[str, Any]) -> dict[str, Any]:
    """An amount left empty is none, not a mistake; whether one is needed depends on the remedy."""
    return {**data, "amount_fen": data["amount_fen"].strip() or "0"} if "amount_fen" in data else data


def _claimed(values: Mapping[str, str]) -> str:
    """The amount as typed, where the remedy has one."""
    return values.get("amount_fen", "") or "0" if values.get("remedy") in WITH_AMOUNT else "0"


def _check_step(user: User, case: Case, step: str, data: Mapping[str, Any]) -> None:
    """What the filing will refuse is said at the step where it can be put right."""
    rules = book(case.rulebook_id)
    if step == "cause":
        if rules.cause(data["cause"]).filed_by != case.applicant_side:
            raise Refused("cause_fits_side", _("This cause is for the other side to file."), field="cause")
    elif step == "claim":
        cause = rules.cause(_answers(user, case).get("cause", ""))
        verbs.check_claim(case, cause, data["remedy"], data["amount_fen"])


def _page(request: HttpRequest, user: User, case: Case, step: str, form: FormState) -> HttpResponse:
    values = orders._first(form)
    cause = _cause(case, values)
    if step != "cause" and cause is None:
        return redirect("disputes:file_step", case.number, "cause")
    context = {**_frame(case, step, values), "form": form, "values": values, "cause": cause}
    context |= _BUILDERS[step](user, case, values, cause)
    return render(request, f"disputes/filing_{step}.html", context, status=form.status)


def _cause(case: Case, values: Mapping[str, str]) -> Cause | None:
    rules = book(case.rulebook_id)
    code = values.get("cause", "")
    return rules.cause(code) if code in {cause.code for cause in rules.causes} else None


def _frame(case: Case, step: str, values: Mapping[str, str]) -> dict[str, Any]:
    """What every step's page needs: where it stands among the six."""
    keys = [key for key, _label in STEPS]
    at = keys.index(step)
    steps = [
        {
            "label": label,
            "href": reverse("disputes:file_step", args=[case.number, key]),
            "state": "now" if key == step else "done" if place < at or f"{key}_done" in values else "todo",
        }
        for place, (key, label) in enumerate(STEPS)
    ]
    return {
        "case": case,
        "order": case.order,
        "line": case.line,
        "steps": [*steps, {"label": _("Send"), "href": "", "state": "todo"}],
        "step_number": at + 1,
        "autosave": reverse("disputes:draft", args=[form_name(case)]),
        "back_href": reverse("disputes:file_step", args=[case.number, keys[at - 1]])
        if at
        else f"{reverse('disputes:order', args=[case.order.number])}?line={case.line_id}",
    }


def _cause_page(user: User, case: Case, values: Mapping[str, str], cause: Cause | None) -> dict[str, Any]:
    mine = [row for row in book(case.rulebook_id).causes if row.filed_by == case.applicant_side]
    asked = case.after_sales.cause if case.after_sales else ""
    mine.sort(key=lambda row: row.code != asked)
    options = [{"value": row.code, "label": row.name, "hint": row.plain} for row in mine]
    chosen_late = values.get("cause", "") in {row.code for row in mine[FIRST_CAUSES:]}
    return {"first": options[:FIRST_CAUSES], "rest": options[FIRST_CAUSES:], "rest_open": chosen_late}


def _claim_page(user: User, case: Case, values: Mapping[str, str], cause: Cause | None) -> dict[str, Any]:
    assert cause is not None
    remedies = [Remedy(code) for code in cause.remedies]
    return {
        "remedy_options": [{"value": row.value, "label": row.label, "hint": REMEDY_HINTS[row]} for row in remedies],
        "chosen": values.get("remedy") if values.get("remedy") in cause.remedies else cause.remedies[0],
        "with_money": any(row in WITH_AMOUNT for row in remedies),
        "cap": case.order.refundable_fen,
        "sums": orders._sums(case.order),
    }


def _statement_page(user: User, case: Case, values: Mapping[str, str], cause: Cause | None) -> dict[str, Any]:
    return {"max": SHORT, "promises": case.line.snapshot.get("promises", [])}


def _evidence_page(user: User, case: Case, values: Mapping[str, str], cause: Cause | None) -> dict[str, Any]:
    return {
        "uploads": evidence_uploads(case, user, cause=cause),
        "burden": _first_burden(case, cause),
        "check_href": reverse("disputes:file_step", args=[case.number, "check"]),
    }


_BUILDERS = {
    "cause": _cause_page,
    "claim": _claim_page,
    "statement": _statement_page,
    "evidence": _evidence_page,
}


def _first_burden(case: Case, cause: Cause | None) -> dict[str, str] | None:
    if cause is None or not cause.burden:
        return None
    row = cause.burden[0]
    return {"side": case.side_of_party(row["side"]), "text": row["en"] if in_english() else row["zh"]}


# --- checking and sending --------------------------------------------------------------------------------------------
def _check(request: HttpRequest, user: User, case: Case) -> HttpResponse:
    """Everything once more, as the other side will see it; on POST it is filed, once."""
    answers = _answers(user, case)
    if request.method == "POST":
        form = submit(
            request,
            form_name(case),
            shape=Declared,
            based_on=case.version,
            act=lambda **given: OPERATIONS["file"].verb(actor=user, case_id=case.pk, **given).number,
        )
        if form.done:
            return redirect("disputes:submitted", case.number)
    else:
        missing = next((key for key, shape in SHAPES.items() if not _valid(shape, answers)), None)
        if missing is not None:
            return redirect("disputes:file_step", case.number, missing)
        form = blank(request, form_name(case), based_on=case.version, start=_start(case))
    return _check_page(request, user, case, form)


def _check_page(request: HttpRequest, user: User, case: Case, form: FormState) -> HttpResponse:
    values = orders._first(form)
    cause = _cause(case, values)
    if cause is None:
        return redirect("disputes:file_step", case.number, "cause")
    items = unsent(case.dossier, case.applicant_side)
    sound = [item for item in items if item.state == "ready"]
    meter = checklist(cause.asked_applicant, sound)
    context = {
        **_frame(case, "check", values),
        "form": form,
        "values": values,
        "cause": cause,
        "rows": _rows(case, values, cause),
        "items": [_exhibit_row(item, number, cause, case) for number, item in enumerate(sound, 1)],
        "meter": _meter(cause, meter),
        "missing": [_slot_name(slot) for slot in meter.missing],
        "carried": [
            (name, _claimed(values) if name == "amount_fen" else values.get(name, ""))
            for name in (
                "cause",
                "remedy",
                "amount_fen",
                "what_happened",
                "difference",
                "wanted",
                "exception",
                "threatened",
            )
        ],
        "other": Side(case.respondent_side),
        "claim_words": _claim_words(values),
        "me": user.masked_name if case.applicant_side == Side.BUYER else str(case.store),
        "evidence_href": reverse("disputes:file_step", args=[case.number, "evidence"]),
        "max": SHORT,
    }
    return render(request, "disputes/filing_check.html", context, status=form.status)


def _rows(case: Case, values: Mapping[str, str], cause: Cause) -> list[dict[str, Any]]:
    def at(key: str) -> str:
        return reverse("disputes:file_step", args=[case.number, key])

    return [
        {"label": _("Cause"), "value": cause.name, "href": at("cause")},
        {"label": pgettext("step", "Claim"), "value": _claim_words(values), "href": at("claim")},
        {"label": _("What happened and when"), "value": values.get("what_happened", ""), "href": at("statement")},
        {
            "label": _("How it differs from what was promised"),
            "value": values.get("difference", ""),
            "href": at("statement"),
        },
        {"label": _("What would settle it"), "value": values.get("wanted", ""), "href": at("statement")},
    ]


def _claim_words(values: Mapping[str, str]) -> str:
    remedy = values.get("remedy", "")
    label = str(Remedy(remedy).label) if remedy in Remedy.values else ""
    try:
        fen = money.parse(_claimed(values))
    except Refused:
        fen = 0
    return f"{label} {money.text(fen)}" if fen else label


def _exhibit_row(item: Exhibit, number: int, cause: Cause, case: Case) -> dict[str, Any]:
    names = {slot["slot"]: _slot_name(slot) for slot in cause.asked_applicant}
    return {
        "id": f"item-{item.id}",
        "side": case.applicant_side,
        "no": number,
        "caption": item.caption or item.name,
        "kind_word": item.kind_label,
        "at": item.received_at,
        "slot_word": names.get(item.slot, ""),
        "thumb": item.thumb_url,
        "href": item.view_url,
    }


# --- sent ------------------------------------------------------------------------------------------------------------
@require_GET
@login_required
def submitted(request: HttpRequest, number: str) -> HttpResponse:
    """The confirmation: number, dated next steps. Reloading it sends nothing."""
    assert isinstance(request.user, User)
    case = _mine(request.user, number)
    if case.state == State.DRAFT:
        return redirect("disputes:file", number)
    at = clock.now()
    clocks = {row.kind: row for row in deadlines.running(case)}
    context = {
        "case": case,
        "order": case.order,
        "line": case.line,
        "next": _next_steps(case, clocks, at),
        "evidence_until": clocks["applicant_evidence"].due_at if "applicant_evidence" in clocks else None,
        "now": at,
    }
    return render(request, "disputes/submitted.html", context)


def _next_steps(case: Case, clocks: Mapping[str, Deadline], at: datetime) -> list[dict[str, Any]]:
    """What comes, with the dates that are known; later ones are counted from the usual lengths."""
    admission = clocks.get("admission_target")
    rules = book(case.rulebook_id)
    response = deadlines.length_for(case, "response").delta
    first: dict[str, Any] = {
        "title": _("The platform checks your application"),
        "state": "now" if case.state == State.AWAITING_ADMISSION else "done",
    }
    if admission is not None and admission.due_at is not None:
        first |= {"at": admission.due_at, "at_label": _("by")}
    return [
        {"title": _("You sent your application"), "at": case.filed_at, "state": "done"},
        first,
        {
            "title": _("The other side answers with its own evidence"),
            "note": _("Within %(duration)s after that. You are told the exact moment.")
            % {"duration": moments.duration_text(response)},
            "state": "todo",
        },
        {
            "title": _("You may answer its evidence once"),
            "note": _("Within %(duration)s; you need not.")
            % {"duration": moments.duration_text(rules.length("rebuttal").delta)},
            "state": "todo",
        },
        {
            "title": _("The platform rules, with a reason for every piece of evidence"),
            "note": _("Usually within %(duration)s.")
            % {"duration": moments.duration_text(rules.length("ruling_target").delta)},
            "state": "todo",
        },
    ]


# --- the files of a case ---------------------------------------------------------------------------------------------
def evidence_uploads(case: Case, user: User, *, cause: Cause | None = None, choose: bool = False) -> dict[str, Any]:
    """Everything ``disputes/_evidence_upload.html`` and ``_evidence_rows.html`` need for the reader's unsent files.

    ``cause``: whose checklist is shown (default: the case's). ``choose``: each row gets a ticked ``items[]`` box, for
    acts that put chosen files on file. Three queries.
    """
    side = policy.side_of(user, case)
    if cause is None and case.cause:
        cause = book(case.rulebook_id).cause(case.cause)
    slots = (cause.asked("applicant" if side == case.applicant_side else "respondent")) if cause else []
    waiting = unsent(case.dossier, side)
    lodged = list(case.dossier.items.filter(side=side, state="lodged").only("slot", "state", "side"))
    meter = checklist(slots, [*waiting, *lodged])
    return {
        "action": reverse("disputes:files", args=[case.number]),
        "describe_href": reverse("disputes:files", args=[case.number]) + "?describe",
        "rows": [_upload_row(item, case, slots, choose=choose) for item in waiting],
        "slots": _slot_rows(slots, [*waiting, *lodged]),
        "meter": _meter(cause, meter, slots),
        "accept": uploads.ACCEPT,
        "limits": limits(len(waiting) + len(lodged)),
        "choose": choose,
        "hidden": {"choose": "1"} if choose else {},
        "count": len(waiting),
    }


def limits(used: int) -> str:
    return _("JPEG, PNG, WebP up to 10 MB each; PDF 20 MB; text 2 MB. At most %(most)d items, %(used)d used.") % {
        "most": ITEMS_PER_SIDE,
        "used": used,
    }


def _slot_name(slot: Mapping[str, Any]) -> str:
    return str(slot["en"] if in_english() else slot["zh"])


def _slot_rows(slots: list[dict[str, Any]], items: list[Any]) -> list[dict[str, Any]]:
    filled = {item.slot for item in items if item.state not in {"refused", "withdrawn"}}
    return [
        {
            "label": _slot_name(slot),
            "required": slot["required"],
            "state": "in" if slot["slot"] in filled else "missing",
        }
        for slot in slots
    ]


def _meter(cause: Cause | None, meter: Any, slots: list[dict[str, Any]] | None = None) -> dict[str, Any] | None:
    if cause is None:
        return None
    return {
        "required_done": meter.required_done,
        "required_total": meter.required_total,
        "helpful_done": meter.helpful_done,
        "helpful_total": meter.helpful_total,
        "missing": [_slot_name(slot) for slot in meter.missing],
    }


def _upload_row(item: Exhibit | Item, case: Case, slots: list[dict[str, Any]], *, choose: bool) -> dict[str, Any]:
    key = uploads.id_of(item)
    known = {slot["slot"] for slot in slots}
    shown = uploads.row(item)
    return {
        **shown,
        "slot": shown["slot"] if shown["slot"] in known else "",
        "options": [{"value": slot["slot"], "label": _slot_name(slot)} for slot in slots],
        "caption_name": f"caption-{key}",
        "slot_name": f"slot-{key}",
        "max": CAPTION_LENGTH,
        "choose": choose,
        "discard_href": reverse("disputes:file_discard", args=[case.number, key]),
    }


def _side_case(user: User, number: str) -> Case:
    """A case the reader is a side of, with files of their own; everybody else finds nothing."""
    try:
        case = queries.case_for(user, number)
    except Case.DoesNotExist:
        raise Http404 from None
    if not policy.side_of(user, case):
        raise Http404
    return case


@require_POST
@login_required
def files(request: HttpRequest, number: str) -> HttpResponse:
    """Receive one file or many; or, with ``?describe``, what is said about those already there."""
    assert isinstance(request.user, User)
    user = request.user
    case = _side_case(user, number)
    if "describe" in request.GET:
        return _describe_all(request, user, case)
    received = uploads.take(
        request, lambda upload, slot: exhibits.receive(actor=user, case_id=case.pk, upload=upload, slot=slot)
    )
    if uploads.partial(request):
        slots = _asked_of(user, case)
        choose = request.POST.get("choose") == "1"
        return uploads.answer(
            request,
            received,
            lambda item: _upload_row(item, case, slots, choose=choose),
            fields="disputes/_upload_fields.html",
        )
    uploads.tell(request, received)
    if not received.kept and not received.refused:
        messages.error(request, _("Choose at least one file."))
    return redirect(_next(request, case))


def _asked_of(user: User, case: Case) -> list[dict[str, Any]]:
    """The checklist of the reader's side, for the cause chosen so far."""
    cause = _cause(case, _answers(user, case)) if case.state == State.DRAFT else _cause(case, {"cause": case.cause})
    if cause is None:
        return []
    return cause.asked("applicant" if policy.side_of(user, case) == case.applicant_side else "respondent")


def _next(request: HttpRequest, case: Case) -> str:
    """Back to where the files were sent from, a path of this site."""
    back = request.POST.get("next", "") or request.headers.get("Referer", "")
    if back and url_has_allowed_host_and_scheme(
        back, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return back
    if case.state == State.DRAFT:
        return reverse("disputes:file_step", args=[case.number, "evidence"])
    return reverse("disputes:act", args=[case.number, "lodge"])


def _describe_all(request: HttpRequest, user: User, case: Case) -> HttpResponse:
    """Keep captions and slots of all rows of a page; for the page's script, the moment they were saved."""
    try:
        keep_descriptions(user, case, request.POST)
    except Refused as refused:
        return JsonResponse({"error": {"code": refused.code, "message": refused.message}}, status=refused.status)
    return JsonResponse({"saved_at": f"{clock.now().astimezone(BEIJING):%H:%M}"})


def keep_descriptions(user: User, case: Case, post: Mapping[str, Any]) -> None:
    """Write ``caption-<id>`` and ``slot-<id>`` to the side's unsent items. All that can be kept is kept; then raises.

    Raises Refused with the field of the first caption at fault.
    """
    at, first = clock.now(), None
    own = case.dossier.items.filter(side=policy.side_of(user, case), lodged_at=None)
    for item in own:
        if f"caption-{item.pk}" not in post and f"slot-{item.pk}" not in post:
            continue
        item.dossier = case.dossier
        try:
            custody.describe(
                actor=user,
                item=item,
                slot=str(post.get(f"slot-{item.pk}", item.slot))[:40],
                caption=str(post.get(f"caption-{item.pk}", item.caption)),
                at=at,
            )
        except Refused as refused:
            first = first or Refused(refused.code, refused.message, field=f"caption-{item.pk}", status=refused.status)
    if first is not None:
        raise first


def _keep_evidence(request: HttpRequest, user: User, case: Case) -> HttpResponse:
    """The fourth step: files are there already; keep what is said about them and go on."""
    try:
        keep_descriptions(user, case, request.POST)
    except Refused as refused:
        form = blank(request, form_name(case), start=_start(case))
        form.refusal, form.errors, form.status = refused, refused.fields, refused.status
        return _page(request, user, case, "evidence", form)
    drafts.save(user=user, form=form_name(case), data={"evidence_done": ["1"]})
    return redirect("disputes:file_step", case.number, "check")


@require_POST
@login_required
def describe(request: HttpRequest, number: str, item_id: uuid.UUID) -> HttpResponse:
    """Say what one unsent file shows (``caption``) and what it is for (``slot``)."""
    assert isinstance(request.user, User)
    case = _side_case(request.user, number)
    item = _own_item(request.user, case, item_id)
    custody.describe(
        actor=request.user,
        item=item,
        slot=request.POST.get("slot", item.slot)[:40],
        caption=request.POST.get("caption", item.caption),
        at=clock.now(),
    )
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"saved_at": f"{clock.now().astimezone(BEIJING):%H:%M}"})
    return redirect(_next(request, case))


@require_POST
@login_required
def discard(request: HttpRequest, number: str, item_id: uuid.UUID) -> HttpResponse:
    """Remove one unsent file. What was said about the others on the same page is kept."""
    assert isinstance(request.user, User)
    case = _side_case(request.user, number)
    item = _own_item(request.user, case, item_id)
    try:
        keep_descriptions(request.user, case, request.POST)
        custody.discard(actor=request.user, item=item, at=clock.now())
        messages.success(request, _("“%(name)s” was removed.") % {"name": item.original_name})
    except Refused as refused:
        messages.error(request, refused.message)
    return redirect(_next(request, case))


def _own_item(user: User, case: Case, item_id: uuid.UUID) -> Item:
    item = case.dossier.items.filter(pk=item_id, side=policy.side_of(user, case)).first()
    if item is None:
        raise Http404
    item.dossier = case.dossier
    return item


# --- autosave --------------------------------------------------------------------------------------------------------
@require_POST
@login_required
def draft(request: HttpRequest, name: str) -> HttpResponse:
    """Keep what was typed into any form about a case or an order the reader can see: ``case:<number>:<form>``."""
    assert isinstance(request.user, User)
    if not _own_form(request.user, name):
        raise Http404
    try:
        saved = drafts.save(user=request.user, form=name, data=typed(request.POST))
    except Refused as refused:
        return JsonResponse({"error": {"code": refused.code, "message": refused.message}}, status=refused.status)
    return JsonResponse({"saved_at": f"{saved.saved_at.astimezone(BEIJING):%H:%M}"})


def _own_form(user: User, name: str) -> bool:
    """Whether the name is that of a form about something the reader can see. One query."""
    kind, _colon, rest = name.partition(":")
    number, _colon, form = rest.partition(":")
    if not form or len(name) > 120:
        return False
    if kind == "case":
        return Case.objects.visible_to(user).filter(number=number).exists()
    return kind == "order" and Order.objects.visible_to(user).filter(number=number).exists()
