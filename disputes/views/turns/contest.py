"""Whose turn while the sides and the platform still argue: from the preliminary review to the deliberation."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from arbitration.models import InformationRequest
from arbitration.queries import CaseFile
from disputes.models import Deadline
from disputes.views.common import again_until, name
from disputes.views.turns.base import Turn


def admission(file: CaseFile) -> Turn:
    return Turn(
        "platform",
        _("Waiting for the preliminary review"),
        due=file.clock("admission_target", "admission"),
        due_label=_("Expected by"),
        act="lodge" if file.applies else "",
        action=_("Add evidence"),
        note=_("There is nothing you must do now."),
    )


def not_admitted(file: CaseFile) -> Turn:
    until = again_until(file)
    return Turn(
        "",
        _("The platform did not accept the case"),
        until=until,
        due_label=_("Can be filed again until") if until else "",
        href="#refusal",
        action=_("Read why"),
        mode="news",
    )


def response(file: CaseFile) -> Turn:
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


def rebuttal(file: CaseFile) -> Turn:
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


def information(file: CaseFile) -> Turn:
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


def deliberation(file: CaseFile) -> Turn:
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


def suspended(file: CaseFile) -> Turn:
    awaited = file.clock("suspension_proof")
    if awaited is not None:
        return _proof(file, awaited)
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


def _proof(file: CaseFile, awaited: Deadline) -> Turn:
    note = _("Without it the case goes on by itself then, with what was left of every clock.")
    if awaited.side == file.side:
        return Turn(
            awaited.side,
            _("Your turn to show the proof"),
            due=awaited,
            due_label=_("Due"),
            act="prove_suspension",
            action=_("Show the proof"),
            note=note,
        )
    return Turn(
        awaited.side,
        _("Waiting for %(who)s to show the proof") % {"who": name(awaited.side)},
        due=awaited,
        due_label=_("The other side's time ends"),
        note=note,
    )


def settlement(file: CaseFile) -> Turn:
    owing = file.case.settlement_payer
    due = file.clock("settlement")
    if file.side == owing:
        return Turn(
            owing,
            _("Your turn to perform the settlement"),
            due=due,
            due_label=_("Due"),
            act="perform_settlement",
            action=_("Perform the settlement"),
            note=_("If it is not performed in time, the case goes on where it stood."),
        )
    return Turn(
        owing,
        _("Waiting for %(who)s to perform the settlement") % {"who": name(owing)},
        due=due,
        due_label=_("The other side's time ends"),
        note=_("If it is not performed in time, the case goes on where it stood."),
    )
