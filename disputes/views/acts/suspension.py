"""Suspending the case and going on."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from arbitration.queries import CaseFile
from disputes import shapes
from disputes.forms import FormState
from disputes.models import Suspension
from disputes.views.acts.page import Page, area, line


def propose_suspension(file: CaseFile, form: FormState) -> Page:
    most = file.rules.length("suspension").delta.days
    return Page(
        title=_("Propose a suspension"),
        lead=_("For a test, say, or a talk. It begins when the other side agrees."),
        fields=[
            line(
                form,
                "days",
                _("How many days?"),
                type="number",
                hint=ngettext("1 to %(n)d day", "1 to %(n)d days", most) % {"n": most},
            ),
            area(form, "reason", _("Why?"), hint=_("The other side reads it."), most=shapes.SHORT),
        ],
        effects=[_("While it runs no clock ticks; what was left is given back afterwards.")],
        button=_("Send the proposal"),
        done=_("Your proposal was sent."),
    )


def _proposal(file: CaseFile) -> str:
    row = next((row for row in file.suspensions if row.state == Suspension.State.PROPOSED), None)
    if row is None:
        return ""
    return ngettext("%(n)d day: %(reason)s", "%(n)d days: %(reason)s", row.days) % {"n": row.days, "reason": row.reason}


def suspend(file: CaseFile, form: FormState) -> Page:
    return Page(
        title=_("Agree to the suspension"),
        lead=_proposal(file),
        effects=[_("While it runs no clock ticks; what was left is given back afterwards.")],
        button=_("Agree"),
        done=_("The case is suspended."),
        more={"decline": "decline_suspension" if file.may("decline_suspension") else ""},
    )


def decline_suspension(file: CaseFile, form: FormState) -> Page:
    return Page(
        title=_("Decline the suspension"),
        lead=_proposal(file),
        effects=[_("The case goes on as it stands.")],
        button=_("Decline"),
        done=_("The suspension was declined."),
    )


def prove_suspension(file: CaseFile, form: FormState) -> Page:
    row = next((row for row in file.suspensions if row.state == Suspension.State.RUNNING), None)
    ground = f"{row.get_ground_display()}\n{row.reason}" if row is not None else ""
    return Page(
        title=_("Show the proof"),
        lead=ground,
        effects=[
            _("What you tick goes on file, for both sides and the platform. It cannot be changed afterwards."),
            _("The case stays suspended until its days are over or the platform resumes it."),
        ],
        files="choose",
        button=_("Show the ticked files as the proof"),
        done=_("The proof is on file. The case stays suspended."),
    )


def resume(file: CaseFile, form: FormState) -> Page:
    return Page(
        title=_("Resume the case"),
        effects=[_("Every clock goes on with exactly what was left of it.")],
        button=_("Resume"),
        done=_("The case goes on."),
    )
