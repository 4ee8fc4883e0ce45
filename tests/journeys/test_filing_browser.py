"""Walks W1, W2, W3, W4, W5 and W8 in a real browser: a buyer goes from the order page to the confirmation."""

import hashlib
import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from disputes.models import Case
from evidence.models import Upload
from tests import factories
from tests.browser import DESK, EVERYWHERE, Watched, signed_in, sound_page
from tests.conftest import World
from tests.evidence import samples

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]

WORDS: dict[str, dict[str, Any]] = {
    "zh-hans": {
        "not_yet": "还不能申请",
        "ask_first": "先向商家申请售后",
        "entry": "申请平台客服介入",
        "start": "开始申请",
        "next": "保存并继续",
        "check": "保存并检查",
        "send": "提交申请",
        "sent": "已提交申请",
        "step": "第 %d 步，共 6 步",
        "saved": re.compile(r"已保存 \d\d:\d\d"),
        "bytes": "“冒牌.jpg”的内容不是 JPEG 格式",
        "large": "“大图.jpg”超过 10 MB",
        "again": "清单已随原因变化，请重新选择它的位置。",
        "pasted": re.compile(r"截屏 \d\d-\d\d-\d\d"),
        "missing": "还缺 1 项必需证据。请补充，或说明没有的原因。",
    },
    "en": {
        "not_yet": "Not yet possible",
        "ask_first": "Ask the merchant first",
        "entry": "Ask the platform to step in",
        "start": "Start",
        "next": "Save and go on",
        "check": "Save and check",
        "send": "Send the application",
        "sent": "Your application was sent",
        "step": "Step %d of 6",
        "saved": re.compile(r"Saved \d\d:\d\d"),
        "bytes": "“冒牌.jpg” is not a real JPEG file and was not uploaded.",
        "large": "Photo “大图.jpg” is over 10 MB and was not uploaded.",
        "again": "The checklist changed with the cause. Choose its place again.",
        "pasted": re.compile(r"Screenshot \d\d-\d\d-\d\d"),
        "missing": "1 required items are missing. Add them, or say why you do not have them.",
    },
}


@EVERYWHERE
def test_w1_an_order_not_negotiated_yet(
    live_server: LiveServer, browser: Browser, world: World, language: str, width: int
) -> None:
    """The entry is there, with its reason, the moment it opens and the way to the merchant."""
    order, words = world.order(), WORDS[language]
    with signed_in(browser, live_server.url, world.buyer.pk, width=width, language=language) as watched:
        page = watched.page
        page.goto(f"{live_server.url}/orders/{order.number}/")
        entry = page.locator("section.status").first
        expect(entry).to_contain_text(str(words["not_yet"]))
        expect(entry.locator("time").first).to_be_visible()
        sound_page(watched)
        entry.get_by_role("link", name=str(words["ask_first"])).click()
        expect(page).to_have_url(re.compile("/after-sales/"))
        sound_page(watched)


@EVERYWHERE
def test_w2_file_to_the_end(
    live_server: LiveServer, browser: Browser, world: World, tmp_path: Path, language: str, width: int
) -> None:
    """Six steps with their position, nothing asked twice or lost on the way back, and a dated confirmation."""
    order, words = world.order(), WORDS[language]
    factories.refused_request(world.buyer, world.merchant, order)
    with signed_in(browser, live_server.url, world.buyer.pk, width=width, language=language) as watched:
        page = watched.page
        page.goto(f"{live_server.url}/orders/{order.number}/")
        sound_page(watched)
        page.locator("section.status").get_by_role("link", name=str(words["entry"])).click()
        sound_page(watched)
        page.get_by_role("button", name=str(words["start"])).click()
        expect(page.get_by_role("radio", checked=True)).to_have_value("damaged")
        _step(watched, words, 1)
        page.get_by_role("button", name=str(words["next"])).click()
        _step(watched, words, 2)
        expect(page.locator("[name=amount_fen]")).to_have_value("1299.00")
        page.get_by_role("button", name=str(words["next"])).click()
        _step(watched, words, 3)
        page.locator("[name=difference]").fill("商品页写明双层减震包装，破损包赔。")
        with page.expect_response(lambda answer: "退货退款。".encode() in (answer.request.post_data_buffer or b"")):
            page.locator("[name=wanted]").fill("退货退款。")
            page.locator("[name=wanted]").blur()
        expect(page.locator("[data-saved]").first).to_have_text(words["saved"])
        page.reload()
        expect(page.locator("[name=wanted]")).to_have_value("退货退款。")
        page.get_by_role("button", name=str(words["next"])).click()
        _step(watched, words, 4)
        page.go_back()
        expect(page.locator("[name=difference]")).to_have_value("商品页写明双层减震包装，破损包赔。")
        page.go_forward()
        _choose(page, tmp_path, {"外箱.jpg": factories.picture("box"), "面单.jpg": factories.picture("label")})
        _place(page, "外箱.jpg", "outer_box", "外箱左下角凹陷")
        _place(page, "面单.jpg", "label", "面单与重量")
        page.get_by_role("button", name=str(words["check"])).click()
        _step(watched, words, 5)
        page.locator("[name=truth]").check()
        page.get_by_role("button", name=str(words["send"])).click()
        _without_one_item(watched, words)
        expect(page.get_by_role("heading", name=str(words["sent"]))).to_be_visible()
        case = Case.objects.get()
        expect(page.locator("#number")).to_have_text(case.number)
        expect(page.locator(".rail time")).to_have_count(2)
        sound_page(watched)
        page.reload()
    assert (case.state, case.version, case.missing_reason) == ("awaiting_admission", 2, "近照在旧手机里，已丢失")
    assert sorted(case.dossier.items.values_list("slot", "caption", "state")) == [
        ("label", "面单与重量", "lodged"),
        ("outer_box", "外箱左下角凹陷", "lodged"),
    ]


