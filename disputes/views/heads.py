"""The head of a party's case page, and the stages below it."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from arbitration.queries import CaseFile
from core import moments
from disputes.models import State
from disputes.views.common import act_url
from disputes.views.turns import turn
from disputes.views.turns.base import Turn

RULING = "ruling"


MODES = {True: "you", False: "other"}


def head(file: CaseFile, *, here: str = "") -> dict[str, Any]:
    """Context of ``components/status_head.html``.

    ``here``: RULING, or the act whose page this is: it has its own button.
    """
    now = turn(file)
    mode = now.mode or MODES[now.whose in (file.side, "both")]
    made: dict[str, Any] = {
        "mode": mode,
        "label": _label(file),
        "big": now.big,
        "turn": now.whose,
        "now": file.at,
        "note": "",
        "do_note": now.note,
        "stages": stages(file, now, mine=mode == "you"),
    }
    if now.due is not None:
        made |= _due(now)
    elif now.until is not None:
        made |= {"due_label": now.due_label, "due": now.until}
    elif file.case.closed_at:
        made |= {"due_label": _("Closed on"), "due": file.case.closed_at, "no_countdown": True}
    if here and here != RULING:
        return made
    if now.act and file.may(now.act):
        made |= {"action": {"label": now.action, "href": act_url(file.case, now.act)}, "primary": mode == "you"}
    elif now.href and not here:
        made |= {"action": {"label": now.action, "href": now.href}, "primary": mode == "news"}
    return made


def _due(now: Turn) -> dict[str, Any]:
    assert now.due is not None
    if now.due.due_at is None:
        assert now.due.remaining is not None
        return {
            "due_label": now.due_label,
            "due_big": _("Clock paused"),
            "due_note": _("%(duration)s left when it goes on") % {"duration": moments.duration_text(now.due.remaining)},
        }
    return {"due_label": now.due_label, "due": now.due.due_at}


def _label(file: CaseFile) -> str:
    window = file.clock("review_request")
    if file.case.state == State.RULED and window is not None and window.due_at is not None:
        return _("Ruled · review open until %(at)s") % {"at": moments.short_text(window.due_at)}
    return str(State(file.case.state).label)


def stages(file: CaseFile, now: Turn, *, mine: bool) -> list[dict[str, Any]]:
    """The seven stages with their dates: when each ended, and until when the present one runs. No query."""
    ended = [
        file.entry("file"),
        file.entry("admit"),
        file.entry("respond", "response_expired"),
        file.entry("rebut", "skip", "rebuttal_expired"),
        file.entry("take_effect", "concede"),
        file.entry("take_effect", "concede"),
        file.entry("conclude") if file.case.state == State.CLOSED else None,
    ]
    words = [
        pgettext("stage", "Filed"),
        pgettext("stage", "Preliminary review"),
        pgettext("stage", "Response"),
        pgettext("stage", "Rebuttal"),
        pgettext("stage", "Deliberation"),
        pgettext("stage", "Ruling"),
        pgettext("stage", "Enforcement"),
    ]
    current = _stage(file)
    rows: list[dict[str, Any]] = []
    for index, (word, entry) in enumerate(zip(words, ended, strict=True)):
        row: dict[str, Any] = {"label": word, "state": "todo", "at": None, "until": False}
        if current is None or index < current:
            if entry is not None:
                row |= {"state": "done", "at": entry.at}
        elif index == current:
            due = now.due.due_at if now.due is not None else None
            row |= {"state": "now", "at": due, "until": due is not None}
        rows.append(row)
    return rows


_STAGE_OF = {
    State.AWAITING_ADMISSION: 1,
    State.AWAITING_RESPONSE: 2,
    State.AWAITING_REBUTTAL: 3,
    State.DELIBERATION: 4,
    State.RULED: 6,
    State.IN_REVIEW: 5,
    State.ENFORCING: 6,
}


def _stage(file: CaseFile) -> int | None:
    """Where the case stands; an interruption stands where it began. None once it is over."""
    state = file.case.state
    if file.case.returns_to:
        state = file.case.returns_to[0]
    return _STAGE_OF.get(State(state))
