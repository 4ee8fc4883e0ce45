"""The desk's queue, tasks, checks and figures."""

from datetime import timedelta

from django.utils.html import format_html

from core.gallery.words import Data, after, say
from core.templatetags.ui import icon


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
