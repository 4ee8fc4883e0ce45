"""Pictures large and side by side, in a real browser: with keys, wheel and buttons, and without script."""

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from disputes.models import Case
from tests.browser import DESK, EVERYWHERE, signed_in, sound_page
from tests.conftest import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def scale(image: Locator) -> float:
    found = re.search(r"scale\(([\d.]+)\)", image.get_attribute("style") or "")
    assert found is not None
    return float(found[1])


def loaded(*images: Locator) -> None:
    for image in images:
        image.evaluate("node => node.decode()")


def close(*scales: float) -> Any:
    return pytest.approx(list(scales), rel=1e-3)


def source(image: Locator) -> str:
    return (image.get_attribute("src") or "").partition("?")[0]


@pytest.fixture
def case(world: World) -> Case:
    return world.deliberated(remedy="refund", cause="damaged")


def test_arbiter_compares_from_the_ruling_form_with_keys_alone(
    world: World, case: Case, browser: Browser, live_server: LiveServer
) -> None:
    buyers = list(case.dossier.items.filter(side="buyer").order_by("exhibit_no"))
    (theirs,) = case.dossier.items.filter(side="merchant")
    with signed_in(browser, live_server.url, world.arbiter.pk, width=1440) as watched:
        page = watched.page
        page.goto(f"{live_server.url}/desk/cases/{case.number}/")
        for key in ("[", "[", "c"):  # the buyer's second picture is in hand
            page.keyboard.press(key)
        dialog = page.locator("dialog#viewer")
        expect(dialog).to_be_visible()
        left, right = dialog.locator("[data-stage] img").all()
        assert [source(left), source(right)] == [f"/files/{item.pk}/view/" for item in (buyers[1], theirs)]
        expect(dialog).to_contain_text(buyers[1].sha256)
        sound_page(watched)
        loaded(left, right)
        fit = scale(left), scale(right)
        page.keyboard.press("+")
        page.keyboard.press("+")
        assert [scale(left), scale(right)] == close(fit[0] * 2.25, fit[1] * 2.25)
        page.keyboard.press("ArrowRight")
        page.keyboard.press("s")
        page.keyboard.press("-")
        assert [scale(left), scale(right)] == close(fit[0] * 1.5, fit[1] * 2.25)
        page.keyboard.press("[")
        assert source(left) == f"/files/{buyers[2].pk}/view/"
        expect(dialog).to_contain_text(buyers[2].sha256)
        loaded(left)
        assert [scale(left), scale(right)] == close(fit[0] * 1.5, fit[1] * 2.25)
        page.keyboard.press("r")
        assert "rotate(90deg)" in (left.get_attribute("style") or "")
        assert "rotate(0deg)" in (right.get_attribute("style") or "")
        page.keyboard.press("s")
        assert "rotate(90deg)" in (right.get_attribute("style") or "")
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        assert watched.complaints == []


@EVERYWHERE
def test_compare_page_is_sound_and_the_wheel_lets_go(
    world: World, case: Case, browser: Browser, live_server: LiveServer, width: int, language: str
) -> None:
    with signed_in(browser, live_server.url, world.arbiter.pk, width=width, language=language) as watched:
        page = watched.page
        page.goto(f"{live_server.url}/desk/cases/{case.number}/compare/")
        sound_page(watched)
        stage = page.locator("[data-stage]").first
        image = stage.locator("img")
        fit = scale(image)
        middle(page, stage)
        page.mouse.wheel(0, -200)  # over it, but not in it: the page's
        assert scale(image) == fit
        stage.focus()
        middle(page, stage)
        page.mouse.wheel(0, -200)
        expect(stage).to_have_class(re.compile("is-zoomed"))
        assert scale(image) > fit
        page.keyboard.press("Escape")
        expect(stage).not_to_be_focused()
        inside = scale(image)
        page.mouse.wheel(0, -200)
        assert scale(image) == inside


def middle(page: Page, stage: Locator) -> None:
    stage.scroll_into_view_if_needed()
    box = stage.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)


