"""The arbiters' desk over HTTP: who may enter, what stands there, and that nothing typed is lost."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from accounts import second_factor
from accounts.models import User
from arbitration import (
    assignment,
    decisions,
    desk_case,
    information,
    remedies,
    reviews,
    rulings,
    setaside,
    waiting,
    weighing,
)
from arbitration.queries import case_file
from arbitration.waiting import Filters
from core import clock
from core.errors import Refused
from disputes import filing, settlement
from disputes.models import Case, Deadline, Draft
from ledger.models import Entry
from tests import factories, stages
from tests.conftest import Clock, World
from tests.stages import Stages, verdict

pytestmark = pytest.mark.django_db

Enter = Callable[..., Client]


@pytest.fixture
def enter() -> Enter:
    """A browser in which the person has signed in with everything asked of them; English unless told."""

    def sign_in(user: User, language: str = "en") -> Client:
        client = Client(headers={"accept-language": language})
        client.force_login(user)
        session = client.session
        second_factor.mark_passed(session, user)
        session.save()
        return client

    return sign_in


def url(case: Case, *parts: str) -> str:
    return "/".join([f"/desk/cases/{case.number}", *parts, ""])


def text(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def hidden(response: Any) -> dict[str, list[str]]:
    """The hidden fields of the form that sends: names with all their values."""
    form = response.content.decode().split('class="sendbar"', 1)[1]
    fields: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form):
        fields.setdefault(name, []).append(value)
    return fields


def filled(case: Case, **overrides: Any) -> dict[str, Any]:
    """A complete ruling as the desk's form posts it."""
    fields: dict[str, Any] = {
        "based_on": case.version,
        "clauses[]": ["CA-08", "RU-03"],
        "remedy": "refund",
        "amount_fen": "600.00",
        "freight_by": "respondent",
        "points": "1",
    }
    for index, issue in enumerate(["商品是否破损，程度如何？", "破损是否发生在签收之前？", "如何处理？"]):
        prefix = f"findings[{index}]"
        fields |= {f"{prefix}.issue": issue, f"{prefix}.result": "partly", f"{prefix}.reason": f"理由{index}"}
    for step, side in enumerate(("merchant", "buyer")):
        prefix = f"findings[1].burden[{step}]"
        fields |= {f"{prefix}.side": side, f"{prefix}.text": "证明签收时的状况", f"{prefix}.met": "not_met"}
    fields |= {"findings[20].issue": "", "findings[20].reason": ""}
    for item in decisions.on_file(case):
        prefix = f"weights[{2 * (item.exhibit_no or 0) + (item.side == 'merchant')}]"
        fields |= {f"{prefix}.weight": "part", f"{prefix}.reason": f"只证明外观 {item.side}{item.exhibit_no}"}
    return {**fields, **overrides}


# --- Who may enter ---------------------------------------------------------------------------------------------------
def test_desk_does_not_exist_for_anybody_but_the_platforms_readers(world: World, enter: Enter) -> None:
    case = world.filed()
    for user in (world.buyer, world.merchant, world.other_buyer, world.administrator):
        client = enter(user)
        for page in ("/desk/queue/", url(case), url(case, "refuse"), url(case, "rule", "preview")):
            assert client.get(page).status_code == 404, (user, page)
        assert client.post("/desk/next/").status_code == 404
        assert client.post(url(case, "take")).status_code == 404
    assert Client().get("/desk/queue/").status_code == 302


def test_desk_opens_for_arbiter_supervisor_and_auditor(world: World, enter: Enter) -> None:
    case = world.filed()
    for user in (world.arbiter, world.supervisor, world.auditor):
        assert enter(user).get("/desk/queue/").status_code == 200
        assert enter(user).get(url(case)).status_code == 200


def test_auditor_reads_only_and_each_reading_is_recorded(world: World, enter: Enter) -> None:
    case = world.filed()
    client = enter(world.auditor)
    page = client.get(url(case))
    assert "You can read this case, not decide it." in text(page)
    assert "Take the case" not in text(page)
    assert "Take and open it" not in text(client.get("/desk/queue/"))
    assert client.post(url(case, "take")).status_code == 403
    assert client.post("/desk/next/").headers["Location"] == "/desk/queue/"
    reading = Entry.objects.get(subject=case.subject, verb="case_read")
    assert (reading.actor, reading.role, reading.audience) == (world.auditor, "auditor", "platform")


def test_desk_is_closed_to_an_arbiter_who_is_a_side(world: World, enter: Enter) -> None:
    case = world.filed()
    world.buyer.staff_role = "arbiter"
    world.buyer.save()
    client = enter(world.buyer)
    assert client.get(url(case)).status_code == 404
    assert case.number not in text(client.get("/desk/queue/?holder=all"))


def test_other_arbiter_sees_who_holds_the_case(world: World, enter: Enter) -> None:
    case = world.deliberated()
    page = text(enter(world.second_arbiter).get(url(case)))
    assert "周岩 has held this case since 20 Nov, 10:00. You can read it." in page
    assert "Preview" not in page.split("Shortcuts")[0]
    assert enter(world.second_arbiter).post(url(case, "take")).status_code == 409


