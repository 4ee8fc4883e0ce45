"""One step at a time: what was typed is kept before anything is checked."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from accounts.models import User
from core import money
from core.errors import Refused, flatten
from core.forms import nested, typed
from disputes import drafts, exhibits, shapes
from disputes import filing as verbs
from disputes.forms import FormState, blank
from disputes.models import Case, State
from disputes.models.case import WITH_AMOUNT
from disputes.views.files import evidence_uploads, keep_descriptions
from disputes.views.filing.application import (
    SHAPES,
    SHORT,
    STEPS,
    chosen_cause,
    filled,
    first_open_step,
    form_name,
    frame,
    kept_answers,
    own_application,
    starting_values,
)
from disputes.views.filing.check import check
from disputes.views.orders import sums
from evidence.models import State as ItemState
from rulebook.models import IN_KIND, Cause, Remedy, in_english
from rulebook.queries import book

FIRST_CAUSES = 8


REMEDY_HINTS = {
    Remedy.RETURN_REFUND: gettext_lazy("The goods go back, the money comes back."),
    Remedy.REFUND: gettext_lazy("The money comes back, nothing is sent back."),
    Remedy.EXCHANGE: gettext_lazy("The goods go back, another one comes."),
    Remedy.RESEND: gettext_lazy("What is missing or broken is sent again."),
    Remedy.REPAIR: gettext_lazy("It is repaired."),
    Remedy.COMPENSATION: gettext_lazy("The goods stay, part of the price comes back."),
    Remedy.WARNING: gettext_lazy("The platform warns the other side; no money."),
    Remedy.MARK_REVIEW: gettext_lazy("The review stays and is marked; it does not count in your score. No money."),
    Remedy.REJECT: gettext_lazy("The buyer's claim is turned down."),
    Remedy.DEDUCT: gettext_lazy("The loss is taken off the buyer's refund."),
}


@require_GET
@login_required
def resume(request: HttpRequest, number: str) -> HttpResponse:
    """Go on where the application stands."""
    assert isinstance(request.user, User)
    case = own_application(request.user, number)
    if case.state != State.DRAFT:
        return redirect("disputes:submitted", number)
    return redirect("disputes:file_step", number, first_open_step(kept_answers(request.user, case)))


@require_http_methods(["GET", "POST"])
@login_required
def step(request: HttpRequest, number: str, step: str) -> HttpResponse:
    """One step: what was typed is kept before anything is checked; then the next step, or this one with its errors."""
    assert isinstance(request.user, User)
    if step not in dict(STEPS):
        raise Http404
    case = own_application(request.user, number)
    if case.state != State.DRAFT:
        return _already_sent(request, case)
    if step == "check":
        return check(request, request.user, case)
    if request.method == "POST":
        return _keep(request, request.user, case, step)
    return _page(request, request.user, case, step, blank(request, form_name(case), start=starting_values(case)))


def _already_sent(request: HttpRequest, case: Case) -> HttpResponse:
    """A step of an application that was sent: its confirmation, or for a stale form what was typed, to copy."""
    if request.method == "GET" or request.POST.get("idempotency_key"):
        return redirect("disputes:submitted", case.number)
    kept = "\n\n".join(value for name, values in typed(request.POST).items() for value in values if len(value) > 40)
    return render(request, "disputes/filing_over.html", {"case": case, "keep": kept}, status=409)


def _keep(request: HttpRequest, user: User, case: Case, step: str) -> HttpResponse:
    if step == "evidence":
        return _keep_evidence(request, user, case)
    form = FormState(name=form_name(case), values=typed(request.POST))
    try:
        drafts.save(user=user, form=form.name, data=dict(form.values))
        shape = SHAPES[step](data=filled(nested(form.values)), context={"typed": True})
        if not shape.is_valid():
            form.errors, form.status = flatten(shape.errors), 422
        else:
            _check_step(user, case, step, shape.validated_data)
    except Refused as refused:
        form.refusal, form.errors, form.status = refused, refused.fields, refused.status
    if form.status != 200:
        kept = blank(request, form.name, start=starting_values(case))
        form.values = {**kept.values, **form.values}
        return _page(request, user, case, step, form)
    drafts.save(user=user, form=form.name, data={f"{step}_done": ["1"]})
    keys = [key for key, _label in STEPS]
    return redirect("disputes:file_step", case.number, keys[keys.index(step) + 1])


def _check_step(user: User, case: Case, step: str, data: Mapping[str, Any]) -> None:
    """What the filing will refuse is said at the step where it can be put right."""
    rules = book(case.rulebook_id)
    if step == "cause":
        if rules.cause(data["cause"]).filed_by != case.applicant_side:
            raise Refused("cause_fits_side", _("This cause is for the other side to file."), field="cause")
    elif step == "claim":
        cause = rules.cause(kept_answers(user, case).get("cause", ""))
        penalty = (data["penalty_fen"], data.get("penalty_ground", "")) if data["remedy"] in cause.penalty_with else ()
        verbs.check_claim(case, cause, data["remedy"], data["amount_fen"], *penalty)


def _check_words(user: User, case: Case) -> None:
    cause = chosen_cause(case, kept_answers(user, case))
    unsent = case.dossier.items.filter(side=case.applicant_side, state__in=[ItemState.READY, ItemState.INSPECTING])
    exhibits.check_words(cause.asked_applicant if cause else [], unsent.order_by("position", "received_at"))


def _page(request: HttpRequest, user: User, case: Case, step: str, form: FormState) -> HttpResponse:
    values = form.flat
    cause = chosen_cause(case, values)
    if step != "cause" and cause is None:
        return redirect("disputes:file_step", case.number, "cause")
    context = {**frame(case, step, values), "form": form, "values": values, "cause": cause}
    context |= _BUILDERS[step](user, case, values, cause)
    return render(request, f"disputes/filing_{step}.html", context, status=form.status)


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
        "remedy_options": [
            {
                "value": row.value,
                "label": row.label,
                "hint": REMEDY_HINTS[row],
                "opens": "penalty" if row.value in cause.penalty_with else "",
            }
            for row in remedies
        ],
        "chosen": values.get("remedy") if values.get("remedy") in cause.remedies else cause.remedies[0],
        "with_money": any(row in WITH_AMOUNT for row in remedies),
        "amount_hint": _amount_hint(case, cause),
        "sums": sums(case.order),
        "penalty": _penalty(case, cause) if cause.penalty_with else None,
    }


def _amount_hint(case: Case, cause: Cause) -> str:
    """What the amount is, for each solution; of what is to be sent again a penalty may take its place."""
    if Remedy.RESEND in cause.penalty_with:
        text = _(
            "At most %(cap)s: what was paid for this article, less what went back for it. Not needed for an exchange "
            "or a repair. For what is to be sent again: what it is worth, which goes back if it is not sent and you "
            "claim no agreed penalty."
        )
    else:
        text = _(
            "At most %(cap)s: what was paid for this article, less what went back for it. Not needed for an exchange "
            "or a repair. For what is to be sent again: what it is worth, which goes back if it is not sent."
        )
    return text % {"cap": money.text(case.order.refundable_for(case.line_id))}


def _penalty(case: Case, cause: Cause) -> dict[str, Any]:
    """What to say of the penalty where the cause foresees one, and the promises it may rest on."""
    paid = {"paid": money.text(case.order.paid_for(case.line_id))}
    if IN_KIND.isdisjoint(cause.penalty_with):
        text = _(
            "Only if one was promised. It comes on top of the refund; at most %(paid)s, what was paid for this article."
        )
    else:
        text = _(
            "Only if one was promised. It is paid if what you ask for is not done in time: on top of the refund of "
            "goods that you sent in for an exchange or a repair, instead of a refund of what is to be sent again. "
            "At most %(paid)s, what was paid for this article."
        )
    return {"hint": text % paid, "promises": case.line.snapshot.get("promises", []), "max": shapes.GROUND}


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
    row = cause.burden_of(received=case.order.completed_at is not None)[0]
    return {"side": case.side_of_party(row["side"]), "text": row["en"] if in_english() else row["zh"]}


def _keep_evidence(request: HttpRequest, user: User, case: Case) -> HttpResponse:
    """The fourth step: files are there already; keep what is said about them and go on."""
    try:
        keep_descriptions(user, case, request.POST)
        _check_words(user, case)
    except Refused as refused:
        form = blank(request, form_name(case), start=starting_values(case))
        form.refusal, form.errors, form.status = refused, refused.fields, refused.status
        return _page(request, user, case, "evidence", form)
    drafts.save(user=user, form=form_name(case), data={"evidence_done": ["1"]})
    return redirect("disputes:file_step", case.number, "check")
