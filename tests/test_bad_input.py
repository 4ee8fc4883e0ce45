"""Bad input through both doors: a clear error that names what is wrong; what was typed and uploaded is still there."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils.html import escape

from accounts.models import AccessKey, User
from core import clock
from disputes import drafts, exhibits, filing
from disputes.models import Case, Draft, Offer, Order, Statement
from evidence.models import Item
from tests import factories
from tests.conftest import Clock, World
from tests.forms import FormClient
from tests.stages import Stages, due, paper

pytestmark = pytest.mark.django_db
KEPT = "我们已按地址寄出,物流单号 SF1234567。"


@pytest.fixture(autouse=True)
def _nobody_counted_yet() -> None:
    cache.clear()


def page_of(user: User) -> Client:
    client = FormClient(raise_request_exception=False, headers={"accept-language": "en"})
    client.force_login(user)
    return client


def program(user: User) -> Callable[..., Any]:
    secret = AccessKey.issue(label="test", user=user)[1]

    def post(path: str, document: Any, key: str = "k", **headers: str) -> Any:
        sent = {"authorization": f"Bearer {secret}", "idempotency-key": key, "accept-language": "en", **headers}
        return Client(raise_request_exception=False).post(
            f"/api/v1/{path}", json.dumps(document), content_type="application/json", headers=sent
        )

    return post


@pytest.fixture
def case(world: World, at: Clock) -> Case:
    """It waits for the merchant's response, for which one paper is uploaded and not sent."""
    case = Stages(world, at).admitted()
    paper(world.merchant, case)
    return case


def untouched(case: Case, *, items: int = 1) -> bool:
    """Nothing was said or offered, and the uploaded papers wait to be sent as before."""
    waiting = Item.objects.filter(dossier=case.dossier, side="merchant", state="ready").count()
    said = Statement.objects.filter(case=case).exists() or Offer.objects.filter(case=case).exists()
    return (waiting, said, Case.objects.get(pk=case.pk).state) == (items, False, "awaiting_response")


# --- texts ------------------------------------------------------------------------------------------------------------
TEXTS = {
    "a megabyte": ("长" * 350_000, 422),
    "more than is kept": ("长" * 450_000, 413),
    "200,000 characters": ("长" * 199_000, 422),
    "one too many": ("长" * 3001, 422),
    "NUL": ("看\x00不见", 422),
    "bidi": ("左\u202e右", 422),
    "half a pair": ("半\ud800个", 422),
    "nothing": ("", 422),
    "blanks": (" \n\t", 422),
}


@pytest.mark.parametrize("name", [name for name in TEXTS if name != "half a pair"])  # no form can send it
def test_bad_text_on_a_page_is_named_and_shown_again(world: World, case: Case, name: str) -> None:
    typed, status = TEXTS[name]
    answer = page_of(world.merchant).post(
        f"/disputes/{case.number}/respond/", {"statement": typed, "missing_reason": KEPT, "idempotency_key": "one"}
    )
    assert answer.status_code == status
    assert untouched(case)
    shown = answer.content.decode()
    assert KEPT in shown
    assert typed.strip("\0 \n\t") in shown
    assert "statement" in answer.context["form"].errors
    assert 'id="f-statement-e"' in shown
    if status == 422:
        kept = drafts.load(user=world.merchant, form=f"{case.subject}:respond")
        assert kept is not None
        assert kept.data["statement"] == [typed.replace("\x00", "␀")]


@pytest.mark.parametrize("name", TEXTS)
def test_bad_text_of_a_program_is_named_by_its_field(world: World, case: Case, name: str) -> None:
    typed = TEXTS[name][0]
    answer = program(world.merchant)(f"cases/{case.number}/respond/", {"statement": typed, "missing_reason": KEPT})
    error = answer.json()["error"]
    if name in {"a megabyte", "more than is kept"}:
        assert (answer.status_code, error["code"]) in {(413, "request_too_large"), (422, "invalid")}
    elif name == "half a pair":
        assert (answer.status_code, error["code"]) == (400, "parse_error")
    else:
        assert (answer.status_code, set(error["fields"])) == (422, {"statement"})
    assert untouched(case)


