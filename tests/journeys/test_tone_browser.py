"""Walk W7 in a real browser: an insult and a guess get advice under the field, calm text none; nothing stops."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from disputes import drafts
from disputes.models import Case, Draft
from tests import factories
from tests.browser import DESK, PHONE, signed_in, sound_page
from tests.conftest import World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

READERS = pytest.mark.parametrize(("language", "width"), [("zh-hans", PHONE), ("en", DESK)])
WORDS = {
    "zh-hans": {
        "insult": "11月3日收到，这家店是骗子",
        "judges": "“骗子”是对人的评价。写下对方说了什么、做了什么，会更有说服力。",
        "told": "……（日期），对方说“……”，做了……；结果是……。",
        "guess": "11月3日收到，肯定是假货",
        "guesses": "“肯定是假货”把推测写成了事实。",
        "calm": "11月3日收到，垃圾桶的盖子裂了",
        "ignore": "忽略",
        "next": "保存并继续",
    },
    "en": {
        "insult": "It came on 3 Nov. The seller is a liar",
        "judges": "“liar” judges a person. Saying what was said or done is more convincing.",
        "told": "On … (date) I was told “…”, or this was done: …. The result was ….",
        "guess": "It came on 3 Nov. It is obviously fake",
        "guesses": "“obviously fake” puts a guess as a fact.",
        "calm": "It came on 3 Nov. The lid of the garbage can was broken",
        "ignore": "Ignore",
        "next": "Save and go on",
    },
}
LATE_SHIFTS = """() => { window.shifts = 0; new PerformanceObserver(list => {
  for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifts += entry.value;
}).observe({type: "layout-shift"}); }"""


@pytest.fixture
def case(world: World) -> Case:
    """An application whose cause and claim are chosen."""
    case = factories.draft_case(world.buyer, world.merchant, world.order())
    done = {"cause": ["damaged"], "remedy": ["return_refund"], "amount_fen": ["1299.00"]}
    drafts.save(user=world.buyer, form=form_of(case), data={**done, "cause_done": ["1"], "claim_done": ["1"]})
    return case


def form_of(case: Case) -> str:
    return f"case:{case.number}:file"


def write(page: Page, text: str) -> None:
    """Typed into the first field, key by key."""
    field = page.locator("[name=what_happened]")
    field.focus()
    page.keyboard.press("Control+A")
    page.keyboard.type(text)


def typing_goes_on(page: Page) -> bool:
    return bool(page.evaluate("document.activeElement.name === 'what_happened'"))


@READERS
def test_w7_an_insult_then_a_guess(
    live_server: LiveServer, browser: Browser, world: World, case: Case, language: str, width: int
) -> None:
    words = WORDS[language]
    with signed_in(browser, live_server.url, world.buyer.pk, width=width, language=language) as watched:
        page = watched.page
        page.goto(f"{live_server.url}/disputes/{case.number}/file/statement/")
        page.evaluate(LATE_SHIFTS)
        place = page.locator("[data-tone=f-what_happened]")
        expect(place.locator(".tone")).to_be_hidden()
        write(page, words["insult"])
        expect(place.locator("[data-why]")).to_have_text(words["judges"])
        expect(place.locator("[data-frame]")).to_have_text(words["told"])
        expect(place).to_have_attribute("aria-live", "polite")
        assert typing_goes_on(page)
        assert page.evaluate("window.shifts") < 0.01
        sound_page(watched)
        place.get_by_role("button", name=words["ignore"]).click()
        expect(place.locator(".tone")).to_be_hidden()
        assert typing_goes_on(page)

        write(page, words["guess"])
        expect(place.locator("[data-why]")).to_contain_text(words["guesses"])
        write(page, words["calm"])
        expect(place.locator(".tone")).to_be_hidden()
        with page.expect_response("**/api/v1/tone/"):
            write(page, words["insult"])
        expect(place.locator(".tone")).to_be_hidden()  # it was ignored on this page

        page.locator("[name=difference]").fill("…")
        page.locator("[name=wanted]").fill("…")
        page.get_by_role("button", name=words["next"]).click()
        expect(page).to_have_url(re.compile("/file/evidence/"))
    assert Draft.objects.get(form=form_of(case)).data["what_happened"] == [words["insult"]]


@READERS
def test_w7_without_script_the_hint_stands_when_the_page_comes_back(
    live_server: LiveServer, browser: Browser, world: World, case: Case, language: str, width: int
) -> None:
    words = WORDS[language]
    with signed_in(browser, live_server.url, world.buyer.pk, width=width, language=language, script=False) as watched:
        page = watched.page
        page.goto(f"{live_server.url}/disputes/{case.number}/file/statement/")
        expect(page.locator(".tone")).to_have_count(3)
        page.locator("[name=what_happened]").fill(words["insult"])
        page.locator("[name=difference]").fill("…")
        page.locator("[name=wanted]").fill("…")
        page.get_by_role("button", name=words["next"]).click()
        expect(page).to_have_url(re.compile("/file/evidence/"))
        page.goto(f"{live_server.url}/disputes/{case.number}/file/statement/")
        expect(page.locator(".tone:visible [data-why]")).to_have_text([words["judges"]])
        expect(page.get_by_role("button", name=words["ignore"])).to_have_count(0)
        page.goto(f"{live_server.url}/disputes/{case.number}/file/check/")
        expect(page.locator(".answers .tone [data-why]")).to_have_text([words["judges"]])


def test_w7_while_an_input_method_composes_nothing_is_asked(
    live_server: LiveServer, browser: Browser, world: World, case: Case
) -> None:
    with signed_in(browser, live_server.url, world.buyer.pk) as watched:
        page = watched.page
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url) if "/tone/" in request.url else None)
        page.goto(f"{live_server.url}/disputes/{case.number}/file/statement/")
        field = page.locator("[name=what_happened]")
        field.evaluate(
            "node => { node.value = '骗子'; "
            "node.dispatchEvent(new InputEvent('input', {bubbles: true, isComposing: true})); }"
        )
        page.wait_for_timeout(1500)
        assert asked == []
        field.evaluate("node => node.dispatchEvent(new CompositionEvent('compositionend', {bubbles: true}))")
        expect(page.locator("[data-tone=f-what_happened] [data-why]")).to_contain_text("“骗子”是对人的评价")
        assert len(asked) == 1


def test_w7_the_arbiter_is_advised_too(live_server: LiveServer, browser: Browser, world: World) -> None:
    """On the dense desk no room is kept: the note stands below the field, which stays where it is."""
    case = world.deliberated()
    with signed_in(browser, live_server.url, world.arbiter.pk, width=1440) as watched:
        page = watched.page
        page.goto(f"{live_server.url}/desk/cases/{case.number}/")
        page.evaluate(LATE_SHIFTS)
        reason = page.locator("article.issue input[name$='.reason']").first
        reason.fill("商家肯定是故意的")
        before = reason.bounding_box()
        advice = page.locator(".tone:visible [data-why]")
        expect(advice).to_contain_text("“肯定是故意”把推测写成了事实。")
        assert reason.bounding_box() == before
        assert page.evaluate("window.shifts") < 0.05
        reason.blur()
        expect(page.locator("[data-saved]").first).to_contain_text("已保存")
        page.reload()
        expect(advice).to_contain_text("“肯定是故意”把推测写成了事实。")
        sound_page(watched)