def _without_one_item(watched: Watched, words: dict[str, Any]) -> None:
    """W8: what is missing is named and linked, and there is a way on without it."""
    page = watched.page
    summary = page.locator(".errsum")
    expect(summary).to_be_focused()
    summary.get_by_role("link", name=str(words["missing"])).click()
    expect(page.locator("[name=missing_reason]")).to_be_in_viewport()
    sound_page(watched)
    expect(page.locator("[name=truth]")).to_be_checked()
    page.locator("[name=missing_reason]").fill("近照在旧手机里，已丢失")
    page.get_by_role("button", name=str(words["send"])).click()


@EVERYWHERE
def test_w4_good_files_stay_when_others_are_refused(
    live_server: LiveServer, browser: Browser, world: World, tmp_path: Path, language: str, width: int
) -> None:
    """Three photos, a program with a photo's name, and one photo too large: a row each, two refusals in words."""
    words = WORDS[language]
    case = factories.draft_case(world.buyer, world.merchant, world.order())
    files = {f"照片{number}.jpg": factories.picture(str(number)) for number in (1, 2, 3)}
    files |= {"冒牌.jpg": b"MZ\x90\x00" + b"\0" * 400, "大图.jpg": b"\xff\xd8\xff" + b"0" * (25 * 1024 * 1024)}
    with signed_in(browser, live_server.url, world.buyer.pk, width=width, language=language) as watched:
        page = watched.page
        page.goto(f"{live_server.url}/disputes/{case.number}/file/evidence/")
        _choose(page, tmp_path, files)
        expect(page.locator(".upload.is-ok")).to_have_count(3)
        expect(page.locator(".upload.is-ok img")).to_have_count(3)
        expect(page.locator(".upload.is-bad")).to_have_count(2)
        for key in ("bytes", "large"):
            expect(page.locator(".upload.is-bad", has_text=str(words[key]))).to_be_visible()
        sound_page(watched)
        page.reload()
        expect(page.locator(".upload")).to_have_count(3)
    assert sorted(case.dossier.items.values_list("original_name", flat=True)) == ["照片1.jpg", "照片2.jpg", "照片3.jpg"]


@EVERYWHERE
def test_w3_another_cause_keeps_the_files_and_offers_them_for_tagging(
    live_server: LiveServer, browser: Browser, world: World, tmp_path: Path, language: str, width: int
) -> None:
    """Not as described, then damaged: the checklist is another, the file is there, its place is asked for again."""
    words = WORDS[language]
    case = factories.draft_case(world.buyer, world.merchant, world.order(), cause="not_as_described")
    place = f"{live_server.url}/disputes/{case.number}/file"
    with signed_in(browser, live_server.url, world.buyer.pk, width=width, language=language) as watched:
        page = watched.page
        page.goto(f"{place}/evidence/")
        _choose(page, tmp_path, {"实物.jpg": factories.picture("item")})
        first = page.locator(".upload select option").evaluate_all("all => all.map(one => one.value)")
        page.locator(".upload select").select_option(first[1])
        page.locator(".upload input.input").fill("实物与页面不同")
        page.get_by_role("button", name=str(words["check"])).click()
        page.goto(f"{place}/cause/")
        page.locator("input[type=radio][value=damaged]").check()
        page.get_by_role("button", name=str(words["next"])).click()
        page.goto(f"{place}/evidence/")
        expect(page.locator(".upload")).to_have_count(1)
        expect(page.locator(".upload input.input")).to_have_value("实物与页面不同")
        expect(page.locator(".upload select")).to_have_value("")
        expect(page.locator(".upload", has_text=str(words["again"]))).to_be_visible()
        second = page.locator(".upload select option").evaluate_all("all => all.map(one => one.value)")
        assert (first[1] in second, "outer_box" in second) == (False, True)
        page.locator(".upload select").select_option("outer_box")
        page.get_by_role("button", name=str(words["check"])).click()
        sound_page(watched)
    assert case.dossier.items.values_list("slot", "caption").get() == ("outer_box", "实物与页面不同")


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_w5_files_are_dropped_and_a_screenshot_is_pasted(
    live_server: LiveServer, browser: Browser, world: World, tmp_path: Path, language: str
) -> None:
    """The zone reacts, a pasted picture gets a name, text pasted into a field stays text, the button does the same."""
    case = factories.draft_case(world.buyer, world.merchant, world.order())
    with signed_in(browser, live_server.url, world.buyer.pk, width=DESK, language=language) as watched:
        page = watched.page
        page.goto(f"{live_server.url}/disputes/{case.number}/file/evidence/")
        held = page.evaluate_handle(HOLD, [["箱.jpg", *factories.picture("a")], ["单.jpg", *factories.picture("b")]])
        zone = page.locator(".drop").first
        expect(zone).to_be_visible()
        zone.dispatch_event("dragover", {"dataTransfer": held})
        expect(zone).to_have_class(re.compile("is-over"))
        zone.dispatch_event("drop", {"dataTransfer": held})
        expect(zone).not_to_have_class(re.compile("is-over"))
        expect(page.locator(".upload.is-ok")).to_have_count(2, timeout=30_000)
        page.evaluate(PASTE, ["body", None, ["image.png", *samples.png(64, 48)]])
        pasted = page.locator(".upload.is-ok", has_text=WORDS[language]["pasted"])
        expect(pasted).to_be_visible(timeout=30_000)
        page.evaluate(PASTE, [".upload input.input", "13800138000", ["image.png", *samples.png(48, 64)]])
        page.wait_for_timeout(500)
        expect(page.locator(".upload")).to_have_count(3)
        _choose(page, tmp_path, {"按钮.jpg": factories.picture("e")})
        expect(page.locator(".upload.is-ok")).to_have_count(4)
        sound_page(watched)