# --- The queue -------------------------------------------------------------------------------------------------------
def test_queue_counts_queries_the_same_for_one_row_and_thirty(world: World, enter: Enter) -> None:
    case = world.filed()
    client = enter(world.arbiter)
    with CaptureQueriesContext(
        connection,
    ) as one:
        assert case.number in text(client.get("/desk/queue/"))
    for _ in range(3):
        world.filed()
    with CaptureQueriesContext(connection) as many:
        assert client.get("/desk/queue/").status_code == 200
    assert len(one) == len(many) <= 8, [query["sql"] for query in many]


def test_queue_finds_the_next_case_on_its_page_as_the_next_button_does(world: World) -> None:
    held, given_back, free = (world.filed() for _ in range(3))
    for case in (held, given_back):
        assignment.take(actor=world.arbiter, case_id=case.pk)
    assignment.release(actor=world.arbiter, case_id=given_back.pk, reason="time")
    for user, expected in ((world.arbiter, free), (world.second_arbiter, given_back)):
        rows = [row for group in waiting.queue(user, Filters(), clock.now()).groups for row in group.rows]
        found = waiting.first_free(rows)
        assert found is not None
        assert [row.pk for row in waiting.next_free(user, clock.now(), limit=1)] == [found.pk]
        assert found.number == expected.number


def test_queue_groups_by_urgency_and_keeps_what_is_past_its_target(world: World, at: Clock, enter: Enter) -> None:
    first = world.filed()
    at.forward(hours=23)
    second = world.filed()
    groups = waiting.queue(world.arbiter, Filters(), clock.now()).groups
    assert [(group.key, [row.number for row in group.rows]) for group in groups] == [
        ("soon", [first.number]),
        ("later", [second.number]),
    ]
    at.forward(hours=2, sweep_too=True)
    groups = waiting.queue(world.arbiter, Filters(), clock.now()).groups
    assert [(group.key, group.count) for group in groups] == [("overdue", 1), ("later", 1)]
    page = text(enter(world.arbiter).get("/desk/queue/"))
    assert "Past the target 1 case" in page
    at.forward(hours=24, sweep_too=True)
    assert "Escalated" in text(enter(world.arbiter).get("/desk/queue/"))


