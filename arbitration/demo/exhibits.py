"""From a slot of a cause's checklist to a file that could fill it, with its caption."""

import random
from datetime import datetime, timedelta

from arbitration.demo import pictures
from arbitration.demo.cast import Goods
from arbitration.demo.pictures import Album, File
from core.clock import BEIJING

_ARTICLE = {"close_up", "item", "item_photo", "whole_item", "intact_item", "contents", "serial", "item_beside_listing"}
_LABEL = {"label", "parcel_label", "waybill", "waybill_scan", "weight", "sign_off_note"}
_CHAT = {"chat", "request", "refusal", "promise", "demand_chat", "threat_chat", "statement", "station_note"}
_PAGE = {"listing", "claim_snapshot", "promised_date", "review_text", "confirmation_at_purchase", "consent_to_wait"}
_PAPERS = {
    "quality_record": ("出厂质检记录", "质检专用章"),
    "certificate": ("产品合格证", "合格专用章"),
    "test_report": ("检测报告", "检测专用章"),
    "specification": ("规格参数说明", "技术专用章"),
    "source_papers": ("进货凭证", "财务专用章"),
    "purchase_chain": ("采购合同与付款凭证", "合同专用章"),
    "authorisation": ("品牌授权书", "授权专用章"),
    "proof_of_claim": ("第三方检测报告", "检测专用章"),
    "weight_record": ("出库称重记录", "仓储专用章"),
    "service_log": ("售后服务记录", "客服专用章"),
    "arrival_inspection": ("退货到货验收单", "仓储专用章"),
    "carrier_claim": ("承运异常登记", "承运专用章"),
    "carrier_letter": ("承运人说明", "承运专用章"),
}
_CAPTIONS = {
    "outer_box": "外箱角部凹陷，拍摄于开箱前",
    "label": "面单近照，重量与单号清晰",
    "item": "{goods}的破损处",
    "close_up": "{goods}缺陷近照",
    "whole_item": "{goods}整体",
    "contents": "收到的全部物品",
    "chat": "与商家的聊天记录",
    "sign_off": "承运人签收记录",
    "packing_photo": "出库打包照片",
    "packing_video": "打包过程截图（含面单号）",
    "outgoing_photo": "发货前照片",
    "unboxing_video": "退货开箱过程截图",
    "listing": "下单时的商品页面",
    "address": "收货地址与当天行踪",
    "dates": "承诺与实际时间对照",
    "fault_description": "故障出现的时间和经过",
}


def fill(
    slot: str, goods: Goods, dice: random.Random, at: datetime, *, label: str = "", album: Album | None = None
) -> tuple[File, str]:
    """A file for ``slot`` made at about ``at``, and its caption. ``label`` is what the checklist calls the slot."""
    caption = _CAPTIONS.get(slot, label or "补充照片").format(goods=goods.title.split(" ")[0])
    file = _draw(slot, goods, dice, at, label)
    while album is not None and not album.add(file):
        file = _draw(slot, goods, dice, at, label)
    return file, caption[:60]


def _draw(slot: str, goods: Goods, dice: random.Random, at: datetime, label: str) -> File:
    name = f"IMG_{at.astimezone(BEIJING):%Y%m%d}_{dice.randint(100000, 235959)}.jpg"
    taken = at - timedelta(minutes=dice.randint(20, 900))
    if slot in _PAPERS:
        return _paper(slot, goods, dice, at)
    if slot in _LABEL:
        return pictures.jpeg(pictures.waybill(dice, waybill(dice, at)), name, taken_at=taken)
    if slot in _CHAT:
        screen = pictures.chat(dice, _conversation(goods, dice), dice.randint(9, 16))
        return pictures.png(screen, f"Screenshot_{dice.randint(1000, 9999)}.png")
    if slot in _PAGE:
        picture = pictures.listing(dice, goods.shape, goods.title, (*goods.promises, goods.text[:20]))
        return pictures.jpeg(picture, f"页面快照{dice.randint(10, 99)}.jpg")
    if slot in {"sign_off", "signed_proof", "delivery_photo"}:
        signed = f"签收 {at.astimezone(BEIJING):%m-%d} {dice.randint(9, 20)}:{dice.randint(10, 59)} 门口放置"
        return pictures.jpeg(pictures.waybill(dice, waybill(dice, at), signed=signed), name)
    if slot in {"address", "dates", "fault_description", "order_pattern", "pattern"}:
        return _notes(label or "说明", goods, dice, at)
    if slot in _ARTICLE:
        fault = slot not in {"intact_item", "whole_item"}
        return pictures.jpeg(
            pictures.article(dice, goods.shape, fault=fault, close=slot == "close_up"), name, taken_at=taken
        )
    opened = slot.startswith(("packing", "outgoing", "unboxing", "purchase"))
    return pictures.jpeg(pictures.parcel(dice, dented=slot == "outer_box", opened=opened), name, taken_at=taken)


