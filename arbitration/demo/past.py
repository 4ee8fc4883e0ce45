"""Half a year of closed cases: every cause and every ending, spread over the stores."""

from collections.abc import Callable, Generator
from datetime import datetime, timedelta

from accounts.models import User
from arbitration import information, reviews, rulings
from arbitration.demo.cast import BUYERS, SHOPS, Cast
from arbitration.demo.dispute import DAY, HOUR, Dispute
from arbitration.demo.stage import Story
from disputes import negotiation, rebuttal, settlement, withdrawal

Part = Generator[datetime, None, datetime]

CASES = 62
FIRST, LAST = timedelta(days=184), timedelta(days=31)
"""Paid this long ago: the oldest order and the youngest, whose review window is over by now."""
CAUSES = (
    "damaged", "quality_visible", "not_as_described", "late_shipment", "damaged", "not_received", "quality_hidden",
    "short_or_wrong", "quality_visible", "return_refused", "damaged", "aftersales_breach", "not_as_described",
    "counterfeit", "false_advertising",
)  # fmt: skip
ARRIVED = {"late_shipment": "paid", "not_received": "signed"}
"""How far the order of such a case came, where it was not completed."""
SPREAD = (0, 1, 0, 2, 0, 1, 3, 2, 1, 4, 0, 3, 2)
"""Which store each case in turn is about."""


