"""Offers, questions, rulings and what follows."""

from core.gallery.words import Data, after, say


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
