"""Pages of custody in a real browser: sound for whoever reads them, at any width, in both languages."""

from datetime import timedelta

import pytest
from playwright.sync_api import Browser
from pytest_django.live_server_helper import LiveServer

from arbitration import records
from disputes.models import Case
from tests import factories
from tests.browser import EVERYWHERE, signed_in, sound_page
from tests.conftest import Clock, World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def pages(world: World, case: Case) -> list[tuple[str, str]]:
    """(who, path), with something on each of them."""
    records.hold(
        actor=world.supervisor, order_number=case.number, reason="法院调卷", until=factories.START + timedelta(days=90)
    )
    records.ask_erasure(actor=world.other_buyer)
    records.ask_erasure(actor=world.buyer)
    item = case.dossier.items.filter(side="buyer").first()
    assert item is not None
    return [
        ("buyer", f"/receipts/{item.pk}/"),
        ("buyer", f"/cases/{case.number}/bundle/"),
        ("arbiter", f"/cases/{case.number}/bundle/"),
        ("supervisor", "/desk/records/"),
        ("buyer", "/settings/erasure/"),
        ("administrator", "/settings/people/erasures/"),
    ]


@EVERYWHERE
def test_pages_of_custody_are_sound(
    world: World, at: Clock, browser: Browser, live_server: LiveServer, width: int, language: str
) -> None:
    for who, path in pages(world, world.admitted()):
        with signed_in(browser, live_server.url, getattr(world, who).pk, width=width, language=language) as watched:
            watched.page.goto(live_server.url + path)
            sound_page(watched)
