# ruff: noqa: E501 - two small templates
"""The product's URLs and, beside them, bare Django views of the same kind to measure it against."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

from config.urls import urlpatterns as product
from disputes.models import Case, Deadline

_LIST = engines["django"].from_string(
    "<!doctype html><title>Bare</title><table>{% for row in rows %}<tr><td>{{ row.number }}</td><td>{{ row.cause }}</td>"
    "<td>{{ row.state }}</td><td>{{ row.claim_fen }}</td><td>{{ row.created_at }}</td></tr>{% endfor %}</table>"
)
_ROW = engines["django"].from_string(
    "<!doctype html><title>Bare</title><h1>{{ row.number }}</h1><p>{{ row.what_happened }}</p><p>{{ row.claim_fen }}</p>"
    "<ul>{% for clock in clocks %}<li>{{ clock.kind }} {{ clock.due_at }}</li>{% endfor %}</ul>"
)


@login_required
def bare_list(request: HttpRequest) -> HttpResponse:
    """Session sign-in, one indexed query, 25 rows."""
    rows = Case.objects.order_by("-pk")[:25]
    return HttpResponse(_LIST.render({"rows": rows}, request))


@login_required
def bare_row(request: HttpRequest, number: str) -> HttpResponse:
    """Session sign-in, one row by its key, two selects."""
    row = Case.objects.get(number=number)
    return HttpResponse(_ROW.render({"row": row, "clocks": Deadline.objects.filter(case=row)}, request))


urlpatterns = [*product, path("bare/list/", bare_list), path("bare/row/<slug:number>/", bare_row)]
