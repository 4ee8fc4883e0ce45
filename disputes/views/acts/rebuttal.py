"""Answering the other side's items one by one."""

from django.utils.translation import gettext as _

from arbitration.queries import CaseFile
from disputes.forms import FormState
from disputes.views.acts.page import Page, area, last
from disputes.views.common import Data
from disputes.views.sections import exhibits
from evidence.queries import Exhibit


def rebut(file: CaseFile, form: FormState) -> Page:
    return Page(
        title=_("Answer the other side's evidence"),
        lead=_("This round is once and optional. What you send cannot be changed afterwards."),
        button=_("Send the answers"),
        done=_("Your answers were sent. The platform now decides."),
        template="disputes/acts/respond.html",
        files="all",
        more={
            "points": points(file, form),
            "statement": area(form, "statement", _("Anything else"), optional=True),
        },
    )


def points(file: CaseFile, form: FormState) -> list[Data]:
    """One block for each item of the other side: its picture, and the reader's answer as typed so far."""
    found: list[Data] = []
    own = [item for item in file.of(file.side) if not item.withdrawn]
    ready = [item for item in file.drafts if item.state == "ready"]
    for item in file.of(file.other):
        if any(row.side == file.side for row in file.replies.get(item.id, [])):
            continue
        found.append(_point(file, form, item, len(found), [*own, *ready]))
    opened = next((point for point in found if not point["stance"] and not point["closed"]), None)
    if opened is not None and not any(point["open"] for point in found):
        opened["open"] = True
    return found


def _point(file: CaseFile, form: FormState, item: Exhibit, index: int, own: list[Exhibit]) -> Data:
    name = f"answers[{index}]"
    stance = last(form, f"{name}.stance")
    picked = form.values.get(f"{name}.support[]", [])
    shown = exhibits.exhibit(file, item)
    return {
        "item": shown,
        "key": str(item.id),
        "number": index + 1,
        "anchor": f"p-{shown['id']}",
        "name": name,
        "closed": item.withdrawn,
        "stance": stance,
        "degree": exhibits.STANCES.get(stance, "open"),
        "stance_word": str(exhibits.STANCE_WORDS.get(stance, "")),
        "stances": [
            {"value": code, "label": str(word), "degree": exhibits.STANCES[code]}
            for code, word in exhibits.STANCE_WORDS.items()
        ],
        "reason": area(form, f"{name}.reason", _("Reason"), hint=_("Facts and times; cite your own items"), most=500),
        "support": [_cite(item) for item in own],
        "picked": picked,
        "cited": [_cite(item) for item in own if str(item.id) in picked],
        "slot": exhibits.slot_words(file).get(item.slot, ("", False))[0],
        "open": any(key.startswith(f"{name}.") for key in form.errors),
    }


def _cite(item: Exhibit) -> Data:
    label = item.caption or item.name
    row: Data = {"value": str(item.id), "label": label if item.exhibit_no else _("%(name)s (new)") % {"name": label}}
    return row | ({"mark_side": item.side, "mark_no": item.exhibit_no} if item.exhibit_no else {})


def skip(file: CaseFile, form: FormState) -> Page:
    return Page(
        title=_("Skip the rebuttal round"),
        effects=[
            _("The platform starts deciding at once, on what is on file."),
            _("You cannot answer the other side's items any more. Late evidence is kept and marked."),
        ],
        button=_("Skip the round"),
        done=_("The platform now decides."),
    )
