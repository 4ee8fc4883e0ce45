"""What the platform decides, walked to its end: a refusal, read by the buyer; an acceptance; a ruling for a part."""

import re

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from arbitration import admission, assignment
from disputes.models import Case, Deadline
from tests.browser import DESK, EVERYWHERE, Watched, signed_in, sound_page
from tests.conftest import Clock, World

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.django_db(transaction=True)]
REASON = "没有破损近照。补充照片后可以重新提交。"


def sees(page: Page, *texts: str) -> None:
    for text in texts:
        expect(page.get_by_text(text).first).to_be_visible()


@EVERYWHERE
def test_w9_a_refusal_says_why_by_which_clause_and_what_can_be_done_until_when(
    world: World, at: Clock, browser: Browser, live_server: LiveServer, width: int, language: str
) -> None:
    case = assignment.take(actor=world.arbiter, case_id=world.filed().pk)
    admission.refuse(actor=world.arbiter, case_id=case.pk, ground="evidence", clause="AD-01", reason=REASON)
    english = language == "en"
    with signed_in(browser, live_server.url, world.buyer.pk, width=width, language=language) as watched:
        page = watched.page
        page.goto(f"{live_server.url}/notifications/")
        sound_page(watched)
        page.locator(f"a[href*='{case.number}']").first.click()
        page.wait_for_url(f"**/disputes/{case.number}/**")
        sound_page(watched)
        sees(page, REASON, "AD-01")
        until = "5 Dec 2026" if english else "2026年12月5日 10:00（北京时间）"
        expect(page.locator("#refusal .effects li").first).to_contain_text(until)
        page.locator("#refusal .effects a").first.click()
        page.wait_for_url(f"**/orders/{case.order.number}/**")
        sound_page(watched)
        expect(page.locator("section.status").first).to_be_visible()


@EVERYWHERE
def test_w10_the_merchant_is_told_and_reads_until_when_and_what_it_costs(
    world: World, at: Clock, browser: Browser, live_server: LiveServer, width: int, language: str
) -> None:
    case = assignment.take(actor=world.arbiter, case_id=world.filed(remedy="refund").pk)
    admission.admit(actor=world.arbiter, case_id=case.pk)
    english = language == "en"
    with signed_in(browser, live_server.url, world.merchant.pk, width=width, language=language) as watched:
        page = watched.page
        page.goto(f"{live_server.url}/notifications/")
        expect(page.locator(f"a[href*='{case.number}']").first).to_be_visible()
        sound_page(watched)
        page.goto(f"{live_server.url}/store/cases/")
        group = page.locator("section.sheet", has=page.get_by_text(case.number))
        expect(group.get_by_role("heading")).to_contain_text("Within 48 hours" if english else "48 小时内")
        expect(group).to_contain_text("¥1,299.00")
        sound_page(watched)
        group.locator("a").first.click()
        page.wait_for_url(f"**/disputes/{case.number}/**")
        sound_page(watched)
        head = page.locator("section.status").first
        for said in (
            ("22 Nov, 10:00", "2 days left", "Beijing time") if english else ("11月22日 10:00", "还剩 2 天", "北京时间")
        ):
            expect(head).to_contain_text(said)
        sees(page, "¥1,299.00")
        page.goto(f"{live_server.url}/disputes/{case.number}/concede/")
        sees(page, "No violation points." if english else "不计违规分。")
        sound_page(watched)


@EVERYWHERE
def test_a_supervisor_meets_the_clocks_that_stopped_first_and_gives_them_back(
    world: World, at: Clock, browser: Browser, live_server: LiveServer, width: int, language: str
) -> None:
    cases = [world.admitted(), world.admitted()]
    Deadline.objects.filter(case__in=cases, kind="response").update(parked_because="KeyError: 'response'")
    at.forward(days=3, sweep_too=True)
    with signed_in(browser, live_server.url, world.supervisor.pk, width=width, language=language) as watched:
        page = watched.page
        page.goto(f"{live_server.url}/desk/queue/")
        again = page.get_by_role("button", name="Run again" if language == "en" else "重新执行")
        for left in (2, 1):
            expect(again).to_have_count(left)
            sound_page(watched)
            again.first.click()
            watched.settle()
        expect(again).to_have_count(0)
        sound_page(watched)
    at.forward(seconds=1, sweep_too=True)
    assert all(Case.objects.get(pk=case.pk).by_default for case in cases)


