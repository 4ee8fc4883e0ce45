"""The parties' pages of a case: every state, both sides, both languages; nothing lost, nothing leaked."""

import re
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.translation import gettext as _

from accounts.models import User
from arbitration import remedies, reviews, rulings
from arbitration.operations import OPERATIONS
from arbitration.queries import case_file
from core import clock
from core.errors import Refused
from disputes import drafts, exhibits, settlement
from disputes.lifecycle import TRANSITIONS
from disputes.models import Case, Refund
from disputes.views.acts import PAGES
from disputes.views.turns import outcome
from evidence import items as custody
from evidence.models import Item
from ledger.models import Entry
from notices.sentences import sentence
from tests import factories, stages
from tests.conftest import Clock, World
from tests.evidence import samples
from tests.stages import Stages, again, due, paper

pytestmark = pytest.mark.django_db
HAN = re.compile(r"[\u4e00-\u9fff]")
BY_PLATFORM = {
    "take",
    "release",
    "reassign",
    "admit",
    "refuse",
    "ask",
    "rule",
    "undo_ruling",
    "decide_return",
    "decide_review",
    "set_aside",
    "refuse_set_aside",
    "retry_payment",
}


@pytest.fixture
def built(world: World, at: Clock) -> Stages:
    return Stages(world, at)


def reader(user: User, language: str = "zh-hans") -> Client:
    client = Client()
    client.force_login(user)
    session = client.session
    session["language"] = language
    session.save()
    return client


def url(case: Case, act: str = "") -> str:
    return f"/disputes/{case.number}/{act}/" if act else f"/disputes/{case.number}/"


def text_of(response: Any) -> str:
    found: str = response.content.decode()
    return found


def words(response: Any) -> str:
    """What is read on a page, without its tags."""
    return " ".join(re.sub(r"<[^>]+>", " ", text_of(response)).split())


def hidden(response: Any) -> dict[str, str]:
    """The fields a browser would send unseen: key, version and ids."""
    found = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', text_of(response))
    return {name: value for name, value in found if name != "csrfmiddlewaretoken"}


def put_on_file(buyer: User, case: Case, items: list[Item]) -> None:
    custody.lodge(actor=buyer, dossier=case.dossier, side="buyer", items=items, at=clock.now(), disclosed=True)


# --- every state -----------------------------------------------------------------------------------------------------
@pytest.mark.slow
@pytest.mark.parametrize("stage", stages.NAMES)
def test_pages_of_every_state_open_for_both_sides_in_both_languages(built: Stages, stage: str) -> None:
    """The pages of its acts in the language of one side each; an act of another state has one page like the next."""
    case = getattr(built, stage)()
    built.world.merchant.language = "en"
    for user in (built.world.buyer, built.world.merchant):
        for language in ("zh-hans", "en"):
            client = reader(user, language)
            with CaptureQueriesContext(connection) as asked:
                response = client.get(url(case))
            if case.state == "draft":
                assert response.status_code == (302 if user == built.world.buyer else 404)
                continue
            assert response.status_code == 200
            assert len(asked) <= 15
            page = text_of(response)
            assert ("轮到谁" if language == "zh-hans" else "Whose turn") in page or 'class="turn"' not in page
            here = [act for act in PAGES if case.state in TRANSITIONS[act].sources]
            elsewhere = next(act for act in PAGES if act not in here)
            for act in (*here, elsewhere) if language == user.language else [elsewhere]:
                assert client.get(url(case, act)).status_code in {200, 403}, act


def test_every_act_of_a_party_has_its_page() -> None:
    assert set(PAGES) == set(OPERATIONS) - BY_PLATFORM - {"file"}


def test_case_page_asks_the_database_the_same_for_one_item_and_for_thirty(built: Stages) -> None:
    counts = []
    for extra in (0, 29):
        case = built.ruled()
        more = [paper(built.world.buyer, case) for _ in range(extra)]
        put_on_file(built.world.buyer, case, more)
        client = reader(built.world.merchant)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(url(case)).status_code == 200
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 15


