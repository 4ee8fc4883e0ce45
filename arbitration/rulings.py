"""The ruling (裁决): signed, 60 seconds to take it back, in effect, and never edited."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import policy
from accounts.actors import CLOCK, Actor
from accounts.models import User
from arbitration import closing, restitution, steps, violations
from arbitration.models import Acknowledgement, Finding, ItemWeight, Ruling
from core import money
from core.errors import Conflict, Refused
from disputes import deadlines, lifecycle
from disputes.models import Case, Deadline, Outcome, State
from disputes.models.case import WITH_AMOUNT, WITH_MONEY
from evidence.models import Item, Side
from evidence.models import State as ItemState
from ledger.recording import record
from rulebook.models import Cause
from rulebook.models import Remedy as Ordered
from rulebook.queries import applying
from rulebook.words import points_range

S = Ruling.State
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


@transaction.atomic
def rule(*, actor: Actor, case_id: int, decision: Decision, based_on: int | None = None) -> Case:
    """Sign the ruling. It takes effect in 60 s; until then only the platform sees it, and can take it back."""
    case = Case.objects.locked(case_id)
    at = lifecycle.begin(case, "rule", actor, based_on=based_on)
    ruling = write(case, actor, decision, kind=Ruling.Kind.FIRST, state=S.WAITING, at=at)
    lifecycle.move(
        case,
        "rule",
        actor=actor,
        at=at,
        audience="platform",
        facts={"ruling": ruling.pk, "amount_fen": ruling.amount_fen},
    )
    return case


def write(case: Case, actor: Actor, decision: Decision, *, kind: str, state: str, at: datetime) -> Ruling:
    """Check the decision whole and keep it as a ruling with its findings and weights."""
    require_whole(case, decision, at)
    assert isinstance(actor, User)
    rules = applying(case.rulebook_id, at)
    current = case.rulings.filter(state=S.IN_EFFECT).first()
    ruling = Ruling.objects.create(
        case=case,
        kind=kind,
        state=state,
        arbiter=actor,
        outcome=outcome_of(case, decision.remedy, decision.amount_fen),
        by_default=case.by_default,
        remedy=decision.remedy,
        amount_fen=decision.amount_fen,
        penalty_fen=decision.penalty_fen,
        penalty_ground=decision.penalty_ground if decision.penalty_fen else "",
        calculation=calculation(case, decision.amount_fen, decision.penalty_fen),
        freight_by=decision.freight_by,
        points=decision.points,
        clauses=[{"code": code, "version": rules.version_of(code)} for code in decision.clauses],
        summary_applicant=decision.summary_applicant,
        summary_respondent=decision.summary_respondent,
        signed_at=at,
        replaces=current,
    )
    _write_reasons(case, ruling, decision)
    return ruling


def _write_reasons(case: Case, ruling: Ruling, decision: Decision) -> None:
    items = {str(item.pk): item for item in on_file(case)}
    for position, given in enumerate(decision.findings, start=1):
        finding = Finding.objects.create(
            ruling=ruling,
            position=position,
            issue=given.issue,
            result=given.result,
            reason=given.reason,
            burden=list(given.burden),
        )
        finding.items.set([items[key] for key in given.items if key in items])
    ItemWeight.objects.bulk_create(
        ItemWeight(ruling=ruling, item=items[given.item_id], weight=given.weight, reason=given.reason)
        for given in decision.weights
        if given.item_id in items
    )


def on_file(case: Case) -> list[Item]:
    """Every item a ruling must weigh: lodged and not withdrawn. One query."""
    return list(case.dossier.items.filter(state=ItemState.LODGED).order_by("side", "exhibit_no"))


def require_whole(case: Case, decision: Decision, at: datetime) -> None:
    """Raise what keeps the ruling from being sent, by field: what is missing, or what does not follow from it."""
    if missing := missing_in(case, decision, at):
        fields = {name: [text] for name, text in missing.items()}
        raise Refused("ruling_complete", _("The ruling is not complete yet."), fields=fields)
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
    weights = {given.item_id: (index, given) for index, given in enumerate(decision.weights)}
    for item in on_file(case):
        index, weight = weights.get(str(item.pk), (len(weights), None))
        if weight is None or weight.weight not in ItemWeight.Weight.values:
            missing[f"weights[{index}].weight"] = _("Every item needs its weight.")
        elif not weight.reason.strip():
            missing[f"weights[{index}].reason"] = _("Every weight needs its reason, in one line.")
    return missing | _missing_result(case, decision, at)


def _missing_result(case: Case, decision: Decision, at: datetime) -> dict[str, str]:
    missing: dict[str, str] = {}
    rules = applying(case.rulebook_id, at)
    cause = rules.cause(case.cause)
    burdened = any(step["side"] in {"applicant", "respondent"} for step in cause.burden)
    if burdened and decision.findings and not any(given.burden for given in decision.findings):
        missing["findings[0].burden"] = _("Say who bore the burden of proof, and whether it was met.")
    unknown = [code for code in decision.clauses if not rules.has_clause(code)]
    if not decision.clauses:
        missing["clauses"] = _("Cite at least one clause.")
    elif unknown:
        missing["clauses"] = _("Version %(n)d of the rules has no clause %(code)s.") % {
            "n": rules.number,
            "code": unknown[0],
        }
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
        missing |= _penalty_amiss(case, cause, decision)
    for name in ("summary_applicant", "summary_respondent"):
        if not getattr(decision, name).strip():
            missing[name] = _("Each side gets a summary in plain words.")
    return missing


def _penalty_amiss(case: Case, cause: Cause, decision: Decision) -> dict[str, str]:
    amiss: dict[str, str] = {}
    if decision.remedy not in cause.penalty_with:
        amiss["penalty_fen"] = _("The rules foresee no penalty beside this solution.")
    elif decision.penalty_fen > (paid := case.order.paid_for(case.line_id)):
        amiss["penalty_fen"] = _("A penalty is at most %(paid)s, which was paid for this article.") % {
            "paid": money.text(paid)
        }
    if not decision.penalty_ground.strip():
        amiss["penalty_ground"] = _("Name the promise that the penalty rests on.")
    return amiss


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


def outcome_of(case: Case, remedy: str, amount_fen: int) -> str:
    """Derived, never chosen: the claim granted whole, in part, or not."""
    if not remedy:
        return "for_respondent"
    if remedy == case.remedy and (remedy == Ordered.RESEND or amount_fen >= case.claim_fen):
        return "for_applicant"
    return "partial"


@transaction.atomic
def undo_ruling(*, actor: Actor, case_id: int, based_on: int | None = None) -> Case:
    """Take the signed ruling back inside its minute; the text stays in the arbiter's draft."""
    case = Case.objects.locked(case_id)
    at = lifecycle.begin(case, "undo_ruling", actor, based_on=based_on)
    ruling = case.rulings.get(state=S.WAITING)
    ruling.state = S.UNDONE
    ruling.save()
    lifecycle.move(case, "undo_ruling", actor=actor, at=at, audience="platform", facts={"ruling": ruling.pk})
    return case