@pytest.mark.parametrize(
    "typed", ["<script>alert(1)</script>", "😡👨\u200d👩\u200d👧", "'; DROP TABLE x; --", "{{ 7*7 }}%s"]
)
def test_strange_text_is_plain_text_through_both_doors(world: World, case: Case, typed: str) -> None:
    said = program(world.merchant)(f"cases/{case.number}/respond/", {"statement": typed, "missing_reason": KEPT})
    assert said.status_code == 200
    assert Statement.objects.get(case=case, stage="response").text == typed
    page = page_of(world.buyer).get(f"/disputes/{case.number}/").content.decode()
    assert (escape(typed) in page, "<script>alert" in page) == (True, False)


LONG_TEXTS = [
    ("draft", "buyer", "disputes/{0.number}/file/statement", "what_happened"),
    ("draft", "buyer", "disputes/{0.number}/file/check", "missing_reason"),
    ("admitted", "merchant", "disputes/{0.number}/respond", "answers[0].reason"),
    ("admitted", "merchant", "disputes/{0.number}/offer", "conditions"),
    ("asked", "buyer", "disputes/{0.number}/answer", "answers[0]"),
    ("ruled", "merchant", "disputes/{0.number}/request_review", "argument"),
    ("draft", "buyer", "orders/{0.order.number}/after-sales", "reason"),
    ("deliberated", "arbiter", "desk/cases/{0.number}/ask", "why"),
    ("deliberated", "arbiter", "desk/cases/{0.number}/ask", "to_buyer[]"),
    ("deliberated", "arbiter", "desk/cases/{0.number}/rule/preview", "summary_applicant"),
    ("deliberated", "arbiter", "desk/cases/{0.number}/rule/preview", "findings[0].reason"),
    ("deliberated", "arbiter", "desk/cases/{0.number}/rule/preview", "weights[2].reason"),
    ("taken", "arbiter", "desk/cases/{0.number}/refuse/preview", "reason"),
]


@pytest.mark.parametrize(("stage", "who", "path", "field"), LONG_TEXTS)
def test_megabyte_in_a_field_is_refused_under_it_and_kept(
    world: World, at: Clock, stage: str, who: str, path: str, field: str
) -> None:
    case, typed = getattr(Stages(world, at), stage)(), "长" * 350_000
    form = {"cause": "not_received", "findings[0].issue": "是否收到？", field: typed, "idempotency_key": "one"}
    answer = page_of(getattr(world, who)).post(f"/{path.format(case)}/", form)
    shown, errors = answer.content.decode(), answer.context["form"].errors
    assert (answer.status_code, typed in shown) == (422, True)
    (said,) = errors.get(field) or errors[field.removesuffix("[]")]
    assert "no more than" in said
    assert re.search(rf'<p class="err"[^>]*><svg.*?</svg><span>{said}</span>', shown[shown.index(typed) :])
    assert Draft.objects.get(user=getattr(world, who)).data[field] == [typed]


# --- amounts ----------------------------------------------------------------------------------------------------------
AMOUNTS = [
    ("0", 0, "offer_says_something"),
    ("-1", -1, "invalid"),
    ("1299.01", 129_901, "amount_within_paid"),
    ("1.005", 1.005, "invalid"),
    ("NaN", "NaN", "invalid"),
    ("1e9", "1e9", "invalid"),
    ("99999999999999999999", 10**30, "invalid"),
]