# --- who sees what ---------------------------------------------------------------------------------------------------
def test_strangers_find_nothing_and_staff_go_to_the_desk(built: Stages) -> None:
    case, world = built.admitted(), built.world
    for user in (world.other_buyer, world.other_merchant, world.administrator):
        for page in (url(case), url(case, "ruling"), url(case, "respond")):
            assert reader(user).get(page).status_code == 404
    assert reader(world.arbiter).get(url(case)).headers["Location"] == f"/desk/cases/{case.number}/"
    assert Client().get(url(case)).status_code == 302


def test_the_wrong_side_may_not(built: Stages) -> None:
    case = built.admitted()
    assert reader(built.world.buyer).get(url(case, "respond")).status_code == 403
    assert reader(built.world.merchant).post(url(case, "withdraw"), {}).status_code == 403


def test_nothing_of_a_ruling_is_seen_before_it_is_in_effect(built: Stages) -> None:
    case = built.signed()
    for user in (built.world.buyer, built.world.merchant):
        client = reader(user)
        assert client.get(url(case, "ruling")).status_code == 404
        page = text_of(client.get(url(case)))
        assert "支持您的申请" not in page
        assert "未能证明妥善送达" not in page
        assert "平台正在审理" in page


def test_each_side_reads_only_its_own_questions_and_answers(built: Stages) -> None:
    case = built.answered_by_one()
    buyer, merchant = (text_of(reader(user).get(url(case))) for user in (built.world.buyer, built.world.merchant))
    assert "何时?" in buyer
    assert "昨天" in buyer
    assert "何处?" not in buyer
    assert "何处?" in merchant
    assert "何时?" not in merchant
    assert "昨天" not in merchant


def test_an_offer_that_was_not_accepted_is_never_the_platforms(built: Stages) -> None:
    case = built.offered()
    seen = case_file(built.world.arbiter, case.number, clock.now())
    assert seen.offers == []
    assert [entry.verb for entry in seen.entries if "offer" in entry.verb] == []
    settlement.accept_offer(actor=built.world.buyer, case_id=case.pk, offer_id=case.offers.get().pk)
    assert [row.amount_fen for row in case_file(built.world.arbiter, case.number, clock.now()).offers] == [5000]


def test_the_other_side_is_masked(built: Stages) -> None:
    page = text_of(reader(built.world.merchant).get(url(built.admitted())))
    assert "林**" in page
    assert "林晓" not in page


# --- the response ----------------------------------------------------------------------------------------------------
def response_fields(case: Case, **more: str) -> dict[str, str]:
    items = case.dossier.items.filter(side="buyer").order_by("exhibit_no")
    return {f"answers[{index}].item": str(item.pk) for index, item in enumerate(items)} | more


def test_dispute_needs_reason_and_what_was_typed_stays(built: Stages) -> None:
    case = built.admitted()
    client = reader(built.world.merchant)
    sent = hidden(client.get(url(case, "respond"))) | response_fields(
        case, **{"answers[0].stance": "disputed", "statement": "我们已经寄出。", "missing_reason": "没有"}
    )
    response = client.post(url(case, "respond"), sent)
    page = text_of(response)
    assert response.status_code == 422
    assert 'href="#f-answers-0-reason"' in page
    assert "我们已经寄出。" in page
    assert again(case).state == "awaiting_response"
    kept = drafts.load(user=built.world.merchant, form=f"case:{case.number}:respond")
    assert kept is not None
    assert kept.data["statement"] == ["我们已经寄出。"]


