"""A case at every point of its life, made through the verbs alone; and a valid input for every act.

Evidence here is papers whose bytes nobody looks into (``paper``): what the evidence room does has its own tests.
"""

import hashlib
import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from accounts import policy
from accounts.actors import Actor
from accounts.models import User
from arbitration import admission, assignment, execution, information, remedies, reviews, rulings, setaside, weighing
from arbitration.decisions import Decision, WeightInput
from core import clock
from disputes import filing, lifecycle, rebuttal, refunds, response, settlement, suspension, withdrawal
from disputes.gateway import Answer, Result
from disputes.models import Case, Refund
from evidence.models import Item, Kind
from evidence.models import State as ItemState
from tests import factories
from tests.conftest import Clock, World
from tests.kept import kept

_papers = itertools.count(1)


def paper(actor: User, case: Case, *, content: str = "") -> Item:
    """A sound item among the actor's unsent ones; the same ``content`` is the same bytes."""
    number = next(_papers)
    return Item.objects.create(
        dossier=case.dossier,
        side=policy.side_of(actor, case),
        uploader=actor,
        kind=Kind.DOCUMENT,
        caption="检测报告",
        state=ItemState.READY,
        original_name=f"{number}.pdf",
        sha256=hashlib.sha256((content or str(number)).encode()).hexdigest(),
        size=1000,
        media_type="application/pdf",
        received_at=clock.now(),
    )


def again(case: Case) -> Case:
    return Case.objects.select_related("order", "dossier").get(pk=case.pk)


