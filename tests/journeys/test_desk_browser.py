"""The arbiter's walks in a real browser: refuse and accept, rule with the keyboard alone, take a ruling back."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from arbitration import assignment
from core import clock
from disputes import sweep
from disputes.models import Case, Draft
from tests.browser import Watched, signed_in, sound_page
from tests.conftest import Clock, World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

PAGES = [(1440, "zh-hans"), (1280, "en"), (1024, "zh-hans")]


@pytest.fixture
def desk(world: World, browser: Browser, live_server: LiveServer) -> Iterator[Watched]:
    with signed_in(browser, live_server.url, world.arbiter.pk, width=1440) as watched:
        yield watched


def current(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


def at_case(page: Page, live_server: LiveServer, case: Case) -> None:
    page.goto(f"{live_server.url}/desk/cases/{case.number}/")


def test_arbiter_refuses_a_case_and_the_preview_says_what_the_buyer_reads(
    world: World, at: Clock, desk: Watched, live_server: LiveServer
) -> None:
    case, page = world.filed(), desk.page
    page.goto(f"{live_server.url}/desk/queue/")
    sound_page(desk)
    page.keyboard.press("n")
    page.wait_for_url(f"**/{case.number}/")
    sound_page(desk)
    page.keyboard.press("2")
    page.wait_for_url("**/refuse/")
    sound_page(desk)
    page.get_by_label("事由").select_option("evidence")
    page.get_by_label("理由（申请方会看到）").fill("没有破损近照。补充照片后可以重新提交。")
    page.locator("main").get_by_role("button", name="预览").click()
    expect(page.get_by_text("您的申请未被受理。")).to_be_visible()
    expect(page.get_by_text("没有破损近照。补充照片后可以重新提交。")).to_be_visible()
    sound_page(desk)
    assert current(case).state == "awaiting_admission"
    page.keyboard.press("Control+Enter")
    page.wait_for_url(f"**/{case.number}/")
    assert (current(case).state, current(case).refusal_clause) == ("not_admitted", "AD-01")


def test_arbiter_accepts_a_case_and_reads_when_the_answer_is_due(
    world: World, at: Clock, desk: Watched, live_server: LiveServer
) -> None:
    case, page = world.filed(), desk.page
    at_case(page, live_server, case)
    page.keyboard.press("Enter")
    expect(page.get_by_text("案件现由您处理。")).to_be_visible()
    page.keyboard.press("1")
    page.wait_for_url("**/admit/")
    expect(page.get_by_text("2026年11月22日 10:00（北京时间）")).to_be_visible()
    sound_page(desk)
    page.keyboard.press("Control+Enter")
    page.wait_for_url(f"**/{case.number}/")
    assert current(case).state == "awaiting_response"


def test_plain_case_is_ruled_with_the_keyboard_alone(
    world: World, at: Clock, desk: Watched, live_server: LiveServer
) -> None:
    case, page = world.deliberated(remedy="refund", cause="damaged"), desk.page
    at_case(page, live_server, case)
    keys = page.keyboard
    for choice, reason in [
        ("1", "10 与承运人记录一致"),  # digits typed in a field choose nothing
        ("1", "近照清楚"),
        ("2", "只证明外观"),
        ("1", "照片与视频一致"),
        ("2", "签收时未当面验视"),
        ("1", "部分退款"),
        ("", "600"),
        ("3", "没有写日期"),
    ]:
        keys.press("j")
        if choice:
            keys.press(choice)
        keys.press("Enter")
        keys.type(reason)
        keys.press("Enter")
    for step in range(page.locator("select[name$='.met']").count()):
        keys.press("m")
        expect(page.locator(f"[name='findings[1].burden[{step}].met']")).to_be_focused()
        keys.press("ArrowDown")
        keys.press("Escape")
    keys.press("[")
    expect(page.locator(".is-focus")).to_have_attribute("data-row", "buyer")
    keys.press("]")
    expect(page.locator(".is-focus")).to_have_attribute("data-row", "merchant")
    expect(page.get_by_text("没有缺项，请查看预览。")).to_be_visible()
    sound_page(desk)
    keys.press("p")
    page.wait_for_url("**/rule/preview/")
    expect(page.locator("#r-buyer").locator("..")).to_contain_text("部分支持您的诉求：退款，¥600.00。")
    expect(page.locator("#r-merchant").locator("..")).to_contain_text("部分支持对方的诉求：退款，¥600.00。")
    sound_page(desk)
    keys.press("Control+Enter")
    page.wait_for_url(f"**/{case.number}/")
    expect(page.get_by_text("裁决将于 10:01:00 生效")).to_be_visible()
    sound_page(desk)
    keys.press("u")
    expect(page.get_by_text("裁决已撤回。")).to_be_visible()
    assert [row.state for row in case.rulings.all()] == ["undone"]
    expect(page.locator("[name='weights[2].reason']")).to_have_value("10 与承运人记录一致")
    keys.press("p")
    page.wait_for_url("**/rule/preview/")
    keys.press("Control+Enter")
    page.wait_for_url(f"**/{case.number}/")
    at.forward(seconds=60)
    sweep.sweep()
    assert (current(case).state, case.rulings.get(state="in_effect").amount_fen) == ("ruled", 60_000)


def test_keys_are_silent_while_an_input_method_composes_and_when_switched_off(
    world: World, at: Clock, desk: Watched, live_server: LiveServer
) -> None:
    case, page = world.deliberated(), desk.page
    at_case(page, live_server, case)
    page.evaluate("""() => {
      for (const init of [{key: "j", isComposing: true}, {key: "Process"}, {key: "j", keyCode: 229}])
        document.body.dispatchEvent(new KeyboardEvent("keydown", {bubbles: true, ...init}));
    }""")
    assert page.locator(".is-focus").count() == 0
    page.keyboard.press("j")
    assert page.locator(".is-focus").count() == 1
    page.keyboard.press("?")
    expect(page.locator("#shortcuts")).to_be_visible()
    sound_page(desk)
    page.keyboard.press("Escape")
    world.arbiter.shortcuts = False
    world.arbiter.save(update_fields=["shortcuts"])
    page.reload()
    page.keyboard.press("j")
    assert page.locator(".is-focus").count() == 0
    expect(page.get_by_text("单键快捷键已关闭。")).to_be_visible()


@pytest.mark.parametrize(
    ("language", "larger", "open_it"),
    [
        ("zh-hans", "裁决需要更大的屏幕。", "处理并打开"),
        ("en", "Deciding needs a larger screen.", "Take and open it"),
    ],
)
def test_w17_a_phone_reads_the_desk_and_decides_nothing(
    world: World, at: Clock, browser: Browser, live_server: LiveServer, language: str, larger: str, open_it: str
) -> None:
    case = world.deliberated(remedy="refund", cause="damaged")
    with signed_in(browser, live_server.url, world.arbiter.pk, width=390, language=language, touch=True) as phone:
        page = phone.page
        at_case(page, live_server, case)
        sound_page(phone)
        expect(page.get_by_text(larger)).to_be_visible()
        expect(page.locator("#item-" + str(case.dossier.items.earliest("exhibit_no").pk))).to_be_visible()
        for control in page.locator("main button, main input:not([type=hidden]), main select, main textarea").all():
            expect(control).to_be_hidden()
        page.keyboard.press("p")
        page.goto(f"{live_server.url}/desk/cases/{case.number}/ask/")
        sound_page(phone)
        expect(page.get_by_text(larger)).to_be_visible()
        expect(page.locator("main form")).to_be_hidden()
        page.goto(f"{live_server.url}/desk/queue/")
        sound_page(phone)
        expect(page.get_by_role("button", name=open_it)).to_be_hidden()
    assert not Draft.objects.filter(user=world.arbiter).exists()


def test_ruling_is_written_without_script(world: World, at: Clock, browser: Browser, live_server: LiveServer) -> None:
    case = world.deliberated(remedy="refund", cause="damaged")
    with signed_in(browser, live_server.url, world.arbiter.pk, width=1280, script=False) as watched:
        page = watched.page
        at_case(page, live_server, case)
        page.locator("header").get_by_role("button", name="预览").click()
        expect(page.locator(".errsum")).to_be_visible()
        for number in range(3):
            page.locator(f"[name='findings[{number}].result'][value=upheld]").check(force=True)
            page.locator(f"[name='findings[{number}].reason']").fill("证据一致")
        for field in page.locator("select[name$='.met']").all():
            field.select_option("not_met")
        for field in page.locator(".dex [name$='.weight'][value=full]").all():
            field.check(force=True)
        for field in page.locator(".dex [name$='.reason']").all():
            field.fill("一致")
        page.locator("header").get_by_role("button", name="预览").click()
        page.wait_for_url("**/rule/preview/")
        page.get_by_role("button", name="签署并发送").click()
        page.wait_for_url(f"**/{case.number}/")
    assert case.rulings.get().state == "waiting"


@pytest.mark.parametrize(("width", "language"), PAGES)
def test_desk_is_sound_at_every_width_and_in_both_languages(
    world: World, at: Clock, browser: Browser, live_server: LiveServer, width: int, language: str
) -> None:
    triage, ruling = world.filed(), world.deliberated()
    silent = world.admitted(cause="not_received", remedy="refund")
    at.forward(hours=26, sweep_too=True)
    assignment.take(actor=world.arbiter, case_id=silent.pk)
    with signed_in(browser, live_server.url, world.arbiter.pk, width=width, language=language) as watched:
        for path in (
            "/desk/queue/?holder=all",
            f"/desk/cases/{triage.number}/",
            f"/desk/cases/{ruling.number}/",
            f"/desk/cases/{ruling.number}/ask/",
            f"/desk/cases/{silent.number}/",
        ):
            watched.page.goto(live_server.url + path)
            sound_page(watched)
    assert clock.now() == at.moment


@pytest.mark.parametrize(("width", "language"), PAGES)
def test_background_shows_when_the_arbiter_opens_it_and_not_before(
    world: World, browser: Browser, live_server: LiveServer, width: int, language: str
) -> None:
    case = world.deliberated()
    with signed_in(browser, live_server.url, world.arbiter.pk, width=width, language=language) as watched:
        page = watched.page
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url) if "/background/" in request.url else None)
        at_case(page, live_server, case)
        page.wait_for_load_state("networkidle")
        fold = page.locator("#background")
        expect(fold.locator("table")).to_have_count(0)
        assert asked == []
        fold.locator("summary").click()
        expect(fold.locator("tbody tr")).to_have_count(11)
        fold.locator("summary").click()
        fold.locator("summary").click()
        assert len(asked) == 1
        sound_page(watched)
        page.goto(f"{live_server.url}/desk/cases/{case.number}/background/")
        sound_page(watched)


def test_background_is_one_link_away_without_script(world: World, browser: Browser, live_server: LiveServer) -> None:
    case = world.deliberated()
    with signed_in(browser, live_server.url, world.arbiter.pk, width=1280, script=False) as watched:
        page = watched.page
        at_case(page, live_server, case)
        page.locator("#background summary").click()
        page.get_by_role("link", name="查看数量").click()
        expect(page.locator("tbody tr")).to_have_count(11)