def test_response_is_previewed_then_sent_and_an_open_point_shows_as_not_answered(built: Stages) -> None:
    world = built.world
    case = world.admitted(remedy="refund")
    own = factories.add_item(world.merchant, case, caption="打包照片")
    client = reader(world.merchant)
    fields = response_fields(
        case,
        **{
            "answers[0].stance": "disputed",
            "answers[0].reason": "出厂检验合格",
            "answers[0].support[]": str(own.pk),
            "answers[1].stance": "accepted",
            "statement": "商品完好寄出。",
            "missing_reason": "承运人未提供",
        },
    )
    first = client.post(url(case, "respond"), hidden(client.get(url(case, "respond"))) | fields | {"_check": "1"})
    assert (first.status_code, first.headers["Location"]) == (303, url(case, "respond") + "?check=1")
    check = client.get(first.headers["Location"])
    assert "买家将看到的内容" in text_of(check)
    assert "还有 1 件没有回应" in text_of(check)
    done = client.post(url(case, "respond"), hidden(check))
    assert done.status_code == 303
    assert again(case).state == "awaiting_rebuttal"
    seen = text_of(reader(world.buyer).get(url(case)))
    assert "出厂检验合格" in seen
    assert 'href="#m1">商1</a>' in seen
    assert "商家未回应" in seen
    assert "回应对方的 1 件证据" in seen


def test_files_sent_without_script_come_with_what_was_written(built: Stages) -> None:
    case = built.admitted()
    client = reader(built.world.merchant)
    page = client.get(url(case, "respond"))
    unscripted = text_of(page).split("<noscript>")[1].split("</noscript>")[0]
    assert 'name="files"' in unscripted
    fields = hidden(page) | {"statement": "我们已经寄出。", "_upload": "1"}
    files = [SimpleUploadedFile("发货.jpg", samples.jpeg()), SimpleUploadedFile("bad.jpg", b"MZ not a picture")]
    sent = client.post(url(case, "respond"), fields | {"files": files})
    assert (sent.status_code, sent.headers["Location"]) == (303, url(case, "respond") + "#files")
    kept = client.get(url(case, "respond"))
    assert "我们已经寄出。" in text_of(kept)
    assert "发货.jpg" in text_of(kept)
    assert [(item.side, item.state) for item in case.dossier.items.filter(lodged_at=None)] == [("merchant", "ready")]
    assert again(case).state == "awaiting_response"


def test_files_chosen_at_the_last_button_are_kept_and_nothing_is_sent_unseen(built: Stages) -> None:
    case = built.admitted()
    client = reader(built.world.merchant)
    fields = hidden(client.get(url(case, "respond"))) | {"statement": "我们已经寄出。", "missing_reason": "没有"}
    sent = client.post(url(case, "respond"), fields | {"files": SimpleUploadedFile("发货.jpg", samples.jpeg())})
    assert (sent.status_code, again(case).state) == (303, "awaiting_response")
    draft = drafts.load(user=built.world.merchant, form=f"case:{case.number}:respond")
    assert draft is not None
    assert draft.data["statement"] == ["我们已经寄出。"]
    assert case.dossier.items.get(lodged_at=None, side="merchant").original_name == "发货.jpg"


def test_merchant_shows_a_damaged_return_while_the_ruling_is_carried_out(built: Stages) -> None:
    """A claim that was agreed to is carried out from the first day: the photo on arrival is taken then as well."""
    case = built.return_conceded()
    assert case.state == "enforcing"
    client = reader(built.world.merchant)
    here = url(case, "confirm_return")
    finding = {"finding": "damaged", "note": "外壳开裂"}
    photo = {"_upload": "1", "files": SimpleUploadedFile("到货.jpg", samples.jpeg())}
    assert client.post(here, hidden(client.get(here)) | finding | photo).headers["Location"] == here + "#files"
    again_there = client.get(here)
    assert "到货.jpg" in text_of(again_there)
    item = case.dossier.items.get(side="merchant")
    sent = client.post(here, hidden(again_there) | finding | {f"caption-{item.pk}": "到货时外壳开裂"})
    assert sent.status_code == 303
    remedy = case.remedies.get(kind="return_goods")
    assert (remedy.state, remedy.return_finding) == ("failed", "damaged")
    assert "到货时外壳开裂" in text_of(reader(built.world.buyer).get(url(case)))