HOLD = """files => {
  const held = new DataTransfer();
  for (const [name, ...bytes] of files) held.items.add(new File([new Uint8Array(bytes)], name));
  return held;
}"""
PASTE = """([where, text, [name, ...bytes]]) => {
  const held = new DataTransfer();
  if (text) held.setData("text/plain", text);
  held.items.add(new File([new Uint8Array(bytes)], name, { type: "image/png" }));
  const event = new ClipboardEvent("paste", { clipboardData: held, bubbles: true, cancelable: true });
  document.querySelector(where).dispatchEvent(event);
}"""


def test_large_file_goes_on_after_a_lost_network_and_a_reload(
    live_server: LiveServer, browser: Browser, world: World, tmp_path: Path
) -> None:
    """A document of 12 MB: the network goes away in the middle, the page is opened anew, the same bytes arrive."""
    case = factories.draft_case(world.buyer, world.merchant, world.order())
    paper = tmp_path / "检测报告.pdf"
    paper.write_bytes(samples.large_pdf(12 * 1024 * 1024))
    place = f"{live_server.url}/disputes/{case.number}/file/evidence/"
    with signed_in(browser, live_server.url, world.buyer.pk) as watched:
        page = watched.page
        page.goto(place)
        page.route("**/api/v1/uploads/**", lambda route: route.abort("connectionreset"))
        page.locator("input[type=file]").first.set_input_files([paper])
        expect(page.locator(".upload", has_text="连接中断，恢复后自动继续")).to_be_visible(timeout=30_000)
        offset = Upload.objects.get().offset
        page.unroute("**/api/v1/uploads/**")
        page.goto("about:blank")
        page.goto(place)
        page.locator("input[type=file]").first.set_input_files([paper])
        expect(page.locator(".upload.is-ok", has_text="检测报告.pdf")).to_be_visible(timeout=60_000)
    upload = Upload.objects.get()  # the one that was begun first
    assert offset == 1024 * 1024  # what came with its creation
    assert upload.item is not None
    assert upload.item.sha256 == hashlib.sha256(paper.read_bytes()).hexdigest()


def test_filing_works_without_script(live_server: LiveServer, browser: Browser, world: World, tmp_path: Path) -> None:
    case = factories.draft_case(world.buyer, world.merchant, world.order())
    with signed_in(browser, live_server.url, world.buyer.pk, script=False) as watched:
        page = watched.page
        page.goto(f"{live_server.url}/disputes/{case.number}/file/evidence/")
        photo = tmp_path / "外箱.jpg"
        photo.write_bytes(factories.picture("box"))
        page.locator("input[type=file]").first.set_input_files([photo])
        page.locator("[data-plain]").click()
        _place(page, "外箱.jpg", "outer_box", "外箱凹陷")
        page.get_by_role("button", name="保存并检查").click()
    assert list(case.dossier.items.values_list("slot", "caption")) == [("outer_box", "外箱凹陷")]


def _step(watched: Watched, words: dict[str, Any], number: int) -> None:
    expect(watched.page.get_by_text(str(words["step"]) % number, exact=True)).to_be_visible()
    sound_page(watched)


def _choose(page: Page, folder: Path, files: dict[str, bytes]) -> None:
    for name, content in files.items():
        (folder / name).write_bytes(content)
    page.locator("input[type=file]").first.set_input_files([folder / name for name in files])
    expect(page.locator(".upload.is-busy")).to_have_count(0, timeout=30_000)


def _place(page: Page, name: str, slot: str, caption: str) -> None:
    row = page.locator(".upload", has_text=name)
    row.locator("input.input").fill(caption)
    row.locator("select").select_option(slot)
