"""A page with forty items stays within its budget of queries and of bytes, whatever was photographed."""

import uuid
from typing import Any

import pytest
from django.db import connection
from django.db.models import Sum
from django.test import Client
from django.test.utils import CaptureQueriesContext
from PIL import Image

from disputes import exhibits
from disputes.models import Case
from evidence.models import Derivative, Item
from tests import factories
from tests.conftest import World
from tests.evidence.samples import encoded

pytestmark = pytest.mark.django_db
EACH = 20


def noise() -> bytes:
    """A photo that compresses worse than any other."""
    image = Image.merge("RGB", [Image.effect_noise((1200, 900), 120) for _band in "RGB"])
    return encoded(image, "JPEG", quality=90)


def add_up_to_twenty(person: Any, case: Case, side: str) -> None:
    """One item is received and lodged; the others are its rows again, under numbers of their own."""
    upload = factories.upload("noise.jpg", noise())
    first = exhibits.receive(actor=person, case_id=case.pk, upload=upload, caption="噪点")
    exhibits.lodge(actor=person, case_id=case.pk, item_ids=[str(first.pk)])
    first.refresh_from_db()
    made = list(first.derivatives.all())
    assert first.exhibit_no is not None
    for number in range(first.exhibit_no + 1, EACH + 1):
        copy = Item.objects.get(pk=first.pk)
        copy.pk, copy.exhibit_no = uuid.uuid4(), number
        copy.save(force_insert=True)
        for row in made:
            Derivative.objects.create(
                item=copy, **{name: getattr(row, name) for name in ("variant", "sha256", "size", "media_type")}
            )


def test_forty_items_cost_few_queries_and_little_to_show(world: World) -> None:
    case = world.deliberated()
    add_up_to_twenty(world.buyer, case, "buyer")
    add_up_to_twenty(world.merchant, case, "merchant")
    assert case.dossier.items.count() == 2 * EACH
    asked = {}
    for person, path in (
        (world.buyer, f"/disputes/{case.number}/"),
        (world.merchant, f"/disputes/{case.number}/"),
        (world.arbiter, f"/desk/cases/{case.number}/"),
        (world.arbiter, f"/desk/cases/{case.number}/compare/"),
    ):
        client = Client()
        client.force_login(person)
        with CaptureQueriesContext(connection) as queries:
            page = client.get(path).content.decode()
        asked[str(person), path.rstrip("/").rpartition("/")[2]] = len(queries)
        assert page.count("/thumb/") >= 2 * EACH or "compare" in path
    assert max(asked.values()) <= 15, asked
    thumbs = Derivative.objects.filter(item__dossier=case.dossier, variant="thumb")
    weight = thumbs.aggregate(all=Sum("size"))["all"]
    assert weight <= 600 * 1024, weight