def stories(cast: Cast, now: datetime) -> list[Story]:
    """Every dispute, the oldest first."""
    step = (FIRST - LAST) / (CASES - 1)
    told = []
    for number in range(CASES):
        shop = SHOPS[SPREAD[number % len(SPREAD)]]
        dispute = Dispute(
            cast,
            1000 + number,
            buyer=BUYERS[(number * 7 + number // 10) % len(BUYERS)][0],
            store=shop.code,
            article=number % len(shop.goods),
            cause=CAUSES[number % len(CAUSES)],
        )
        dispute.arbiter = cast["zhouyan" if number % 5 < 3 else "chenmo"]
        paid_at = now - FIRST + step * number + timedelta(minutes=(number * 37) % 400)
        told.append(ENDINGS[number % len(ENDINGS)](dispute, paid_at))
    return told


# --- The first half of every story -----------------------------------------------------------------------------------
def opened(
    dispute: Dispute, paid_at: datetime, *, wanted: str = "refund", silent: bool = False, items: int = 1
) -> Part:
    """Order, request, refusal (or silence), filing, acceptance. Returns when the response clock started."""
    at = paid_at + 4 * DAY + 2 * HOUR
    yield at
    dispute.wanted = wanted
    dispute.receive(paid_at, until=ARRIVED.get(dispute.cause, "completed"))
    dispute.ask()
    dispute.write(dispute.buyer, "照片已发，请尽快答复。")
    if silent:
        at += 49 * HOUR
    else:
        yield (at := at + 6 * HOUR)
        dispute.decline()
        at += 14 * HOUR
    yield at
    dispute.file(items=items)
    yield (at := at + (3 + dispute.seed % 9) * HOUR)
    dispute.admit()
    return at


def heard(dispute: Dispute, paid_at: datetime, *, wanted: str = "refund") -> Part:
    """The whole exchange, up to the platform's turn; returns that moment."""
    at = yield from opened(dispute, paid_at, wanted=wanted)
    yield (at := at + (4 + dispute.seed % 19) * HOUR)
    dispute.respond(items=int(dispute.seed % 3 == 0))
    yield (at := at + (4 + dispute.seed % 12) * HOUR)
    if dispute.seed % 3:
        rebuttal.skip(actor=dispute.applicant, case_id=dispute.case_id)
    else:
        dispute.rebut()
    return at


# --- Endings ---------------------------------------------------------------------------------------------------------
def granted(dispute: Dispute, paid_at: datetime) -> Story:
    at = yield from heard(dispute, paid_at)
    yield (at := at + (8 + dispute.seed % 50) * HOUR)
    dispute.rule()
    yield at + 11 * HOUR
    dispute.pay()


def granted_with_return(dispute: Dispute, paid_at: datetime) -> Story:
    at = yield from heard(dispute, paid_at, wanted=dispute.words.asked)
    yield (at := at + 20 * HOUR)
    dispute.rule()
    if dispute.wanted != "return_refund":
        return
    yield (at := at + 30 * HOUR)
    dispute.ship_back()
    yield (at := at + 70 * HOUR)
    dispute.confirm_return()
    yield at + 5 * HOUR
    dispute.pay()


def in_part(dispute: Dispute, paid_at: datetime) -> Story:
    at = yield from heard(dispute, paid_at)
    yield (at := at + 26 * HOUR)
    dispute.rule(share=(20, 30, 50)[dispute.seed % 3])
    yield at + 20 * HOUR
    dispute.pay()


def rejected(dispute: Dispute, paid_at: datetime) -> Story:
    at = yield from heard(dispute, paid_at)
    yield at + 31 * HOUR
    dispute.rule(for_applicant=False)


def by_default(dispute: Dispute, paid_at: datetime) -> Story:
    """The merchant says nothing and pays nothing: the platform does, from the deposit."""
    at = yield from opened(dispute, paid_at, silent=True)
    yield at + 80 * HOUR
    dispute.rule()


def conceded(dispute: Dispute, paid_at: datetime) -> Story:
    at = yield from opened(dispute, paid_at, wanted=dispute.words.asked)
    yield (at := at + 7 * HOUR)
    rulings.concede(actor=dispute.respondent, case_id=dispute.case_id)
    if dispute.case.remedy == "return_refund":
        yield (at := at + 26 * HOUR)
        dispute.ship_back()
        yield (at := at + 60 * HOUR)
        dispute.confirm_return()
    yield at + 3 * HOUR
    dispute.pay()


def settled(dispute: Dispute, paid_at: datetime) -> Story:
    at = yield from opened(dispute, paid_at, items=0)
    yield (at := at + 5 * HOUR)
    paid = dispute.order.paid_fen
    settlement.offer(actor=dispute.merchant, case_id=dispute.case_id, amount_fen=paid // 10, conditions="保留商品")
    yield (at := at + 4 * HOUR)
    first = dispute.case.offers.latest("pk")
    settlement.decline_offer(actor=dispute.buyer, case_id=dispute.case_id, offer_id=first.pk, reason="金额太低")
    yield (at := at + 3 * HOUR)
    settlement.offer(actor=dispute.merchant, case_id=dispute.case_id, amount_fen=paid * 4 // 10, conditions="保留商品")
    yield (at := at + 6 * HOUR)
    settlement.accept_offer(actor=dispute.buyer, case_id=dispute.case_id, offer_id=dispute.case.offers.latest("pk").pk)
    yield at + 15 * HOUR
    settlement.perform_settlement(actor=dispute.merchant, case_id=dispute.case_id)


def withdrawn(dispute: Dispute, paid_at: datetime) -> Story:
    at = yield from opened(dispute, paid_at, items=0)
    yield at + 12 * HOUR
    withdrawal.withdraw(actor=dispute.applicant, case_id=dispute.case_id)


def lapsed(dispute: Dispute, paid_at: datetime) -> Story:
    """Asked at the preliminary review, the applicant never answers."""
    at = paid_at + 4 * DAY + 2 * HOUR
    yield at
    dispute.receive(paid_at)
    dispute.wanted = "refund"
    dispute.ask()
    yield (at := at + 9 * HOUR)
    dispute.decline()
    yield (at := at + 10 * HOUR)
    dispute.file(items=1)
    yield at + 8 * HOUR
    dispute.take()
    information.ask(**dispute.person, to_buyer=("请补充能看清缺陷的近照。",), why="现有照片看不清。")


def upheld_in_review(dispute: Dispute, paid_at: datetime) -> Story:
    at = yield from heard(dispute, paid_at)
    yield (at := at + 18 * HOUR)
    dispute.rule()
    yield (at := at + 10 * HOUR)
    dispute.request_review(dispute.merchant)
    yield (at := at + 20 * HOUR)
    reviews.answer_review(actor=dispute.buyer, case_id=dispute.case_id, statement="报告日期在裁决之前，且不是本批次。")
    yield (at := at + 15 * HOUR)
    dispute.arbiter = _another(dispute)
    dispute.take()
    dispute.decide_review("uphold", "新材料不对应本订单的批次，不影响原认定。")
    yield at + 9 * HOUR
    dispute.pay()


def overturned_in_review(dispute: Dispute, paid_at: datetime) -> Story:
    at = yield from heard(dispute, paid_at)
    yield (at := at + 18 * HOUR)
    dispute.rule(for_applicant=False)
    yield (at := at + 30 * HOUR)
    dispute.request_review(dispute.buyer)
    yield (at := at + 55 * HOUR)
    dispute.arbiter = _another(dispute)
    dispute.take()
    reason = "新提交的检测报告证明缺陷在交付前已经存在，原认定改变。"
    dispute.decide_review("overturn", reason, dispute.decision())
    yield at + 8 * HOUR
    dispute.pay()


def _another(dispute: Dispute) -> User:
    return dispute.cast["chenmo" if dispute.arbiter == dispute.cast["zhouyan"] else "zhouyan"]


ENDINGS: tuple[Callable[[Dispute, datetime], Story], ...] = (
    granted, rejected, in_part, settled, granted_with_return, by_default, granted, withdrawn, conceded, in_part,
    rejected, settled, upheld_in_review, granted, lapsed, in_part, overturned_in_review,
)  # fmt: skip


def agreed_before(cast: Cast, now: datetime) -> list[Story]:
    """Requests that never became cases: most people agree."""

    def story(number: int) -> Story:
        dispute = Dispute(
            cast, 1500 + number, buyer=BUYERS[number % 10][0], store=SHOPS[number % 5].code, cause="quality_visible"
        )
        paid_at = now - timedelta(days=150 - number * 14)
        yield paid_at + 4 * DAY
        dispute.receive(paid_at)
        dispute.wanted = "refund" if number % 2 else "return_refund"
        dispute.ask(amount_fen=dispute.order.paid_fen // 4)
        yield paid_at + 4 * DAY + 7 * HOUR
        negotiation.agree(actor=dispute.merchant, after_sales_id=dispute.request_id)

    return [story(number) for number in range(8)]
