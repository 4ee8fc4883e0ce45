"""Fields, choices and answers."""

from core.gallery.words import Data, say


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
