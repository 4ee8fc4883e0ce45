"""Cases filed by the store."""

from datetime import datetime

from arbitration.demo.dispute import DAY, HOUR, Dispute
from arbitration.demo.stage import Story
from disputes import negotiation, rebuttal


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


def review_marked(dispute: Dispute, now: datetime) -> Story:
    """Ruled for the store: the review stays, marked and out of the score."""
    yield from store_filed_and_heard(dispute, now - 2 * DAY)
    yield now - 40 * HOUR
    dispute.rule()