@pytest.mark.parametrize(("typed", "sent", "code"), AMOUNTS)
def test_bad_amount_is_refused_through_both_doors(world: World, case: Case, typed: str, sent: Any, code: str) -> None:
    answer = page_of(world.merchant).post(
        f"/disputes/{case.number}/offer/",
        {"amount_fen": typed, "conditions": "", "valid_hours": "12", "perform_days": "3", "idempotency_key": "one"},
    )
    assert (answer.status_code, answer.context["form"].refusal.code) == (422, code)
    assert "amount_fen" in answer.context["form"].errors
    assert f'value="{typed}"' in answer.content.decode()
    told = program(world.merchant)(f"cases/{case.number}/offer/", {"amount_fen": sent})
    assert (told.status_code, "amount_fen" in told.json()["error"]["fields"]) == (422, True)
    assert untouched(case)


# --- whose, when, how often -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("who", ["other_buyer", "other_merchant", "administrator"])
def test_foreign_case_is_answered_like_one_that_is_not_there(world: World, case: Case, who: str) -> None:
    user = getattr(world, who)
    client, post = page_of(user), program(user)
    nowhere = "DC-2026-0101-0000"
    fields = {"statement": "x", "missing_reason": "y", "idempotency_key": "one"}
    assert [client.post(f"/disputes/{number}/respond/", fields).status_code for number in (case.number, nowhere)] == (
        [404] * 2
    )
    theirs, none = (post(f"cases/{number}/respond/", fields) for number in (case.number, nowhere))
    assert (theirs.status_code, theirs.content) == (404, none.content)
    assert untouched(case)


def test_second_submit_of_the_same_form_does_it_once(world: World, case: Case) -> None:
    client, post = page_of(world.merchant), program(world.agent)
    fields = {"amount_fen": "50.00", "conditions": "", "valid_hours": "12", "perform_days": "3"}
    path = f"/disputes/{case.number}/offer/"
    answers = [client.post(path, fields | {"idempotency_key": "one"}).status_code for _time in range(2)]
    assert (answers, Offer.objects.count()) == ([303, 303], 1)
    other = client.post(path, fields | {"idempotency_key": "two", "conditions": KEPT})
    assert (other.status_code, Offer.objects.count()) == (409, 1)
    assert KEPT in other.content.decode()
    Offer.objects.all().delete()
    told = [post(f"cases/{case.number}/offer/", {"amount_fen": 5000}, key="same") for _time in range(2)]
    assert ([one.status_code for one in told], Offer.objects.count()) == ([200, 200], 1)
    assert told[0].json() == told[1].json()


def test_stale_form_is_told_what_changed_and_keeps_the_text(world: World, case: Case) -> None:
    seen, more = case.version, paper(world.buyer, case)
    exhibits.lodge(actor=world.buyer, case_id=case.pk, item_ids=[str(more.pk)])
    fields = {"statement": KEPT, "missing_reason": "没有", "idempotency_key": "one", "based_on": str(seen)}
    answer = page_of(world.merchant).post(f"/disputes/{case.number}/respond/", fields)
    assert (answer.status_code, answer.context["form"].refusal.code) == (409, "case_version_current")
    assert KEPT in answer.content.decode()
    told = program(world.merchant)(
        f"cases/{case.number}/respond/", {"statement": KEPT, "missing_reason": "没有", "based_on": seen}
    )
    assert (told.status_code, told.json()["error"]["code"]) == (409, "case_version_current")
    assert untouched(case)


def test_form_sent_after_its_clock_keeps_the_text_and_says_what_remains(world: World, case: Case, at: Clock) -> None:
    at.to(due(case, "response"))
    fields = {"statement": KEPT, "missing_reason": "没有", "idempotency_key": "one"}
    answer = page_of(world.merchant).post(f"/disputes/{case.number}/respond/", fields)
    assert (answer.status_code, KEPT in answer.content.decode()) == (409, True)
    told = program(world.merchant)(f"cases/{case.number}/respond/", {"statement": KEPT, "missing_reason": "没有"})
    assert (told.status_code, told.json()["error"]["code"]) == (409, "respond_before_due")
    assert untouched(case)
    kept = drafts.load(user=world.merchant, form=f"{case.subject}:respond")
    assert kept is not None
    assert kept.data["statement"] == [KEPT]


