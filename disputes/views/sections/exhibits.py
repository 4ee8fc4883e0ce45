"""Both sides' evidence, each item with the answer bound to it."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import cache
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext, pgettext_lazy

from arbitration.models import ItemWeight
from arbitration.queries import CaseFile, Reply
from core import moments
from disputes.models import State
from disputes.views.common import Data, act_url, owner
from evidence.queries import Exhibit
from rulebook.models import in_english

WEIGHT_WORDS = {
    "full": pgettext_lazy("weight", "Accepted"),
    "part": pgettext_lazy("weight", "In part"),
    "none": pgettext_lazy("weight", "Not accepted"),
}
STANCES = {"accepted": "full", "partly": "part", "disputed": "none"}


STANCE_WORDS = {
    "accepted": pgettext_lazy("stance", "Accepted"),
    "partly": pgettext_lazy("stance", "Partly"),
    "disputed": pgettext_lazy("stance", "Disputed"),
}


def anchor(item: Exhibit) -> str:
    return f"{item.side[0]}{item.exhibit_no}"


def mark(item: Exhibit) -> Data:
    return {"side": item.side, "no": item.exhibit_no, "href": f"#{anchor(item)}"}


def slot_words(file: CaseFile) -> dict[str, tuple[str, bool]]:
    """Slot code → (what it asks for, whether it is required)."""
    asked = [*file.cause.asked_applicant, *file.cause.asked_respondent]
    return {slot["slot"]: (slot["en" if in_english() else "zh"], slot["required"]) for slot in asked}


def _slot_word(file: CaseFile, item: Exhibit) -> str:
    """Whether what the item fills is required or helpful; empty where it fills nothing."""
    asked = (*file.cause.asked_respondent, *file.cause.asked_applicant)
    slot = next((slot for slot in asked if slot["slot"] == item.slot), None)
    return (_("required") if slot["required"] else _("helpful")) if slot else ""


def evidence(file: CaseFile, weighed: Iterable[ItemWeight] = ()) -> list[Data]:
    """Both sides' evidence, the applicant's first, each item with the answer bound to it and what it was worth."""
    case = file.case
    given = {row.item_id: row for row in weighed}
    return [_side_evidence(file, side, given) for side in (case.applicant_side, case.respondent_side)]


def _side_evidence(file: CaseFile, side: str, given: Mapping[UUID, ItemWeight]) -> Data:
    items = [{**exhibit(file, item), "weight": weight(given.get(item.id))} for item in file.of(side)]
    mine = side == file.side
    if mine:
        title = ngettext("Your evidence: %(n)d item", "Your evidence: %(n)d items", len(items))
    elif side == "buyer":
        title = ngettext("The buyer's evidence: %(n)d item", "The buyer's evidence: %(n)d items", len(items))
    else:
        title = ngettext("The merchant's evidence: %(n)d item", "The merchant's evidence: %(n)d items", len(items))
    return {
        "id": f"{side}-ev",
        "mine": mine,
        "title": title % {"n": len(items)},
        "items": items,
        "meta": _answered(file, side, items),
        "empty": _nothing_yet(file, side),
    }


def weight(row: ItemWeight | None) -> Data | None:
    """What the ruling in effect says an item is worth."""
    if row is None:
        return None
    word = str(WEIGHT_WORDS[row.weight])
    return {"degree": row.weight, "word": word, "reason": row.reason, "in_review": row.in_review}


def _nothing_yet(file: CaseFile, side: str) -> str:
    if side == file.side:
        return _("You have not sent any evidence.")
    if file.case.state == State.AWAITING_ADMISSION:
        return _("The other side sees the case once the platform has accepted it.")
    return _("Nothing has been sent.")


def _answered(file: CaseFile, side: str, items: list[Data]) -> str:
    count = len([item for item in items if item["replies"]])
    if not items or not _answers_begun(file, side):
        return ""
    if side == file.side:
        return _("%(who)s answered %(n)d of %(all)d") % {
            "who": owner(file, "merchant" if side == "buyer" else "buyer"),
            "n": count,
            "all": len(items),
        }
    return _("You answered %(n)d of %(all)d") % {"n": count, "all": len(items)}


def _answers_begun(file: CaseFile, side: str) -> bool:
    """Whether the other side has had, or has now, its round to answer ``side``'s items."""
    if side == file.case.applicant_side:
        return file.entry("admit") is not None
    return file.entry("respond") is not None


