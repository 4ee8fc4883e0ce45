"""What was hidden on purpose while the case is read: opening it is the reader's own act."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from arbitration.background import ENDS, both_sides
from arbitration.views import common


@common.staff_page
@require_GET
def background(request: HttpRequest, number: str) -> HttpResponse:
    """Both sides' counts in one table; the desk's script fetches it into the desk. A case file's queries and four."""
    file = common.load(request, number)
    common.note_reading(request, file)
    sides = both_sides(file.case)
    rows = [
        (_("Orders paid"), [side.orders for side in sides]),
        (_("Earlier cases"), [side.cases for side in sides]),
        (_("of these, asked for by this side"), [side.asked for side in sides]),
        *((label, [side.ends[end] for side in sides]) for end, label in ENDS.items()),
    ]
    return render(request, "arbitration/background.html", {**common.bar(request, file), "sides": sides, "rows": rows})
