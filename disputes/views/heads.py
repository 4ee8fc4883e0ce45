"""Whose turn, until when, what to press: the head of a party's case page, and the stages below it."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from arbitration.models import InformationRequest, Remedy
from arbitration.queries import CaseFile
from core import moments
from disputes.models import Case, Deadline, Offer, State

RULING = "ruling"
MODES = {True: "you", False: "other"}


@dataclass
class Turn:
    """``whose``: buyer, merchant, platform, both or nobody. ``due``: the clock that counts. ``act``: the one to offer.

    ``href``: where that leads when it is no act. ``mode``: only where it does not follow from ``whose``.
    """

    whose: str
    big: str
    due: Deadline | None = None
    due_label: str = ""
    act: str = ""
    action: str = ""
    href: str = ""
    note: str = ""
    mode: str = ""


def act_url(case: Case, act: str) -> str:
    return reverse("disputes:act", args=[case.number, act])


def name(side: str) -> str:
    """The other side in the middle of a sentence."""
    return {
        "buyer": pgettext("in the middle of a sentence", "the buyer"),
        "merchant": pgettext("in the middle of a sentence", "the merchant"),
    }[side]


def turn(file: CaseFile) -> Turn:
    """Whose turn it is, as the reader sees it. No query."""
    found = _TURNS[State(file.case.state)](file)
    found = _overlay(file, found) if found.whose not in (file.side, "both") else found
    if passed(found.due, file.at):
        return Turn(
            "platform",
            _("The time is over"),
            due=found.due,
            due_label=_("Ended"),
            note=_("This step is being closed. The page shows what follows in a moment."),
        )
    return found


def passed(due: Deadline | None, at: datetime) -> bool:
    """Whether a clock is over though nobody has acted on it yet. The platform's own targets are not meant."""
    return (
        due is not None
        and due.state == Deadline.State.OPEN
        and due.due_at is not None
        and due.due_at <= at
        and due.side != "platform"
    )


def _overlay(file: CaseFile, found: Turn) -> Turn:
    """What the other side asked of the reader comes before waiting for somebody else."""
    offer = next((row for row in file.offers if row.state == Offer.State.OPEN and row.side == file.other), None)
    if offer is not None and file.may("accept_offer"):
        return Turn(
            file.side,
            _("Your turn: an offer is waiting"),
            due=file.clock("offer", ref=str(offer.pk)),
            due_label=_("The offer is valid until"),
            act="accept_offer",
            action=_("See the offer"),
            note=_("You need not answer. The case goes on as it stands."),
        )
    if file.case.state != State.SUSPENDED and file.may("suspend"):
        return Turn(
            file.side,
            _("Your turn: a suspension is proposed"),
            due=found.due,
            due_label=found.due_label,
            act="suspend",
            action=_("See the proposal"),
            note=_("You need not answer. The case goes on as it stands."),
        )
    return found


def _admission(file: CaseFile) -> Turn:
    return Turn(
        "platform",
        _("Waiting for the preliminary review"),
        due=file.clock("admission_target", "admission"),
        due_label=_("Expected by"),
        act="lodge" if file.applies else "",
        action=_("Add evidence"),
        note=_("There is nothing you must do now."),
    )


def _not_admitted(file: CaseFile) -> Turn:
    return Turn("", _("The platform did not accept the case"), href="#refusal", action=_("Read why"), mode="news")


def _response(file: CaseFile) -> Turn:
    due = file.clock("response")
    if file.applies:
        return Turn(
            file.other,
            _("Waiting for %(who)s to respond") % {"who": name(file.other)},
            due=due,
            due_label=_("The other side's time ends"),
            act="lodge",
            action=_("Add evidence"),
            note=_("There is nothing you must do now."),
        )
    return Turn(
        file.side,
        _("Your turn to respond"),
        due=due,
        due_label=_("Due"),
        act="respond",
        action=_("Answer and respond"),
        note=_("You can also agree to the claim or offer a settlement."),
    )


def _rebuttal(file: CaseFile) -> Turn:
    due = file.clock("rebuttal")
    count = len([item for item in file.of(file.other) if not item.withdrawn])
    if file.applies:
        return Turn(
            file.side,
            _("Your turn to answer"),
            due=due,
            due_label=_("Due"),
            act="rebut",
            action=ngettext("Answer %(n)d item of evidence", "Answer %(n)d items of evidence", count) % {"n": count}
            if count
            else _("Answer the statement"),
            note=_("You may leave it. When the time is over the platform decides on what there is."),
        )
    return Turn(
        file.other,
        _("Waiting for %(who)s to answer") % {"who": name(file.other)},
        due=due,
        due_label=_("The other side's time ends"),
        note=_("There is nothing you must do now."),
    )


def _information(file: CaseFile) -> Turn:
    asked = {row.side for row in file.clocks if row.kind == "information" and row.state in Deadline.RUNNING}
    whose = "both" if len(asked) > 1 else next(iter(asked), "platform")
    mine = any(row.state == InformationRequest.State.OPEN for row in file.requests)
    if mine:
        return Turn(
            whose,
            _("Your turn to answer the platform"),
            due=file.clock("information", side=file.side),
            due_label=_("Due"),
            act="answer",
            action=_("Answer the questions"),
            note=_("Without an answer the platform decides on what there is. Its own clock stands still until then."),
            mode="you",
        )
    return Turn(
        whose,
        _("Waiting for %(who)s to answer the platform") % {"who": name(file.other)},
        due=file.clock("information"),
        due_label=_("The other side's time ends"),
        note=_("There is nothing you must do now. The platform's own clock stands still."),
        mode="other",
    )


