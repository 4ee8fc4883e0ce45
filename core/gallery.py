"""Invented data for the gallery of components, in the reader's language. Nothing here is stored."""

from datetime import UTC, datetime, timedelta
from typing import Any

from django.templatetags.static import static
from django.utils.html import format_html

from core import moments
from core.templatetags.ui import icon

NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)  # 14:00 in Beijing
Data = dict[str, Any]


def say(zh: str, en: str) -> str:
    return zh if moments.chinese() else en


def after(**length: float) -> datetime:
    return NOW + timedelta(**length)


def context() -> Data:
    return {"now": NOW, "heads": heads(), "case_stages": case_stages()} | forms() | evidence() | work() | decisions()


def case_stages() -> list[Data]:
    words = [
        say("提交", "Filed"),
        say("初审", "Preliminary review"),
        say("举证答辩", "Response"),
        say("反驳", "Rebuttal"),
        say("审理", "Deliberation"),
        say("裁决", "Ruling"),
        say("执行", "Enforcement"),
    ]
    states = ["done", "done", "now", "todo", "todo", "todo", "todo"]
    at = [after(hours=-24), after(hours=-18), after(hours=30), None, None, None, None]
    return [
        {"label": word, "state": state, "at": moment, "until": state == "now"}
        for word, state, moment in zip(words, states, at, strict=True)
    ]


def heads() -> list[Data]:
    due_label = say("截止时间", "Due")
    return [
        {
            "mode": "you",
            "label": say("待举证答辩", "Awaiting the response"),
            "big": say("轮到您答辩", "Your turn to respond"),
            "turn": "merchant",
            "due_label": due_label,
            "due": after(hours=30),
            "now": NOW,
            "action": {"label": say("继续答辩", "Go on with the response"), "href": "#status"},
            "primary": True,
            "do_note": say("也可以同意诉求或提出和解。", "You can also agree to the claim or offer a settlement."),
            "stages": case_stages(),
            "aria": say("轮到读者", "The reader's turn"),
        },
        {
            "mode": "you",
            "label": say("待补充材料", "More information needed"),
            "big": say("轮到您补充", "Your turn to add"),
            "turn": "buyer",
            "due_label": due_label,
            "due": after(hours=1, minutes=12),
            "now": NOW,
            "action": {"label": say("补充材料", "Add information"), "href": "#status"},
            "do_note": say("2 小时以内，只有时间变红。", "Within 2 hours only the time turns red."),
            "aria": say("2 小时以内", "Within 2 hours"),
        },
        {
            "mode": "other",
            "label": say("待举证答辩", "Awaiting the response"),
            "big": say("等商家答辩", "Waiting for the merchant"),
            "turn": "merchant",
            "due_label": say("商家截止时间", "The merchant's due time"),
            "due": after(hours=30),
            "now": NOW,
            "action": {"label": say("补充证据", "Add evidence"), "href": "#status"},
            "do_note": say("您现在没有必须做的事。", "There is nothing you must do now."),
            "aria": say("等对方", "The other side's turn"),
        },
        {
            "mode": "other",
            "label": say("已中止", "Suspended"),
            "big": say("计时已暂停", "The clock stands"),
            "turn": "platform",
            "due_label": say("预计恢复", "Expected to resume"),
            "due": after(days=15),
            "now": NOW,
            "paused": True,
            "action": {"label": say("查看中止原因", "Read why"), "href": "#status"},
            "do_note": say("剩余 1 天 2 小时不会减少。", "The remaining 1 day 2 hours stay as they are."),
            "aria": say("计时暂停", "Clock paused"),
        },
        {
            "mode": "news",
            "label": say("已裁决", "Ruled"),
            "big": say("可复审至12月3日", "Review open until 3 Dec"),
            "turn": "both",
            "due_label": say("复审截止时间", "Review due"),
            "due": after(days=6, hours=22),
            "now": NOW,
            "action": {"label": say("阅读裁决", "Read the ruling"), "href": "#status"},
            "do_note": say("1 次 / 未使用", "Once / not used"),
            "aria": say("裁决", "Ruling"),
        },
    ]