# --- rules that are not in force --------------------------------------------------------------------------------------
def test_rule_version_in_force_or_no_case_is_begun(world: World) -> None:
    """Before the first version no case can be begun; what was negotiated stays."""
    order: Order = world.order()
    factories.refused_request(world.buyer, world.merchant, order)
    line = order.lines.get()
    with clock.frozen(datetime(2024, 12, 31, 15, 59, tzinfo=UTC)):
        told = program(world.buyer)(f"orders/{order.number}/cases/", {"line_id": line.pk})
        shown = page_of(world.buyer).post(
            f"/orders/{order.number}/dispute/start/", {"line_id": str(line.pk), "idempotency_key": "one"}
        )
    assert (told.status_code, told.json()["error"]["code"]) == (422, "rule_version_in_force")
    assert shown.status_code == 422
    assert not Case.objects.exists()
    assert order.after_sales.get().state == "refused"
    assert filing.start(actor=world.buyer, order_id=order.pk, line_id=line.pk).state == "draft"


@pytest.mark.parametrize(("path", "status"), [("rules/v99/", 404), ("rules/RU-03/v99/", 404), ("rules/XX-99/", 404)])
def test_rules_of_no_version_are_not_there(db: None, path: str, status: int) -> None:
    assert Client().get(f"/{path}").status_code == status


# --- files ------------------------------------------------------------------------------------------------------------
FILES = {
    "wrong bytes": (
        "收据.jpg",
        b"MZ\x90\x00" + bytes(100),
        "file_content_mismatch",
        "“收据.jpg” is not a real JPEG file and was not uploaded.",
    ),
    "empty": ("收据.jpg", b"", "file_empty", "Photo “收据.jpg” is empty and was not uploaded."),
    "oversize": (
        "收据.jpg",
        b"\xff\xd8\xff" + bytes(10 * 1024 * 1024),
        "file_too_large",
        "Photo “收据.jpg” is over 10 MB and was not uploaded.",
    ),
    "hostile name": (
        "..\u202e/../<script>.exe",
        b"MZ",
        "file_type_refused",
        "“<script>.exe” was not uploaded. Use a photo (JPEG, PNG, WebP, HEIC, GIF), a PDF, a video (MP4, MOV, WebM) "
        "or a chat export (TXT, CSV, JSON).",
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_bad_file_is_refused_through_both_doors_and_what_was_there_stays(world: World, case: Case, name: str) -> None:
    file, data, code, sentence = FILES[name]
    client = page_of(world.merchant)
    both = [factories.upload("好.jpg"), factories.upload(file, data)]
    answer = client.post(f"/disputes/{case.number}/files/", {"files": both}, follow=True)
    page = answer.content.decode()
    assert [str(said) for said in answer.context["messages"]] == [sentence, "1 file was uploaded."]
    assert escape(sentence) in page
    assert "<script>.exe" not in page
    assert untouched(case, items=2)
    secret = AccessKey.issue(label="test", user=world.merchant)[1]
    told = Client().post(
        f"/api/v1/cases/{case.number}/files/",
        {"file": factories.upload(file, data)},
        headers={"authorization": f"Bearer {secret}", "idempotency-key": "k"},
    )
    assert (told.status_code in {413, 422}, told.json()["error"]["code"]) == (True, code)
    assert untouched(case, items=2)


def test_message_that_cannot_be_sent_keeps_its_words(world: World) -> None:
    request = factories.request(world.buyer, order := world.order())
    path = f"/orders/{order.number}/after-sales/{request.pk}/write/"
    typed = "长" * 3001
    answer = page_of(world.merchant).post(path, {"text": typed, "send": "1", "idempotency_key": "one"})
    assert (answer.status_code, typed in answer.content.decode()) == (422, True)
    assert not request.messages.exists()
