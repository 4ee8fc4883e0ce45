"""Cases after the ruling."""

from datetime import datetime

from arbitration import reviews, setaside
from arbitration.demo.dispute import DAY, HOUR, Dispute
from arbitration.demo.present.before_ruling import THE_SAME_BOX
from arbitration.demo.present.until import until_admitted, until_ruled
from arbitration.demo.stage import Story


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
    reason = "新提交的检测报告说明商品仍可使用，改为部分退款，其余认定不变。"
    dispute.decide_review("vary", reason, dispute.decision(share=60))