@pytest.mark.parametrize(("width", "language"), [(DESK, "zh-hans"), (1440, "en")])
def test_w17_a_partial_refund_by_two_clauses_is_capped_previewed_undone_and_effective(
    world: World, at: Clock, browser: Browser, live_server: LiveServer, width: int, language: str
) -> None:
    case, english = world.deliberated(remedy="refund", cause="damaged"), language == "en"
    preview = "Preview" if english else "预览"
    with signed_in(browser, live_server.url, world.arbiter.pk, width=width, language=language) as watched:
        page = watched.page
        page.goto(f"{live_server.url}/desk/cases/{case.number}/")
        missing = page.locator("[data-missing] [data-list]")
        expect(missing.locator("a")).not_to_have_count(0)
        for number in range(3):
            _choose(page, f"[name='findings[{number}].result'][value=upheld]")
            page.locator(f"[name='findings[{number}].reason']").fill("证据一致")
        for field in page.locator("select[name$='.met']").all():
            field.select_option("not_met")
        for number in range(page.locator(".dex [name$='.weight'][value=full]").count()):
            _choose(page, f".dex [name$='.weight'][value=full] >> nth={number}")
        for field in page.locator(".dex [name$='.reason']").all():
            field.fill("一致")
        result = page.locator("#result")
        expect(result.locator(".calc")).to_contain_text("1,299.00")
        expect(result.locator(".picks--clauses li").first).to_have_text(re.compile(rf"^CA-08.*v{case.rulebook_id}$"))
        expect(page.locator("#clause-list li").filter(has_not_text=f"v{case.rulebook_id}")).to_have_count(0)
        page.locator("#clause-picker summary").click()
        page.locator("#clause-list input[value='RU-03']").check()
        page.locator("#f-amount_fen").fill("1299.01")
        expect(missing.locator("a")).to_have_text(
            ["amount, at most ¥1,299.00" if english else "金额（不超过 ¥1,299.00）"]
        )
        _press(watched, preview)
        expect(page.locator("[href='#f-amount_fen']").first).to_be_visible()
        assert not case.rulings.exists()
        page.locator("#f-amount_fen").fill("299.99")
        expect(missing).to_have_text(
            "Nothing is missing. Look at the preview." if english else "没有缺项，请查看预览。"
        )
        _press(watched, preview)
        page.wait_for_url("**/rule/preview/")
        buyer, merchant = (page.locator(f"#r-{side}").locator("..") for side in ("buyer", "merchant"))
        expect(buyer).to_contain_text("¥299.99")
        expect(merchant).to_contain_text("¥299.99")
        assert buyer.inner_text() != merchant.inner_text()
        sound_page(watched)
        page.get_by_role("button", name="Sign and send" if english else "签署并发送").click()
        page.wait_for_url(f"**/{case.number}/")
        sound_page(watched)
        _press(watched, "Take.*back" if english else "撤回")
        assert [row.state for row in case.rulings.all()] == ["undone"]
        expect(page.locator("#f-amount_fen")).to_have_value("299.99")
        _press(watched, preview)
        page.wait_for_url("**/rule/preview/")
        page.get_by_role("button", name="Sign and send" if english else "签署并发送").click()
        page.wait_for_url(f"**/{case.number}/")
    at.forward(seconds=60, sweep_too=True)
    ruling = Case.objects.get(pk=case.pk).rulings.get(state="in_effect")
    assert (ruling.amount_fen, ruling.outcome, sorted(row["code"] for row in ruling.clauses)) == (
        29_999,
        "partial",
        ["CA-08", "RU-03"],
    )
    assert [(row.kind, row.amount_fen) for row in case.remedies.all()] == [("refund", 29_999)]


def _choose(page: Page, radio: str) -> None:
    """By its label, as a hand does: what is pressed has stopped moving and nothing lies over it."""
    page.locator(radio).locator("xpath=ancestor::label").click()
    expect(page.locator(radio)).to_be_checked()


def _press(watched: Watched, name: str) -> None:
    watched.page.get_by_role("button", name=re.compile(name)).first.click()
    watched.settle()
