"""The test world, made through the product's own verbs wherever one exists."""

import io
import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from accounts.actors import System
from accounts.models import Membership, StaffRole, Store, User
from arbitration.decisions import Decision, FindingInput, WeightInput, on_file
from disputes import exhibits, filing, negotiation, orders, response
from disputes.models import AfterSales, Case, Order
from evidence.models import Item, Kind, Side
from rulebook.queries import book

START = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)
"""Friday 20 November 2026, 10:00 in Beijing."""
MARKET = System("integration:market")
_numbers = itertools.count(1)


def person(name: str, role: str = StaffRole.NONE) -> User:
    return User.objects.create_user(f"p{next(_numbers)}@example.test", name=name, staff_role=role)


def store(name: str, *staff: User, deposit_fen: int = 1_000_000) -> Store:
    made = Store.objects.create(name=name, code=f"s{next(_numbers)}", deposit_fen=deposit_fen)
    for kind, user in zip(itertools.chain(["owner"], itertools.repeat("agent")), staff, strict=False):
        Membership.objects.create(store=made, user=user, kind=kind)
    return made


def lamp(price_fen: int) -> dict[str, Any]:
    """A line of an order, as the marketplace says it."""
    listing = {"title": "手作陶瓷台灯", "text": "双层减震包装", "promises": ["破损包赔"], "exclusions": []}
    return {"title": listing["title"], "sku": "LAMP-1", "quantity": 1, "price_fen": price_fen, "snapshot": listing}


def order(buyer: User, shop: Store, *, price_fen: int = 129_900, days_ago: int = 6, **moments: Any) -> Order:
    """A completed order of one lamp; ``moments`` override (None: has not happened)."""
    paid = START - timedelta(days=days_ago)
    happened: dict[str, datetime | None] = {
        "promised_ship_at": paid + timedelta(days=2),
        "shipped_at": paid + timedelta(days=1),
        "first_scan_at": paid + timedelta(days=1, hours=3),
        "signed_at": paid + timedelta(days=3),
        "completed_at": paid + timedelta(days=4),
    }
    return orders.receive(
        actor=MARKET,
        number=f"2026{next(_numbers):012d}",
        buyer={"email": buyer.email, "name": buyer.name},
        store={"code": shop.code, "name": shop.name},
        lines=[lamp(price_fen)],
        amounts={"goods_fen": price_fen, "freight_fen": 0, "coupon_fen": 0, "paid_fen": price_fen},
        paid_at=paid,
        moments={**happened, **moments},
    ).order


def basket(
    buyer: User, shop: Store, *, prices_fen: list[int], coupon_fen: int = 0, freight_fen: int = 0, days_ago: int = 6
) -> Order:
    """A completed order of several articles, one of each."""
    paid = START - timedelta(days=days_ago)
    goods = sum(prices_fen)
    return orders.receive(
        actor=MARKET,
        number=f"2026{next(_numbers):012d}",
        buyer={"email": buyer.email, "name": buyer.name},
        store={"code": shop.code, "name": shop.name},
        lines=[
            {"title": f"第{n}件", "sku": f"S{n}", "quantity": 1, "price_fen": price, "snapshot": {}}
            for n, price in enumerate(prices_fen, 1)
        ],
        amounts={
            "goods_fen": goods,
            "freight_fen": freight_fen,
            "coupon_fen": coupon_fen,
            "paid_fen": goods + freight_fen - coupon_fen,
        },
        paid_at=paid,
        moments={"shipped_at": paid + timedelta(days=1), "completed_at": paid + timedelta(days=4)},
    ).order


def picture(text: str = "裂纹", size: tuple[int, int] = (640, 480), colour: str = "white") -> bytes:
    """A JPEG with something on it; different texts give different bytes."""
    image = Image.new("RGB", size, colour)
    draw = ImageDraw.Draw(image)
    draw.line((40, 40, size[0] - 60, size[1] - 90), fill="black", width=5)
    draw.text((50, 50), text.encode("unicode_escape").decode(), fill="black")
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue()