@dataclass
class Stages:
    """Each method builds a case from nothing up to that point and returns it fresh."""

    world: World
    at: Clock
    cause: str = "not_received"
    remedy: str = "refund"

    @kept
    def draft(self) -> Case:
        return factories.draft_case(self.world.buyer, self.world.merchant, self.world.order(), cause=self.cause)

    @kept
    def filed(self) -> Case:
        case = self.draft()
        paper(self.world.buyer, case)
        return filing.file(actor=self.world.buyer, case_id=case.pk, **claim(case, self.cause, self.remedy))

    @kept
    def taken(self) -> Case:
        return assignment.take(actor=self.world.arbiter, case_id=self.filed().pk)

    @kept
    def not_admitted(self) -> Case:
        return admission.refuse(
            actor=self.world.arbiter, case_id=self.taken().pk, ground="late", clause="AD-01", reason="超过期限"
        )

    @kept
    def asked_at_admission(self) -> Case:
        return information.ask(actor=self.world.arbiter, case_id=self.taken().pk, to_buyer=["何时发现?"])

    @kept
    def admitted(self) -> Case:
        return admission.admit(actor=self.world.arbiter, case_id=self.taken().pk)

    @kept
    def offered(self) -> Case:
        case = self.admitted()
        return settlement.offer(actor=self.world.merchant, case_id=case.pk, amount_fen=5000, valid_hours=12)

    @kept
    def suspension_proposed(self) -> Case:
        return suspension.propose_suspension(actor=self.world.buyer, case_id=self.admitted().pk, days=5, reason="送检")

    @kept
    def suspended(self) -> Case:
        return suspension.suspend(actor=self.world.merchant, case_id=self.suspension_proposed().pk)

    @kept
    def suspended_by_platform(self) -> Case:
        return suspension.suspend(
            actor=self.world.arbiter, case_id=self.deliberated().pk, ground="laboratory", days=5, reason="送检"
        )

    @kept
    def proof_awaited(self) -> Case:
        """A court has the matter, says the buyer."""
        return suspension.suspend(
            actor=self.world.arbiter,
            case_id=self.deliberated().pk,
            ground="authority",
            days=30,
            reason="已向法院起诉",
            proof_from="buyer",
        )

    @kept
    def proved(self) -> Case:
        case = self.proof_awaited()
        return suspension.prove_suspension(
            actor=self.world.buyer, case_id=case.pk, item_ids=[str(paper(self.world.buyer, case).pk)]
        )

    @kept
    def responded(self) -> Case:
        case = self.admitted()
        paper(self.world.merchant, case)
        return response.respond(actor=self.world.merchant, case_id=case.pk, **DEFENCE)

    @kept
    def deliberated(self) -> Case:
        case = rebuttal.skip(actor=self.world.buyer, case_id=self.responded().pk)
        return assignment.take(actor=self.world.arbiter, case_id=case.pk)

    @kept
    def defaulted(self) -> Case:
        case = self.admitted()
        self.at.to(due(case, "response"), sweep_too=True)
        return assignment.take(actor=self.world.arbiter, case_id=case.pk)

    @kept
    def asked(self) -> Case:
        return information.ask(
            actor=self.world.arbiter, case_id=self.deliberated().pk, to_buyer=["何时?"], to_merchant=["何处?"]
        )

    @kept
    def answered_by_one(self) -> Case:
        return information.answer(actor=self.world.buyer, case_id=self.asked().pk, answers=["昨天"])

    @kept
    def settling(self) -> Case:
        case = self.offered()
        return settlement.accept_offer(actor=self.world.buyer, case_id=case.pk, offer_id=case.offers.get().pk)

    @kept
    def buyer_owes(self) -> Case:
        """The merchant filed a loss of ¥50; it takes ¥30, which the buyer agreed to pay."""
        order, merchant = self.world.order(), self.world.merchant
        draft = filing.start(actor=merchant, order_id=order.pk, line_id=order.lines.get().pk, threatened=True)
        loss = claim(draft, "unreasonable_return", "deduct", 5000) | {"threatened": True}
        case = filing.file(actor=merchant, case_id=draft.pk, **loss)
        assignment.take(actor=self.world.arbiter, case_id=case.pk)
        admission.admit(actor=self.world.arbiter, case_id=case.pk)
        settlement.offer(actor=merchant, case_id=case.pk, amount_fen=3000, payer="buyer")
        return settlement.accept_offer(actor=self.world.buyer, case_id=case.pk, offer_id=case.offers.get().pk)

    @kept
    def nested(self) -> Case:
        """Questions, suspended in the middle, settled in the middle of that."""
        case = self.asked()
        suspension.propose_suspension(actor=self.world.buyer, case_id=case.pk, days=5, reason="送检")
        suspension.suspend(actor=self.world.merchant, case_id=case.pk)
        settlement.offer(actor=self.world.buyer, case_id=case.pk, amount_fen=5000)
        return settlement.accept_offer(actor=self.world.merchant, case_id=case.pk, offer_id=case.offers.get().pk)

    @kept
    def signed(self) -> Case:
        return self.sign(self.deliberated())

    def sign(self, case: Case, **changes: Any) -> Case:
        return rulings.rule(
            actor=self.world.arbiter, case_id=case.pk, decision=factories.decision(again(case), **changes)
        )

    def effective(self, case: Case) -> Case:
        self.at.to(due(case, "ruling_undo"), sweep_too=True)
        return again(case)

    @kept
    def ruled(self) -> Case:
        return self.effective(self.signed())

    @kept
    def ruled_on_default(self) -> Case:
        return self.effective(self.sign(self.defaulted()))

    @kept
    def set_aside_asked(self) -> Case:
        case = self.ruled_on_default()
        setaside.request_set_aside(actor=self.world.merchant, case_id=case.pk, excuse="停电", defence="已送达")
        return assignment.take(actor=self.world.second_arbiter, case_id=case.pk)

    @kept
    def to_ship_back(self) -> Case:
        return Stages(self.world, self.at, "damaged", "return_refund").ruled()

    @kept
    def shipped_back(self) -> Case:
        return self.send_back(self.to_ship_back())

    def send_back(self, case: Case) -> Case:
        return remedies.ship_back(
            actor=self.world.buyer, case_id=case.pk, remedy_id=step(case, "return_goods"), carrier="顺丰", waybill="SF1"
        )

    @kept
    def return_disputed(self) -> Case:
        case = self.shipped_back()
        paper(self.world.merchant, case)
        return remedies.confirm_return(
            actor=self.world.merchant,
            case_id=case.pk,
            remedy_id=step(case, "return_goods"),
            finding="damaged",
            note="外壳开裂",
        )

    @kept
    def in_review(self) -> Case:
        return self.review(self.ruled(), self.world.merchant)

    def review(self, case: Case, actor: User) -> Case:
        return reviews.request_review(actor=actor, case_id=case.pk, **review_request(case, paper(actor, case)))

    @kept
    def review_answered(self) -> Case:
        return self.answer_and_take(self.in_review())

    def answer_and_take(self, case: Case) -> Case:
        reviews.answer_review(actor=self.world.buyer, case_id=case.pk, statement="不认可")
        return assignment.take(actor=self.world.second_arbiter, case_id=case.pk)

    def overturn(self, case: Case) -> Case:
        """The merchant asks for a review, the buyer answers, and another arbiter grants the buyer nothing."""
        self.answer_and_take(self.review(case, self.world.merchant))
        new = factories.decision(again(case), remedy="", amount_fen=0, points=0)
        return reviews.decide_review(
            actor=self.world.second_arbiter, case_id=case.pk, **verdict(case, "overturn", ruling=new)
        )

    @kept
    def asked_in_review(self) -> Case:
        case = assignment.take(actor=self.world.second_arbiter, case_id=self.in_review().pk)
        return information.ask(actor=self.world.second_arbiter, case_id=case.pk, to_merchant=["报告原件?"])

    @kept
    def enforcing(self) -> Case:
        return rulings.concede(actor=self.world.merchant, case_id=self.admitted().pk)

    @kept
    def return_conceded(self) -> Case:
        """Being carried out from the start: a ruling by consent, and the goods on their way back."""
        stage = Stages(self.world, self.at, "damaged", "return_refund")
        return stage.send_back(stage.enforcing())

    @kept
    def closed(self) -> Case:
        case = self.enforcing()
        remedies.perform(actor=self.world.merchant, case_id=case.pk, remedy_id=step(case, "refund"))
        execution.settle_open_refunds()
        return again(case)

    @kept
    def payment_refused(self) -> Case:
        """The payment service refused the merchant's payment and the platform's, from deposit and advanced."""
        case = self.ruled()
        remedies.perform(actor=self.world.merchant, case_id=case.pk, remedy_id=step(case, "refund"))
        refuse_payments(case)
        return again(case)

    @kept
    def withdrawn(self) -> Case:
        return withdrawal.withdraw(actor=self.world.buyer, case_id=self.admitted().pk)


