"""More time, once."""

from django.utils.translation import gettext as _

from arbitration.queries import CaseFile
from core import moments
from disputes import shapes
from disputes.forms import FormState
from disputes.views.acts.page import Page, area
from rulebook import calendar


def extend(file: CaseFile, form: FormState) -> Page:
    clock = file.clock("response", "rebuttal", "information", side=file.side)
    length = file.rules.length("extension")
    effects = [_("Once per side and case. The other side reads the reason.")]
    if clock is not None and clock.due_at is not None:
        moved = calendar.add(clock.due_at, length)
        effects.insert(0, _("Your time then ends %(at)s.") % {"at": moments.beijing_text(moved)})
    return Page(
        title=_("Ask for 24 more hours"),
        effects=effects,
        fields=[area(form, "reason", _("What do you need the time for?"), most=shapes.SHORT)],
        button=_("Take 24 more hours"),
        done=_("Your time was extended by 24 hours."),
    )
