"""Asking that a default be set aside."""

from django.utils.translation import gettext as _

from arbitration.queries import CaseFile
from disputes.forms import FormState
from disputes.views.acts.page import Page, area


def request_set_aside(file: CaseFile, form: FormState) -> Page:
    return Page(
        title=_("Ask to set the default aside"),
        lead=_("Once. Say why there was no response in time, and what the response would have been."),
        fields=[
            area(form, "excuse", _("Why was there no response in time?")),
            area(form, "defence", _("What do you answer to the claim?")),
        ],
        effects=[
            _("Steps of the ruling that were not carried out yet are held."),
            _("Another arbiter decides. If it is granted, your time to respond begins again."),
        ],
        button=_("Send the request"),
        done=_("Your request was sent. Another arbiter decides."),
    )
