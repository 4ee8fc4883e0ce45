"""What each reader will read: rulings, decided reviews and refusals are sent from here alone."""

from typing import Any

from django.core.signing import BadSignature, Signer
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from arbitration import decisions, editor, reviews, summaries, weighing
from arbitration.admission import Ground
from arbitration.decisions import Decision, WeightInput
from arbitration.models import Review
from arbitration.queries import CaseFile
from arbitration.shapes import Refuse, Rule
from arbitration.views import case as pages
from arbitration.views import common, form
from arbitration.views.ruling import decision_view, new_weights
from core import idempotency
from core.errors import Refused, flatten
from core.forms import nested, typed
from disputes import drafts, lifecycle
from disputes.forms import FormState

_signer = Signer(salt="arbitration.preview")


def proof(act: str, user_id: int, values: editor.Values) -> str:
    """What the preview hands on, so that what is sent is what was read."""
    shown = {
        name: [text.replace("\r\n", "\n") for text in texts]  # browsers send the line ends of their own
        for name, texts in values.items()
        if texts and name != "previewed"
    }
    return _signer.sign(idempotency.fingerprint(act, user_id, shown))


def proven(act: str, user_id: int, values: editor.Values, given: str) -> bool:
    try:
        _signer.unsign(given)
    except BadSignature:
        return False
    return given == proof(act, user_id, values)


@common.staff_page
@require_http_methods(["GET", "POST"])
def preview(request: HttpRequest, number: str, act: str) -> HttpResponse:
    """POST keeps the form and checks it; GET shows what each side will read, with the button that sends it."""
    if act not in form.PREVIEWED:
        raise Http404
    file = common.load(request, number)
    user = common.reader(request)
    if (refused := lifecycle.refusal(file.case, act, user, file.at)) is not None:
        raise refused
    if request.method == "POST":
        return _keep(request, file, act)
    draft = drafts.load(user=user, form=pages.draft_name(file, act))
    if draft is None:
        return common.to_case(number)
    return show(request, file, act, draft.data)


def _keep(request: HttpRequest, file: CaseFile, act: str) -> HttpResponse:
    values = typed(request.POST)
    user, name = common.reader(request), pages.draft_name(file, act)
    compose = values.pop("compose", None)
    try:
        drafts.save(user=user, form=name, data=values)
        if act != "refuse" and not editor.stands(file, values):
            values |= _texts(file, values, everything=compose is not None)
            drafts.save(user=user, form=name, data=values)
    except Refused as refused:
        return _again(request, file, act, values, refused)
    if compose is not None:
        return redirect(f"{common.to_case(file.case.number)['Location']}#summaries")
    try:
        _checked(file, act, values)
    except Refused as refused:
        return _again(request, file, act, values, refused)
    return redirect("arbitration:preview", number=file.case.number, act=act)


def _texts(file: CaseFile, values: editor.Values, *, everything: bool) -> dict[str, list[str]]:
    """The two summaries where they are still empty (or anew): a text made from the decision, which must be readable."""
    decision = decision_of(file, values)
    outcome = decisions.outcome_of(file.case, decision.remedy, decision.amount_fen, decision.penalty_fen)
    made = {}
    for party in ("applicant", "respondent"):
        if everything or not editor.one(values, f"summary_{party}").strip():
            side = file.case.side_of_party(party)
            made[f"summary_{party}"] = [summaries.summary(file, decision, outcome, side)]
    return made


def decision_of(file: CaseFile, values: editor.Values) -> Decision:
    """The form as a decision. Raises Refused with the fields that cannot be read, or the clauses that are not there."""
    checked = Rule(data=nested(editor.cleaned(file, values)), context={"typed": True})
    if not checked.is_valid():
        raise Refused("invalid", _("Some fields need another look."), fields=flatten(checked.errors))
    decision = checked.whole()
    if said := decisions.no_clause(file.rules, decision.clauses):
        raise Refused("unknown_clause", said, field="clauses")
    return decision