def test_fingers_zoom_and_move_both_pictures_and_let_the_page_scroll(
    world: World, case: Case, browser: Browser, live_server: LiveServer
) -> None:
    with signed_in(browser, live_server.url, world.arbiter.pk, touch=True) as watched:
        page = watched.page
        page.goto(f"{live_server.url}/desk/cases/{case.number}/compare/")
        left, right = page.locator("[data-stage] img").all()
        loaded(left, right)
        stage = page.locator("[data-stage]").first
        stage.scroll_into_view_if_needed()
        box = stage.bounding_box()
        assert box is not None
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        fit, before = (scale(left), scale(right)), page.evaluate("scrollY")
        touch(page, *[[(x, y + 40 - step * 10)] for step in range(8)])
        assert page.evaluate("scrollY") > before  # nothing is zoomed: the finger is the page's
        page.evaluate("top => scrollTo(0, top)", before)
        touch(page, *[[(x - 30 - step * 6, y), (x + 30 + step * 6, y)] for step in range(6)])
        assert [scale(left), scale(right)] == close(fit[0] * 2, fit[1] * 2)
        at, place = left.get_attribute("style"), page.evaluate("scrollY")
        touch(page, *[[(x - step * 8, y - step * 8)] for step in range(6)])
        assert left.get_attribute("style") != at
        assert page.evaluate("scrollY") == place
        assert [scale(left), scale(right)] == close(fit[0] * 2, fit[1] * 2)
        page.locator("[data-act=fit]").first.tap()
        assert [scale(left), scale(right)] == close(*fit)
        assert watched.complaints == []


def touch(page: Page, *moments: list[tuple[float, float]]) -> None:
    """Fingers put down, moved through the given places, and lifted, as the browser gets them from a screen."""
    link = page.context.new_cdp_session(page)
    for number, fingers in enumerate(moments):
        points = [{"x": x, "y": y, "id": finger} for finger, (x, y) in enumerate(fingers)]
        link.send("Input.dispatchTouchEvent", {"type": "touchMove" if number else "touchStart", "touchPoints": points})
        page.wait_for_timeout(30)
    link.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    page.wait_for_timeout(100)


def test_compare_page_shows_two_pictures_without_script(
    world: World, case: Case, browser: Browser, live_server: LiveServer
) -> None:
    second = case.dossier.items.filter(side="buyer").order_by("exhibit_no")[1]
    with signed_in(browser, live_server.url, world.arbiter.pk, width=DESK, language="en", script=False) as watched:
        page = watched.page
        page.goto(f"{live_server.url}/desk/cases/{case.number}/compare/")
        page.get_by_label("Buyer: picture").select_option(str(second.pk))
        page.get_by_role("button", name="Show these two").click()
        page.wait_for_url(f"**left={second.pk}**")
        shown = page.locator("[data-stage] img").first
        assert (source(shown), shown.bounding_box() is not None) == (f"/files/{second.pk}/view/", True)


@EVERYWHERE
def test_party_sees_pictures_large_and_steps_through_them(
    world: World, browser: Browser, live_server: LiveServer, width: int, language: str
) -> None:
    case = world.responded()
    first, second = case.dossier.items.filter(side="buyer").order_by("exhibit_no")[:2]
    with signed_in(browser, live_server.url, world.merchant.pk, width=width, language=language) as watched:
        page = watched.page
        page.goto(f"{live_server.url}/disputes/{case.number}/")
        thumb = page.locator("a[data-view]").first
        thumb.click()
        dialog = page.locator("dialog#viewer")
        image = dialog.locator("[data-stage] img")
        assert source(image).endswith(f"/files/{first.pk}/view/")
        expect(dialog.locator("[data-strip]")).to_contain_text(first.caption)
        sound_page(watched)
        loaded(image)
        page.keyboard.press("+")
        was = scale(image)
        dialog.locator("[data-act=on]").click()
        assert source(image).endswith(f"/files/{second.pk}/view/")
        loaded(image)
        assert scale(image) == was
        expect(dialog.locator("[data-count]")).to_have_text(re.compile(r"^2/\d+$"))
        page.keyboard.press("Escape")
        expect(dialog).to_be_hidden()
        expect(thumb).to_be_focused()
        assert watched.complaints == []
