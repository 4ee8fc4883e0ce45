"""Covering parts of a file before it is sent, in a real browser: by mouse, and by keys and buttons alone."""

import io
from typing import Any

import pytest
from django.test import Client
from PIL import Image, ImageDraw
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from disputes import exhibits
from disputes.models import Case
from evidence import items
from evidence.models import Item, Redaction
from tests import factories
from tests.browser import EVERYWHERE, PHONE, signed_in, sound_page
from tests.conftest import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

NUMBER = (250, 220, 0)


def chat_screenshot() -> bytes:
    """A chat with a phone number, which is drawn as a yellow bar in its middle."""
    image = Image.new("RGB", (800, 1200), "white")
    draw = ImageDraw.Draw(image)
    for top in range(80, 1200, 160):
        draw.rounded_rectangle((60, top, 560, top + 90), 20, fill=(220, 230, 240))
    draw.rectangle((300, 560, 500, 620), fill=NUMBER)
    out = io.BytesIO()
    image.save(out, "PNG")
    return out.getvalue()


def sent_by(world: World, case: Case, name: str, data: bytes, media_type: str) -> Item:
    return exhibits.receive(actor=world.buyer, case_id=case.pk, upload=factories.upload(name, data, media_type))


@pytest.fixture
def draft(world: World) -> Case:
    case = factories.draft_case(world.buyer, world.merchant, world.order())
    Case.objects.filter(pk=case.pk).update(cause="damaged")
    return Case.objects.get(pk=case.pk)


def yellow_in(client: Client, url: str) -> int:
    answer: Any = client.get(url)
    image = Image.open(io.BytesIO(answer.getvalue())).convert("RGB")
    levels = image.tobytes()
    pixels = zip(levels[::3], levels[1::3], levels[2::3], strict=True)
    return sum(red > 180 and green > 150 and blue < 110 for red, green, blue in pixels)


def status(client: Client, url: str) -> int:
    answer: Any = client.get(url)
    answer.getvalue()
    return int(answer.status_code)


def cover_page(page: Page, live_server: LiveServer, case: Case, item: Item) -> None:
    page.goto(f"{live_server.url}/disputes/{case.number}/files/{item.pk}/cover/")


@EVERYWHERE
def test_number_is_covered_and_the_merchant_never_gets_it(
    world: World, draft: Case, browser: Browser, live_server: LiveServer, width: int, language: str
) -> None:
    item = sent_by(world, draft, "chat.png", chat_screenshot(), "image/png")
    with signed_in(browser, live_server.url, world.buyer.pk, width=width, language=language) as watched:
        page = watched.page
        cover_page(page, live_server, draft, item)
        sound_page(watched)
        stage = page.locator(".cover__stage")
        stage.scroll_into_view_if_needed()
        box = stage.bounding_box()
        assert box is not None
        if width == PHONE:  # by buttons and keys alone
            page.locator("[data-add]").click()
            for key in ("ArrowLeft", "ArrowUp"):
                page.keyboard.press(key)
            for _press in range(20):
                page.keyboard.press("Shift+ArrowRight")
            page.locator("[data-do=wider]").click()
        else:
            page.mouse.move(box["x"] + box["width"] * 0.35, box["y"] + box["height"] * 0.45)
            page.mouse.down()
            page.mouse.move(box["x"] + box["width"] * 0.65, box["y"] + box["height"] * 0.53, steps=4)
            page.mouse.up()
        expect(page.locator(".cover__box")).to_have_count(1)
        if width == PHONE:
            fields = page.locator(".cover__row .input")
            for field, value in zip(fields.all(), ("35", "45", "30", "8"), strict=True):
                field.fill(value)
        sound_page(watched)
        page.locator("[name=cover]").click()
        page.wait_for_url("**/cover/?next=*")
        assert len(Redaction.objects.get().boxes) == 1
        expect(page.locator("#seen img")).to_be_visible()
        sound_page(watched)
    readers = {"buyer": world.buyer, "merchant": world.merchant, "arbiter": world.arbiter}
    items.lodge(
        actor=world.buyer, dossier=item.dossier, side="buyer", items=[item], at=item.received_at, disclosed=True
    )
    seen: dict[str, list[int]] = {}
    for who, person in readers.items():
        client = Client()
        client.force_login(person)
        codes = [status(client, f"/files/{item.pk}/{variant}/") for variant in ("own-view", "original")]
        seen[who] = [yellow_in(client, f"/files/{item.pk}/{variant}/") for variant in ("view", "thumb")] + codes
    assert seen == {"buyer": [0, 0, 200, 200], "merchant": [0, 0, 404, 404], "arbiter": [0, 0, 404, 200]}
