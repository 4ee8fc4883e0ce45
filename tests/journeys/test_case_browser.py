"""Walks through a case in a browser: agree, defend, be late, settle, be asked, be ruled on, ask for a review."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from accounts.models import User
from arbitration import assignment, information, rulings
from disputes import settlement
from disputes.models import Case, Refund
from tests import factories
from tests.browser import EVERYWHERE, PHONE, Watched, signed_in, sound_page
from tests.conftest import Clock, World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


class Walk:
    """One person's browser on one case, in one language."""

    def __init__(self, watched: Watched, server: LiveServer, case: Case, language: str) -> None:
        self.watched, self.page = watched, watched.page
        self.base = f"{server.url}/disputes/{case.number}/"
        self.english = language == "en"

    def say(self, zh: str, en: str) -> str:
        return en if self.english else zh

    def open(self, act: str = "") -> Page:
        self.page.goto(self.base + (f"{act}/" if act else ""))
        sound_page(self.watched)
        return self.page

    def press(self, zh: str, en: str, *, link: bool = False) -> None:
        self.page.get_by_role("link" if link else "button", name=self.say(zh, en), exact=True).first.click()
        self.watched.settle()

    def sees(self, zh: str, en: str) -> None:
        expect(self.page.get_by_text(self.say(zh, en)).first).to_be_visible()


def again(case: Case) -> Case:
    return Case.objects.get(pk=case.pk)


@EVERYWHERE
def test_w11_agreeing_shows_the_effect_first_and_refunds_once(
    world: World, at: Clock, browser: Browser, live_server: LiveServer, width: int, language: str
) -> None:
    case = world.admitted(remedy="refund", cause="not_received")
    with signed_in(browser, live_server.url, world.merchant.pk, width=width, language=language) as watched:
        walk = Walk(watched, live_server, case, language)
        walk.open()
        walk.sees("轮到您答辩", "Your turn to respond")
        walk.press("同意诉求", "Agree to the claim", link=True)
        sound_page(watched)
        walk.sees("不计违规分。", "No violation points.")
        button = walk.say("同意并退款 ¥1,299.00", "Agree and refund ¥1,299.00")
        walk.page.get_by_role("button", name=button).dblclick()
        walk.watched.settle()
        walk.sees("支持买家退款 ¥1,299.00。", "The buyer is refunded ¥1,299.00.")
        sound_page(watched)
        walk.open("perform")
        walk.page.get_by_role("button", name=walk.say("支付 ¥1,299.00", "Pay ¥1,299.00")).dblclick()
        expect(walk.page).to_have_url(walk.base)
    assert case.rulings.count() == 1
    assert Refund.objects.filter(order=case.order).count() == 1


@EVERYWHERE
def test_w12_defending_item_by_item_with_one_left_open(
    world: World, at: Clock, browser: Browser, live_server: LiveServer, tmp_path: Path, width: int, language: str
) -> None:
    case = world.admitted(remedy="refund")
    picture = tmp_path / "packing.jpg"
    picture.write_bytes(factories.picture("packing"))
    with signed_in(browser, live_server.url, world.merchant.pk, width=width, language=language) as watched:
        walk = Walk(watched, live_server, case, language)
        page = walk.open("respond")
        page.set_input_files("#f-files", picture)
        expect(page.locator(".upload.is-ok")).to_have_count(1)
        page.locator("[name^=caption-]").fill("打包照片")
        page.locator("#f-statement").fill("商品完好寄出。")
        page.locator("#f-missing_reason").fill("承运人未提供")
        page.get_by_role("button", name=walk.say("暂存", "Save for later")).click()
        watched.settle()
        expect(page.locator("#f-statement")).to_have_value("商品完好寄出。")
        for index, stance in enumerate(["disputed", "accepted"]):
            fold = page.locator(".answerfold").nth(index)
            if fold.get_attribute("open") is None:
                fold.locator("summary").click()
            fold.locator(f"input[value={stance}]").check()
            fold.locator("textarea").fill("出厂检验合格")
        page.locator(".answerfold").first.locator("input[type=checkbox]").first.check()
        sound_page(watched)
        walk.press("检查并提交", "Check and send")
        sound_page(watched)
        walk.sees("买家将看到的内容", "This is what the buyer will see")
        walk.sees("还有 1 件没有回应", "1 item is left open")
        walk.press("提交答辩", "Send the response")
        sound_page(watched)
    assert again(case).state == "awaiting_rebuttal"
    with signed_in(browser, live_server.url, world.buyer.pk, width=width, language=language) as watched:
        walk = Walk(watched, live_server, case, language)
        page = walk.open()
        expect(page.locator("#b1")).to_contain_text("出厂检验合格")
        expect(page.locator("#b1").get_by_role("link", name=walk.say("商1", "M1"))).to_be_visible()
        expect(page.locator("#b3")).to_contain_text(walk.say("商家未回应", "The merchant: not answered"))


