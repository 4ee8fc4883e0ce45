"""What an arbiter decides (裁决), whole: its parts, what it still lacks, and what follows from it. Changes nothing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.utils.translation import gettext as _

from arbitration import restitution
from arbitration.models import Finding, ItemWeight
from core import money
from core.errors import Refused
from disputes.filing import penalty_amiss
from disputes.models import Case, State
from disputes.models.case import WITH_AMOUNT
from evidence.models import Item, Side
from evidence.models import State as ItemState
from rulebook.models import Cause
from rulebook.models import Remedy as Ordered
from rulebook.queries import Book, applying
from rulebook.words import points_range

FAULT = (Finding.Result.UPHELD, Finding.Result.PARTLY)
"""What a finding must say before there is a fault."""


@dataclass(frozen=True)
class FindingInput:
    """``result``: Finding.Result; ``burden``: ``[{"side", "text", "met"}]``; ``items``: ids the finding rests on."""

    issue: str
    result: str
    reason: str
    burden: Sequence[dict[str, str]] = field(default_factory=tuple)
    items: Sequence[str] = field(default_factory=tuple)


@dataclass(frozen=True)
class WeightInput:
    item_id: str
    weight: str
    reason: str


@dataclass(frozen=True)
class Decision:
    """Everything an arbiter decides, whole: findings, weights, clauses, remedy. Amount in fen; no remedy = ``""``."""

    findings: Sequence[FindingInput]
    weights: Sequence[WeightInput]
    clauses: Sequence[str]
    remedy: str
    amount_fen: int
    points: int
    summary_applicant: str
    summary_respondent: str
    freight_by: str = ""
    penalty_fen: int = 0
    penalty_ground: str = ""


def on_file(case: Case) -> list[Item]:
    """Every item a ruling must weigh: lodged and not withdrawn. One query."""
    return list(case.dossier.items.filter(state=ItemState.LODGED).order_by("side", "exhibit_no"))


def require_whole(case: Case, decision: Decision, at: datetime) -> None:
    """Raise what keeps the ruling from being sent, by field: what is missing, or what does not follow from it."""
    if missing := missing_in(case, decision, at):
        fields = {name: [text] for name, text in missing.items()}
        raise Refused("ruling_complete", _("The ruling is not complete yet."), fields=fields)
    if met := met_in_silence(case, decision):
        text = _("This side did not respond, so its burden counts as not met.")
        raise Refused("silence_meets_no_burden", text, fields={name: [text] for name in met})
    if unfounded := unfounded_in(decision):
        fields = {name: [text] for name, text in unfounded.items()}
        raise Refused("points_after_fault", _("Points and freight follow from a fault that was found."), fields=fields)
    cause = applying(case.rulebook_id, at).cause(case.cause)
    if points_amiss(cause, decision):
        raise Refused(
            "points_within_rules",
            _("After a fault that was found, the rules give %(points)s: %(clause)s.")
            % {"points": points_range(cause), "clause": cause.clause},
            field="points",
        )


def silent(case: Case, side: str) -> bool:
    """Whether burdens of this side count as not met: it let its time to respond go by, and nobody has ruled yet. In a
    review it has spoken, so that what it brought can meet them. No query."""
    return case.by_default and case.state == State.DELIBERATION and side == case.respondent_side


def met_in_silence(case: Case, decision: Decision) -> list[str]:
    """The burdens of the silent side that the decision calls met, if only in part: fields. No query."""
    return [
        f"findings[{position}].burden[{step}].met"
        for position, given in enumerate(decision.findings)
        for step, burden in enumerate(given.burden)
        if silent(case, burden["side"]) and burden["met"] != Finding.Met.NOT_MET
    ]


def at_fault(remedy: str, results: Iterable[str]) -> bool:
    """Whether a decision finds fault with the respondent: the claim is granted, and something in it established."""
    return bool(remedy) and any(result in FAULT for result in results)


def unfounded_in(decision: Decision) -> dict[str, str]:
    """What is laid on the respondent though no fault of it was found: field → sentence. No query."""
    found: dict[str, str] = {}
    if decision.points and not at_fault(decision.remedy, [given.result for given in decision.findings]):
        found["points"] = _("No fault was found, so no points are given.")
    if decision.freight_by == "respondent" and not decision.remedy:
        found["freight_by"] = _("The claim is dismissed, so the other side bears no freight.")
    return found


def points_amiss(cause: Cause, decision: Decision) -> bool:
    """Whether a fault was found and its points are not what the rules of the cause allow. No query."""
    fault = at_fault(decision.remedy, [given.result for given in decision.findings])
    return fault and not cause.points_least <= decision.points <= cause.points_most


def missing_in(case: Case, decision: Decision, at: datetime) -> dict[str, str]:
    """What still keeps the ruling from being sent: field → sentence. Empty when it is complete. Two queries."""
    missing: dict[str, str] = {}
    if not decision.findings:
        missing["findings"] = _("Write at least one finding.")
    for position, given in enumerate(decision.findings):
        if given.result not in Finding.Result.values:
            missing[f"findings[{position}].result"] = _("Choose the finding.")
        if not given.reason.strip():
            missing[f"findings[{position}].reason"] = _("Give the reason.")
        for step, burden in enumerate(given.burden):
            if burden.get("met") not in Finding.Met.values:
                missing[f"findings[{position}].burden[{step}].met"] = _("Say whether the burden was met.")
    missing |= lacking(on_file(case), decision.weights)
    return missing | _missing_result(case, decision, at)


def lacking(items: Iterable[Item], given: Sequence[WeightInput]) -> dict[str, str]:
    """What is missing in ``given`` to weigh every one of ``items``: field → sentence. No query."""
    missing: dict[str, str] = {}
    weights = {row.item_id: (index, row) for index, row in enumerate(given)}
    for item in items:
        index, weight = weights.get(str(item.pk), (len(weights), None))
        if weight is None or weight.weight not in ItemWeight.Weight.values:
            missing[f"weights[{index}].weight"] = _("Every item needs its weight.")
        elif not weight.reason.strip():
            missing[f"weights[{index}].reason"] = _("Every weight needs its reason, in one line.")
    return missing


def _missing_result(case: Case, decision: Decision, at: datetime) -> dict[str, str]:
    missing: dict[str, str] = {}
    rules = applying(case.rulebook_id, at)
    cause = rules.cause(case.cause)
    burdened = any(step["side"] in {"applicant", "respondent"} for step in cause.burden)
    if burdened and decision.findings and not any(given.burden for given in decision.findings):
        missing["findings[0].burden"] = _("Say who bore the burden of proof, and whether it was met.")
    named = {text for issue in cause.issues if issue.get("burden") for text in (issue["zh"], issue["en"])}
    for position, given in enumerate(decision.findings):
        if given.issue in named and not given.burden:
            missing[f"findings[{position}].burden"] = _("Say who bore the burden of proof, and whether it was met.")
    if not decision.clauses:
        missing["clauses"] = _("Cite at least one clause.")
    elif unknown := no_clause(rules, decision.clauses):
        missing["clauses"] = unknown
    if decision.remedy and decision.remedy not in cause.remedies:
        missing["remedy"] = _("This solution is not foreseen for this cause.")
    cap = cap_fen(case)
    if decision.amount_fen > cap:
        missing["amount_fen"] = _(
            "At most %(cap)s can go back: what was paid for this article, less what was refunded for it."
        ) % {"cap": money.text(cap)}
    if decision.remedy in WITH_AMOUNT and decision.amount_fen <= 0:
        missing["amount_fen"] = _("Write an amount above zero.")
    if decision.penalty_fen:
        missing |= penalty_amiss(case, cause, decision.remedy, decision.penalty_fen, decision.penalty_ground)
    for name in ("summary_applicant", "summary_respondent"):
        if not getattr(decision, name).strip():
            missing[name] = _("Each side gets a summary in plain words.")
    return missing


def no_clause(rules: Book, codes: Iterable[str]) -> str:
    """What is wrong where one of the cited clauses is not in the rules; nothing where all are. No query."""
    text = _("Version %(n)d of the rules has no clause %(code)s.")
    return next((text % {"n": rules.number, "code": code} for code in codes if not rules.has_clause(code)), "")


def cap_fen(case: Case) -> int:
    """The most a ruling can send back for the article: paid − refunded, counting what a ruling in effect has moved.

    Where the merchant filed, the amount is its loss: at most what was paid, whatever went back since.
    """
    if case.applicant_side == Side.MERCHANT:
        return case.order.paid_for(case.line_id)
    return case.order.refundable_for(case.line_id) + restitution.moving_fen(case)


def calculation(case: Case, amount_fen: int, penalty_fen: int = 0) -> dict[str, int]:
    order = case.order
    return {
        "goods_fen": order.goods_fen,
        "coupon_fen": order.coupon_fen,
        "freight_fen": order.freight_fen,
        "paid_fen": order.paid_fen,
        "line_paid_fen": order.paid_for(case.line_id),
        "refunded_fen": order.refunded_fen,
        "cap_fen": cap_fen(case),
        "amount_fen": amount_fen,
        "penalty_fen": penalty_fen,
    }


def outcome_of(case: Case, remedy: str, amount_fen: int, penalty_fen: int) -> str:
    """Derived, never chosen: the claim granted whole, with the penalty that was claimed, in part, or not."""
    if not remedy:
        return "for_respondent"
    whole = remedy == Ordered.RESEND or amount_fen >= case.claim_fen
    if remedy == case.remedy and whole and penalty_fen >= case.claim_penalty_fen:
        return "for_applicant"
    return "partial"
