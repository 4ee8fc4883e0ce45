"""What is going on now: orders before any case, and a case in every state, due soon, late, or far away."""

from collections.abc import Callable
from datetime import datetime, timedelta

from arbitration import admission, assignment, editor, information, reviews, rulings, setaside
from arbitration.demo.cast import Cast
from arbitration.demo.dispute import DAY, HOUR, Dispute
from arbitration.demo.stage import Story
from arbitration.queries import case_file
from disputes import drafts, extension, negotiation, rebuttal, settlement, suspension

Play = Callable[[Dispute, datetime], Story]
"""A story told backwards from the present: the second argument is now."""


def stories(cast: Cast, now: datetime) -> list[Story]:
    """Every living order and case. The number of a row is its seed."""
    told = []
    for number, (play, buyer, store, article, cause, arbiter) in enumerate(PLAYS):
        dispute = Dispute(cast, 2000 + number, buyer=buyer, store=store, article=article, cause=cause)
        dispute.arbiter = cast[arbiter]
        told.append(play(dispute, now - timedelta(minutes=(number * 11) % 35)))
    return told


# --- Orders without a case -------------------------------------------------------------------------------------------
def only_paid(dispute: Dispute, now: datetime) -> Story:
    yield now - 5 * HOUR
    dispute.receive(now - 5 * HOUR, until="paid")


def on_its_way(dispute: Dispute, now: datetime) -> Story:
    yield now - 20 * HOUR
    dispute.receive(now - 50 * HOUR, until="shipped")


def not_negotiated(dispute: Dispute, now: datetime) -> Story:
    """Signed for yesterday; nobody has asked the merchant yet."""
    yield now - 20 * HOUR
    dispute.receive(now - 4 * DAY, until="signed", quantity=1)


def late_to_ship(dispute: Dispute, now: datetime) -> Story:
    yield now - 6 * DAY
    dispute.receive(now - 6 * DAY, until="paid")


def completed(dispute: Dispute, now: datetime) -> Story:
    yield now - 3 * DAY
    dispute.receive(now - 8 * DAY)


def refused_yesterday(dispute: Dispute, now: datetime) -> Story:
    """The gate is open and nothing has been filed yet."""
    yield now - 3 * DAY
    dispute.receive(now - 7 * DAY - HOUR)
    dispute.ask()
    yield now - 60 * HOUR
    dispute.write(dispute.merchant, "亲，签收时请先验货哦。")
    yield now - 58 * HOUR
    dispute.write(dispute.buyer, "快递放在门口，没有当面验收。外箱凹陷的照片也发了。")
    yield now - 26 * HOUR
    dispute.decline()


def asked_today(dispute: Dispute, now: datetime) -> Story:
    yield now - 6 * HOUR
    dispute.receive(now - 6 * DAY)
    dispute.ask()


def countered(dispute: Dispute, now: datetime) -> Story:
    yield now - 15 * HOUR
    dispute.receive(now - 6 * DAY)
    dispute.ask()
    yield now - 3 * HOUR
    negotiation.counter(
        actor=dispute.merchant,
        after_sales_id=dispute.request_id,
        offer="compensation",
        amount_fen=dispute.order.paid_fen // 8,
        reason="给您补偿，商品留用可以吗？",
    )


def never_answered(dispute: Dispute, now: datetime) -> Story:
    yield now - 56 * HOUR
    dispute.receive(now - 7 * DAY)
    dispute.ask()