def refuse_payments(case: Case) -> None:
    """As if the payment service refused every attempt, one after another, until nobody tries any more."""
    while refund := Refund.objects.filter(case=case, state__in=Refund.OPEN).first():
        Refund.objects.filter(pk=refund.pk).update(state=Refund.State.UNKNOWN, tried_at=clock.now())
        execution.follow(refunds._note(refund.pk, Answer(Result.REFUSED, "account closed")))


_OF_A_CASE = ("sign", "effective", "review", "answer_and_take", "overturn", "send_back")
NAMES = [
    name
    for name in vars(Stages)
    if not name.startswith("_") and name not in {"world", "at", "cause", "remedy", *_OF_A_CASE}
]
DEFENCE: dict[str, Any] = {"statement": "已按址送达。", "missing_reason": "承运人未提供"}


def claim(case: Case, cause: str, remedy: str, amount_fen: int | None = None) -> dict[str, Any]:
    return {
        "cause": cause,
        "remedy": remedy,
        "amount_fen": case.order.paid_fen if amount_fen is None else amount_fen,
        "what_happened": "未收到包裹。",
        "difference": "页面显示已签收。",
        "wanted": "退款。",
        "missing_reason": "没有",
    }


def due(case: Case, kind: str, ref: str | None = None) -> Any:
    rows = case.deadlines.filter(kind=kind, state="open")
    return (rows if ref is None else rows.filter(ref=ref)).get().due_at


def step(case: Case, kind: str) -> int:
    """The id of the case's newest remedy of this kind."""
    return case.remedies.filter(kind=kind).latest("pk").pk


def review_request(case: Case, *items: Item) -> dict[str, Any]:
    finding = case.rulings.get(state="in_effect").findings.first()
    return {
        "finding_id": finding.pk if finding else None,
        "argument": "新报告与认定相反",
        "why_not_before": "报告昨日才出具",
        "item_ids": [str(item.pk) for item in items],
    }


def verdict(case: Case, *decisions: str, ruling: Decision | None = None) -> dict[str, Any]:
    """A decision for each open request, as they were asked; what is new is weighed where the ruling stands."""
    asked = reviews.open_requests(again(case))
    new = [] if ruling else weighing.new_on_file(case)
    return {
        "answers": [reviews.Answer(row.pk, given, "理由充分") for row, given in zip(asked, decisions, strict=True)],
        "ruling": ruling,
        "weights": [WeightInput(str(item.pk), "part", "报告未说明送检样品来源") for item in new],
    }


# --- a valid input for every act -------------------------------------------------------------------------------------
def arguments(case: Case, act: str, actor: Actor, world: World) -> dict[str, Any]:
    """Keyword arguments with which ``act`` succeeds if it can succeed at all. May add papers to the case."""
    build = _ARGUMENTS.get(act)
    return build(case, actor, world) if build else {}


def _newest(rows: Any) -> int:
    return rows.order_by("-pk").values_list("pk", flat=True).first() or 0


def _offer(case: Case, actor: Actor, world: World) -> dict[str, Any]:
    return {"offer_id": _newest(case.offers.filter(state="open").exclude(side=policy.side_of(actor, case)))}


