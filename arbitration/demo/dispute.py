"""One dispute on the stage: who takes part, and each act as the product's own verb with words that fit."""

import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.actors import System
from accounts.models import User
from arbitration import admission, assignment, decisions, information, remedies, reviews, rulings, weighing
from arbitration.decisions import Decision, FindingInput, WeightInput
from arbitration.demo import exhibits as drawn
from arbitration.demo.cast import Cast, Goods, shop
from arbitration.demo.pictures import File
from arbitration.demo.words import WORDS
from arbitration.models import Remedy
from core import clock
from core.clock import BEIJING
from disputes import exhibits, filing, negotiation, orders, rebuttal, response
from disputes.models import Case, Order
from disputes.models.case import WITH_AMOUNT
from evidence import items, redaction
from evidence.models import Item
from rulebook.models import Cause
from rulebook.queries import book, in_force

MARKET = System("integration:demo-market")
OF_THE_APPLICANT = (
    "",  # the cause's own doubt
    "拍摄时间晚于签收，无法确认当时的状态。",
    "面单属实，但不能说明商品在运输中受损。",
    "照片没有显示单号，请核对是否为同一包裹。",
)
OF_THE_RESPONDENT = (
    "只能说明包裹已寄到，不能说明完好交付。",
    "没有显示本订单的单号，日期也对不上。",
    "该记录由商家单方制作，没有第三方确认。",
)
"""What the other side says to item after item."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def order_tail(seed: int) -> str:
    """How the order number of the dispute with this seed ends."""
    return str(880_000_000 + seed * 7919)


class Dispute:
    """A buyer, a store and one article; ``seed`` makes its numbers and pictures its own and always the same."""

    def __init__(
        self, cast: Cast, seed: int, *, buyer: str, store: str, article: int = 0, cause: str = "damaged"
    ) -> None:
        self.cast, self.cause, self.words = cast, cause, WORDS.get(cause, WORDS["damaged"])
        self.dice = random.Random(seed)
        self.seed = seed
        self.buyer, self.store = cast[buyer], cast.stores[store]
        self.merchant = cast.owner(store)
        self.goods: Goods = shop(store).goods[article]
        self.shelf = shop(store).goods
        self.merchant_files = cause in {"unreasonable_return", "malicious_review", "abusive_claim"}
        self.arbiter = cast["zhouyan"]
        self.order: Order
        self.wanted = self.words.asked
        self.reused: Mapping[str, int] = {}  # slot → what a picture is drawn from that another dispute has too
        self.request_id = 0
        self.case_id = 0

    # --- what is there ------------------------------------------------------------------------------------------------
    @property
    def case(self) -> Case:
        return Case.objects.select_related("order", "line", "dossier", "store", "buyer").get(pk=self.case_id)

    @property
    def rules(self) -> Cause:
        return book(in_force(clock.now()).pk).cause(self.cause)

    @property
    def applicant(self) -> User:
        return self.merchant if self.merchant_files else self.buyer

    @property
    def respondent(self) -> User:
        return self.buyer if self.merchant_files else self.merchant

    @property
    def person(self) -> dict[str, Any]:
        return {"actor": self.arbiter, "case_id": self.case_id}

    def say(self, sentence: str) -> str:
        return sentence.format(goods=self.goods.title.split(" ")[0])

    # --- before the case ----------------------------------------------------------------------------------------------
    def receive(
        self, paid_at: datetime, *, until: str = "completed", quantity: int = 1, beside: Sequence[Goods] = ()
    ) -> Order:
        """The marketplace sends the order as it stands: paid, shipped, signed or completed, three days to deliver."""
        ship, scan, signed = paid_at + timedelta(hours=22), paid_at + timedelta(hours=26), paid_at + timedelta(days=3)
        moments: dict[str, datetime | None] = {"promised_ship_at": paid_at + 2 * DAY}
        steps = {"paid": 0, "shipped": 1, "signed": 2, "completed": 3}[until]
        if steps >= 1:
            moments |= {"shipped_at": ship, "first_scan_at": scan}
        if steps >= 2:
            moments["signed_at"] = signed
        if steps >= 3:
            moments["completed_at"] = signed + DAY
        number = f"{paid_at.astimezone(BEIJING):%y%m%d}{order_tail(self.seed)}"
        self.order = self._send(
            number,
            paid_at,
            moments,
            self._logistics(paid_at, steps),
            [self._line(self.goods, quantity), *map(self._line, beside)],
        )
        return self.order

    def _send(
        self,
        number: str,
        paid_at: datetime,
        moments: dict[str, Any],
        events: list[dict[str, Any]],
        lines: list[dict[str, Any]],
    ) -> Order:
        goods = sum(line["price_fen"] * line["quantity"] for line in lines)
        coupon = (self.seed % 3) * 500
        return orders.receive(
            actor=MARKET,
            number=number,
            buyer={"email": self.buyer.email, "name": self.buyer.name},
            store={"code": self.store.code, "name": self.store.name},
            lines=lines,
            amounts={"goods_fen": goods, "freight_fen": 0, "coupon_fen": coupon, "paid_fen": goods - coupon},
            paid_at=paid_at,
            category=self.goods.category,
            moments=moments,
            logistics=events,
        ).order

    @staticmethod
    def _line(goods: Goods, quantity: int = 1) -> dict[str, Any]:
        return {
            "title": goods.title,
            "sku": goods.sku,
            "option": goods.option,
            "quantity": quantity,
            "price_fen": goods.price_fen,
            "snapshot": {
                "title": goods.title,
                "text": goods.text,
                "promises": list(goods.promises),
                "exclusions": list(goods.exclusions),
                "pictures": [],
            },
        }

    def _logistics(self, paid_at: datetime, steps: int) -> list[dict[str, Any]]:
        slip = drawn.waybill(random.Random(self.seed), paid_at)
        told = [
            (26, "collected", "快件已由揽投员揽收", 1),
            (40, "departed", "快件离开云州转运中心", 1),
            (62, "delivering", "快件正在派送，请保持电话畅通", 2),
            (72, "signed", "快件已放置门口，本人确认" if self.seed % 2 else "快件已签收，签收人：门卫", 2),
        ]
        return [
            {"way": "out", "at": paid_at + hours * HOUR, "code": code, "text": text, "waybill": slip}
            for hours, code, text, step in told
            if steps >= step
        ]

    def ask(self, *, amount_fen: int | None = None, received: bool = True) -> None:
        """The buyer asks the merchant, and writes one message."""
        made = negotiation.ask(
            actor=self.buyer,
            order_id=self.order.pk,
            line_id=self.order.lines.get().pk,
            asked=self.wanted or "refund",
            amount_fen=self.order.paid_fen if amount_fen is None else amount_fen,
            cause=self.cause if not self.merchant_files else "quality_visible",
            reason=self.say(self.words.reason or "{goods}有问题，申请退款。"),
            goods_received=received,
        )
        self.request_id = made.pk

    def write(self, actor: User, text: str) -> None:
        negotiation.write(actor=actor, after_sales_id=self.request_id, text=text)

    def decline(self) -> None:
        """The merchant refuses; the gate opens."""
        negotiation.refuse(
            actor=self.merchant, after_sales_id=self.request_id, reason=self.words.refusal or "不符合售后条件。"
        )

    # --- the two sides ------------------------------------------------------------------------------------------------
    def start(self) -> None:
        made = filing.start(actor=self.applicant, order_id=self.order.pk, line_id=self.order.lines.get().pk)
        self.case_id = made.pk

    def upload(self, actor: User, slot: str, label: str = "") -> Item:
        """A drawn file for one slot of the checklist: like no other, unless the slot is one of ``reused``."""
        seed = self.reused.get(slot)
        dice, album = (self.dice, self.cast.album) if seed is None else (random.Random(seed), None)
        file, caption = drawn.fill(slot, self.goods, dice, clock.now(), label=label, album=album)
        return self._send_in(actor, file, slot, caption)

    def _send_in(self, actor: User, file: File, slot: str, caption: str) -> Item:
        return exhibits.receive(
            actor=actor,
            case_id=self.case_id,
            upload=SimpleUploadedFile(file.name, file.content, file.media_type),
            slot=slot,
            caption=caption,
        )

    def upload_covered_chat(self, actor: User) -> None:
        """A conversation whose phone number its side covers before sending it."""
        file, place = drawn.chat_with_a_number(self.dice)
        item = self._send_in(actor, file, "", "与客服的聊天记录，家人的电话已遮盖")
        redaction.redact(actor=actor, item=item, boxes=[redaction.Box(*place)], at=clock.now())

    def upload_for_the_platform(self, actor: User) -> None:
        """A paper that the other side learns of and does not see."""
        file, caption = drawn.fill("weight_record", self.goods, self.dice, clock.now(), label="出库称重记录")
        item = self._send_in(actor, file, "", caption)
        reason = "同一页上有其他客户的订单和电话，只供平台核对。"
        items.restrict(actor=actor, item=item, platform_only=True, reason=reason, at=clock.now())

    def upload_for(self, actor: User, *, items: int) -> str:
        """The first ``items`` slots of the actor's checklist; what to say about the required ones left out."""
        asked = self.rules.asked_applicant if actor == self.applicant else self.rules.asked_respondent
        slots = [slot for slot in asked if not slot["slot"].endswith("_video") or slot["required"]]
        for slot in slots[:items]:
            self.upload(actor, slot["slot"], slot["zh"])
        return "其余材料暂时无法取得。" if any(slot["required"] for slot in slots[items:]) else ""

    def file(self, *, items: int = 3, amount_fen: int | None = None) -> None:
        """Fill the draft in and submit it."""
        if not self.case_id:
            self.start()
        missing = self.upload_for(self.applicant, items=items)
        chosen = self.wanted or self.rules.remedies[0]
        claim = self.order.paid_fen if chosen in WITH_AMOUNT else 0
        filing.file(
            actor=self.applicant,
            case_id=self.case_id,
            cause=self.cause,
            remedy=chosen,
            amount_fen=claim if amount_fen is None else amount_fen,
            **self._penalty(chosen, claim),
            what_happened=self.say(self.words.what_happened),
            difference=self.say(self.words.difference),
            wanted=self.say(self.words.wanted),
            missing_reason=missing,
        )

    def _penalty(self, chosen: str, claim_fen: int) -> dict[str, Any]:
        """What the listing promised on top, where the rules of the cause foresee it."""
        if chosen not in self.rules.penalty_with:
            return {}
        return {"penalty_fen": claim_fen // 20, "penalty_ground": "商品页承诺 48 小时内发货，逾期按实付 5% 赔付"}

    def respond(self, *, items: int = 1, leave_open: int = 0, stances: Sequence[str] = ("disputed",)) -> None:
        """Defend: a statement, files, and answers to all but the last ``leave_open`` items."""
        missing = self.upload_for(self.respondent, items=items)
        answers = self._answers(self.case.applicant_side, stances, OF_THE_APPLICANT, leave_open)
        response.respond(
            actor=self.respondent,
            case_id=self.case_id,
            statement=self.say(self.words.statement),
            answers=answers,
            missing_reason=missing,
        )

    def rebut(self, *, item: str = "") -> None:
        """The applicant answers in its round, with one more file if ``item`` names a slot."""
        if item:
            self.upload(self.applicant, item)
        rebuttal.rebut(
            actor=self.applicant,
            case_id=self.case_id,
            statement="对方提交的材料与本订单无法对应，请平台核对单号和日期。",
            answers=self._answers(self.case.respondent_side, ("disputed", "partly"), OF_THE_RESPONDENT),
        )

    def _answers(
        self, side: str, stances: Sequence[str], reasons: Sequence[str], leave_open: int = 0
    ) -> list[response.Answer]:
        theirs = self.case.dossier.items.filter(side=side, platform_only=False)
        theirs = theirs.exclude(disclosed_at=None).order_by("exhibit_no")
        return [
            response.Answer(
                item_id=str(item.pk),
                stance=stances[number % len(stances)],
                reason=reasons[number % len(reasons)] or self.words.doubt,
            )
            for number, item in enumerate(theirs[: len(theirs) - leave_open])
        ]

    # --- the platform -------------------------------------------------------------------------------------------------
    def admit(self) -> None:
        assignment.take(**self.person)
        admission.admit(**self.person)

    def take(self) -> None:
        assignment.take(**self.person)

    def rule(self, *, share: int = 100, for_applicant: bool = True) -> None:
        """Take the case if nobody holds it and sign a ruling that grants ``share`` per cent of the claim."""
        if self.case.handler_id is None:
            self.take()
        rulings.rule(**self.person, decision=self.decision(share=share, for_applicant=for_applicant))

    def decision(self, *, share: int = 100, for_applicant: bool = True) -> Decision:
        case = self.case
        chosen = case.remedy if for_applicant else ""
        amount = case.claim_fen * share // 100 if chosen in WITH_AMOUNT else 0
        return Decision(
            findings=self._findings(case, share, for_applicant),
            weights=self._weights(case, for_applicant),
            clauses=[self.rules.clause.code, *(["RP-02"] if case.by_default else ["EV-06"])],
            remedy=chosen,
            amount_fen=amount,
            points=self.rules.points if for_applicant else 0,
            summary_applicant=self.words.for_winner if for_applicant else f"请求没有得到支持。{self.words.rejected}",
            summary_respondent=self.words.for_loser if for_applicant else f"无需承担责任。{self.words.rejected}",
            freight_by="respondent" if for_applicant else "none",
            penalty_fen=case.claim_penalty_fen if for_applicant else 0,
            penalty_ground=case.claim_penalty_ground,
        )

    def _findings(self, case: Case, share: int, for_applicant: bool) -> list[FindingInput]:
        items = [str(item.pk) for item in decisions.on_file(case)]
        result = ("upheld" if share == 100 else "partly") if for_applicant else "rejected"
        issues, steps = self.rules.issues, self.rules.burden_by_issue(received=case.order.completed_at is not None)
        main = next(index for index, rows in enumerate(steps) if rows)
        reasons = {main: self.words.upheld if for_applicant else self.words.rejected}
        last = len(issues) - 1
        if share < 100 and last not in reasons:
            reasons[last] = "商品仍可正常使用，双方对交付均有疏忽，按影响程度部分退还。"
        for index, rows in enumerate(steps):
            if rows and index not in reasons:
                reasons[index] = "双方就此提交的材料已经逐件核对，结论与上一项相同。"
        return [
            FindingInput(
                issue=issues[index]["zh"],
                result=result,
                reason=reason,
                burden=[self._burden(case, row, for_applicant) for row in steps[index]],
                items=items[:3] if index == main else [],
            )
            for index, reason in sorted(reasons.items())
        ]

    def _burden(self, case: Case, step: dict[str, Any], for_applicant: bool) -> dict[str, str]:
        met = "not_met" if (step["side"] == "respondent") == for_applicant else "met"
        return {"side": case.side_of_party(step["side"]), "text": step["zh"], "met": met}

    def _weights(self, case: Case, for_applicant: bool) -> list[WeightInput]:
        reasons = {
            "full": ("与承运人记录和时间一致", "单号、批次可以核对"),
            "part": ("能证明外观，不能证明发生的时间", "部分内容无法核对"),
            "none": ("日期与本订单对不上", "没有显示单号，无法与本包裹对应"),
        }
        winner = case.applicant_side if for_applicant else case.respondent_side
        given = []
        for item in decisions.on_file(case):
            weight = self.dice.choice(("full", "full", "part") if item.side == winner else ("part", "none"))
            given.append(WeightInput(item_id=str(item.pk), weight=weight, reason=self.dice.choice(reasons[weight])))
        return given

    def ask_information(self, *, buyer: bool = True, merchant: bool = True) -> None:
        if self.case.handler_id is None:
            self.take()
        information.ask(
            **self.person,
            to_buyer=("请补充包裹六面照片，能看清面单号。", "签收当天是谁在家？") if buyer else (),
            to_merchant=("请提供该订单的出库称重记录。", "请说明打包视频对应的面单号。") if merchant else (),
            why="现有材料无法判断破损发生的时间。",
        )

    # --- carrying out -------------------------------------------------------------------------------------------------
    def remedy(self, kind: str) -> Remedy:
        return self.case.remedies.filter(kind=kind).latest("pk")

    def ship_back(self) -> None:
        remedies.ship_back(
            actor=self.buyer,
            case_id=self.case_id,
            remedy_id=self.remedy("return_goods").pk,
            carrier="顺捷快运",
            waybill=drawn.waybill(self.dice, clock.now()),
        )

    def confirm_return(self, finding: str = "received", note: str = "") -> None:
        if finding in Remedy.TO_BE_SHOWN:
            file, caption = drawn.fill("arrival", self.goods, self.dice, clock.now(), label="退回包裹到货照片")
            self._send_in(self.merchant, file, "", caption)
        remedies.confirm_return(
            actor=self.merchant,
            case_id=self.case_id,
            remedy_id=self.remedy("return_goods").pk,
            finding=finding,
            note=note,
        )

    def pay(self) -> None:
        """The merchant performs whatever it owes in money."""
        owed = self.case.remedies.filter(kind__in=Remedy.MONEY, state="performing", refund=None)
        for remedy in owed.order_by("pk"):
            remedies.perform(actor=self.merchant, case_id=self.case_id, remedy_id=remedy.pk)

    def request_review(self, actor: User, slot: str = "test_report") -> None:
        item = self.upload(actor, slot)
        reviews.request_review(
            actor=actor,
            case_id=self.case_id,
            finding_id=self.case.rulings.get(state="in_effect").findings.order_by("position")[0].pk,
            argument="新取得的材料说明原认定与事实不符，请重新核对。",
            why_not_before="该材料在裁决后才出具，此前无法取得。",
            item_ids=[str(item.pk)],
        )

    def decide_review(self, decision: str, reason: str, ruling: Decision | None = None) -> None:
        """Every open request gets the same answer; a ruling that stands is completed by weights for what is new."""
        new = [] if ruling else weighing.new_on_file(self.case)
        reviews.decide_review(
            **self.person,
            answers=[reviews.Answer(row.pk, decision, reason) for row in reviews.open_requests(self.case)],
            ruling=ruling,
            weights=[WeightInput(str(item.pk), "none", "没有显示单号，无法与本包裹对应") for item in new],
        )
