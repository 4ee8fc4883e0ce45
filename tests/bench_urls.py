# ruff: noqa: E501 - two small templates
"""The product's URLs and, beside them, bare Django views of the same kind to measure it against."""

import hashlib
import os
import tempfile
from datetime import UTC, datetime

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

from config.urls import urlpatterns as product
from core.models import Heartbeat
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


@csrf_exempt
def bare_upload(request: HttpRequest) -> HttpResponse:
    """Stream the body to a file, hash it, flush it to the disk, write one row."""
    digest = hashlib.sha256()
    with tempfile.NamedTemporaryFile(dir=settings.STORAGE_URL.removeprefix("file://")) as file:
        while piece := request.read(256 * 1024):
            digest.update(piece)
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())
    Heartbeat.objects.update_or_create(part=digest.hexdigest()[:12], defaults={"beat_at": datetime.now(UTC)})
    return HttpResponse(status=201)


urlpatterns = [
    *product,
    path("bare/upload/", bare_upload),
    path("bare/list/", bare_list),
    path("bare/row/<slug:number>/", bare_row),
]
