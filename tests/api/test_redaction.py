"""Covering files through the API: the same verb as the page."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.models import User
from evidence.models import Item
from tests import factories
from tests.api.conftest import Program, _read
from tests.conftest import World

Of = Callable[[User], Program]


@pytest.fixture
def draft(world: World) -> str:
    return factories.draft_case(world.buyer, world.merchant, world.order()).number


def put(program: Program, path: str, body: object, status: int = 200) -> dict[str, object]:
    return dict(_read(program.ask("PUT", path, body), status))


def test_boxes_are_covered_read_back_and_taken_away(world: World, program: Of, draft: str) -> None:
    buyer = program(world.buyer)
    file = buyer.upload(f"cases/{draft}/files/", factories.upload())
    path = f"cases/{draft}/files/{file['id']}/redaction/"
    box = {"x": 0.1, "y": 0.2, "width": 0.3, "height": 0.4, "page": 1}
    empty = {"kind": "boxes", "boxes": [], "spans": [], "suggestions": []}
    assert buyer.get(path) == empty
    assert put(buyer, path, {"boxes": [box]}) == {**empty, "boxes": [box]}
    assert [row["covered"] for row in buyer.get(f"cases/{draft}/")["drafts"]] == [1]
    assert put(buyer, path, {}) == empty


def test_text_comes_with_suggestions_and_is_covered_by_place_or_by_words(world: World, program: Of, draft: str) -> None:
    buyer = program(world.buyer)
    chat = SimpleUploadedFile("chat.txt", "林晓: 13800138000".encode(), "text/plain")
    file = buyer.upload(f"cases/{draft}/files/", chat)
    path = f"cases/{draft}/files/{file['id']}/redaction/"
    assert buyer.get(path)["suggestions"] == [{"start": 4, "end": 15, "kind": "phone", "text": "13800138000"}]
    made = put(buyer, path, {"spans": [{"start": 4, "end": 15}], "words": ["林晓"]})
    assert made["spans"] == [{"start": 0, "end": 2}, {"start": 4, "end": 15}]
    refused = put(buyer, path, {"words": ["王蕾"]}, 422)
    assert refused["error"]["code"] == "redaction_words_found"  # type: ignore[index]


def test_platform_only_is_set_with_its_reason(world: World, program: Of, draft: str) -> None:
    buyer = program(world.buyer)
    file = buyer.upload(f"cases/{draft}/files/", factories.upload())
    path = f"cases/{draft}/files/{file['id']}/"
    assert buyer.patch(path, {"platform_only": True}, 422)["error"]["code"] == "platform_only_needs_reason"
    said = buyer.patch(path, {"platform_only": True, "platform_only_reason": "含身份证号", "caption": "身份证"})
    assert (said["platform_only"], said["platform_only_reason"], said["caption"]) == (True, "含身份证号", "身份证")
    kept = buyer.patch(path, {"caption": "身份证正面"})
    assert (kept["platform_only"], kept["caption"]) == (True, "身份证正面")
    assert buyer.patch(path, {"platform_only": False})["platform_only_reason"] == ""
    assert not Item.objects.get().platform_only


def test_facts_are_for_the_platform_and_advice_for_the_uploader(world: World, program: Of) -> None:
    case, again = world.deliberated(), world.admitted()
    text = "same picture"
    for one in (case, again):
        factories.add_item(world.buyer, one, text=text)
        program(world.buyer).post(
            f"cases/{one.number}/lodge/",
            {"items": [row["id"] for row in program(world.buyer).get(f"cases/{one.number}/")["drafts"]]},
        )
    facts = {
        role: {
            fact["code"] for row in program(person).get(f"cases/{case.number}/")["exhibits"] for fact in row["facts"]
        }
        for role, person in {"buyer": world.buyer, "merchant": world.merchant, "arbiter": world.arbiter}.items()
    }
    assert "same_file_elsewhere" in facts.pop("arbiter")
    assert facts == {"buyer": set(), "merchant": set()}
    factories.add_item(world.buyer, case)
    (draft,) = program(world.buyer).get(f"cases/{case.number}/")["drafts"]
    assert draft["advice"] == ["too_small"]
