"""Withdrawing the case."""

from django.utils.translation import gettext as _

from arbitration.queries import CaseFile
from disputes.forms import FormState
from disputes.views.acts.page import Page


def withdraw(file: CaseFile, form: FormState) -> Page:
    return Page(
        title=_("Withdraw the case"),
        lead=_("This cannot be taken back."),
        effects=[
            _("The case closes as withdrawn. The other side is told."),
            _("Inside the time to file you can file again."),
        ],
        button=_("Withdraw the case"),
        done=_("The case was withdrawn."),
        danger=True,
    )
