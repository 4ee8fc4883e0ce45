"""Cases the two sides settle or suspend among themselves."""

from datetime import datetime

from arbitration.demo.dispute import DAY, HOUR, Dispute
from arbitration.demo.present.until import until_admitted, until_heard
from arbitration.demo.stage import Story
from disputes import settlement, suspension


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


def with_the_police(dispute: Dispute, now: datetime) -> Story:
    yield from until_heard(dispute, now - 3 * DAY)
    yield now - 2 * DAY
    dispute.take()
    suspension.suspend(
        **dispute.person,
        ground="authority",
        days=30,
        reason="买家称已就此事向公安机关报案，正在处理。",
        proof_from="buyer",
    )


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