def test_queue_counts_the_soonest_where_it_stops_counting(
    world: World, at: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    at.forward(hours=1)
    later = [world.filed() for _ in range(2)]
    Deadline.objects.filter(case__in=later).update(due_at=at.moment + timedelta(days=3))
    late = world.filed()
    Deadline.objects.filter(case=late).update(due_at=at.moment - timedelta(hours=1))
    monkeypatch.setattr(waiting, "COUNTED", 1)
    if connection.vendor == "postgresql":  # the planner's usual choice for a small table happens to be in this order
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_indexscan = off; SET LOCAL enable_bitmapscan = off")
    page = waiting.queue(world.arbiter, Filters(), clock.now())
    assert (page.counts["overdue"], page.total, page.more) == (1, 1, True)


def test_queue_filters_stand_in_the_query_string(world: World, enter: Enter) -> None:
    damaged, late = world.filed(), world.filed(cause="quality_visible")
    held = world.deliberated()
    client = enter(world.second_arbiter)

    def numbers(query: str) -> set[str]:
        body = client.get(f"/desk/queue/?{query}").content.decode().split("<table")
        return set(re.findall(r"DC-[\d-]+", body[1])) if len(body) > 1 else set()

    assert numbers("") == {damaged.number, late.number}
    assert numbers("holder=all") == {damaged.number, late.number, held.number}
    assert numbers("holder=mine") == set()
    assert numbers("holder=all&kind=ruling") == {held.number}
    assert numbers("cause=quality_visible") == {late.number}
    assert numbers(f"q={damaged.order.number}") == {damaged.number}
    assert client.get(f"/desk/queue/?q={held.number}").headers["Location"] == url(held)


def test_queue_pages_by_position_forth_and_back(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = [world.filed().number for _ in range(3)]
    monkeypatch.setattr(waiting, "PAGE", 2)

    def shown(**position: str) -> tuple[list[Any], waiting.Queue]:
        page = waiting.queue(world.arbiter, Filters(), clock.now(), **position)
        return [row.number for group in page.groups for row in group.rows], page

    first, page = shown()
    assert (first, page.previous, bool(page.following)) == (cases[:2], "", True)
    second, later = shown(after=page.following)
    assert (second, bool(later.previous), later.following) == (cases[2:], True, "")
    assert shown(before=later.previous)[0] == cases[:2]


def test_queue_shows_reviews_defaults_and_returns_beside_first_cases(world: World, at: Clock, enter: Enter) -> None:
    returned = world.ruled(remedy="return_refund")
    back = returned.remedies.get(kind="return_goods")
    remedies.ship_back(actor=world.buyer, case_id=returned.pk, remedy_id=back.pk, carrier="顺丰", waybill="SF1")
    factories.add_item(world.merchant, returned, caption="箱内是砖头")
    remedies.confirm_return(
        actor=world.merchant, case_id=returned.pk, remedy_id=back.pk, finding="empty", note="箱内是砖头"
    )
    kinds = Deadline.objects.filter(state="open", kind__in=Deadline.TARGETS).values_list("kind", "case")
    assert list(kinds) == [("return_target", returned.pk)]
    client = enter(world.second_arbiter)
    assert "Return is disputed" in text(client.get("/desk/queue/"))
    assert "箱内是砖头" in text(client.get(url(returned)))
    sent = client.post(
        url(returned, "decide_return"), {"remedy_id": back.pk, "accepted": "false", "reason": "开箱视频一镜到底"}
    )
    assert sent.status_code == 303
    assert not Deadline.objects.filter(state="open", kind="return_target").exists()


def test_next_takes_the_first_free_case_and_skips_what_others_hold(world: World, at: Clock, enter: Enter) -> None:
    first = world.filed()
    at.forward(hours=1)
    second = world.filed()
    at.forward(hours=1)
    third = world.filed()
    assignment.take(actor=world.second_arbiter, case_id=first.pk)
    client = enter(world.arbiter)
    assert client.post("/desk/next/").headers["Location"] == url(second)
    assert Case.objects.get(pk=second.pk).handler == world.arbiter
    refused = client.post(url(second, "release"), {"reason": ""})
    assert (refused.status_code, "Say why you give the case back." in text(refused)) == (422, True)
    assert client.post(url(second, "release"), {"reason": "认识卖家"}).status_code == 422
    given_back = client.post(url(second, "release"), {"reason": "interest"})
    assert given_back.headers["Location"] == "/desk/queue/"
    kept = Entry.objects.get(subject=second.subject, verb="release")
    assert (kept.facts["reason"], kept.audience) == ("interest", "platform")
    assert "I know one of the sides, or have an interest" in text(client.get(url(second)))
    assert client.post("/desk/next/").headers["Location"] == url(third)
    assert client.post("/desk/next/").headers["Location"] == "/desk/queue/"
    assert enter(world.second_arbiter).post("/desk/next/").headers["Location"] == url(second)


# --- Preliminary review ----------------------------------------------------------------------------------------------
def test_triage_shows_every_condition_with_fact_and_clause(world: World, enter: Enter) -> None:
    case = world.filed()
    page = text(enter(world.arbiter).get(url(case)))
    for line in (
        "Asked the other side first Asked 20 Nov, 10:00: ¥1,299.00",
        "Filed in time Filed 20 Nov, 10:00; the window closes 5 Dec, 10:00",
        "No other case about this item is open",
        "Required evidence: 3 of 3",
        "GT-01 v2",
        "商品已签收,无法确认破损时间",
        "Has not been told of the case yet",
    ):
        assert line in page, line


def test_clause_that_is_not_in_force_is_named_in_the_form_and_everything_typed_is_there(
    world: World, enter: Enter
) -> None:
    case = world.deliberated()
    client = enter(world.arbiter)
    fields = filled(case, **{"clauses[]": ["CA-08", "XX-99"], "findings[0].reason": "外箱与灯座的照片一致"})
    given = {name: [text] for name, text in fields.items() if name.endswith(".reason") and text}
    for page in (client.post(url(case, "rule", "preview"), fields), client.get(url(case, "rule", "preview"))):
        assert page.status_code == 422
        assert page.context["form"].errors == {"clauses": ["Version 2 of the rules has no clause XX-99."]}
        picker = page.content.decode().split('id="f-clauses"')[1]
        assert "has no clause XX-99." in picker[: picker.index('name="clauses[]"')]
        assert {name: page.context["form"].values[name] for name in given} == given
        assert "外箱与灯座的照片一致" in page.content.decode()
    assert client.post(url(case, "rule", "preview"), {**fields, "clauses[]": ["CA-08"]}).status_code == 302


@pytest.mark.parametrize("met", ["met", "partly"])
def test_silence_meets_no_burden_on_the_page_or_in_the_verb(world: World, at: Clock, enter: Enter, met: str) -> None:
    case = Stages(world, at, "damaged", "return_refund").defaulted()
    fields = filled(case, remedy="return_refund") | {
        "findings[1].burden[0].met": met,
        "findings[1].burden[1].met": "met",
    }
    client = enter(world.arbiter)
    page = client.post(url(case, "rule", "preview"), fields)
    said = ["This side did not respond, so its burden counts as not met."]
    assert (page.status_code, page.context["form"].errors) == (422, {"findings[1].burden[0].met": said})
    field = page.content.decode().split('id="f-findings-1-burden-0-met"')[1]
    assert said[0] in field[: field.index("</li>")]
    decision = factories.decision(case)
    finding = replace(decision.findings[0], burden=[{"side": "merchant", "text": "妥善送达", "met": met}])
    with pytest.raises(Refused) as refused:
        rulings.rule(actor=world.arbiter, case_id=case.pk, decision=replace(decision, findings=[finding]))
    assert refused.value.code == "silence_meets_no_burden"
    assert refused.value.fields == {"findings[0].burden[0].met": said}
    fields["findings[1].burden[0].met"] = "not_met"
    assert client.post(url(case, "rule", "preview"), fields).status_code == 302


def test_silent_side_can_meet_its_burden_in_the_review_it_asked_for(world: World, at: Clock) -> None:
    stage = Stages(world, at)
    case = stage.answer_and_take(stage.review(stage.ruled_on_default(), world.merchant))
    decision = factories.decision(case, remedy="", amount_fen=0, points=0)
    finding = replace(decision.findings[0], burden=[{"side": "merchant", "text": "妥善送达", "met": "met"}])
    new = replace(decision, findings=[finding])
    reviews.decide_review(actor=world.second_arbiter, case_id=case.pk, **verdict(case, "overturn", ruling=new))
    assert case.rulings.get(state="in_effect").outcome == "for_respondent"


def test_refusal_by_a_clause_that_is_not_in_force_shows_its_form_again(world: World, enter: Enter) -> None:
    case = world.filed()
    assignment.take(actor=world.arbiter, case_id=case.pk)
    client = enter(world.arbiter)
    fields = {"ground": "evidence", "clause": "XX-99", "reason": "没有破损近照。"}
    for page in (client.post(url(case, "refuse", "preview"), fields), client.get(url(case, "refuse", "preview"))):
        assert page.status_code == 422
        assert page.context["form"].errors == {"clause": ["Version 2 of the rules has no clause XX-99."]}
        field = page.content.decode().split('id="f-clause"')[1]
        assert "has no clause XX-99." in field[: field.index('id="f-reason"')]
        assert "没有破损近照。</textarea>" in page.content.decode()
        assert '<option value="evidence" selected>' in page.content.decode()


def test_refusal_is_read_in_the_preview_before_it_is_sent(world: World, enter: Enter) -> None:
    case = world.filed()
    client = enter(world.arbiter)
    client.post(url(case, "take"))
    case.refresh_from_db()
    fields = {"ground": "evidence", "clause": "AD-01", "reason": "没有破损近照。", "based_on": case.version}
    direct = client.post(url(case, "refuse"), fields)
    assert (direct.status_code, "Look at the preview first" in text(direct)) == (409, True)
    preview = client.post(url(case, "refuse", "preview"), fields, follow=True)
    page = text(preview)
    assert "Your case was not accepted." in page
    assert "No evidence of the claim at all" in page
    assert "没有破损近照。" in page
    assert "AD-01 v2" in page
    changed = {**hidden(preview), "reason": "别的理由"}
    assert client.post(url(case, "refuse"), changed).status_code == 409
    assert "别的理由" in text(client.get(url(case, "refuse", "preview")))
    client.post(url(case, "refuse", "preview"), fields)
    assert client.post(url(case, "refuse"), hidden(client.get(url(case, "refuse", "preview")))).status_code == 303
    case.refresh_from_db()
    assert (case.state, case.refusal_code, case.refusal_reason) == ("not_admitted", "evidence", "没有破损近照。")


def test_accepting_says_what_follows_and_does_it(world: World, enter: Enter) -> None:
    case = world.filed()
    client = enter(world.arbiter)
    client.post(url(case, "take"))
    page = text(client.get(url(case, "admit")))
    assert "Its time to respond runs until 22 Nov 2026, 10:00 (Beijing time)." in page
    assert client.post(url(case, "admit"), {}).status_code == 303
    case.refresh_from_db()
    assert (case.state, case.handler) == ("awaiting_response", None)


# --- Asking ----------------------------------------------------------------------------------------------------------
def test_asking_both_sides_pauses_the_clock_and_is_limited(world: World, at: Clock, enter: Enter) -> None:
    case = world.deliberated()
    client = enter(world.arbiter)
    page = text(client.get(url(case, "ask")))
    assert "Answers are due 21 Nov 2026, 22:00 (Beijing time)." in page
    assert page.count("Add the following, or say why you do not have it:") == 6
    empty = client.post(url(case, "ask"), {"to_buyer[]": ["", ""], "to_merchant[]": [""]})
    assert (empty.status_code, "Write at least one question." in text(empty)) == (422, True)
    sent = client.post(url(case, "ask"), {"to_buyer[]": ["外箱六面照？", ""], "to_merchant[]": ["打包视频？"]})
    assert sent.status_code == 303
    page = text(client.get(url(case)))
    assert "Clock paused" in page
    assert "外箱六面照？" in page
    information.answer(actor=world.buyer, case_id=case.pk, answers=["已补"])
    at.forward(hours=36, sweep_too=True)
    page = text(client.get(url(case)))
    assert "Not answered in time: decided on what there is." in page
    assert "已补" in page
    information.ask(actor=world.arbiter, case_id=case.pk, to_buyer=["再问"])
    at.forward(hours=36, sweep_too=True)
    third = client.get(url(case, "ask"))
    assert (third.status_code, "a supervisor can ask again" in text(third)) == (409, True)


# --- Ruling ----------------------------------------------------------------------------------------------------------
BURDENS = ["Buyer: burden met?", "Merchant: burden met?"]


def test_ruling_page_lists_what_is_missing_item_by_item(world: World, enter: Enter) -> None:
    case = world.deliberated()
    client = enter(world.arbiter)
    page = client.get(url(case))
    lacking = re.findall(r'<a href="#f-(?:findings|weights)[^"]+">([^<]+)</a>', page.content.decode())
    weighed = [f"{mark}: {what}" for mark in ("B1", "B2", "B3", "M1") for what in ("weight", "reason")]
    found = [f"Issue {n}: {what}" for n in (1, 2, 3) for what in ("finding", "reason")]
    assert lacking == found[:4] + BURDENS + found[4:] + weighed
    posted = client.post(
        url(case, "rule", "preview"), {**filled(case), "weights[3].reason": "", "amount_fen": "1299.01"}
    )
    assert posted.status_code == 422
    assert "Every weight needs its reason, in one line." in text(posted)
    assert "At most ¥1,299.00 can go back" in text(posted)
    assert 'value="1299.01"' in posted.content.decode()
    assert "理由2" in posted.content.decode()


def test_ruling_is_previewed_for_each_side_sent_undone_and_restored(world: World, at: Clock, enter: Enter) -> None:
    case = world.deliberated()
    client = enter(world.arbiter)
    assert client.post(url(case, "rule"), filled(case)).status_code == 409
    preview = client.post(url(case, "rule", "preview"), filled(case), follow=True)
    buyer, merchant = preview.content.decode().split('id="r-merchant"')
    assert "Your claim is granted in part: Refund, ¥600.00." in buyer.split('id="r-buyer"')[1]
    assert "The claim is granted in part: Refund, ¥600.00." in merchant
    assert "Your claim" not in merchant.split("sendbar")[0]
    assert "CA-08 v2" in buyer
    sent = client.post(url(case, "rule"), hidden(preview))
    assert sent.headers["Location"] == url(case)
    ruling = case.rulings.get()
    assert (ruling.state, ruling.amount_fen, ruling.findings.count(), ruling.weights.count()) == (
        "waiting",
        60_000,
        3,
        4,
    )
    assert client.post(url(case, "rule"), hidden(preview)).status_code == 303
    assert case.rulings.count() == 1
    page = client.get(url(case))
    assert "The ruling takes effect at 10:01:00" in text(page)
    assert client.post(url(case, "undo_ruling"), {}).status_code == 303
    ruling.refresh_from_db()
    assert ruling.state == "undone"
    restored = client.get(url(case)).content.decode()
    assert "理由2" in restored
    assert 'value="600.00"' in restored
    assert "Nothing is missing. Look at the preview." in restored
    again = client.get(url(case, "rule", "preview"))
    assert client.post(url(case, "rule"), hidden(again)).status_code == 303
    at.forward(seconds=60, sweep_too=True)
    case.refresh_from_db()
    assert (case.state, case.outcome) == ("ruled", "")
    late = client.post(url(case, "undo_ruling"), {})
    assert (late.status_code, "This is not possible now: the case stands at “Ruled”." in text(late)) == (409, True)


@pytest.mark.parametrize("previewed", ["", "nonsense"])
def test_preview_first_or_nothing_is_sent_and_the_text_kept(
    world: World, at: Clock, enter: Enter, previewed: str
) -> None:
    case = world.deliberated()
    client = enter(world.arbiter)
    answer = client.post(url(case, "rule"), filled(case) | {"previewed": previewed})
    assert (answer.status_code, "Look at the preview first" in text(answer)) == (409, True)
    assert not case.rulings.exists()
    kept = client.get(url(case)).content.decode()
    assert ("理由0" in kept, "只证明外观" in kept) == (True, True)


def test_ruling_on_a_changed_case_says_what_changed_and_keeps_the_text(world: World, enter: Enter) -> None:
    case = world.deliberated()
    client = enter(world.arbiter)
    preview = client.post(url(case, "rule", "preview"), filled(case), follow=True)
    factories.add_item(world.merchant, case, caption="快递员证言")
    from disputes import exhibits

    ready = exhibits.ready(case, "merchant")
    exhibits.lodge(actor=world.merchant, case_id=case.pk, item_ids=[str(item.pk) for item in ready])
    conflict = client.post(url(case, "rule"), hidden(preview))
    assert conflict.status_code in {409, 422}
    assert "理由2" in conflict.content.decode()
    case.refresh_from_db()
    assert case.rulings.count() == 0
    assert Draft.objects.filter(user=world.arbiter, form=f"{case.subject}:rule").exists()
    settlement.offer(
        actor=world.merchant, case_id=case.pk, amount_fen=8_000, conditions="", perform_days=3, valid_hours=24
    )
    case.refresh_from_db()
    complete = client.post(url(case, "rule", "preview"), filled(case), follow=True)
    stale = {**hidden(complete), "based_on": [str(case.version - 1)]}
    conflict = client.post(url(case, "rule"), stale)
    assert conflict.status_code == 409
    assert "The case has changed since you opened it." in text(conflict)
    assert "¥80.00" not in text(conflict)
    assert client.post(url(case, "rule"), hidden(conflict)).status_code == 303


def test_points_after_fault_only_a_dismissed_claim_is_cleared_of_what_the_form_began_with(
    world: World, enter: Enter
) -> None:
    """Without script too: points and the merchant's freight stand in the form, and are neither shown nor kept."""
    case = world.deliberated()
    client = enter(world.arbiter)
    preview = client.post(url(case, "rule", "preview"), filled(case, remedy=""), follow=True)
    assert "Return freight" not in text(preview)
    assert client.post(url(case, "rule"), hidden(preview)).status_code == 303
    ruling = case.rulings.get()
    assert (ruling.outcome, ruling.points, ruling.freight_by, ruling.amount_fen) == ("for_respondent", 0, "none", 0)


def test_penalty_is_asked_for_only_where_its_cause_foresees_one_and_read_in_the_preview(
    world: World, enter: Enter, at: Clock
) -> None:
    case, plain = Stages(world, at, "late_shipment").deliberated(), world.deliberated()
    client = enter(world.arbiter)
    assert "penalty_fen" not in client.get(url(plain)).content.decode()
    assert 'name="penalty_fen" value="0.00"' in client.get(url(case)).content.decode()
    typed = filled(case, **{"clauses[]": ["CA-06"], "amount_fen": "1299", "penalty_fen": "64.95"})
    lacking = client.post(url(case, "rule", "preview"), typed)
    assert "Name the promise that the penalty rests on." in text(lacking)
    preview = client.post(url(case, "rule", "preview"), {**typed, "penalty_ground": "逾期赔付 5%"}, follow=True)
    assert text(preview).count("On top comes an agreed penalty of ¥64.95.") >= 2
    assert client.post(url(case, "rule"), hidden(preview)).status_code == 303
    ruling = case.rulings.get()
    assert (ruling.amount_fen, ruling.penalty_fen, ruling.penalty_ground) == (129_900, 6_495, "逾期赔付 5%")


@pytest.mark.parametrize(
    ("remedy", "sentence", "named"),
    [
        (
            "repair",
            "If it is not done in time, the platform refunds the goods and pays the agreed penalty of ¥64.95 on top.",
            "or else a refund and the agreed penalty",
        ),
        (
            "resend",
            "If it is not done in time, the platform pays the agreed penalty of ¥64.95 instead.",
            "or else the agreed penalty",
        ),
    ],
)
def test_penalty_in_case_something_is_not_done_is_asked_for_and_read_as_such(
    world: World, enter: Enter, at: Clock, remedy: str, sentence: str, named: str
) -> None:
    case = Stages(world, at, "aftersales_breach", remedy).deliberated()
    client = enter(world.arbiter)
    page = client.get(url(case)).content.decode()
    assert '<label for="f-penalty_fen">If it is not done in time ¥</label>' in page
    asked = {"remedy": remedy, "points": "2", "penalty_fen": "64.95", "penalty_ground": "逾期赔付 5%"}
    typed = filled(case, **{"clauses[]": ["CA-12"], **asked})
    preview = client.post(url(case, "rule", "preview"), typed, follow=True)
    assert text(preview).count(sentence) > 1
    assert named in text(preview)
    assert ("On top comes" in text(preview), "Goes back" in text(preview)) == (False, False)


def test_ruling_summaries_start_from_the_decision(world: World, enter: Enter) -> None:
    case = world.deliberated()
    client = enter(world.arbiter, "zh-CN")
    answer = client.post(url(case, "rule", "preview"), {**filled(case), "compose": "1"})
    assert answer.headers["Location"] == f"{url(case)}#summaries"
    page = client.get(url(case)).content.decode()
    assert "部分支持您的诉求：退款，¥600.00。" in page
    assert "部分支持对方的诉求：退款，¥600.00。" in page
    assert "适用条款：CA-08 v2、RU-03 v2。" in page


def test_summaries_of_a_decision_that_cannot_be_read_are_not_written_and_say_why(world: World, enter: Enter) -> None:
    case = world.deliberated()
    reason = "外箱与灯座的照片一致"
    fields = filled(case, **{"clauses[]": ["CA-08", "XX-99"], "findings[0].reason": reason})
    page = enter(world.arbiter).post(url(case, "rule", "preview"), {**fields, "compose": "1"})
    assert page.status_code == 422
    assert page.context["form"].errors == {"clauses": ["Version 2 of the rules has no clause XX-99."]}
    assert reason in page.content.decode()


def test_default_is_said_in_the_silent_sides_column(world: World, at: Clock, enter: Enter) -> None:
    case = world.admitted()
    at.forward(hours=48, sweep_too=True)
    assignment.take(actor=world.arbiter, case_id=case.pk)
    page = enter(world.arbiter, "zh-CN").get(url(case))
    assert "商家逾期未举证" in text(page)
    assert "期限于 11月22日 10:00 届满" in text(page)
    assert '<option value="not_met" selected>' in page.content.decode()


def test_offers_are_never_on_the_desk(world: World, enter: Enter) -> None:
    case = world.deliberated()
    settlement.offer(
        actor=world.merchant, case_id=case.pk, amount_fen=8_000, conditions="不再追究", perform_days=3, valid_hours=24
    )
    page = text(enter(world.arbiter).get(url(case)))
    assert "¥80.00" not in page
    assert "不再追究" not in page
    assert "Offer a settlement" not in page


def test_desk_counts_queries_the_same_for_one_item_and_many(world: World, enter: Enter) -> None:
    case = world.deliberated()
    client = enter(world.arbiter)
    client.get(url(case))
    with CaptureQueriesContext(connection) as few:
        assert client.get(url(case)).status_code == 200
    with_more = world.admitted()
    for number in range(6):
        factories.add_item(world.buyer, with_more, caption=f"补充 {number}")
    from disputes import exhibits, rebuttal, response

    ready = exhibits.ready(with_more, "buyer")
    exhibits.lodge(actor=world.buyer, case_id=with_more.pk, item_ids=[str(item.pk) for item in ready])
    factories.add_item(world.merchant, with_more, caption="打包照片")
    response.respond(
        actor=world.merchant,
        case_id=with_more.pk,
        statement="合格",
        answers=factories.answers_to(with_more, "merchant"),
        missing_reason="承运人未提供",
    )
    rebuttal.skip(actor=world.buyer, case_id=with_more.pk)
    assignment.take(actor=world.arbiter, case_id=with_more.pk)
    with CaptureQueriesContext(connection) as many:
        assert client.get(url(with_more)).status_code == 200
    assert len(few) == len(many) <= 20, [query["sql"][:90] for query in many]


# --- Review, default, suspension, reassignment -----------------------------------------------------------------------
def asked_review(world: World) -> Case:
    case = world.ruled(remedy="refund", cause="quality_visible")
    item = factories.add_item(world.merchant, case, caption="检测报告")
    reviews.request_review(
        actor=world.merchant,
        case_id=case.pk,
        finding_id=case.rulings.get().findings.get().pk,
        argument="检测报告显示裂纹为使用造成",
        why_not_before="报告昨天才出具",
        item_ids=[str(item.pk)],
    )
    return Case.objects.get(pk=case.pk)


def test_other_arbiter_on_review_is_required_with_its_reason(world: World, at: Clock, enter: Enter) -> None:
    case = asked_review(world)
    page = text(enter(world.arbiter).get(url(case)))
    assert "You decided in this case before, so somebody else decides now." in page
    assert enter(world.arbiter).post(url(case, "take")).status_code == 403
    assert enter(world.arbiter).post("/desk/next/").headers["Location"] == "/desk/queue/"


def test_review_is_decided_from_its_preview_and_the_new_item_is_marked(world: World, at: Clock, enter: Enter) -> None:
    case = asked_review(world)
    at.forward(hours=48, sweep_too=True)
    client = enter(world.second_arbiter)
    assert client.post("/desk/next/").headers["Location"] == url(case)
    page = text(client.get(url(case)))
    assert "检测报告 New in review" in page
    assert "检测报告显示裂纹为使用造成" in page
    assert "The ruling under review, read only" in page
    answer = {"answers[0].decision": "overturn", "answers[0].reason": "报告可信"}
    assert client.post(url(case, "decide_review", "preview"), answer).status_code == 422
    upheld = {"answers[0].decision": "uphold", "answers[0].reason": "报告未说明送检样品来源"}
    unweighed = client.post(url(case, "decide_review", "preview"), {**upheld, "findings[20].issue": ""})
    assert unweighed.status_code == 422
    (new,) = weighing.new_on_file(case)
    place = f"weights[{2 * (new.exhibit_no or 0) + 1}]"
    assert f'href="#f-{place.replace("[", "-").strip("]")}-weight"' in unweighed.content.decode()
    upheld |= {f"{place}.weight": "none", f"{place}.reason": "无送检记录"}
    preview = client.post(url(case, "decide_review", "preview"), upheld, follow=True)
    assert "On the request of the merchant Ruling stands 报告未说明送检样品来源" in text(preview)
    assert "Weighed in review 无送检记录" in text(preview)
    assert client.post(url(case, "decide_review"), hidden(preview)).status_code == 303
    case.refresh_from_db()
    assert (case.state, case.final) in {("ruled", True), ("enforcing", True)}
    assert case.reviews.get().reason == "报告未说明送检样品来源"


def test_default_can_be_set_aside_by_another_arbiter(world: World, at: Clock, enter: Enter) -> None:
    case = world.admitted(remedy="refund", cause="not_received")
    at.forward(hours=24, sweep_too=True)
    assignment.take(actor=world.arbiter, case_id=case.pk)
    rulings.rule(actor=world.arbiter, case_id=case.pk, decision=factories.decision(Case.objects.get(pk=case.pk)))
    at.forward(seconds=60, sweep_too=True)
    setaside.request_set_aside(actor=world.merchant, case_id=case.pk, excuse="系统故障", defence="已由本人签收")
    client = enter(world.second_arbiter)
    assert "Default to be set aside?" in text(client.get("/desk/queue/"))
    assert client.post("/desk/next/").headers["Location"] == url(case)
    page = text(client.get(url(case)))
    assert "系统故障" in page
    assert "已由本人签收" in page
    assert client.post(url(case, "set_aside"), {"reason": "故障属实"}).status_code == 303
    assert Case.objects.get(pk=case.pk).state == "awaiting_response"
    assert not Deadline.objects.filter(state="open", kind="set_aside_target").exists()


def test_suspension_on_a_ground_stops_the_clocks_and_ends(world: World, enter: Enter) -> None:
    case = world.deliberated()
    client = enter(world.arbiter)
    posted = {"ground": "laboratory", "days": "40", "reason": "送检"}
    too_long = client.post(url(case, "suspend"), posted)
    assert (too_long.status_code, "送检" in too_long.content.decode()) == (422, True)
    assert client.post(url(case, "suspend"), {**posted, "days": "10"}).status_code == 303
    assert case.number not in text(client.get("/desk/queue/?holder=all"))
    assert client.post(url(case, "resume"), {}).status_code == 303
    assert Case.objects.get(pk=case.pk).state == "deliberation"


def test_arbiter_names_who_has_to_prove_and_confirms_what_was_shown(world: World, enter: Enter) -> None:
    case = world.deliberated()
    client = enter(world.arbiter)
    posted = {"ground": "authority", "days": "20", "reason": "法院已受理"}
    unnamed = client.post(url(case, "suspend"), posted)
    assert (unnamed.status_code, "it has to show the proof" in text(unnamed)) == (422, True)
    assert "法院已受理" in text(unnamed)
    assert client.post(url(case, "suspend"), {**posted, "proof_from": "merchant"}).status_code == 303
    suspended = text(client.get(url(case)))
    assert "Merchant: proof due 1 Dec, 10:00" in suspended
    assert "Clock paused" in suspended
    assert "your turn" not in suspended
    assert "waiting for the answers" not in suspended
    empty = client.post(url(case, "prove_suspension"), {"note": " "})
    assert (empty.status_code, "Say what you were shown" in text(empty)) == (422, True)
    assert client.post(url(case, "prove_suspension"), {"note": "受理通知书原件"}).status_code == 303
    desk = text(client.get(url(case)))
    assert "Merchant: proof shown 20 Nov, 10:00" in desk
    assert "受理通知书原件" in desk
    assert f"{url(case, 'prove_suspension')}" not in desk


def test_supervisor_reassigns_and_the_draft_stays_with_its_author(world: World, enter: Enter) -> None:
    case = world.deliberated()
    client = enter(world.arbiter)
    kept = client.post(url(case, "drafts", "rule"), {"findings[0].reason": "写了一半"})
    assert kept.json() == {"saved_at": "10:00"}
    supervisor = enter(world.supervisor)
    page = text(supervisor.get(url(case, "reassign")))
    assert "陈默 holds 0 cases" in page
    assert client.get(url(case, "reassign")).status_code == 403
    assert supervisor.post(url(case, "reassign"), {"arbiter_id": world.second_arbiter.pk}).status_code == 303
    assert Case.objects.get(pk=case.pk).handler == world.second_arbiter
    assert Draft.objects.get(user=world.arbiter).data == {"findings[0].reason": ["写了一半"]}
    blocked = client.get(url(case, "ask"))
    assert blocked.status_code == 403


def test_acts_of_the_sides_have_no_page_on_the_desk(world: World, enter: Enter) -> None:
    case = world.deliberated()
    client = enter(world.arbiter)
    for act in ("concede", "offer", "withdraw", "respond", "nothing"):
        assert client.get(url(case, act)).status_code == 404
    assert client.get("/desk/cases/DC-0000-0000-0000/").status_code == 404


def test_next_case_is_not_offered_before_the_other_side_answered(world: World, at: Clock) -> None:
    case = asked_review(world)
    assert waiting.next_free(world.second_arbiter, clock.now()) == []
    at.forward(hours=48, sweep_too=True)
    assert [row.number for row in waiting.next_free(world.second_arbiter, clock.now())] == [case.number]
    assert waiting.next_free(world.second_arbiter, clock.now() + timedelta(days=9))[0].number == case.number


def test_arbiter_reads_that_the_merchant_says_it_was_threatened(world: World, at: Clock) -> None:
    order, merchant = world.order(), world.merchant
    draft = filing.start(actor=merchant, order_id=order.pk, line_id=order.lines.get().pk, threatened=True)
    loss = stages.claim(draft, "unreasonable_return", "deduct", 5000)
    case = filing.file(actor=merchant, case_id=draft.pk, threatened=True, **loss)
    with translation.override("en"):
        found = desk_case.checks(case_file(world.arbiter, case.number, clock.now()))[0]
    (check,) = [row for row in found if "to the buyer" in row.text]
    assert (check.text, check.passed) == ("Wrote to the buyer 24 hours before, or was threatened", True)
    assert check.note == "Says that the buyer made a threat"