@EVERYWHERE
def test_w13_the_deadline_passes_and_all_read_the_same_line(
    world: World, at: Clock, browser: Browser, live_server: LiveServer, width: int, language: str
) -> None:
    case = world.admitted(remedy="refund")
    with signed_in(browser, live_server.url, world.merchant.pk, width=width, language=language) as watched:
        walk = Walk(watched, live_server, case, language)
        page = walk.open("respond")
        page.locator("#f-statement").fill("商品完好寄出。")
        page.locator("#f-statement").blur()
        at.forward(hours=72)
        walk.press("检查并提交", "Check and send")
        walk.open()
        walk.sees("期限已到", "The time is over")
        at.forward(seconds=1, sweep_too=True)
        page = walk.open()
        walk.sees("您的答辩期已结束", "Your time to respond is over")
        expect(page.locator("#kept")).to_contain_text("商品完好寄出。")
        walk.open("respond")
        walk.open("state_late")
        walk.page.locator("#f-statement").fill("当时停电")
        walk.press("提交逾期说明", "Send the late statement")
        sound_page(watched)
    with signed_in(browser, live_server.url, world.buyer.pk, width=width, language=language) as watched:
        walk = Walk(watched, live_server, case, language)
        walk.open()
        walk.sees("商家逾期未举证答辩", "The merchant did not respond in time")
        walk.sees("当时停电", "当时停电")


@EVERYWHERE
def test_w14_an_offer_is_compared_and_accepted(
    world: World, at: Clock, browser: Browser, live_server: LiveServer, width: int, language: str
) -> None:
    case = world.admitted(remedy="refund", amount_fen=20_000)
    with signed_in(browser, live_server.url, world.merchant.pk, width=width, language=language) as watched:
        walk = Walk(watched, live_server, case, language)
        page = walk.open("offer")
        page.locator("#f-amount_fen").fill("80")
        walk.press("发送方案", "Send the offer")
        sound_page(watched)
    with signed_in(browser, live_server.url, world.buyer.pk, width=width, language=language) as watched:
        walk = Walk(watched, live_server, case, language)
        walk.open()
        walk.press("查看和解方案", "See the offer", link=True)
        sound_page(watched)
        for sum_ in ("¥200.00", "¥80.00", "¥120.00"):
            expect(walk.page.get_by_text(re.compile(re.escape(sum_))).first).to_be_visible()
        walk.press("接受 ¥80.00 并和解", "Accept ¥80.00 and settle")
        sound_page(watched)
        walk.sees("等商家履行和解", "Waiting for the merchant to perform the settlement")
    assert again(case).state == "settlement"


@EVERYWHERE
def test_w15_each_side_answers_only_its_own_questions(
    world: World, at: Clock, browser: Browser, live_server: LiveServer, width: int, language: str
) -> None:
    case = world.deliberated(remedy="refund")
    information.ask(
        actor=world.arbiter,
        case_id=case.pk,
        to_buyer=["何时发现裂纹?", "有缓冲材料吗?"],
        to_merchant=["跌落测试记录?", "出库时间?"],
    )
    with signed_in(browser, live_server.url, world.buyer.pk, width=width, language=language) as watched:
        walk = Walk(watched, live_server, case, language)
        walk.open()
        expect(walk.page.get_by_text("跌落测试记录?")).to_have_count(0)
        page = walk.open("answer")
        page.locator("textarea").nth(0).fill("开箱当时")
        walk.press("提交回应", "Send the answers")
        sound_page(watched)
        expect(page.locator("textarea").nth(0)).to_have_value("开箱当时")
        page.locator("textarea").nth(1).fill("有")
        walk.press("提交回应", "Send the answers")
        sound_page(watched)
    with signed_in(browser, live_server.url, world.merchant.pk, width=width, language=language) as watched:
        walk = Walk(watched, live_server, case, language)
        page = walk.open()
        expect(page.get_by_text("开箱当时")).to_have_count(0)
        expect(page.get_by_text("何时发现裂纹?")).to_have_count(0)
        at.forward(hours=72, sweep_too=True)
        page = walk.open()
        expect(page.get_by_text("开箱当时")).to_have_count(0)
        walk.sees("平台正在审理", "The platform is deciding")