def _checked(file: CaseFile, act: str, values: editor.Values) -> Decision | None:
    """The decision, complete; None for a refusal and for a review that upholds. Raises what is missing."""
    if act == "refuse":
        _check_refusal(file, values)
        return None
    if act == "decide_review":
        rows = editor.answers(file, values)
        given = [reviews.Answer(row.review.pk, row.decision, row.reason) for row in rows]
        reviews.require_answers([row.review for row in rows], given)
        if not reviews.changes(given):
            weighing.require_new(file.case, _new_weights(file, values))
            return None
    decision = decision_of(file, values)
    decisions.require_whole(file.case, decision, file.at)
    return decision


def _check_refusal(file: CaseFile, values: editor.Values) -> None:
    checked = Refuse(data=nested(values))
    fields = {} if checked.is_valid() else flatten(checked.errors)
    if "clause" not in fields and (said := decisions.no_clause(file.rules, [editor.one(values, "clause")])):
        fields["clause"] = [said]
    if fields:
        raise Refused("invalid", _("Some fields need another look."), fields=fields)


def _new_weights(file: CaseFile, values: editor.Values) -> list[WeightInput]:
    return [WeightInput(str(row.item.id), row.weight, row.reason) for row in editor.sent_weights(file, values)]


def _again(request: HttpRequest, file: CaseFile, act: str, values: editor.Values, refused: Refused) -> HttpResponse:
    """The form once more, with everything typed and what is wrong."""
    start = {} if act == "refuse" else pages.form_of(request, file, act).values
    state = FormState(
        name=pages.draft_name(file, act),
        values={**start, **values},
        errors=editor.where(file, values, refused.fields),
        refusal=refused,
        status=refused.status,
        based_on=file.case.version,
    )
    return form.page(request, file, act, state) if act == "refuse" else pages.desk(request, file, state)


def show(
    request: HttpRequest,
    file: CaseFile,
    act: str,
    values: editor.Values,
    *,
    state: FormState | None = None,
    changes: list[str] | None = None,
) -> HttpResponse:
    """The preview. ``state`` is a sending that was refused; ``changes`` what happened since the form was drawn."""
    context = common.bar(request, file) | {"act": act, "state": state, "changes": changes or [], "readers": []}
    try:
        decision = _checked(file, act, values)
    except Refused as refused:
        return _again(request, file, act, values, refused)
    if act == "refuse":
        sent = {name: values.get(name, [""]) for name in ("ground", "clause", "reason")}
        context |= _refusal(file, sent)
    else:
        sent = editor.cleaned(file, values)
        context["readers"] = [_reader(file, side, decision, values) for side in ("buyer", "merchant")]
    sent = {name: texts for name, texts in sent.items() if name != "previewed"}
    context |= {
        "sent": [(name, text) for name, texts in sorted(sent.items()) for text in texts],
        "proof": proof(act, common.reader(request).pk, sent),
        "key": state.key if state else FormState(name="").key,
        "label": {"rule": _("Sign and send"), "decide_review": _("Decide the review"), "refuse": _("Refuse the case")}[
            act
        ],
        "undo": act == "rule",
    }
    return render(request, "arbitration/preview.html", context, status=state.status if state else 200)


def _reader(file: CaseFile, side: str, decision: Decision | None, values: editor.Values) -> dict[str, Any]:
    """One reader's view: what became of each request, and the new ruling, or what the new items were worth."""
    labels = dict(Review.Decision.choices)
    view: dict[str, Any] = {
        "side": side,
        "answers": [
            {"side": row.review.side, "decision": labels[row.decision], "reason": row.reason}
            for row in editor.answers(file, values)
        ],
    }
    if decision is not None:
        view["ruling"] = decision_view(file, decision, side)
    else:
        view["weights"] = new_weights(file, _new_weights(file, values), side)
    return view


def _refusal(file: CaseFile, values: editor.Values) -> dict[str, Any]:
    code = editor.one(values, "clause")
    clause = file.rules.clause(code)
    return {
        "refusal": {
            "ground": dict(Ground.choices).get(editor.one(values, "ground"), ""),
            "reason": editor.one(values, "reason"),
            "clause": {
                "code": f"{code} v{clause.version_id}",
                "href": f"/rules/{code}/v{clause.version_id}/",
                "title": clause.title,
                "text": clause.text,
            },
        },
        "applicant": file.case.applicant_side,
    }
