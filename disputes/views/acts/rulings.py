"""Confirming that a ruling was read."""

from django.utils.translation import gettext as _

from arbitration.queries import CaseFile
from disputes.forms import FormState
from disputes.views.acts.page import Page


def acknowledge(file: CaseFile, form: FormState) -> Page:
    return Page(
        title=_("Confirm having read the ruling"),
        effects=[_("None of your rights change: a review can still be asked for.")],
        button=_("Confirm"),
        done=_("Confirmed."),
    )