def upload(name: str = "photo.jpg", content: bytes | None = None, media_type: str = "image/jpeg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content if content is not None else picture(name), media_type)


def add_item(actor: User, case: Case, *, slot: str = "", caption: str = "外箱凹陷", text: str = "") -> Item:
    """Upload one picture to the actor's unsent items."""
    mark = text or f"{actor.pk}-{next(_numbers)}"
    return exhibits.receive(
        actor=actor,
        case_id=case.pk,
        upload=upload(f"{mark}.jpg", picture(mark)),
        kind=Kind.PHOTO,
        slot=slot,
        caption=caption,
    )


def request(buyer: User, made: Order, **changes: Any) -> AfterSales:
    """The buyer asks the merchant for its money back."""
    asked: dict[str, Any] = {"asked": "refund", "amount_fen": 10_000, "cause": "damaged", **changes}
    line, reason = made.lines.get(), "开箱发现灯座有一道贯穿裂纹"
    return negotiation.ask(actor=buyer, order_id=made.pk, line_id=line.pk, reason=reason, **asked)


def refused_request(buyer: User, merchant: User, made: Order, *, cause: str = "damaged") -> AfterSales:
    """An after-sales request the merchant refused: the gate is open."""
    asked = request(buyer, made, asked="return_refund", amount_fen=made.paid_fen, cause=cause)
    return negotiation.refuse(actor=merchant, after_sales_id=asked.pk, reason="商品已签收,无法确认破损时间")


def draft_case(buyer: User, merchant: User, made: Order, *, cause: str = "damaged") -> Case:
    refused_request(buyer, merchant, made, cause=cause)
    return filing.start(actor=buyer, order_id=made.pk, line_id=made.lines.get().pk)


def filed_case(
    buyer: User, merchant: User, made: Order, *, cause: str = "damaged", remedy: str = "", amount_fen: int | None = None
) -> Case:
    """A filed case with every required item of its cause."""
    case = draft_case(buyer, merchant, made, cause=cause)
    rules = book(case.rulebook_id).cause(cause)
    for slot in rules.asked_applicant:
        if slot["required"]:
            add_item(buyer, case, slot=slot["slot"], caption=slot["zh"][:30])
    return filing.file(
        actor=buyer,
        case_id=case.pk,
        cause=cause,
        remedy=remedy or rules.remedies[0],
        amount_fen=made.paid_fen if amount_fen is None else amount_fen,
        what_happened="11月19日在家门口取到包裹,开箱见灯座有裂纹。",
        difference="商品页写明双层减震包装,破损包赔。",
        wanted="退回商品并全额退款。",
    )


def answers_to(case: Case, side: str, *, stance: str = "disputed") -> list[response.Answer]:
    """One answer of ``side`` to every disclosed item of the other side."""
    theirs = case.dossier.items.exclude(side=side).exclude(disclosed_at=None).order_by("exhibit_no")
    return [response.Answer(item_id=str(item.pk), stance=stance, reason="无法证明发生在签收之前") for item in theirs]


def decision(
    case: Case, *, remedy: str | None = None, amount_fen: int | None = None, points: int | None = None
) -> Decision:
    """A complete decision: every item weighed, the cause's clause cited, its usual points where it is granted."""
    rules = book(case.rulebook_id).cause(case.cause)
    chosen = case.remedy if remedy is None else remedy
    return Decision(
        findings=[
            FindingInput(
                issue="收到时是否已经破损",
                result="upheld" if chosen else "rejected",
                reason="门口照片无交接验视;开箱照片与近照一致。",
                burden=[{"side": Side.MERCHANT, "text": "妥善送达", "met": "not_met"}],
            )
        ],
        weights=[WeightInput(item_id=str(item.pk), weight="full", reason="与承运人记录一致") for item in on_file(case)],
        clauses=[rules.clause.code],
        remedy=chosen,
        amount_fen=case.claim_fen if amount_fen is None else amount_fen,
        points=(rules.points if chosen else 0) if points is None else points,
        summary_applicant="支持您的申请。",
        summary_respondent="未能证明妥善送达。",
        freight_by="respondent" if chosen else "none",
    )
