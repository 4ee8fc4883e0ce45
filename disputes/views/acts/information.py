"""Answering the platform's questions."""

from django.utils.translation import gettext as _

from arbitration.models import InformationRequest
from arbitration.queries import CaseFile
from disputes.forms import FormState
from disputes.views.acts.page import Page, area


def answer(file: CaseFile, form: FormState) -> Page:
    asked = next((row for row in file.requests if row.state == InformationRequest.State.OPEN), None)
    questions = asked.questions if asked else []
    return Page(
        title=_("Answer the platform's questions"),
        lead=asked.why if asked else "",
        fields=[{**area(form, f"answers[{index}]", text), "quote": True} for index, text in enumerate(questions)],
        files="all",
        effects=[
            _("Only the platform reads your answers now."),
            _("Files you add here are put on file with your answers."),
        ],
        button=_("Send the answers"),
        done=_("Your answers were sent to the platform."),
    )