def _deliberation(file: CaseFile) -> Turn:
    late = file.may("state_late")
    return Turn(
        "platform",
        _("The platform is deciding"),
        due=file.clock("ruling_target", "ruling"),
        due_label=_("Ruling expected by"),
        act="state_late" if late else "",
        action=_("Send a late statement") if late else "",
        note="" if late else _("There is nothing you must do now."),
    )


def _suspended(file: CaseFile) -> Turn:
    return Turn(
        "",
        _("The clocks stand still"),
        due=file.clock("suspension"),
        due_label=_("Expected to resume"),
        act="resume" if file.may("resume") else "",
        action=_("Resume"),
        note=_("What was left of every clock is given back when the case resumes."),
        mode="other",
    )


def _settlement(file: CaseFile) -> Turn:
    mine = file.side == "merchant"
    due = file.clock("settlement")
    if mine:
        return Turn(
            "merchant",
            _("Your turn to perform the settlement"),
            due=due,
            due_label=_("Due"),
            act="perform_settlement",
            action=_("Perform the settlement"),
            note=_("If it is not performed in time, the case goes on where it stood."),
        )
    return Turn(
        "merchant",
        _("Waiting for %(who)s to perform the settlement") % {"who": name("merchant")},
        due=due,
        due_label=_("The other side's time ends"),
        note=_("If it is not performed in time, the case goes on where it stood."),
    )


def _duty(file: CaseFile, clock: Deadline) -> Turn:
    """A step of the ruling that somebody must take now."""
    mine = clock.side == file.side
    big = {
        "ship_back": _("Your turn to send the goods back"),
        "confirm_return": _("Your turn to check the return"),
        "perform": _("Your turn to perform the ruling"),
    }
    wait = {
        "ship_back": _("Waiting for %(who)s to send the goods back"),
        "confirm_return": _("Waiting for %(who)s to check the return"),
        "perform": _("Waiting for %(who)s to perform the ruling"),
    }
    action = {
        "ship_back": _("Enter the return waybill"),
        "confirm_return": _("Say how the goods arrived"),
        "perform": _("Perform the remedy"),
    }
    after = {
        "ship_back": _("If the goods are not sent by then, the refund is not carried out."),
        "confirm_return": _("If nothing is confirmed by then, the goods count as received."),
        "perform": _("If it is not performed by then, the platform carries it out from the merchant's deposit."),
    }
    if mine:
        return Turn(
            clock.side,
            big[clock.kind],
            due=clock,
            due_label=_("Due"),
            act=clock.kind,
            action=action[clock.kind],
            note=after[clock.kind],
        )
    return Turn(
        clock.side,
        wait[clock.kind] % {"who": name(clock.side)},
        due=clock,
        due_label=_("The other side's time ends"),
        href=ruling_url(file.case),
        action=_("Read the ruling"),
        note=after[clock.kind],
    )


def ruling_url(case: Case) -> str:
    return reverse("disputes:ruling", args=[case.number])


def _decided(file: CaseFile) -> Turn:
    steps = ("ship_back", "confirm_return", "perform")
    clock = file.clock(*steps, side=file.side) or file.clock(*steps)
    if clock is not None:
        return _duty(file, clock)
    window = file.clock("review_request")
    if any(row.state == Remedy.State.FAILED for row in file.remedies):
        return Turn("platform", _("The platform looks at the return"), note=_("There is nothing you must do now."))
    return Turn(
        "" if window is None else "both",
        _("The ruling is in effect"),
        due=window,
        due_label=_("A review can be asked until") if window else "",
        href=ruling_url(file.case),
        action=_("Read the ruling"),
        mode="news",
    )


def _review(file: CaseFile) -> Turn:
    answering = file.clock("review_answer", side=file.side)
    if answering is not None and file.may("answer_review"):
        return Turn(
            file.side,
            _("Your turn to answer in review"),
            due=answering,
            due_label=_("Due"),
            act="answer_review",
            action=_("Answer the review request"),
            note=_("Without an answer the review is decided on what there is."),
        )
    if (theirs := file.clock("review_answer", side=file.other)) is not None and not passed(theirs, file.at):
        return Turn(
            file.other,
            _("Waiting for %(who)s to answer in review") % {"who": name(file.other)},
            due=theirs,
            due_label=_("The other side's time ends"),
            note=_("Steps of the ruling that were not carried out yet are held."),
        )
    return Turn(
        "platform",
        _("Another arbiter decides the review"),
        due=file.clock("review_target", "review_decision"),
        due_label=_("Decision expected by"),
        note=_("Steps of the ruling that were not carried out yet are held."),
    )


def _closed(file: CaseFile) -> Turn:
    ruled = file.ruling is not None
    return Turn(
        "",
        str(file.case.get_outcome_display()),
        href=ruling_url(file.case) if ruled else "",
        action=_("Read the ruling") if ruled else "",
        mode="other",
    )


_TURNS: dict[State, Callable[[CaseFile], Turn]] = {
    State.AWAITING_ADMISSION: _admission,
    State.NOT_ADMITTED: _not_admitted,
    State.AWAITING_RESPONSE: _response,
    State.AWAITING_REBUTTAL: _rebuttal,
    State.AWAITING_INFORMATION: _information,
    State.DELIBERATION: _deliberation,
    State.SUSPENDED: _suspended,
    State.SETTLEMENT: _settlement,
    State.RULED: _decided,
    State.ENFORCING: _decided,
    State.IN_REVIEW: _review,
    State.CLOSED: _closed,
}


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
        row: dict[str, Any] = {"label": word, "state": "todo"}
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