def agreed(dispute: Dispute, now: datetime) -> Story:
    yield now - 4 * DAY
    dispute.receive(now - 9 * DAY)
    dispute.wanted = "refund"
    dispute.ask(amount_fen=dispute.order.paid_fen // 5)
    yield now - 90 * HOUR
    negotiation.agree(actor=dispute.merchant, after_sales_id=dispute.request_id)


def taken_back(dispute: Dispute, now: datetime) -> Story:
    yield now - 5 * DAY
    dispute.receive(now - 10 * DAY)
    dispute.ask()
    yield now - 100 * HOUR
    negotiation.withdraw(actor=dispute.buyer, after_sales_id=dispute.request_id)


def window_over(dispute: Dispute, now: datetime) -> Story:
    """Refused so long ago that the time to file has passed (but not for furniture)."""
    yield now - 39 * DAY
    dispute.receive(now - 45 * DAY)
    dispute.ask()
    yield now - 38 * DAY
    dispute.decline()


# --- Up to a state ---------------------------------------------------------------------------------------------------
def until_filed(dispute: Dispute, filed_at: datetime, *, items: int = 3, asked: str = "") -> Story:
    """Order, request, refusal, filing; the case is filed at ``filed_at``."""
    dispute.wanted = asked or dispute.wanted
    yield filed_at - 40 * HOUR
    dispute.receive(
        filed_at - 7 * DAY, until={"late_shipment": "paid", "not_received": "signed"}.get(dispute.cause, "completed")
    )
    dispute.ask()
    dispute.write(dispute.buyer, "照片已发，请看一下。")
    yield filed_at - 22 * HOUR
    dispute.decline()
    yield filed_at - HOUR
    dispute.start()
    yield filed_at
    dispute.file(items=items)


def until_admitted(dispute: Dispute, at: datetime, *, items: int = 3, asked: str = "") -> Story:
    yield from until_filed(dispute, at - 9 * HOUR, items=items, asked=asked)
    yield at
    dispute.admit()


def until_heard(dispute: Dispute, at: datetime, *, items: int = 3, theirs: int = 2, asked: str = "") -> Story:
    """The platform's turn begins at ``at``."""
    yield from until_admitted(dispute, at - 30 * HOUR, items=items, asked=asked)
    yield at - 12 * HOUR
    dispute.respond(items=theirs, leave_open=1, stances=("disputed", "partly"))
    yield at
    dispute.rebut()


def until_ruled(
    dispute: Dispute, at: datetime, *, share: int = 100, for_applicant: bool = True, asked: str = "", items: int = 2
) -> Story:
    """A ruling is signed at ``at`` and in effect a minute later."""
    yield from until_heard(dispute, at - 20 * HOUR, items=items, theirs=1, asked=asked)
    yield at
    dispute.rule(share=share, for_applicant=for_applicant)


# --- Before the ruling -----------------------------------------------------------------------------------------------
def draft(dispute: Dispute, now: datetime) -> Story:
    yield from _open_gate(dispute, now - 2 * DAY)
    dispute.start()
    dispute.upload(dispute.buyer, "outer_box")
    dispute.upload(dispute.buyer, "item")
    steps = {"cause": [dispute.cause], "remedy": ["return_refund"], "cause_done": ["1"]}
    drafts.save(user=dispute.buyer, form=f"case:{dispute.case.number}:file", data=steps)


def draft_about_to_go(dispute: Dispute, now: datetime) -> Story:
    """Begun almost thirty days ago: it is kept for another day."""
    yield from _open_gate(dispute, now - 29 * DAY)
    dispute.start()


def _open_gate(dispute: Dispute, at: datetime) -> Story:
    yield at - 2 * DAY
    dispute.receive(at - 8 * DAY)
    dispute.ask()
    yield at - DAY
    dispute.decline()
    yield at


def just_filed(dispute: Dispute, now: datetime) -> Story:
    yield from until_filed(dispute, now - 2 * HOUR)


def filed_due_in_an_hour(dispute: Dispute, now: datetime) -> Story:
    yield from until_filed(dispute, now - 23 * HOUR)


def filed_past_target(dispute: Dispute, now: datetime) -> Story:
    """Late by the platform's own target, and taken."""
    yield from until_filed(dispute, now - 30 * HOUR)
    yield now - 3 * HOUR
    dispute.take()


def filed_and_escalated(dispute: Dispute, now: datetime) -> Story:
    yield from until_filed(dispute, now - 51 * HOUR, items=1)


def not_admitted(dispute: Dispute, now: datetime) -> Story:
    yield from until_filed(dispute, now - 3 * DAY, items=1)
    yield now - 50 * HOUR
    dispute.take()
    admission.refuse(
        **dispute.person,
        ground="evidence",
        clause="AD-01",
        reason="提交的材料无法看清商品和面单，暂时不能证明争议与本订单有关。补齐外包装、面单和破损近照后，可以在期限内重新申请。",
    )


def asked_before_admission(dispute: Dispute, now: datetime) -> Story:
    yield from until_filed(dispute, now - 20 * HOUR, items=1)
    yield now - 8 * HOUR
    dispute.ask_information(merchant=False)


def response_running(dispute: Dispute, now: datetime) -> Story:
    yield from until_admitted(dispute, now - 18 * HOUR)


def response_last_hour(dispute: Dispute, now: datetime) -> Story:
    yield from until_admitted(dispute, now - 47 * HOUR, items=2)


def response_extended(dispute: Dispute, now: datetime) -> Story:
    yield from until_admitted(dispute, now - 40 * HOUR, items=2)
    yield now - 4 * HOUR
    extension.extend(actor=dispute.respondent, case_id=dispute.case_id, reason="需要向承运人调取签收底单。")


def response_with_offer(dispute: Dispute, now: datetime) -> Story:
    """W14: the merchant offers money; the buyer has not answered."""
    yield from until_admitted(dispute, now - 22 * HOUR, items=2)
    yield now - 5 * HOUR
    settlement.offer(
        actor=dispute.merchant,
        case_id=dispute.case_id,
        amount_fen=dispute.order.paid_fen * 4 // 10,
        conditions="商品保留，不再追究包装问题",
        valid_hours=24,
        perform_days=3,
    )


def offer_declined(dispute: Dispute, now: datetime) -> Story:
    yield from until_admitted(dispute, now - 30 * HOUR, items=2)
    yield now - 20 * HOUR
    settlement.offer(actor=dispute.merchant, case_id=dispute.case_id, amount_fen=2_000, conditions="")
    yield now - 16 * HOUR
    offer = dispute.case.offers.latest("pk")
    settlement.decline_offer(actor=dispute.buyer, case_id=dispute.case_id, offer_id=offer.pk, reason="与损失相差太多")


def rebuttal_running(dispute: Dispute, now: datetime) -> Story:
    yield from until_admitted(dispute, now - 40 * HOUR)
    yield now - 15 * HOUR
    dispute.respond(items=2, leave_open=1, stances=("disputed", "partly", "accepted"))


THE_SAME_BOX = {"outer_box": 77}
"""One photo of a dented box, sent in two disputes: what a look-alike is shown to the platform for."""


def both_asked(dispute: Dispute, now: datetime) -> Story:
    dispute.reused = THE_SAME_BOX
    yield from until_heard(dispute, now - 30 * HOUR)
    yield now - 6 * HOUR
    dispute.ask_information()


def one_has_answered(dispute: Dispute, now: datetime) -> Story:
    yield from until_heard(dispute, now - 40 * HOUR)
    yield now - 22 * HOUR
    dispute.ask_information()
    yield now - 9 * HOUR
    information.answer(
        actor=dispute.buyer,
        case_id=dispute.case_id,
        answers=["六面照片已补充上传，面单号清晰。", "当天家里没有人，包裹放在门口。"],
    )


def ready_to_rule(dispute: Dispute, now: datetime) -> Story:
    """A rich file, held by an arbiter: the one to try the ruling editor on."""
    yield from until_admitted(dispute, now - 60 * HOUR, items=5)
    yield now - 36 * HOUR
    dispute.upload_for_the_platform(dispute.merchant)
    dispute.respond(items=3, leave_open=1, stances=("disputed", "partly", "accepted"))
    yield now - 20 * HOUR
    dispute.upload_covered_chat(dispute.buyer)
    dispute.rebut(item="unboxing_video")
    yield now - 4 * HOUR
    dispute.take()


def ready_unassigned(dispute: Dispute, now: datetime) -> Story:
    yield from until_heard(dispute, now - 20 * HOUR)


def ruling_due_soon(dispute: Dispute, now: datetime) -> Story:
    yield from until_heard(dispute, now - 46 * HOUR)


def ruling_past_target(dispute: Dispute, now: datetime) -> Story:
    """Late by the target. The arbiter signed, took it back within the minute, and has the text as a draft."""
    yield from until_heard(dispute, now - 70 * HOUR)
    yield now - 30 * HOUR
    dispute.take()
    yield now - 2 * HOUR
    dispute.rule()
    rulings.undo_ruling(**dispute.person)
    file = case_file(dispute.arbiter, dispute.case.number, now - 2 * HOUR)
    kept = editor.of_ruling(file, dispute.case.rulings.latest("pk"))
    drafts.save(user=dispute.arbiter, form=f"{dispute.case.subject}:rule", data=kept)


def ruling_escalated(dispute: Dispute, now: datetime) -> Story:
    yield from until_heard(dispute, now - 125 * HOUR, theirs=0)


def default(dispute: Dispute, now: datetime) -> Story:
    """The merchant let its clock run out a few hours ago."""
    yield from until_admitted(dispute, now - 53 * HOUR)


# --- After the ruling ------------------------------------------------------------------------------------------------
def refund_owed(dispute: Dispute, now: datetime) -> Story:
    yield from until_ruled(dispute, now - 4 * HOUR, asked="refund")


def granted_in_part(dispute: Dispute, now: datetime) -> Story:
    """W18: the buyer got a part and may ask for a review."""
    yield from until_ruled(dispute, now - 2 * DAY, share=30, asked="refund")
    yield now - 40 * HOUR
    dispute.pay()


def rejected(dispute: Dispute, now: datetime) -> Story:
    yield from until_ruled(dispute, now - 5 * DAY, for_applicant=False)


def to_be_sent_back(dispute: Dispute, now: datetime) -> Story:
    yield from until_ruled(dispute, now - 2 * DAY)


def sent_back(dispute: Dispute, now: datetime) -> Story:
    dispute.reused = THE_SAME_BOX
    yield from until_ruled(dispute, now - 4 * DAY)
    yield now - 3 * DAY
    dispute.ship_back()


def return_disputed(dispute: Dispute, now: datetime) -> Story:
    yield from until_ruled(dispute, now - 6 * DAY)
    yield now - 5 * DAY
    dispute.ship_back()
    yield now - 20 * HOUR
    dispute.confirm_return("damaged", "退回的灯座另有一处新的磕碰，收货时外箱已破。")


def enforcing(dispute: Dispute, now: datetime) -> Story:
    """The review window is over; the merchant has yet to confirm the return."""
    yield from until_ruled(dispute, now - 7 * DAY - 10 * HOUR)
    yield now - 2 * DAY
    dispute.ship_back()


def default_ruled(dispute: Dispute, now: datetime) -> Story:
    yield from until_admitted(dispute, now - 4 * DAY)
    yield now - 30 * HOUR
    dispute.rule()


def set_aside_asked(dispute: Dispute, now: datetime) -> Story:
    yield from default_ruled(dispute, now - DAY)
    yield now - 20 * HOUR
    setaside.request_set_aside(
        actor=dispute.merchant,
        case_id=dispute.case_id,
        excuse="客服账号当天被锁定，无法登录，附平台工单号 88213。",
        defence="出库前有称重和打包录像，商品完好。",
    )


def review_answer_running(dispute: Dispute, now: datetime) -> Story:
    """The merchant asks; the buyer has a day and a half left to answer."""
    yield from until_ruled(dispute, now - 2 * DAY)
    yield now - 13 * HOUR
    dispute.request_review(dispute.merchant)


def review_to_decide(dispute: Dispute, now: datetime) -> Story:
    yield from until_ruled(dispute, now - 5 * DAY, for_applicant=False)
    yield now - 71 * HOUR
    dispute.request_review(dispute.buyer)
    yield now - 40 * HOUR
    reviews.answer_review(actor=dispute.merchant, case_id=dispute.case_id, statement="检测样品未与本订单封样比对。")
    yield now - 2 * HOUR
    dispute.arbiter = dispute.cast["chenmo"]
    dispute.take()


def review_decided(dispute: Dispute, now: datetime) -> Story:
    yield from until_ruled(dispute, now - 6 * DAY)
    yield now - 5 * DAY
    dispute.request_review(dispute.merchant)
    yield now - 2 * DAY
    dispute.arbiter = dispute.cast["chenmo"]
    dispute.take()
    reviews.decide_review(
        **dispute.person,
        decision="vary",
        reason="新提交的检测报告说明商品仍可使用，改为部分退款，其余认定不变。",
        ruling=dispute.decision(share=60),
    )


# --- Among themselves ------------------------------------------------------------------------------------------------
def being_settled(dispute: Dispute, now: datetime) -> Story:
    yield from until_admitted(dispute, now - 40 * HOUR, items=2)
    yield now - 30 * HOUR
    settlement.offer(
        actor=dispute.merchant,
        case_id=dispute.case_id,
        amount_fen=dispute.order.paid_fen // 2,
        conditions="商品保留",
        perform_days=3,
    )
    yield now - 26 * HOUR
    settlement.accept_offer(actor=dispute.buyer, case_id=dispute.case_id, offer_id=dispute.case.offers.latest("pk").pk)


def at_the_laboratory(dispute: Dispute, now: datetime) -> Story:
    yield from until_heard(dispute, now - 4 * DAY)
    yield now - 3 * DAY
    dispute.take()
    suspension.suspend(**dispute.person, ground="laboratory", days=15, reason="送第三方实验室检测，约 15 天出具报告。")


def suspended_by_both(dispute: Dispute, now: datetime) -> Story:
    yield from until_admitted(dispute, now - 46 * HOUR, items=2)
    yield now - 30 * HOUR
    suspension.propose_suspension(
        actor=dispute.buyer, case_id=dispute.case_id, days=10, reason="出差在外，回来后补拍照片。"
    )
    yield now - 24 * HOUR
    suspension.suspend(actor=dispute.merchant, case_id=dispute.case_id)


def suspension_proposed(dispute: Dispute, now: datetime) -> Story:
    yield from until_admitted(dispute, now - 20 * HOUR, items=2)
    yield now - 2 * HOUR
    suspension.propose_suspension(
        actor=dispute.merchant, case_id=dispute.case_id, days=7, reason="等待承运人出具理赔结论。"
    )


# --- Filed by the store ----------------------------------------------------------------------------------------------
def until_store_filed(dispute: Dispute, filed_at: datetime) -> Story:
    yield filed_at - 5 * DAY
    dispute.receive(filed_at - 10 * DAY)
    dispute.ask()
    yield filed_at - 3 * DAY
    dispute.write(dispute.merchant, "我们核对后认为情况与事实不符，请您说明。")
    yield filed_at - 2 * DAY
    negotiation.withdraw(actor=dispute.buyer, after_sales_id=dispute.request_id)
    yield filed_at
    dispute.file(items=3)


def store_files(dispute: Dispute, now: datetime) -> Story:
    yield from until_store_filed(dispute, now - DAY)
    yield now - 12 * HOUR
    dispute.admit()


def store_filed_and_heard(dispute: Dispute, now: datetime) -> Story:
    yield from until_store_filed(dispute, now - 3 * DAY)
    yield now - 60 * HOUR
    dispute.admit()
    yield now - 30 * HOUR
    dispute.respond(items=1)
    yield now - 26 * HOUR
    rebuttal.skip(actor=dispute.applicant, case_id=dispute.case_id)


def handed_over(dispute: Dispute, now: datetime) -> Story:
    """A supervisor gave the case to another arbiter."""
    yield from until_heard(dispute, now - 28 * HOUR)
    yield now - 10 * HOUR
    dispute.take()
    yield now - 3 * HOUR
    assignment.reassign(actor=dispute.cast["hemin"], case_id=dispute.case_id, arbiter_id=dispute.cast["chenmo"].pk)


PLAYS: tuple[tuple[Play, str, str, int, str, str], ...] = (
    (only_paid, "linxiao", "shiguang", 2, "late_shipment", "zhouyan"),
    (on_its_way, "linxiao", "qinghe", 0, "damaged", "zhouyan"),
    (not_negotiated, "linxiao", "shiguang", 0, "damaged", "zhouyan"),
    (refused_yesterday, "linxiao", "shiguang", 0, "damaged", "zhouyan"),
    (asked_today, "linxiao", "beian", 0, "quality_hidden", "zhouyan"),
    (countered, "linxiao", "guoren", 1, "damaged", "zhouyan"),
    (agreed, "linxiao", "beian", 1, "quality_visible", "zhouyan"),
    (never_answered, "wanglei", "guoren", 0, "damaged", "zhouyan"),
    (window_over, "wanglei", "beian", 0, "quality_visible", "zhouyan"),
    (window_over, "wanglei", "shiguang", 1, "quality_visible", "zhouyan"),
    (late_to_ship, "wanglei", "shanye", 0, "late_shipment", "zhouyan"),
    (taken_back, "wanglei", "qinghe", 1, "not_as_described", "zhouyan"),
    (completed, "zhaoyuan", "shiguang", 2, "damaged", "zhouyan"),
    (draft, "linxiao", "shiguang", 2, "damaged", "zhouyan"),
    (draft_about_to_go, "wanglei", "shanye", 1, "quality_visible", "zhouyan"),
    (just_filed, "huangting", "shiguang", 0, "damaged", "zhouyan"),
    (filed_due_in_an_hour, "liuyang", "beian", 0, "quality_hidden", "zhouyan"),
    (filed_past_target, "xujing", "qinghe", 0, "not_as_described", "zhouyan"),
    (filed_and_escalated, "gaofeng", "guoren", 0, "damaged", "zhouyan"),
    (not_admitted, "linxiao", "guoren", 0, "damaged", "chenmo"),
    (asked_before_admission, "songyu", "shanye", 0, "false_advertising", "chenmo"),
    (response_running, "linxiao", "shiguang", 0, "damaged", "zhouyan"),
    (response_last_hour, "wanglei", "shiguang", 1, "quality_visible", "chenmo"),
    (response_extended, "denghao", "shiguang", 2, "damaged", "zhouyan"),
    (response_with_offer, "linxiao", "beian", 1, "quality_visible", "chenmo"),
    (offer_declined, "panmin", "beian", 0, "not_as_described", "zhouyan"),
    (rebuttal_running, "linxiao", "beian", 0, "not_as_described", "chenmo"),
    (both_asked, "wanglei", "beian", 1, "damaged", "zhouyan"),
    (one_has_answered, "zhaoyuan", "shiguang", 0, "damaged", "chenmo"),
    (ready_to_rule, "linxiao", "shiguang", 0, "damaged", "zhouyan"),
    (ready_unassigned, "huangting", "qinghe", 0, "return_refused", "chenmo"),
    (ruling_due_soon, "liuyang", "shanye", 0, "quality_visible", "chenmo"),
    (ruling_past_target, "xujing", "beian", 0, "counterfeit", "zhouyan"),
    (ruling_escalated, "gaofeng", "shiguang", 1, "short_or_wrong", "chenmo"),
    (default, "songyu", "guoren", 1, "damaged", "zhouyan"),
    (refund_owed, "wanglei", "shiguang", 2, "damaged", "chenmo"),
    (granted_in_part, "linxiao", "shiguang", 1, "quality_visible", "zhouyan"),
    (rejected, "denghao", "beian", 0, "quality_hidden", "chenmo"),
    (to_be_sent_back, "linxiao", "qinghe", 1, "not_as_described", "zhouyan"),
    (sent_back, "wanglei", "shiguang", 0, "damaged", "zhouyan"),
    (return_disputed, "panmin", "shiguang", 0, "damaged", "chenmo"),
    (enforcing, "zhaoyuan", "qinghe", 0, "not_as_described", "chenmo"),
    (default_ruled, "huangting", "shanye", 1, "quality_visible", "zhouyan"),
    (set_aside_asked, "liuyang", "shiguang", 0, "damaged", "zhouyan"),
    (review_answer_running, "linxiao", "shanye", 0, "quality_visible", "chenmo"),
    (review_to_decide, "xujing", "shiguang", 2, "quality_visible", "zhouyan"),
    (review_decided, "gaofeng", "beian", 0, "quality_visible", "zhouyan"),
    (being_settled, "wanglei", "beian", 0, "quality_visible", "zhouyan"),
    (at_the_laboratory, "songyu", "beian", 1, "quality_hidden", "chenmo"),
    (suspended_by_both, "denghao", "shiguang", 0, "damaged", "zhouyan"),
    (suspension_proposed, "panmin", "guoren", 0, "damaged", "zhouyan"),
    (store_files, "wanglei", "beian", 0, "unreasonable_return", "chenmo"),
    (store_filed_and_heard, "zhaoyuan", "shiguang", 1, "malicious_review", "zhouyan"),
    (handed_over, "liuyang", "qinghe", 1, "quality_visible", "zhouyan"),
)
