"""Filing step by step, and the files of a case, through the HTML door."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from disputes import exhibits
from disputes.models import Case, Draft
from evidence import uploads
from evidence.models import Item
from rulebook.queries import book
from tests import factories
from tests.conftest import Clock, World
from tests.disputes.test_orders_pages import reader, text_of

pytestmark = pytest.mark.django_db

PARTIAL = {"Accept": "text/html+partial"}
SAID = {"what_happened": "11月19日开箱见裂纹", "difference": "商品页写明破损包赔", "wanted": "退货退款"}


def drafted(world: World) -> Case:
    return factories.draft_case(world.buyer, world.merchant, world.order())


def at_check(client: Client, case: Case) -> str:
    """Go through the first four steps; returns the address of the fifth."""
    base = f"/disputes/{case.number}/file/"
    client.post(f"{base}cause/", {"cause": "damaged"})
    client.post(f"{base}claim/", {"remedy": "return_refund", "amount_fen": "1299.00"})
    client.post(f"{base}statement/", SAID)
    client.post(f"{base}evidence/", {})
    return f"{base}check/"


def whole(case: Case, **changes: str) -> dict[str, str]:
    return {
        "cause": "damaged",
        "remedy": "return_refund",
        "amount_fen": "1299.00",
        **SAID,
        "missing_reason": "外箱已丢弃",
        "truth": "true",
        "based_on": str(case.version),
        "idempotency_key": "one",
        **changes,
    }


def test_start_opens_one_draft_and_leads_to_the_first_step(world: World) -> None:
    order = world.order()
    factories.refused_request(world.buyer, world.merchant, order)
    client = reader(world.buyer)
    path = f"/orders/{order.number}/dispute/start/"
    assert "About 6 minutes in 6 short steps" in text_of(client.get(path))
    for key in ("a", "b"):
        answer = client.post(path, {"line_id": str(order.lines.get().pk), "idempotency_key": key}, follow=True)
        case = Case.objects.get()
        assert answer.redirect_chain[-1][0] == f"/disputes/{case.number}/file/cause/"
    assert "Step 1 of 6" in text_of(answer)


def test_start_of_a_closed_gate_says_why_and_takes_a_ground(world: World, at: Clock) -> None:
    order = world.order()
    factories.refused_request(world.buyer, world.merchant, order)
    at.forward(days=16)
    client = reader(world.buyer)
    path, line = f"/orders/{order.number}/dispute/start/", str(order.lines.get().pk)
    refused = client.post(path, {"line_id": line})
    assert (refused.status_code, refused.context["form"].refusal.code) == (409, "inside_filing_window")
    assert client.post(path, {"line_id": line, "exception": "court_document"}).status_code == 302
    assert Case.objects.get().window_exception == "court_document"


def test_answers_survive_back_forward_and_reload(world: World) -> None:
    case = drafted(world)
    client = reader(world.buyer)
    at_check(client, case)
    for step, field, value in (
        ("cause", "cause", "damaged"),
        ("claim", "amount_fen", "1299.00"),
        ("statement", "difference", "商品页写明破损包赔"),
    ):
        page = client.get(f"/disputes/{case.number}/file/{step}/")
        assert page.context["values"][field] == value
    assert client.get(f"/disputes/{case.number}/file/").headers["Location"] == f"/disputes/{case.number}/file/check/"


def test_what_the_merchant_was_told_is_not_asked_again(world: World) -> None:
    case = drafted(world)
    page = reader(world.buyer).get(f"/disputes/{case.number}/file/statement/")
    assert page.context["values"]["what_happened"] == "开箱发现灯座有一道贯穿裂纹"
    page = reader(world.buyer).get(f"/disputes/{case.number}/file/claim/")
    assert (page.context["chosen"], page.context["values"]["amount_fen"]) == ("return_refund", "1299.00")


@pytest.mark.parametrize(
    ("step", "typed", "code"),
    [
        ("cause", {"cause": "nonsense"}, "unknown_cause"),
        ("cause", {"cause": "malicious_review"}, "cause_fits_side"),
        ("claim", {"remedy": "return_refund", "amount_fen": "0"}, "amount_positive"),
        ("claim", {"remedy": "return_refund", "amount_fen": "-1"}, "invalid"),
        ("claim", {"remedy": "return_refund", "amount_fen": "1.005"}, "invalid"),
        ("claim", {"remedy": "return_refund", "amount_fen": "1299.01"}, "amount_within_paid"),
        ("claim", {"remedy": "repair", "amount_fen": "1"}, "remedy_fits_cause"),
        ("statement", {**SAID, "wanted": "看\x00不见"}, "invalid"),
        ("statement", {**SAID, "wanted": "左\u202e右"}, "invalid"),
        ("statement", {**SAID, "wanted": "长" * 501}, "invalid"),
        ("statement", {**SAID, "wanted": "长" * 350_000}, "invalid"),
        ("statement", {**SAID, "wanted": "长" * 450_000}, "draft_too_long"),
    ],
)
def test_bad_step_is_told_and_everything_typed_is_there(
    world: World, step: str, typed: dict[str, str], code: str
) -> None:
    case = drafted(world)
    client = reader(world.buyer)
    at_check(client, case)
    item = factories.add_item(world.buyer, case)
    response = client.post(f"/disputes/{case.number}/file/{step}/", typed)
    assert response.status_code in {413, 422}
    form = response.context["form"]
    assert (form.refusal.code if form.refusal else "invalid") == code
    assert {name: response.context["values"][name] for name in typed} == typed
    assert case.dossier.items.get() == item


# --- an agreed penalty -----------------------------------------------------------------------------------------------
def promised(world: World, cause: str) -> tuple[Case, Client]:
    case = factories.draft_case(world.buyer, world.merchant, world.order(), cause=cause)
    client = reader(world.buyer)
    client.post(f"/disputes/{case.number}/file/cause/", {"cause": cause})
    return case, client


def test_penalty_is_asked_for_only_where_the_cause_foresees_one(world: World) -> None:
    case, client = promised(world, "late_shipment")
    path = f"/disputes/{case.number}/file/claim/"
    page = text_of(client.get(path))
    assert re.findall(r'value="(\w+)" data-opens="penalty"', page) == ["refund"]
    assert 'name="penalty_fen"' in page
    assert '<option value="破损包赔"></option>' in page  # what the listing promised, to choose from
    client.post(f"/disputes/{case.number}/file/cause/", {"cause": "damaged"})
    page = text_of(client.get(path))
    assert ("penalty_fen" in page, "data-opens" in page) == (False, False)


@pytest.mark.parametrize(("cause", "in_its_place"), [("aftersales_breach", True), ("not_received", False)])
def test_amount_of_what_is_sent_again_goes_back_only_where_no_penalty_takes_its_place(
    world: World, cause: str, in_its_place: bool
) -> None:
    case, client = promised(world, cause)
    page = text_of(client.get(f"/disputes/{case.number}/file/claim/"))
    assert ("goes back if it is not sent and you claim no agreed penalty." in page) is in_its_place
    assert ("goes back if it is not sent." in page) is not in_its_place
    on_top = (
        "on top of the refund of goods that you sent in for an exchange or a repair, instead of a refund of what is to"
    )
    assert (on_top in page) is in_its_place


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"penalty_fen": "65", "penalty_ground": " "}, "penalty_ground"),
        ({"penalty_fen": "", "penalty_ground": "逾期赔付"}, "penalty_fen"),
        ({"penalty_fen": "1299.01", "penalty_ground": "逾期赔付"}, "penalty_fen"),
        ({"penalty_fen": "6.555", "penalty_ground": "逾期赔付"}, "penalty_fen"),
        ({"penalty_fen": "65", "penalty_ground": "长" * 201}, "penalty_ground"),
    ],
)
def test_penalty_within_rules_is_told_at_its_field_and_what_was_typed_is_there(
    world: World, typed: dict[str, str], field: str
) -> None:
    case, client = promised(world, "late_shipment")
    path = f"/disputes/{case.number}/file/claim/"
    answer = client.post(path, {"remedy": "refund", "amount_fen": "1299", **typed})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert f'id="f-{field}-e"' in text_of(answer)
    for page in (answer, client.get(path)):
        assert {name: page.context["values"][name] for name in typed} == typed


def test_penalty_claimed_is_checked_again_as_the_other_side_reads_it_and_filed(world: World) -> None:
    case, client = promised(world, "late_shipment")
    base = f"/disputes/{case.number}/file/"
    typed = {"remedy": "refund", "amount_fen": "1299.00", "penalty_fen": "64.95", "penalty_ground": "逾期赔付 5%"}
    assert client.post(f"{base}claim/", typed).headers["Location"] == f"{base}statement/"
    client.post(f"{base}statement/", SAID)
    client.post(f"{base}evidence/", {})
    page = client.get(f"{base}check/")
    assert text_of(page).count("Refund ¥1,299.00 and the agreed penalty of ¥64.95") == 2
    assert text_of(page).count("逾期赔付 5%") == 3  # the answers, the preview, and what is sent
    carried = dict(page.context["carried"])
    sent = whole(case, **{name: value for name, value in carried.items() if value})
    assert client.post(f"{base}check/", sent).status_code == 302
    case.refresh_from_db()
    assert (case.state, case.claim_fen, case.claim_penalty_fen) == ("awaiting_admission", 129_900, 6_495)
    assert case.claim_penalty_ground == "逾期赔付 5%"


def test_penalty_typed_before_another_solution_was_chosen_is_not_claimed(world: World) -> None:
    case, client = promised(world, "late_shipment")
    base = f"/disputes/{case.number}/file/"
    typed = {"remedy": "compensation", "amount_fen": "100", "penalty_fen": "65", "penalty_ground": "逾期赔付"}
    assert client.post(f"{base}claim/", typed).status_code == 302
    client.post(f"{base}statement/", SAID)
    client.post(f"{base}evidence/", {})
    page = client.get(f"{base}check/")
    assert "penalty" not in text_of(page)
    assert not {"penalty_fen", "penalty_ground"} & {name for name, _value in page.context["carried"]}


def test_files_are_received_one_by_one_and_refusals_named(world: World) -> None:
    case = drafted(world)
    client = reader(world.buyer)
    files = [
        factories.upload("裂纹.jpg"),
        factories.upload("病毒.jpg", b"MZ\x90\x00"),
        factories.upload("大图.jpg", b"\xff\xd8\xff" + b"0" * (10 * 1024 * 1024)),
        factories.upload("空.jpg", b""),
        factories.upload("外箱.jpg"),
    ]
    page = client.post(f"/disputes/{case.number}/files/", {"files": files}, follow=True)
    assert sorted(case.dossier.items.values_list("original_name", flat=True)) == ["外箱.jpg", "裂纹.jpg"]
    assert [str(message) for message in page.context["messages"]] == [
        "“病毒.jpg” is not a real JPEG file and was not uploaded.",
        "Photo “大图.jpg” is over 10 MB and was not uploaded.",
        "Photo “空.jpg” is empty and was not uploaded.",
        "2 files were uploaded.",
    ]


def test_script_gets_the_row_of_each_file_once_it_was_checked(world: World) -> None:
    case = drafted(world)
    client = reader(world.buyer)
    path = f"/disputes/{case.number}/files/"
    item, bad = (
        sent_by_script(world, case, data) for data in (factories.picture("裂纹"), factories.picture("x")[:3000])
    )
    page = text_of(client.get(f"/disputes/{case.number}/file/evidence/"))
    assert f'<li class="upload is-busy" id="upload-{item.pk}" data-check="{path}{item.pk}/' in page
    checked = client.post(f"{path}{item.pk}/check/", headers=PARTIAL)
    assert checked.status_code == 200
    assert text_of(checked).startswith(f'<li class="upload is-ok" id="upload-{item.pk}"')
    assert f'name="caption-{item.pk}"' in text_of(checked)
    refused = client.post(f"{path}{bad.pk}/check/", headers=PARTIAL)
    assert refused.status_code == 422
    assert text_of(refused).startswith('<li class="upload is-bad"')
    assert "“裂纹.jpg” is damaged" in text_of(refused)


def sent_by_script(world: World, case: Case, data: bytes) -> Item:
    begun = exhibits.begin_upload(actor=world.buyer, case=case, name="裂纹.jpg", length=len(data), with_bytes=True)
    item = uploads.append(upload=begun, offset=0, pieces=[data], at=begun.begun_at).item
    assert item is not None
    return item


def test_captions_and_slots_are_kept_even_beside_a_bad_one(world: World) -> None:
    case = drafted(world)
    first, second = factories.add_item(world.buyer, case, caption=""), factories.add_item(world.buyer, case, caption="")
    client = reader(world.buyer)
    typed = {f"caption-{first.pk}": "外箱凹陷", f"slot-{first.pk}": "outer_box", f"caption-{second.pk}": "长" * 61}
    response = client.post(f"/disputes/{case.number}/file/evidence/", typed)
    assert (response.status_code, list(response.context["form"].errors)) == (422, [f"caption-{second.pk}"])
    assert Item.objects.values_list("caption", "slot").get(pk=first.pk) == ("外箱凹陷", "outer_box")
    path, fields = f"/disputes/{case.number}/files/?describe", {f"caption-{second.pk}": "裂纹近照"}
    saved = client.post(path, fields, headers={"Accept": "application/json"})
    assert (saved.json(), Item.objects.get(pk=second.pk).caption) == ({"saved_at": "10:00"}, "裂纹近照")
    pressed_enter = client.post(path, {**fields, "next": f"/disputes/{case.number}/file/evidence/"}, follow=True)
    assert [str(message) for message in pressed_enter.context["messages"]] == ["Saved. Nothing was sent."]
    assert case.dossier.items.count() == 2


def test_item_says_what_it_shows_before_the_check_and_nothing_is_lost(world: World) -> None:
    case = drafted(world)
    told, placed, bare = (factories.add_item(world.buyer, case, caption=caption) for caption in ("外箱", "", ""))
    client = reader(world.buyer)
    at_check(client, case)
    path = f"/disputes/{case.number}/file/evidence/"
    assert text_of(client.get(path)).count("Say what this shows, or choose its place in the checklist.") == 3
    typed = {f"caption-{told.pk}": "外箱凹陷", f"slot-{placed.pk}": "outer_box", f"caption-{bare.pk}": " "}
    refused = client.post(path, typed)
    summary = f'<a href="#f-caption-{bare.pk}">“{bare.original_name}”: say what this shows, or choose'
    assert (refused.status_code, refused.context["form"].refusal.code) == (422, "item_says_what_it_shows")
    assert (text_of(refused).count(summary), list(refused.context["form"].errors)) == (1, [f"caption-{bare.pk}"])
    rows = {item.pk: (item.caption, item.slot) for item in case.dossier.items.all()}
    assert rows == {told.pk: ("外箱凹陷", ""), placed.pk: ("", "outer_box"), bare.pk: ("", "")}
    check = f"/disputes/{case.number}/file/check/"
    sent = client.post(check, whole(case))
    assert (sent.status_code, f'<li class="exhibit" id="f-caption-{bare.pk}"' in text_of(sent)) == (422, True)
    assert client.post(path, {f"caption-{bare.pk}": "裂纹"}).headers["Location"] == check
    assert client.post(check, whole(case)).headers["Location"] == f"/disputes/{case.number}/submitted/"


def test_item_without_a_caption_is_shown_by_its_place_to_everybody(world: World) -> None:
    case = world.admitted()
    box = book(case.rulebook_id).cause("damaged").asked_applicant[0]
    item = factories.add_item(world.buyer, case, slot=box["slot"], caption="")
    exhibits.lodge(actor=world.buyer, case_id=case.pk, item_ids=[str(item.pk)])
    pages = dict.fromkeys((world.buyer, world.merchant), f"/disputes/{case.number}/")
    pages |= {world.arbiter: f"/desk/cases/{case.number}/"}
    for person, page in pages.items():
        assert f"<span>{box['en']}</span></h3>" in text_of(reader(person).get(page))
    large = text_of(reader(world.arbiter).get(f"/files/{item.pk}/"))
    assert f"<title>{box['en']}" in large


def test_another_cause_keeps_the_files_and_changes_the_checklist(world: World) -> None:
    case = drafted(world)
    item = factories.add_item(world.buyer, case, slot="outer_box")
    client = reader(world.buyer)
    path = f"/disputes/{case.number}/file/evidence/"
    before = client.get(path).context["uploads"]
    client.post(f"/disputes/{case.number}/file/cause/", {"cause": "not_as_described"})
    after = client.get(path).context["uploads"]
    assert [row["id"] for row in after["rows"]] == [item.pk]
    assert (before["rows"][0]["slot"], after["rows"][0]["slot"]) == ("outer_box", "")
    assert {row["label"] for row in before["slots"]} != {row["label"] for row in after["slots"]}


def test_discarding_one_keeps_what_was_said_about_the_other(world: World) -> None:
    case = drafted(world)
    first, second = factories.add_item(world.buyer, case), factories.add_item(world.buyer, case, caption="")
    client = reader(world.buyer)
    client.post(f"/disputes/{case.number}/files/{first.pk}/discard/", {f"caption-{second.pk}": "裂纹近照"})
    assert list(case.dossier.items.values_list("caption", flat=True)) == ["裂纹近照"]


def test_required_evidence_or_reason_is_asked_at_the_check(world: World) -> None:
    case = drafted(world)
    client = reader(world.buyer)
    path = at_check(client, case)
    refused = client.post(path, whole(case, missing_reason=""))
    assert (refused.status_code, refused.context["form"].refusal.code) == (422, "required_evidence_or_reason")
    page = text_of(refused)
    assert '<a href="#f-missing_reason">3 required items are missing.' in page
    assert "11月19日开箱见裂纹" in page
    sent = client.post(path, whole(case))
    assert sent.headers["Location"] == f"/disputes/{case.number}/submitted/"
    assert Case.objects.get().missing_reason == "外箱已丢弃"


def test_truth_declared_before_sending(world: World) -> None:
    case = drafted(world)
    client = reader(world.buyer)
    path = at_check(client, case)
    refused = client.post(path, whole(case, truth=""))
    assert (refused.status_code, refused.context["form"].errors) == (
        422,
        {"truth": ["Confirm that what you say is true."]},
    )
    assert Case.objects.get().state == "draft"


def test_sending_twice_files_once_and_reload_sends_nothing(world: World) -> None:
    case = drafted(world)
    client = reader(world.buyer)
    path = at_check(client, case)
    for key in ("one", "one", "two"):
        assert client.post(path, whole(case, idempotency_key=key)).headers["Location"].endswith("/submitted/")
    for _ in range(2):
        page = client.get(f"/disputes/{case.number}/submitted/")
        assert case.number in text_of(page)
    filed = Case.objects.get()
    assert (filed.state, filed.version) == ("awaiting_admission", case.version + 1)
    assert not Draft.objects.filter(form=f"case:{case.number}:file").exists()


def test_stale_step_after_sending_shows_what_was_typed(world: World) -> None:
    case = drafted(world)
    client = reader(world.buyer)
    client.post(at_check(client, case), whole(case))
    late = "我后来又想到，包装内没有任何缓冲材料，快递员当时也在场，可以作证。这段写在另一个标签页里，还没有提交。"
    stale = client.post(f"/disputes/{case.number}/file/statement/", {**SAID, "what_happened": late})
    assert stale.status_code == 409
    assert late in text_of(stale)


def test_case_version_current_when_another_tab_changed_it(world: World) -> None:
    case = drafted(world)
    client = reader(world.buyer)
    path = at_check(client, case)
    refused = client.post(path, whole(case, based_on="99"))
    assert (refused.status_code, refused.context["form"].refusal.code) == (409, "case_version_current")
    assert "外箱已丢弃" in text_of(refused)


def test_inside_filing_window_even_at_the_last_step(world: World, at: Clock) -> None:
    case = drafted(world)
    client = reader(world.buyer)
    path = at_check(client, case)
    at.forward(days=16)
    refused = client.post(path, whole(case))
    assert (refused.status_code, refused.context["form"].refusal.code) == (409, "inside_filing_window")
    assert "11月19日开箱见裂纹" in text_of(refused)
    assert Case.objects.get().state == "draft"


def test_draft_is_nobody_elses(world: World) -> None:
    case = drafted(world)
    item = factories.add_item(world.buyer, case)
    for user in (world.merchant, world.other_buyer, world.arbiter):
        client = reader(user)
        assert client.get(f"/disputes/{case.number}/file/").status_code == 404
        assert client.get(f"/disputes/{case.number}/file/check/").status_code == 404
        assert client.post(f"/disputes/{case.number}/files/", {}).status_code == 404
        assert client.post(f"/disputes/{case.number}/files/{item.pk}/discard/").status_code == 404
        assert client.post(f"/drafts/case:{case.number}:file/", {"wanted": "x"}).status_code == 404
    assert case.dossier.items.get() == item


def test_preview_masks_the_name_and_hides_file_names(world: World) -> None:
    case = drafted(world)
    factories.add_item(world.buyer, case, caption="外箱凹陷", text="秘密文件名")
    client = reader(world.buyer)
    page: Any = client.get(at_check(client, case))
    preview = text_of(page).partition('<div class="preview')[2].partition("</details>")[0]
    assert "林**" in preview
    assert "秘密文件名" not in preview
    assert page.context["items"][0]["caption"] == "外箱凹陷"


def test_merchant_files_its_own_causes_after_a_threat(world: World) -> None:
    order = world.order()
    client = reader(world.merchant)
    path = f"/orders/{order.number}/dispute/start/"
    typed = {"line_id": str(order.lines.get().pk), "threatened": "true"}
    number = client.post(path, typed, follow=True).context["case"].number
    page = client.get(f"/disputes/{number}/file/cause/")
    codes = [option["value"] for option in page.context["first"]]
    assert sorted(codes) == ["abusive_claim", "malicious_review", "unreasonable_return"]
    assert Case.objects.get(number=number).applicant_side == "merchant"


def test_merchant_files_to_the_end_what_happened_after_the_order_was_over(world: World) -> None:
    """Nobody wrote to the buyer; the order was completed a month ago. What was said at the start goes all the way."""
    order = world.order(days_ago=40, completed_at=factories.START - timedelta(days=30))
    client = reader(world.merchant)
    path = f"/orders/{order.number}/dispute/start/"
    typed = {"line_id": str(order.lines.get().pk), "threatened": "true", "happened_on": "2026-11-30"}
    wrong = client.post(path, typed)
    assert (wrong.status_code, wrong.context["form"].errors) == (
        422,
        {"happened_on": ["Choose a day between the purchase and today."]},
    )
    assert 'name="happened_on" type="date" value="2026-11-30"' in wrong.content.decode()
    started: Any = client.post(path, typed | {"happened_on": "2026-11-18"}, follow=True)
    case = started.context["case"]
    base = f"/disputes/{case.number}/file/"
    client.post(f"{base}cause/", {"cause": "abusive_claim"})
    client.post(f"{base}claim/", {"remedy": "warning", "amount_fen": ""})
    client.post(f"{base}statement/", SAID)
    client.post(f"{base}evidence/", {})
    page = client.get(f"{base}check/").content.decode()
    carried = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page))
    carried |= dict(re.findall(r'<textarea name="(\w+)" hidden[^>]*>\s*([^<]*)</textarea>', page))
    filed = client.post(f"{base}check/", carried | {"missing_reason": "没有", "truth": "true"})
    assert filed.status_code == 302, text_of(filed)
    case.refresh_from_db()
    assert (case.state, case.threatened, str(case.happened_on)) == ("awaiting_admission", True, "2026-11-18")
    assert client.get(f"/api/v1/cases/{case.number}/").json()["claim"]["happened_on"] == "2026-11-18"
