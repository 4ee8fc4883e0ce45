"""Putting evidence on file and taking it back."""

from django.utils.translation import gettext as _

from arbitration.queries import CaseFile
from core import moments
from disputes.forms import FormState
from disputes.views.acts.page import Page, area, choice
from disputes.views.sections import exhibits
from evidence.models import REASON_LENGTH


def lodge(file: CaseFile, form: FormState) -> Page:
    due = exhibits.evidence_due(file)
    return Page(
        title=_("Add evidence"),
        lead=_("In time until %(at)s.") % {"at": moments.beijing_text(due)}
        if due
        else _(
            "Your time for evidence is over. What you add is kept, marked late, and weighed if the arbiter says why."
        ),
        effects=[
            _("Once on file an item cannot be changed. It can be withdrawn, with a trace."),
            _("The other side sees a copy without the place and device it was taken with."),
        ],
        files="choose",
        button=_("Put the ticked items on file"),
        done=_("The evidence is on file."),
    )


def withdraw_item(file: CaseFile, form: FormState) -> Page:
    options = [
        {"value": str(item.id), "label": file.shows(item), "mark_side": item.side, "mark_no": item.exhibit_no}
        for item in file.of(file.side)
        if not item.withdrawn
    ]
    return Page(
        title=_("Withdraw an item"),
        lead=_(
            "Its number, caption, moment and your reason stay readable; it is no longer weighed. The original stays"
            " sealed."
        ),
        fields=[
            choice(form, "item", _("Which item?"), options),
            area(
                form,
                "reason",
                _("Why you withdraw it"),
                hint=_("Both sides and the platform read it beside the item."),
                most=REASON_LENGTH,
            ),
        ],
        button=_("Withdraw the item"),
        done=_("The item was withdrawn. The trace stays."),
        danger=True,
    )
