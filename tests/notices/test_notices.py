"""Notices are the ledger's entries, read by whom they concern."""

import pytest
from django.utils import translation

from accounts.models import Membership, User
from core import clock
from disputes import negotiation, settlement
from disputes.lifecycle import TRANSITIONS
from ledger.models import Entry
from notices import marks, queries
from notices.models import ReadMark
from notices.sentences import SENTENCES, sentence
from tests import factories
from tests.conftest import Clock, World
from tests.disputes.test_lists_pages import cost
from tests.disputes.test_orders_pages import reader

pytestmark = pytest.mark.django_db


def test_every_transition_has_its_sentence() -> None:
    assert TRANSITIONS.keys() - SENTENCES.keys() == set()


def test_every_recorded_verb_has_a_sentence_in_both_languages(world: World) -> None:
    world.ruled(remedy="return_refund")
    for language in ("en", "zh-hans"):
        with translation.override(language):
            said = {entry.verb: sentence(entry, reader="buyer") for entry in Entry.objects.all()}
            assert [verb for verb, text in said.items() if verb == text or "%(" in text or not text] == []


def test_sentence_says_you_to_the_side_that_acted(world: World) -> None:
    factories.refused_request(world.buyer, world.merchant, world.order())
    entry = Entry.objects.get(verb="after_sales_refused")
    with translation.override("en"):
        assert sentence(entry) == "The merchant refused the after-sales request"
        assert sentence(entry, reader="merchant") == "You refused the after-sales request"
    with translation.override("zh-hans"):
        assert sentence(entry, reader="buyer") == "商家拒绝了售后申请"


def test_unread_counts_what_others_did(world: World) -> None:
    request = factories.refused_request(world.buyer, world.merchant, world.order())
    assert (queries.unread(world.buyer), queries.unread(world.merchant), queries.unread(world.agent)) == (1, 1, 2)
    assert (queries.unread(world.other_buyer), queries.unread(world.other_merchant)) == (0, 0)
    marks.mark_read(actor=world.buyer, last_entry=Entry.objects.latest("pk").pk)
    assert queries.unread(world.buyer) == 0
    negotiation.write(actor=world.merchant, after_sales_id=request.pk, text="您好")
    assert queries.unread(world.buyer) == 1
    marks.mark_read(actor=world.buyer, last_entry=1)
    assert queries.unread(world.buyer) == 1


def test_unread_is_capped_and_one_query(world: World, django_assert_num_queries: object) -> None:
    request = factories.refused_request(world.buyer, world.merchant, world.order())
    for number in range(105):
        negotiation.write(actor=world.merchant, after_sales_id=request.pk, text=str(number))
    queries.unread(world.buyer)  # whose stores are known from now on
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert queries.unread(world.buyer) == 99


def test_one_sides_business_is_not_the_others(world: World) -> None:
    case = world.admitted()
    settlement.offer(actor=world.merchant, case_id=case.pk, amount_fen=1_000)
    bought, sold = queries.told(world.buyer)
    assert "offer" in {entry.verb for entry in bought}
    assert {entry.audience for entry in bought} <= {"all", "parties", "buyer"}
    assert (list(sold), list(queries.told(world.merchant)[0])) == ([], [])
    assert not any(entry.verb.startswith("evidence_") for entry in queries.told(world.merchant)[1])


def test_who_buys_from_their_own_store_is_told_once(world: World) -> None:
    request = factories.refused_request(world.buyer, world.merchant, world.order())
    Membership.objects.create(store=request.order.store, user=world.buyer)
    both = User.objects.get(pk=world.buyer.pk)
    negotiation.write(actor=world.merchant, after_sales_id=request.pk, text="您好")
    assert queries.unread(both) == 2
    assert [notice.number for notice in queries.page(both)[0]] == [request.order.number] * 2


def test_duties_link_to_the_act(world: World, at: Clock) -> None:
    case = world.admitted()
    duties = queries.duties(world.agent, clock.now())
    assert [(duty.number, duty.href) for duty in duties] == [(case.number, f"/disputes/{case.number}/respond/")]
    assert queries.duties(world.other_merchant, clock.now()) == []
    at.forward(hours=72)
    assert queries.duties(world.agent, clock.now()) == []


def test_page_tells_the_store_of_a_request_it_has_to_answer(world: World) -> None:
    request = factories.request(world.buyer, world.order())
    page = reader(world.agent).get("/notifications/")
    found = [(duty.name, duty.number) for duty in page.context["duties"]]
    assert found == [("Answer the after-sales request", request.order.number)]


def test_page_lists_and_marks_read(world: World) -> None:
    factories.refused_request(world.buyer, world.merchant, world.order())
    client = reader(world.buyer)
    page = client.get("/notifications/")
    assert [(row.text, row.unread) for row in page.context["notices"]] == [
        ("The merchant refused the after-sales request", True)
    ]
    assert client.post("/notifications/read/", {"last": str(page.context["last"])}).status_code == 302
    assert [row.unread for row in client.get("/notifications/").context["notices"]] == [False]
    assert client.post("/notifications/read/", {"last": "9" * 40}).status_code == 302
    assert ReadMark.objects.get().last_entry == page.context["last"]
    assert reader(world.arbiter).get("/notifications/").context["notices"] == []


def test_page_costs_the_same_with_one_and_thirty(world: World) -> None:
    client = reader(world.buyer)
    factories.refused_request(world.buyer, world.merchant, world.order())
    one = cost(client, "/notifications/")
    for _ in range(29):
        factories.refused_request(world.buyer, world.merchant, world.order())
    assert (cost(client, "/notifications/"), one <= 12) == (one, True)