def test_file_shows_the_return_while_the_ruling_is_carried_out(built: Stages) -> None:
    case = built.return_conceded()
    photo: dict[str, Any] = {"upload": factories.upload("a.jpg"), "caption": "到货"}
    with pytest.raises(Refused) as refused:
        exhibits.receive(actor=built.world.buyer, case_id=case.pk, **photo)
    assert refused.value.code == "file_shows_the_return"
    built.at.to(due(case, "confirm_return"))
    with pytest.raises(Refused) as refused:
        exhibits.receive(actor=built.world.merchant, case_id=case.pk, **photo)
    assert refused.value.code == "file_shows_the_return"


def test_case_version_current_says_what_changed_and_keeps_the_text(built: Stages) -> None:
    case = built.admitted()
    client = reader(built.world.merchant)
    old = hidden(client.get(url(case, "respond")))
    exhibits.lodge(actor=built.world.buyer, case_id=case.pk, item_ids=[str(paper(built.world.buyer, case).pk)])
    fields = {"statement": "我们已经寄出。", "missing_reason": "没有"}
    response = client.post(url(case, "respond"), old | fields)
    page = text_of(response)
    assert response.status_code == 409
    assert "您打开页面后，案件有了变化" in page
    added = Entry.objects.get(subject=case.subject, verb="lodge")
    assert sentence(added, reader="merchant") in page
    assert "我们已经寄出。" in page
    assert client.post(url(case, "respond"), hidden(response) | fields).status_code == 303


def test_an_expired_form_says_so_keeps_the_text_and_offers_what_remains(built: Stages) -> None:
    case = built.admitted()
    client = reader(built.world.merchant)
    fields = hidden(client.get(url(case, "respond"))) | {"statement": "我们已经寄出。", "missing_reason": "没有"}
    built.at.to(stages.due(case, "response"))
    head = text_of(client.get(url(case)))
    assert "期限已到" in head
    late = client.post(url(case, "respond"), fields)
    assert late.status_code == 409
    assert "我们已经寄出。" in text_of(late)
    built.at.forward(seconds=1, sweep_too=True)
    page = text_of(client.get(url(case)))
    assert "您的答辩期已结束" in page
    assert "我们已经寄出。" in page
    assert url(case, "state_late") in page
    silent = Entry.objects.get(subject=case.subject, verb="response_expired")
    assert sentence(silent, reader="buyer") in text_of(reader(built.world.buyer).get(url(case)))
    over = client.get(url(case, "respond"))
    assert over.status_code == 200
    assert "我们已经寄出。" in text_of(over)
    state = client.get(url(case, "state_late"))
    assert client.post(url(case, "state_late"), hidden(state) | {"statement": "停电"}).status_code == 303
    assert "逾期说明" in text_of(reader(built.world.buyer).get(url(case)))


# --- money -----------------------------------------------------------------------------------------------------------
def test_agreeing_twice_refunds_once(built: Stages) -> None:
    case = built.admitted()
    client = reader(built.world.merchant)
    page = client.get(url(case, "concede"))
    assert "同意并退款 ¥1,299.00" in text_of(page)
    sent = hidden(page)
    assert [client.post(url(case, "concede"), sent).status_code for _ in range(2)] == [303, 303]
    assert client.post(url(case, "concede"), sent | {"idempotency_key": "another"}).status_code == 409
    assert case.rulings.count() == 1
    pay = hidden(client.get(url(case, "perform")))
    assert [client.post(url(case, "perform"), pay).status_code for _ in range(2)] == [303, 303]
    assert Refund.objects.filter(order=case.order).count() == 1


@pytest.mark.parametrize(("typed", "owed"), [("", []), ("12.50", [1_250])])
def test_freight_of_a_return_is_asked_for_with_the_waybill(built: Stages, typed: str, owed: list[int]) -> None:
    case = built.to_ship_back()
    client = reader(built.world.buyer)
    page = client.get(url(case, "ship_back"))
    assert "最多 ¥50.00。退货确认后由商家付给您。" in text_of(page)
    sent = hidden(page) | {"carrier": "顺丰", "waybill": "SF1", "freight_fen": typed}
    assert client.post(url(case, "ship_back"), sent).status_code == 303
    assert list(case.remedies.filter(kind="freight").values_list("amount_fen", flat=True)) == owed
    told = text_of(reader(built.world.merchant).get(url(case, "confirm_return")))
    assert ("您还应返还买家所付的退货运费：¥12.50。" in told) is bool(owed)


