"""An application that is being written: its steps, what each asks, and the answers kept so far."""

from collections.abc import Mapping
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from rest_framework import serializers

from accounts import policy
from accounts.models import User
from core.forms import Fen, Shape
from core.templatetags.ui import yuan
from core.text import PlainText
from disputes import drafts, queries, shapes
from disputes.models import Case
from disputes.models.case import WITH_AMOUNT
from disputes.views.common import party_case
from evidence.models import Side
from rulebook.models import Cause, Remedy
from rulebook.queries import book

SHORT = shapes.SHORT

STEPS = [
    ("cause", gettext_lazy("Cause")),
    ("claim", pgettext_lazy("step", "Claim")),
    ("statement", gettext_lazy("Statement")),
    ("evidence", gettext_lazy("Evidence")),
    ("check", gettext_lazy("Check")),
]
"""The pages; the sixth step is the sending itself."""


class CauseStep(Shape):
    cause = serializers.CharField(max_length=32)


class ClaimStep(Shape):
    remedy = serializers.ChoiceField(Remedy.choices)
    amount_fen = Fen(default=0)
    penalty_fen = Fen(default=0)
    penalty_ground = PlainText(max_length=shapes.GROUND, required=False, allow_blank=True)


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


SHAPES: Mapping[str, type[Shape]] = {"cause": CauseStep, "claim": ClaimStep, "statement": StatementStep}


def form_name(case: Case) -> str:
    return f"case:{case.number}:file"


def own_application(user: User, number: str) -> Case:
    """The case, if the reader's side filed it; everybody else finds nothing."""
    case = party_case(user, number)
    if policy.side_of(user, case) != case.applicant_side:
        raise Http404
    return case


def starting_values(case: Case) -> dict[str, Any]:
    """What is known before the first word is typed: nothing the buyer told the merchant is asked again, nor what an
    application said that was not accepted. Three queries at most."""
    asked, cap = case.after_sales, case.order.refundable_for(case.line_id)
    found: dict[str, Any] = {"exception": case.window_exception}
    if asked is not None and case.applicant_side == Side.BUYER:
        found |= {"cause": asked.cause, "remedy": asked.asked, "what_happened": asked.reason[:SHORT]}
        found["amount_fen"] = yuan(min(asked.amount_fen or cap, cap))
    else:
        found["amount_fen"] = yuan(0 if case.applicant_side == Side.MERCHANT else cap)
    if earlier := queries.earlier_applications(case).first():
        said = ("cause", "remedy", "what_happened", "difference", "wanted", "missing_reason")
        found |= {name: getattr(earlier, name) for name in said}
        found["amount_fen"] = yuan(min(earlier.claim_fen, cap))
        if earlier.claim_penalty_fen:
            found["penalty_fen"] = yuan(earlier.claim_penalty_fen)
            found["penalty_ground"] = earlier.claim_penalty_ground
    return found


def kept_answers(user: User, case: Case) -> dict[str, str]:
    """Field → value, as kept so far."""
    draft = drafts.load(user=user, form=form_name(case))
    kept = {name: values[-1] for name, values in draft.data.items() if values} if draft else {}
    return {**{name: str(value) for name, value in starting_values(case).items()}, **kept}


def first_open_step(answers: Mapping[str, str]) -> str:
    """The first step that is not complete; the check when all are. A step counts once it was sent."""
    for key, shape in SHAPES.items():
        if f"{key}_done" not in answers or not is_complete(shape, answers):
            return key
    return "evidence" if "evidence_done" not in answers else "check"


def is_complete(shape: type[Shape], answers: Mapping[str, str]) -> bool:
    return bool(shape(data=filled(dict(answers)), context={"typed": True}).is_valid())


def filled(data: dict[str, Any]) -> dict[str, Any]:
    """An amount left empty is none, not a mistake; whether one is needed depends on the remedy."""
    return data | {name: data[name].strip() or "0" for name in ("amount_fen", "penalty_fen") if name in data}


def claimed_amount(values: Mapping[str, str]) -> str:
    """The amount as typed, where the remedy has one."""
    return values.get("amount_fen", "") or "0" if values.get("remedy") in WITH_AMOUNT else "0"


def claimed_penalty(values: Mapping[str, str], cause: Cause) -> dict[str, str]:
    """The penalty as typed and its ground, where the rules of the cause foresee one with the remedy."""
    foreseen = values.get("remedy") in cause.penalty_with
    return {name: values.get(name, "") for name in ("penalty_fen", "penalty_ground")} if foreseen else {}


def chosen_cause(case: Case, values: Mapping[str, str]) -> Cause | None:
    rules = book(case.rulebook_id)
    code = values.get("cause", "")
    return rules.cause(code) if code in {cause.code for cause in rules.causes} else None


def frame(case: Case, step: str, values: Mapping[str, str]) -> dict[str, Any]:
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