def forms() -> Data:
    return {
        "wizard_steps": [
            {"label": label, "state": state, "href": "#status"}
            for label, state in [
                (say("原因", "Cause"), "done"),
                (say("诉求", "Claim"), "done"),
                (say("陈述", "Statement"), "done"),
                (say("证据", "Evidence"), "now"),
                (say("检查", "Check"), "todo"),
                (say("提交", "Send"), "todo"),
            ]
        ],
        "errors": {
            "amount": [say("金额超过实付 ¥1,299.00。", "The amount is above the ¥1,299.00 paid.")],
            "answers[0].reason": [say("写明理由。", "Give a reason.")],
        },
        "rude": [
            say("这家店是骗子", "You are liars"),
            say("肯定是假货", "It is obviously fake"),
            say("退钱！！！", "Refund!!!"),
        ],
        "values": {
            "amount": "1499.00",
            "what": say("11月19日 18:40 在家门口取到包裹。", "I took the parcel at my door on 19 Nov, 18:40."),
            "cause": "damaged",
            "remedy": "refund",
            "stance": "none",
            "cites": ["m3"],
        },
        "causes": [
            {"value": "damaged", "label": say("破损", "Damaged on the way")},
            {"value": "short", "label": say("少件", "Something is missing")},
        ],
        "remedies": [
            {
                "value": "refund",
                "label": say("退货退款", "Return and refund"),
                "hint": say("寄回商品，最多退 ¥1,299.00", "Send it back; up to ¥1,299.00"),
            },
            {
                "value": "exchange",
                "label": say("换货", "Exchange"),
                "hint": say("商家寄出新的商品", "The merchant sends a new one"),
            },
        ],
        "stances": [
            {"value": "full", "label": say("认可", "Accepted"), "degree": "full"},
            {"value": "part", "label": say("部分认可", "Partly"), "degree": "part"},
            {"value": "none", "label": say("不认可", "Disputed"), "degree": "none"},
        ],
        "findings_options": [
            {"value": "full", "label": say("成立", "Established"), "degree": "full"},
            {"value": "part", "label": say("部分成立", "Partly"), "degree": "part"},
            {"value": "none", "label": say("不成立", "Not established"), "degree": "none"},
            {"value": "open", "label": say("无法认定", "Cannot be found"), "degree": "open"},
        ],
        "cites": [
            {
                "value": "m3",
                "label": say("出厂检验记录", "Quality record"),
                "mark_side": "merchant",
                "mark_no": 3,
            },
            {
                "value": "m1",
                "label": say("打包照片", "Packing photo"),
                "mark_side": "merchant",
                "mark_no": 1,
            },
        ],
        "answer_rows": [
            {"label": say("原因", "Cause"), "value": say("破损", "Damaged on the way"), "href": "#forms"},
            {
                "label": say("诉求", "Claim"),
                "value": say("退货退款 ¥1,299.00", "Return and refund, ¥1,299.00"),
                "href": "#forms",
            },
        ],
        "filters": [
            {
                "name": "kind",
                "label": say("类型", "Kind"),
                "type": "select",
                "value": "",
                "options": [
                    {"value": "", "label": say("全部", "All")},
                    {"value": "ruling", "label": say("审理", "Ruling")},
                ],
            },
            {"name": "q", "label": say("查找", "Find"), "type": "text", "value": "DC-2026-1122"},
        ],
    }


def evidence() -> Data:
    def demo(name: str) -> str:
        return static(f"img/demo/{name}.webp")

    return {
        "items": [
            {
                "id": "b1",
                "side": "buyer",
                "no": 1,
                "caption": say("外箱左下角凹陷，胶带完好", "Dent in the lower left corner, tape unbroken"),
                "kind_word": say("照片", "Photo"),
                "at": after(hours=-24),
                "slot_word": say("必需", "required"),
                "thumb": demo("box"),
                "href": "#evidence",
                "covered": 1,
                "weight": {
                    "degree": "part",
                    "word": say("部分采信", "In part"),
                    "reason": say("只能证明外箱凹陷。", "It shows the dent in the box, no more."),
                },
                "replies": [
                    {
                        "side": "merchant",
                        "stance": "none",
                        "stance_word": say("不认可", "Disputed"),
                        "cites": [{"side": "merchant", "no": 3, "href": "#m3"}],
                        "text": say("凹陷不等于商品破损。", "A dent in the box is not damage to the goods."),
                    },
                    {
                        "side": "buyer",
                        "cites": [{"side": "buyer", "no": 4}],
                        "text": say("开箱视频从面单拍起。", "The unboxing video starts with the parcel label."),
                    },
                ],
            },
            {
                "id": "b4",
                "side": "buyer",
                "no": 4,
                "caption": say("开箱视频，面单与裂纹在同一镜头", "Unboxing in one take: label and crack"),
                "kind_word": say("视频", "Video"),
                "at": after(hours=-2),
                "slot_word": say("加强", "helpful"),
                "thumb": demo("unbox"),
                "href": "#evidence",
                "tag": say("视频 0:48", "Video 0:48"),
                "late": True,
                "facts": [say("拍摄时间早于购买时间", "The capture date is before the purchase")],
            },
            {
                "id": "m3",
                "side": "merchant",
                "no": 3,
                "caption": say("出厂检验记录", "Quality record"),
                "kind_word": say("文件", "Document"),
                "at": after(hours=-1),
                "state_word": say("检查中", "being checked"),
            },
            {
                "id": "m4",
                "side": "merchant",
                "no": 4,
                "caption": say("已撤回的证据", "Withdrawn item"),
                "withdrawn_at": after(hours=-1),
                "withdrawn_text": say(
                    "商家已撤回，原件仍由平台封存。", "Withdrawn by the merchant; the original stays sealed."
                ),
                "replies": [],
            },
        ],
        "choosing": {
            "action": "#uploadshelf",
            "from_order": "#uploadshelf",
            "accept": "image/*",
            "limits": say("照片最大 10 MB，最多 30 件。", "Photos up to 10 MB each, at most 30 items."),
        },
        "none": say("商家未回应", "Not answered by the merchant"),
        "uploads": [
            {
                "id": "1",
                "name": say("外箱左下角.jpg", "box-corner.jpg"),
                "size": 3_250_000,
                "kind_word": say("照片", "Photo"),
                "thumb": demo("box"),
                "state": "ok",
                "remove_href": "#evidence",
            },
            {"id": "2", "name": say("裂纹近照.heic", "crack.heic"), "size": 5_660_000, "state": "busy"},
            {
                "id": "3",
                "name": say("照片.jpg", "photo.jpg"),
                "size": 420_000,
                "state": "bad",
                "reason": say(
                    "文件内容不是图片，未上传。其余 2 件已保存。",
                    "The content is not a picture, so it was not uploaded. The other 2 are saved.",
                ),
            },
        ],
        "slots": [
            {"label": say("外箱六面", "All six sides of the box"), "required": True, "state": "in"},
            {"label": say("破损处近照", "Close-up of the damage"), "required": True, "state": "in"},
            {"label": say("快递面单", "Parcel label"), "required": True, "state": "missing"},
            {"label": say("开箱视频", "Unboxing video"), "required": False, "state": "missing"},
        ],
        "missing": [say("快递面单", "Parcel label"), say("签收凭证", "Proof of delivery")],
    }


