"""Orders without a case."""

from datetime import datetime

from arbitration.demo.dispute import DAY, HOUR, Dispute
from arbitration.demo.stage import Story
from disputes import negotiation


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
    """Several articles in one order."""
    yield now - 3 * DAY
    dispute.receive(now - 8 * DAY, beside=[goods for goods in dispute.shelf if goods != dispute.goods][:2])


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