def take_effect(*, deadline: Deadline, at: datetime) -> None:
    """The minute is over: the ruling binds, its remedies and the review window start, both sides are told."""
    assert deadline.case is not None
    case = deadline.case
    lifecycle.check(case, "take_effect", CLOCK, at)
    ruling = case.rulings.get(state=S.WAITING)
    put_in_effect(case, ruling, at)
    case.offers.filter(state="open").update(state="lapsed", answered_at=at)
    lifecycle.move(case, "take_effect", actor=CLOCK, at=at, facts=_facts(ruling))
    if ruling.by_default:
        deadlines.open_clock(case, "set_aside", at)
    steps.start(case, ruling, at)


def drop_waiting(*, deadline: Deadline, at: datetime) -> None:
    """The case ended inside the minute of a signed ruling (withdrawn, conceded, settled): it never takes effect."""
    case = deadline.case
    assert case is not None
    ruling = case.rulings.get(state=S.WAITING)
    ruling.state = S.DROPPED
    ruling.save(update_fields=["state"])
    record(
        subject=case.subject,
        verb="ruling_dropped",
        actor=CLOCK,
        role="system",
        at=at,
        audience="platform",
        facts={"ruling": ruling.pk},
    )


def put_in_effect(case: Case, ruling: Ruling, at: datetime) -> None:
    """Replace the ruling in effect, if any, and record the points of the new one."""
    case.rulings.filter(state=S.IN_EFFECT).update(state=S.REPLACED)
    ruling.state, ruling.effective_at = S.IN_EFFECT, at
    ruling.save()
    assert ruling.arbiter is not None
    case.note_decision(ruling.arbiter)
    case.handler, case.taken_at, case.escalated_at = None, None, None
    violations.take_back(case)
    if ruling.points:
        violations.record(case, case.respondent_side, case.cause, ruling.points, at)
    if ruling.by_default and ruling.outcome != Outcome.FOR_RESPONDENT:
        points = applying(case.rulebook_id, at).value("silence_points")
        violations.record(case, case.respondent_side, violations.SILENCE, points, at)