def work() -> Data:
    row = {
        "chip": format_html('<span class="chip">{}{}</span>', icon("gavel"), say("审理", "Ruling")),
        "number": "DC-2026-1119-0312",
        "href": "#work",
        "title": say("保温杯 · 云灰 450 ml", "Flask, cloud grey, 450 ml"),
        "cause": say("破损", "Damaged"),
        "fen": 26_800,
        "stage": say("举证已结束", "Evidence closed"),
        "waited": timedelta(days=2),
        "due": after(minutes=-12),
        "current": True,
    }
    soon = row | {
        "number": "DC-2026-1108-0467",
        "chip": format_html('<span class="chip chip--info">{}{}</span>', icon("history"), say("复审", "Review")),
        "due": after(minutes=42),
        "lock": say("陈默 13:58 起", "Chen Mo since 13:58"),
        "current": False,
    }
    later = row | {"number": "DC-2026-1122-0457", "due": after(days=1, hours=2), "fen": 129_900, "current": False}
    return {
        "groups": [
            {"label": say("已超时", "Overdue"), "tone": "bad", "count_text": say("1 件", "1 case"), "rows": [row]},
            {
                "label": say("2 小时内", "Within 2 hours"),
                "tone": "wait",
                "count_text": say("1 件", "1 case"),
                "rows": [soon],
            },
            {"label": say("之后", "Later"), "count_text": say("1 件", "1 case"), "rows": [later]},
        ],
        "tasks": [
            {
                "label": say("逐条回应", "Answer item by item"),
                "href": "#work",
                "state": "doing",
                "word": say("进行中 2/4", "2 of 4"),
            },
            {"label": say("总体陈述", "Statement"), "href": "#work", "state": "done"},
            {"label": say("检查并提交", "Check and send"), "href": "#work", "state": "todo"},
        ],
        "actions": [
            {"label": say("补充证据", "Add evidence"), "href": "#work", "at": after(days=2)},
            {
                "label": say("撤回申请", "Withdraw the case"),
                "href": "#work",
                "note": say("裁决生效前", "until the ruling takes effect"),
            },
            {"label": say("申请延长", "Ask for an extension"), "closed": say("已用过一次", "already used once")},
        ],
        "checks": [
            {"text": say("已与商家协商，商家拒绝", "Negotiated; the merchant refused"), "passed": True},
            {
                "text": say("商家拒绝，或 48 小时未答复", "The merchant refused, or was silent for 48 hours"),
                "passed": None,
                "clause": say("规则 GT-01 第 1 条 v2", "Rule GT-01, clause 1, v2"),
                "clause_href": "#work",
            },
            {
                "text": say("在 15 天申请期内", "Within the 15 days for filing"),
                "passed": False,
                "fix": say("有鉴定结论时不受此限。", "An identification report lifts this limit."),
            },
        ],
        "stats": [
            {"label": say("待办", "To do"), "value": 57},
            {"label": say("2 小时内到期", "Due within 2 hours"), "value": 3},
            {"label": say("今天已办", "Done today"), "value": 38, "note": say("昨天 41", "yesterday 41")},
        ],
        "crumbs": [
            {"label": say("介入案件", "Dispute cases"), "href": "#work"},
            {"label": "DC-2026-1122-0457", "id": True},
        ],
    }