@EVERYWHERE
def test_w18_the_ruling_is_read_and_a_review_needs_something_new(
    world: World, at: Clock, browser: Browser, live_server: LiveServer, tmp_path: Path, width: int, language: str
) -> None:
    case = world.ruled(remedy="refund")
    same, fresh = tmp_path / "again.jpg", tmp_path / "report.jpg"
    report = factories.picture("report")
    fresh.write_bytes(report)
    first = case.dossier.items.filter(side="buyer").order_by("exhibit_no").first()
    assert first is not None
    same.write_bytes(original_of(first))
    with signed_in(browser, live_server.url, world.buyer.pk, width=width, language=language) as watched:
        walk = Walk(watched, live_server, case, language)
        page = walk.open("ruling")
        expect(page.locator(".weights > li")).to_have_count(case.dossier.items.filter(state="lodged").count())
        walk.press("申请复审", "Ask for a review", link=True)
        sound_page(watched)
        page.locator("input[name=finding_id]").first.check()
        page.locator("#f-argument").fill("认定有误")
        page.locator("#f-why_not_before").fill("昨日才拿到")
        walk.press("提交复审申请", "Ask for the review")
        sound_page(watched)
        walk.sees("未使用", "not used")
        expect(page.locator("#f-argument")).to_have_value("认定有误")
        page.set_input_files("#f-files", same)
        page.wait_for_selector(".upload.is-ok, .upload.is-bad")
        walk.press("提交复审申请", "Ask for the review")
        sound_page(watched)
        walk.sees("未使用", "not used")
        assert case.reviews.count() == 0
        page.set_input_files("#f-files", fresh)
        expect(page.locator(".upload.is-ok [name='items[]']:checked")).to_have_count(2)
        page.locator(".oldlist").evaluate("node => { node.parentElement.open = true }")
        assert page.locator(".oldlist input:not([disabled])").count() == 0
        walk.press("提交复审申请", "Ask for the review")
        walk.sees("请写明它说明什么", "say what this shows, or choose")
        sound_page(watched)
        page.locator(".field--bad .input").fill("检测报告")
        walk.press("提交复审申请", "Ask for the review")
        sound_page(watched)
        expect(page.locator(".quota")).to_contain_text(walk.say("已使用", "used"))
    assert case.reviews.get().items.count() == 1


def original_of(item: object) -> bytes:
    from evidence.storage import store

    with store().open(item.sha256) as stream:  # type: ignore[attr-defined]
        found: bytes = stream.read()
        return found


def test_pages_are_sound_where_the_platform_and_the_other_side_are_at_work(
    world: World, at: Clock, browser: Browser, live_server: LiveServer
) -> None:
    """A settlement offered while the platform decides, then the ruling: the buyer's phone, in English."""
    case = world.deliberated(remedy="refund")
    settlement.offer(actor=world.merchant, case_id=case.pk, amount_fen=8000)
    with signed_in(browser, live_server.url, world.buyer.pk, width=PHONE, language="en") as watched:
        walk = Walk(watched, live_server, case, "en")
        walk.open()
        walk.open("decline_offer")
        walk.open("withdraw_item")
        walk.open("propose_suspension")
        walk.open("lodge")
        assignment_of(world.arbiter, case)
        rulings.rule(actor=world.arbiter, case_id=case.pk, decision=factories.decision(again(case)))
        at.forward(seconds=60, sweep_too=True)
        walk.open()
        walk.open("ruling")


def assignment_of(arbiter: User, case: Case) -> None:
    if again(case).handler_id != arbiter.pk:
        assignment.take(actor=arbiter, case_id=case.pk)
