"""Heads of case pages: whose turn it is, until when, what to press."""

from core.gallery.words import NOW, Data, after, say


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