def decisions() -> Data:
    mine = {"side": "merchant", "claim_fen": 20_000, "amount_fen": 8_000, "expires_at": after(hours=20)}
    return {
        "offers": [
            mine
            | {
                "title": say("商家提出和解", "The merchant offers a settlement"),
                "conditions": say("不退货", "No return"),
                "state": "open",
                "effect": say("接受后案件结束，不能复审。", "If you accept, the case ends and cannot be reviewed."),
            },
            mine
            | {
                "title": say("商家提出和解", "The merchant offered a settlement"),
                "state": "lapsed",
                "state_word": say("已失效", "Lapsed"),
                "ended_at": after(hours=-3),
            },
        ],
        "ask": {
            "title": say("平台请您补充", "The platform asks you"),
            "why": say("裂纹的形成时间影响责任。", "When the crack arose decides who bears it."),
            "questions": [
                say("开箱时包装内是否有缓冲材料？", "Was there padding in the box when you opened it?"),
                say("请补充灯座底部的照片。", "Please add a photo of the base."),
            ],
            "due": after(hours=6),
            "state": "open",
            "yours": True,
        },
        "verdict": {
            "text": say(
                "支持买家退货退款 ¥1,299.00，退货运费由商家承担。",
                "The buyer returns the lamp and is refunded ¥1,299.00; the merchant bears the freight.",
            ),
            "reason": say("商家没有证明商品已妥善送达。", "The merchant did not prove safe delivery."),
        },
        "lines": [
            {"label": say("商品款（优惠后）", "Goods after coupons"), "fen": 127_900},
            {"label": say("原运费", "Freight"), "fen": 2_000},
            {"label": say("已退", "Already refunded"), "fen": 0},
        ],
        "finding": {
            "no": 1,
            "question": say("收到时灯座是否已经开裂", "Was the base cracked on arrival?"),
            "degree": "full",
            "degree_word": say("成立", "Established"),
            "reason": say(
                "开箱视频没有剪辑，裂纹与近照一致。", "The unboxing video is uncut; the crack matches the close-up."
            ),
            "cites": [{"side": "buyer", "no": 4, "href": "#b4"}],
            "burdens": [
                {
                    "side": "merchant",
                    "text": say("先证明商品已妥善送达", "Prove safe delivery first"),
                    "degree": "none",
                    "degree_word": say("未尽到", "Not met"),
                },
                {
                    "side": "buyer",
                    "text": say("证明收到时已破损", "Prove the damage on arrival"),
                    "degree": "full",
                    "degree_word": say("已尽到", "Met"),
                },
            ],
        },
        "weights": [
            {
                "side": "buyer",
                "no": 1,
                "href": "#b1",
                "degree": "part",
                "degree_word": say("部分采信", "Partly"),
                "reason": say("能证明外箱凹陷，不能单独证明商品破损。", "Proves the dent, not by itself the damage."),
            },
            {
                "side": "merchant",
                "no": 3,
                "href": "#m3",
                "degree": "none",
                "degree_word": say("不采信", "None"),
                "reason": say("是批次抽检，不是这件商品。", "A batch sample, not this lamp."),
            },
        ],
        "clause": {
            "code": say("DM-01 第 2 条 v2", "DM-01, clause 2, v2"),
            "href": "#decisions",
            "title": say("破损的举证顺序", "Who proves damage, in order"),
            "text": say("商家先证明商品已妥善送达。", "The merchant first proves safe delivery."),
        },
        "next_steps": [
            {
                "title": say("您寄回商品", "You send the lamp back"),
                "at": after(days=7),
                "at_label": say("截止", "by"),
                "state": "now",
            },
            {
                "title": say("商家确认收货", "The merchant confirms the return"),
                "note": say("签收后 3 天内", "within 3 days of delivery"),
            },
        ],
        "entries": [
            {"actor": "buyer", "text": say("买家提交申请", "The buyer filed the case"), "at": after(hours=-24)},
            {"actor": "platform", "text": say("平台受理", "The platform admitted it"), "at": after(hours=-18)},
            {"actor": "system", "text": say("规则锁定为第 2 版", "Rulebook version 2 pinned"), "at": after(hours=-18)},
            {
                "actor": "merchant",
                "text": say("等商家答辩", "Waiting for the merchant"),
                "at": after(hours=30),
                "until": True,
                "now": True,
            },
        ],
        "still": [{"label": say("提交逾期说明", "Send a late statement"), "href": "#decisions"}],
    }