@transaction.atomic
def concede(*, actor: Actor, case_id: int, based_on: int | None = None) -> Case:
    """The respondent agrees to the claim as filed: a ruling by consent, no points, no review; remedies start."""
    case = Case.objects.locked(case_id)
    at = lifecycle.begin(case, "concede", actor, based_on=based_on)
    amount = min(case.claim_fen, cap_fen(case))
    ruling = Ruling.objects.create(
        case=case,
        kind=Ruling.Kind.CONSENT,
        state=S.IN_EFFECT,
        outcome="for_applicant",
        remedy=case.remedy,
        amount_fen=amount,
        calculation=calculation(case, amount),
        signed_at=at,
        effective_at=at,
    )
    case.offers.filter(state="open").update(state="withdrawn", answered_at=at)
    case.final, case.handler, case.taken_at = True, None, None
    lifecycle.move(case, "concede", actor=actor, at=at, facts=_facts(ruling))
    steps.start(case, ruling, at)
    closing.try_to_conclude(case, at)
    return case


@transaction.atomic
def acknowledge(*, actor: Actor, case_id: int, based_on: int | None = None) -> Case:
    """One's side has read the ruling. Changes nothing but that it is known."""
    case = Case.objects.locked(case_id)
    at = lifecycle.begin(case, "acknowledge", actor, based_on=based_on)
    ruling = case.rulings.get(state=S.IN_EFFECT)
    Acknowledgement.objects.create(ruling=ruling, side=policy.side_of(actor, case), at=at)
    lifecycle.move(case, "acknowledge", actor=actor, at=at, facts={"ruling": ruling.pk})
    return case


def why_not_rule(case: Case, actor: Actor, at: datetime) -> Refused | None:
    if any(ruling.state == S.WAITING for ruling in case.rulings.all()):
        return Conflict("one_ruling_waiting", _("A ruling is already signed and waits its minute."))
    return None


def why_not_concede(case: Case, actor: Actor, at: datetime) -> Refused | None:
    if case.state == State.DELIBERATION and case.remedy in WITH_MONEY and case.order.refundable_for(case.line_id) == 0:
        return Conflict("refund_within_paid", _("Everything paid for this article has already gone back."))
    return None


def why_not_acknowledge(case: Case, actor: Actor, at: datetime) -> Refused | None:
    ruling = next((row for row in case.rulings.all() if row.state == S.IN_EFFECT), None)
    if ruling is None:
        return Conflict("wrong_state", _("There is no ruling to read."))
    side = policy.side_of(actor, case)
    if any(row.side == side for row in ruling.acknowledgements.all()):
        return Conflict("acknowledged_once", _("You have already confirmed this."))
    return None


def _facts(ruling: Ruling) -> dict[str, Any]:
    return {
        "ruling": ruling.pk,
        "kind": ruling.kind,
        "outcome": ruling.outcome,
        "remedy": ruling.remedy,
        "amount_fen": ruling.amount_fen,
        "penalty_fen": ruling.penalty_fen,
        "points": ruling.points,
    }