def test_an_offer_is_compared_before_it_is_accepted(built: Stages) -> None:
    case = built.offered()
    client = reader(built.world.buyer)
    page = client.get(url(case, "accept_offer"))
    text = text_of(page)
    assert "¥1,299.00" in text
    assert "¥50.00" in text
    assert "¥1,249.00" in text
    assert "不能申请复审" in text
    assert client.post(url(case, "accept_offer"), hidden(page)).status_code == 303
    assert again(case).state == "settlement"


def test_pages_say_who_pays_and_the_merchant_sees_the_number(world: World, at: Clock) -> None:
    case = Stages(world, at).buyer_owes()
    at.to(due(case, "settlement"), sweep_too=True)
    buyer, merchant = reader(world.buyer, "en"), reader(world.merchant, "en")
    form = words(merchant.get(url(case, "offer")))
    assert "The buyer pays the merchant" in form
    assert "The loss claimed is ¥50.00. The buyer pays at most ¥1,299.00, the merchant at most ¥1,299.00." in form
    settlement.offer(actor=world.merchant, case_id=case.pk, amount_fen=3000, payer="buyer", perform_days=2)
    comparison = words(buyer.get(url(case, "accept_offer")))
    for told in (
        "Who pays The buyer pays the merchant",
        "Less than the claim by ¥20.00",
        "You pay the merchant ¥30.00 yourself within 2 days",
        "Agree to pay ¥30.00 and settle",
    ):
        assert told in comparison, told
    settlement.accept_offer(actor=world.buyer, case_id=case.pk, offer_id=case.offers.latest("pk").pk)
    assert "Waiting for the buyer to perform the settlement" in words(merchant.get(url(case)))
    assert "The platform takes it from no card." in words(buyer.get(url(case, "perform_settlement")))
    settlement.perform_settlement(actor=world.buyer, case_id=case.pk, reference="ALIPAY-1")
    assert "Number of the payment ALIPAY-1" in words(merchant.get(url(case)))


# --- ruling and review -----------------------------------------------------------------------------------------------
def test_both_sides_read_the_same_reasons_and_their_own_summary(built: Stages) -> None:
    case = built.ruled()
    buyer, merchant = (
        text_of(reader(user).get(url(case, "ruling"))) for user in (built.world.buyer, built.world.merchant)
    )
    for page in (buyer, merchant):
        assert "支持买家退款 ¥1,299.00。" in page
        assert "门口照片无交接验视;开箱照片与近照一致。" in page
        assert page.count("与承运人记录一致") == case.dossier.items.filter(state="lodged").count()
        assert "周岩" not in page
    assert "支持您的申请。" in buyer
    assert "支持您的申请。" not in merchant
    assert "未能证明妥善送达。" in merchant


def old_news(built: Stages) -> tuple[Case, Client, dict[str, str], dict[str, str]]:
    """A ruled case, its buyer, a request for a review that brings only what is on file, and the form's own fields."""
    case, buyer = built.ruled(), built.world.buyer
    put_on_file(buyer, case, [paper(buyer, case, content="report")])
    same = paper(buyer, case, content="report")
    client = reader(buyer)
    page = client.get(url(case, "request_review"))
    assert "不算新证据" in text_of(page)
    assert "第一次机会保留" in text_of(page)
    finding = case.rulings.get(state="in_effect").findings.get()
    fields = {"finding_id": str(finding.pk), "argument": "认定有误", "why_not_before": "昨日才拿到"}
    return case, client, fields | {"items[]": str(same.pk)}, hidden(page)


def test_review_needs_new_evidence_same_bytes_are_not_new_and_once_use_nothing_up(built: Stages) -> None:
    case, client, fields, first = old_news(built)
    buyer = built.world.buyer
    refused = client.post(url(case, "request_review"), first | fields)
    assert refused.status_code == 422
    assert "认定有误" in text_of(refused)
    assert "再次无新证据申请" in text_of(refused)
    assert case.reviews.count() == 0
    fresh = paper(buyer, case)
    done = client.post(url(case, "request_review"), hidden(refused) | fields | {"items[]": str(fresh.pk)})
    assert done.status_code == 303
    assert "已使用" in text_of(client.get(url(case)))


