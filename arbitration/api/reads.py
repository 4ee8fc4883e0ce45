"""What an operation reads: a case the actor may see, and its document."""

from typing import Any

from django.db.models import prefetch_related_objects
from django.http import Http404

from accounts.models import User
from arbitration import queries
from arbitration.reading import note_reading
from arbitration.representations.cases import whole
from core import clock
from disputes.models import Case


def visible_case(actor: User, number: str) -> Case:
    """The case if the actor may know of it, else 404. One query; one more where it depends on the actor's stores."""
    found = Case.objects.select_related("dossier").filter(number=number).first()
    if found is None or not found.visible_to(actor):
        raise Http404
    return found


def case_document(actor: User, number: str) -> Any:
    """The case whole, as the actor may read it; an auditor's reading is recorded. Raises Http404.

    A case file, and four queries more for the ruling in effect and the reviews.
    """
    try:
        file = queries.case_file(actor, number, clock.now(), unfiled=True)
    except Case.DoesNotExist:
        raise Http404 from None
    note_reading(actor=actor, case=file.case, at=file.at)
    prefetch_related_objects(file.reviews, "items", "finding")
    ruling = file.ruling
    files = queries.ruling_files([ruling] if ruling else [], withheld=file.withheld)
    return whole(file, files[0] if files else None)