def _remedy(*kinds: str, **more: Any) -> Callable[[Case, Actor, World], dict[str, Any]]:
    def build(case: Case, actor: Actor, world: World) -> dict[str, Any]:
        live = case.remedies.filter(kind__in=kinds, state__in=["performing", "failed"])
        return {"remedy_id": _newest(live), **more}

    return build


def _lodge(case: Case, actor: Actor, world: World) -> dict[str, Any]:
    side = policy.side_of(actor, case)
    return {"item_ids": [str(paper(actor, case).pk)] if side and isinstance(actor, User) else []}


def _withdraw_item(case: Case, actor: Actor, world: World) -> dict[str, Any]:
    item = case.dossier.items.filter(side=policy.side_of(actor, case) or "none", state="lodged").first()
    return {"item_id": str(item.pk) if item else "00000000-0000-0000-0000-000000000000", "reason": "放错了照片"}


def _answer(case: Case, actor: Actor, world: World) -> dict[str, Any]:
    asked = case.information_requests.filter(side=policy.side_of(actor, case), state="open").first()
    return {"answers": ["是的"] * len(asked.questions if asked else [])}


def _ask(case: Case, actor: Actor, world: World) -> dict[str, Any]:
    return {f"to_{case.applicant_side}": ["何时发现?"]}


def _reassign(case: Case, actor: Actor, world: World) -> dict[str, Any]:
    fit = [
        user
        for user in (world.supervisor, world.arbiter, world.second_arbiter)
        if policy.impartial.refusal(user, case) is None
    ]
    return {"arbiter_id": fit[-1].pk}


def _request_review(case: Case, actor: Actor, world: World) -> dict[str, Any]:
    has_ruling = case.rulings.filter(state="in_effect").exists()
    if not has_ruling or not isinstance(actor, User) or not policy.side_of(actor, case):
        return {"finding_id": None, "argument": "", "why_not_before": "", "item_ids": []}
    return review_request(case, paper(actor, case))


_REASON: dict[str, Any] = {"reason": "理由充分"}
_SUSPEND = {"days": 5, "reason": "送检"}
_BY_PLATFORM = {**_SUSPEND, "ground": "authority", "proof_from": "merchant"}
_ARGUMENTS: dict[str, Callable[[Case, Actor, World], dict[str, Any]]] = {
    # A draft is kept longer than the time to file; with a court document there is no such time.
    "file": lambda case, *_: {**claim(case, "not_received", "refund", 1000), "exception": "court_document"},
    "lodge": _lodge,
    "withdraw_item": _withdraw_item,
    "answer": _answer,
    "respond": lambda *_: dict(DEFENCE),
    "state_late": lambda *_: {"statement": "补充说明"},
    "extend": lambda *_: {"reason": "等待承运人"},
    "offer": lambda *_: {"amount_fen": 1000},
    "accept_offer": _offer,
    "decline_offer": _offer,
    "perform_settlement": lambda *_: {"reference": "ALIPAY-1"},
    "propose_suspension": lambda *_: dict(_SUSPEND),
    "suspend": lambda case, actor, _world: {} if policy.side_of(actor, case) else dict(_BY_PLATFORM),
    "prove_suspension": lambda case, actor, world: {"note": "受理通知书", **_lodge(case, actor, world)},
    "perform": _remedy("refund", "compensation", "exchange", "resend", "repair", "pay_loss", waybill="SF1"),
    "ship_back": _remedy("return_goods", carrier="顺丰", waybill="SF2"),
    "confirm_return": _remedy("return_goods", finding="received"),
    "decide_return": _remedy("return_goods", accepted=True, reason="照片不足"),
    "retry_payment": _remedy("refund", "compensation"),
    "request_review": _request_review,
    "answer_review": lambda *_: {"statement": "不认可"},
    "request_set_aside": lambda *_: {"excuse": "停电", "defence": "已送达"},
    "release": lambda *_: {"reason": "interest"},
    "reassign": _reassign,
    "refuse": lambda *_: {"ground": "late", "clause": "AD-01", "reason": "超过期限"},
    "ask": _ask,
    "rule": lambda case, _actor, _world: {"decision": factories.decision(case, remedy="refund", amount_fen=1000)},
    "decide_review": lambda case, *_: verdict(case, *["uphold" for _ in reviews.open_requests(again(case))]),
    "set_aside": lambda *_: dict(_REASON),
    "refuse_set_aside": lambda *_: dict(_REASON),
}


def upload(*, actor: Actor, case_id: int, **_more: Any) -> Case:
    """Stands for ``exhibits.receive``: the same check, a paper instead of a file."""
    case = Case.objects.select_related("order", "dossier").get(pk=case_id)
    lifecycle.permit(case, "upload", actor)
    assert isinstance(actor, User)
    paper(actor, case)
    return case