def waybill(dice: random.Random, at: datetime) -> str:
    return f"SJ{at:%y%m%d}{dice.randint(10**7, 10**8 - 1)}"


def _paper(slot: str, goods: Goods, dice: random.Random, at: datetime) -> File:
    title, stamp = _PAPERS[slot]
    rows = [
        ("产品", goods.title.split(" ")[0]),
        ("货号", goods.sku),
        ("批次", f"{at - timedelta(days=40):%Y-%m}-{dice.choice('ABC')}{dice.randint(1, 9)}"),
        ("编号", f"{dice.randint(10**6, 10**7 - 1)}"),
        ("外观", "合格"),
        ("功能", "合格"),
        ("包装", dice.choice(("双层瓦楞纸箱", "气柱袋加纸箱", "珍珠棉内衬"))),
        ("日期", f"{at - timedelta(days=dice.randint(12, 40)):%Y-%m-%d}"),
        ("结论", "合格，准予出厂"),
    ]
    return pictures.pdf(pictures.sheet(title, rows, stamp), f"{title}.pdf")


_OPENINGS = (
    "你好，收到的商品有问题",
    "在吗，东西不对",
    "麻烦看一下这个订单",
    "请问售后怎么处理",
    "刚拆开包裹，跟图片不一样，你们看看",
    "前天到的货，今天才有空打开",
)
_ASKED = (
    "亲，麻烦提供一下照片和面单哦",
    "亲亲稍等，帮您核实一下",
    "您好，请问是什么时候签收的呢？外箱有没有破损？",
    "在的",
    "请把订单号和问题照片一起发给我，我转给仓库同事看一下",
    "收到，帮您登记了",
)
_ANSWERED = (
    "照片已经发了，商品页写了破损包赔",
    "已经发过两次了，请尽快",
    "单号就是这个订单",
    "外箱也有凹陷，打开之前拍了照，您往上翻就能看到",
    "等了一天了",
    "签收的时候放在门口，没有人当面验货，我下班回来才拆的",
)
_CLOSED = (
    "签收后无法确认责任，抱歉哦",
    "仓库反馈出库时是好的",
    "这边只能补偿 20 元",
    "超过时间了，系统里申请不了，您看留着用可以吗",
    "不好意思",
    "我们的包装是双层的，一般不会出现这种情况，这个要看物流怎么说",
)


def _conversation(goods: Goods, dice: random.Random) -> list[tuple[str, str]]:
    name = goods.title.split(" ")[0]
    said = [("me", f"{dice.choice(_OPENINGS)}，{name}没法正常用，请帮我处理。"), ("them", dice.choice(_ASKED))]
    for mine, theirs in zip(dice.sample(_ANSWERED, 3), dice.sample(_CLOSED, 3), strict=True):
        said += [("me", mine), ("them", theirs)] if dice.random() < 0.7 else [("me", mine)]
    return said[: dice.randint(4, 8)]


PHONE = "139 0013 8000"


def chat_with_a_number(dice: random.Random) -> tuple[File, tuple[float, float, float, float]]:
    """A conversation in which a phone number stands, and the place to cover (parts of the picture)."""
    said = [
        ("them", "亲，快递说联系不上您"),
        ("me", "请让他打我丈夫的电话"),
        ("me", PHONE),
        ("them", "好的，已经转告承运人，包裹放在门口了哦"),
        ("me", "外箱破了，没有人跟我当面验货"),
    ]
    name = f"Screenshot_{dice.randint(1000, 9999)}.png"
    return pictures.png(pictures.chat(dice, said), name), pictures.place_of(PHONE, said)


def _notes(title: str, goods: Goods, dice: random.Random, at: datetime) -> File:
    day = at.astimezone(BEIJING)
    lines = [title, "", f"商品：{goods.title}（{goods.option}）"]
    for step in range(4):
        moment = day - timedelta(days=4 - step, hours=dice.randint(0, 9))
        lines.append(f"{moment:%Y-%m-%d %H:%M}  {('下单', '收货', '联系商家', '提出申请')[step]}")
    return pictures.text([*lines, "", "以上情况属实。"], f"{title[:12]}.txt")
