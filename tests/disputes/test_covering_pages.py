"""The page for covering parts of a file, over HTTP and without script: nothing typed is lost, nobody else enters."""

from typing import Any

import pytest
from django.test import Client

from disputes import exhibits
from disputes.models import Case
from evidence.models import Item, Redaction
from tests import factories
from tests.conftest import World

pytestmark = pytest.mark.django_db
BOX = {"page[]": ["1"], "x[]": ["10"], "y[]": ["20,5"], "width[]": ["30"], "height[]": ["5"]}


@pytest.fixture
def draft(world: World) -> Case:
    return factories.draft_case(world.buyer, world.merchant, world.order())


@pytest.fixture
def browser_of(client: Client) -> Any:
    def enter(person: Any) -> Client:
        client.force_login(person)
        client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
        return client

    return enter


def path(case: Case, item: Item) -> str:
    return f"/disputes/{case.number}/files/{item.pk}/cover/"


def text_item(world: World, case: Case) -> Item:
    upload = factories.upload("chat.txt", "林晓: 13800138000".encode(), "text/plain")
    return exhibits.receive(actor=world.buyer, case_id=case.pk, upload=upload)


def test_box_typed_in_numbers_is_covered_and_shown_again(world: World, draft: Case, browser_of: Any) -> None:
    item, buyer = factories.add_item(world.buyer, draft), browser_of(world.buyer)
    answer = buyer.post(path(draft, item), {**BOX, "cover": "1"})
    assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (302, path(draft, item))
    assert Redaction.objects.get().boxes == [{"x": 0.1, "y": 0.205, "width": 0.3, "height": 0.05, "page": 1}]
    page = buyer.get(path(draft, item)).content.decode()
    assert 'value="20.5"' in page
    assert f"/files/{item.pk}/own-view/" in page
    assert "1 part covered" in page


def test_adding_and_removing_rows_keeps_what_was_typed_and_saves_nothing(
    world: World, draft: Case, browser_of: Any
) -> None:
    item, buyer = factories.add_item(world.buyer, draft), browser_of(world.buyer)
    more = buyer.post(path(draft, item), {**BOX, "add": "1"}).content.decode()
    assert (more.count('name="x[]"'), 'value="20,5"' in more) == (3, True)  # two rows, and the script's empty one
    fewer = buyer.post(path(draft, item), {**BOX, "remove": "0"}).content.decode()
    assert fewer.count('name="x[]"') == 1
    assert not Redaction.objects.exists()


@pytest.mark.parametrize("typed", ["abc", "1e999", "nan", "500"])
def test_redaction_inside_is_refused_with_what_was_typed(
    world: World, draft: Case, browser_of: Any, typed: str
) -> None:
    item, buyer = factories.add_item(world.buyer, draft), browser_of(world.buyer)
    answer = buyer.post(path(draft, item), {**BOX, "x[]": [typed], "cover": "1"})
    assert (answer.status_code, f'value="{typed}"' in answer.content.decode()) == (422, True)
    assert not Redaction.objects.exists()


def test_suggestions_are_ticked_first_and_as_chosen_afterwards(world: World, draft: Case, browser_of: Any) -> None:
    item, buyer = text_item(world, draft), browser_of(world.buyer)
    assert 'value="4-15" checked' in buyer.get(path(draft, item)).content.decode()
    buyer.post(path(draft, item), {"words": ["林晓", "", ""], "cover": "1"})
    page = buyer.get(path(draft, item)).content.decode()
    assert 'value="0-2" checked' in page
    assert 'value="4-15" checked' not in page
    assert "██: 13800138000" in page


def test_platform_only_needs_reason_and_keeps_the_choice(world: World, draft: Case, browser_of: Any) -> None:
    item, buyer = factories.add_item(world.buyer, draft), browser_of(world.buyer)
    refused = buyer.post(path(draft, item), {"platform_only": "1", "platform_only_reason": " ", "limit": "1"})
    assert (refused.status_code, 'value="1" checked' in refused.content.decode()) == (422, True)
    buyer.post(path(draft, item), {"platform_only": "1", "platform_only_reason": "含身份证号", "limit": "1"})
    assert Item.objects.get(pk=item.pk).platform_only_reason == "含身份证号"
    assert "Only that this item exists" in buyer.get(path(draft, item)).content.decode()


def test_evidence_sealed_is_said_on_the_page_of_a_lodged_file(world: World, browser_of: Any) -> None:
    case = world.filed()
    item = case.dossier.items.first()
    assert item is not None
    assert browser_of(world.buyer).get(path(case, item)).status_code == 409
    assert browser_of(world.other_buyer).get(path(case, item)).status_code == 404


def test_back_leads_only_to_this_site(world: World, draft: Case, browser_of: Any) -> None:
    item, buyer = factories.add_item(world.buyer, draft), browser_of(world.buyer)
    for given, shown in {
        "https://evil.example/": f"/disputes/{draft.number}/file/evidence/",
        "/orders/": "/orders/",
    }.items():
        assert f'<a class="btn" href="{shown}">' in buyer.get(path(draft, item), {"next": given}).content.decode()
