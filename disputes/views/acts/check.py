"""Looking at a response once more before it is sent, as the other side will read it."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from arbitration.queries import CaseFile
from disputes.forms import FormState
from disputes.views.acts.page import Page


def tasks(page: Page, uploaded: dict[str, Any], checking: bool) -> list[dict[str, Any]]:
    """逐条回应 · 总体陈述 · 举证 · 检查: how far each is."""
    if "points" not in page.more:
        return []
    points = [point for point in page.more["points"] if not point["closed"]]
    answered = len([point for point in points if point["stance"]])
    stated = bool(page.more["statement"]["value"].strip())
    missing = (uploaded["meter"] or {}).get("missing", [])
    silent = uploaded["silent"]
    tasks: list[dict[str, Any]] = [
        {
            "label": _("Answer item by item"),
            "href": "#points",
            "state": "done" if answered == len(points) else "doing" if answered else "todo",
            "word": f"{answered}/{len(points)}",
        },
        {"label": _("Overall statement"), "href": "#statement", "state": "done" if stated else "todo"},
        {
            "label": _("Evidence"),
            "href": "#files",
            "state": "missing" if missing or silent else "done" if uploaded["rows"] else "todo",
            "word": ngettext("%(n)d missing", "%(n)d missing", len(missing)) % {"n": len(missing)}
            if missing
            else ngettext("%(n)d says nothing", "%(n)d say nothing", silent) % {"n": silent}
            if silent
            else ngettext("%(n)d file", "%(n)d files", uploaded["count"]) % {"n": uploaded["count"]},
        },
        {"label": _("Check and send"), "href": "#check", "state": "doing" if checking else "todo", "current": checking},
    ]
    return tasks


def preview(file: CaseFile, page: Page, silent: int) -> dict[str, Any]:
    """What is about to be sent, as the other side will read it."""
    points = [point for point in page.more["points"] if not point["closed"]]
    ready = [item for item in file.drafts if item.state == "ready"]
    first = max((item.exhibit_no or 0 for item in file.of(file.side)), default=0) + 1
    return {
        "points": points,
        "open": len([point for point in points if not point["stance"]]),
        "statement": page.more["statement"]["value"],
        "missing": (page.more.get("missing") or {}).get("value", ""),
        "silent": silent,
        "lacking": bool(page.more.get("missing")) and not page.more["missing"]["value"].strip(),
        "items": [
            {
                "id": f"new-{number}",
                "side": file.side,
                "no": number,
                "caption": file.shows(item),
                "kind_word": item.kind_label,
                "at": file.at,
                "thumb": item.thumb_url,
                "href": item.open_url,
            }
            for number, item in enumerate(ready, first)
        ],
    }


def carried(form: FormState) -> list[tuple[str, str]]:
    """Every field as typed, to go along with the last button."""
    return [(name, value) for name, values in form.values.items() for value in values]