def test_review_used_up_by_asking_twice_without_new_evidence_says_so_and_keeps_what_was_typed(built: Stages) -> None:
    case, client, fields, first = old_news(built)
    refused = client.post(url(case, "request_review"), first | fields)
    tapped_again = client.post(url(case, "request_review"), first | fields)
    assert (tapped_again.status_code, case.turned_away.count()) == (409, 1)
    built.at.forward(minutes=2)
    over = client.post(url(case, "request_review"), hidden(refused) | fields)
    assert over.status_code == 409
    shown = text_of(over)
    assert "两次无新证据申请复审" in shown
    assert "认定有误" in shown
    page = text_of(client.get(url(case)))
    assert "两次无新证据申请复审" in page
    assert "您无新证据申请复审，未予接收" in page
    assert case.reviews.count() == 0


def test_head_of_a_performed_case_names_nobody_a_time_that_is_not_theirs(built: Stages) -> None:
    case, world = built.ruled(), built.world
    remedies.perform(actor=world.merchant, case_id=case.pk, remedy_id=stages.step(case, "refund"))

    def said(user: User) -> str:
        label = outcome.decided(case_file(user, case.number, clock.now())).due_label
        assert label in text_of(reader(user).get(url(case)))
        return label

    def ask_with_nothing_new(user: User) -> None:
        for _try in range(2):
            reviews.turn_away(actor=user, case_id=case.pk)
            built.at.forward(minutes=2)

    both = (world.buyer, world.merchant)
    assert [said(user) for user in both] == ["可申请复审至", "可申请复审至"]
    ask_with_nothing_new(world.buyer)
    assert [said(user) for user in both] == ["对方可申请复审至", "可申请复审至"]
    ask_with_nothing_new(world.merchant)
    assert [said(user) for user in both] == ["结案时间", "结案时间"]


def test_review_is_answered_on_a_page_that_shows_all_that_is_asked(built: Stages) -> None:
    case = built.in_review()
    page = text_of(reader(built.world.buyer).get(url(case, "answer_review")))
    new = case.reviews.get().items.get()
    finding = case.reviews.get().finding
    assert finding is not None
    shown = ("商家认为有误的认定", finding.issue, finding.reason, "新报告与认定相反", "报告昨日才出具", new.caption)
    assert [text for text in shown if text not in page] == []


def test_a_replaced_ruling_stays_readable_and_marked(built: Stages) -> None:
    case = built.overturn(built.ruled())
    page = text_of(reader(built.world.buyer).get(url(case, "ruling")))
    assert "不支持买家的诉求。" in page
    assert "已不再有效，仍可查阅" in page
    assert "支持买家退款 ¥1,299.00。" in page


def test_a_case_not_accepted_says_why_and_what_is_possible(built: Stages) -> None:
    page = text_of(reader(built.world.buyer).get(url(built.not_admitted())))
    assert "超过期限" in page
    assert "AD-01" in page
    assert "前再次申请" in page


def test_english_pages_speak_english(built: Stages) -> None:
    """What is left in Chinese is what people wrote."""
    case = built.ruled()
    client = reader(built.world.merchant, "en")
    for page in (url(case), url(case, "ruling"), url(case, "request_review"), url(case, "perform")):
        found = text_of(client.get(page))
        assert "Waiting" in found or "Your turn" in found
        assert not HAN.search("".join(re.findall(r"<h2[^>]*>([^<]*)<", found)))


def test_closed_acts_are_listed_with_their_reason(built: Stages) -> None:
    case = built.ruled()
    rulings.acknowledge(actor=built.world.buyer, case_id=case.pk)
    page = text_of(reader(built.world.buyer).get(url(case)))
    assert "目前不能做的" in page
    assert str(_("You have already confirmed this.")) in page
