"""What the reader may do now; and what not, with why."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from accounts import policy
from accounts.models import User
from arbitration.queries import CaseFile
from core import moments
from core.errors import Refused
from disputes import lifecycle
from disputes.views.common import Data, act_url
from disputes.views.sections.exhibits import evidence_due
from disputes.views.turns.base import passed

HIDDEN = {"upload", "file", "drop_draft"}
"""Acts with no page of their own on a case."""


MAIN = (
    "respond",
    "concede",
    "rebut",
    "answer",
    "lodge",
    "withdraw_item",
    "extend",
    "offer",
    "withdraw",
    "propose_suspension",
    "request_review",
    "request_set_aside",
)
"""Acts a reader may look for at any time: where one is not possible the page says why."""


ORDER = (
    "respond",
    "rebut",
    "answer",
    "answer_review",
    "perform",
    "ship_back",
    "confirm_return",
    "prove_suspension",
    "lodge",
    "state_late",
    "accept_offer",
    "decline_offer",
    "concede",
    "offer",
    "withdraw_offer",
    "skip",
    "extend",
    "request_review",
    "request_set_aside",
    "acknowledge",
    "withdraw_item",
    "propose_suspension",
    "withdraw",
)
"""What is usually looked for first."""


_OPEN: Data = {"closed": "", "at": None, "note": ""}
"""What an open act says where nothing more is to be said: looking for a missing key costs a template much."""


def label(act: str) -> str:
    return str(lifecycle.TRANSITIONS[act].name)


def actions(file: CaseFile, actor: User, *, primary: str) -> tuple[list[Data], list[Data]]:
    """What else the reader may do now; and what not, with why. No act the reader has a right to is left unsaid."""
    opened: list[Data] = []
    closed: dict[str, Data] = {}
    for act, refused in sorted(file.acts.items(), key=_place):
        if act in HIDDEN or act == primary:
            continue
        words = label(act)
        if refused is None:
            opened.append({**_OPEN, "label": words, "href": act_url(file.case, act), **_until(file, act)})
        else:
            closed[act] = {"label": words, "closed": refused.message}
    for act in MAIN:
        if act not in file.acts and policy.refusal(actor, f"case.{act}", file.case) is None:
            closed[act] = {"label": label(act), "closed": why_closed(file, actor, act)}
    return opened, list(closed.values())


def _place(pair: tuple[str, Any]) -> int:
    return ORDER.index(pair[0]) if pair[0] in ORDER else len(ORDER)


def why_closed(file: CaseFile, actor: User, act: str) -> str:
    """Why an act of another state is not possible: its time is over, or its turn has not come."""
    if (over := ended(file, act)) is not None:
        return _("The time for this ended %(at)s.") % {"at": moments.short_text(over)}
    refused: Refused | None = lifecycle.refusal(file.case, act, actor, file.at)
    return refused.message if refused is not None else ""


def ended(file: CaseFile, act: str) -> datetime | None:
    """When the reader's clock for ``act`` ran out, if it did."""
    kind = lifecycle.TRANSITIONS[act].within
    rows = [row for row in file.clocks if row.kind == kind and row.side in (file.side, "both")]
    rows = [row for row in rows if row.state == "expired" or passed(row, file.at)]
    return rows[-1].due_at if rows else None


def _until(file: CaseFile, act: str) -> Data:
    if act == "lodge":
        return {"at": evidence_due(file), "note": _("after its time it is marked late")}
    if act in {"offer", "withdraw", "concede", "propose_suspension"}:
        return {"note": _("until a ruling takes effect")}
    if act in {"accept_offer", "decline_offer"}:
        clock = file.clock("offer", side=file.side)
        return {"at": clock.due_at if clock is not None else None}
    kind = lifecycle.TRANSITIONS[act].within
    found = file.clock(kind, side=file.side) if kind else None
    return {"at": found.due_at if found is not None else None}