def _answers_over(file: CaseFile, side: str) -> bool:
    if side == file.case.applicant_side:
        return file.entry("respond", "response_expired") is not None
    return file.entry("rebut", "skip", "rebuttal_expired") is not None


def exhibit(file: CaseFile, item: Exhibit) -> Data:
    """Context of ``components/evidence_item.html`` for one item."""
    mine = item.side == file.side
    replies = [] if item.withheld else file.replies.get(item.id, [])
    return {
        "id": anchor(item),
        "side": item.side,
        "no": item.exhibit_no,
        "caption": _("Only the platform sees this item") if item.withheld else file.shows(item),
        "kind_word": item.kind_label,
        "receipt_href": f"{_receipts()}{item.id}/" if mine else "",
        "at": item.lodged_at or item.received_at,
        "slot_word": _slot_word(file, item),
        "state_word": "",
        "facts": (),
        "thumb": item.thumb_url,
        "href": "" if item.withdrawn else (item.open_url or item.original_url),
        "picture": item.is_picture,
        "tag": item.duration_text,
        "late": item.late,
        "platform_only": item.platform_only,
        "covered": item.covered,
        "withdrawn_at": item.withdrawn_at,
        "withdrawn_text": _("Withdrawn %(at)s. The original stays sealed.")
        % {"at": moments.short_text(item.withdrawn_at)}
        if item.withdrawn_at
        else "",
        "withdrawn_reason": item.withdrawn_reason,
        "replies": [reply(file, row) for row in replies],
        **_unanswered(file, item, mine=mine),
    }


@cache
def _receipts() -> str:
    """Where receipts are shown. Reversed once: every item of the reader has one."""
    nobody = UUID(int=0)
    return reverse("evidence:receipt", args=[nobody]).removesuffix(f"{nobody}/")


def _unanswered(file: CaseFile, item: Exhibit, *, mine: bool) -> Data:
    """What stands where no answer is: nothing before the round, then who has not answered, and the way to do it."""
    if item.withdrawn or item.withheld or not _answers_begun(file, item.side):
        return {"none": "", "answer_href": "", "answer_label": ""}
    answering = "merchant" if item.side == "buyer" else "buyer"
    if mine:
        over = _answers_over(file, item.side)
        text = _("%(who)s: not answered") if over else _("%(who)s: no answer yet")
        return {"none": text % {"who": owner(file, answering)}, "answer_href": "", "answer_label": ""}
    act = next((act for act in ("respond", "rebut") if file.may(act)), "")
    return {
        "none": _("You have not answered"),
        "answer_href": f"{act_url(file.case, act)}#p-{anchor(item)}" if act else "",
        "answer_label": _("Answer this item"),
    }


def reply(file: CaseFile, row: Reply) -> Data:
    cited = {item.id: item for item in file.exhibits}
    return {
        "side": row.side,
        "word": pgettext("side", "You") if row.side == file.side else "",
        "stance": STANCES[row.stance],
        "stance_word": str(STANCE_WORDS[row.stance]),
        "cites": [mark(cited[key]) for key in row.support if key in cited],
        "text": row.reason,
        "at": row.at,
    }


def evidence_due(file: CaseFile) -> datetime | None:
    """Until when an item of the reader is in time; None if that is over."""
    kinds = ["information", "response", "rebuttal"] + (["applicant_evidence"] if file.applies else [])
    dues = [
        row.due_at
        for row in file.clocks
        if row.kind in kinds and row.side == file.side and row.state == "open" and row.due_at and row.due_at > file.at
    ]
    return max(dues, default=None)
