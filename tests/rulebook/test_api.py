from datetime import UTC, datetime

import pytest
from django.test import Client

from core.clock import frozen

pytestmark = pytest.mark.django_db


def ask(client: Client, path: str, status: int = 200) -> dict:
    with frozen(datetime(2026, 11, 22, 12, tzinfo=UTC)):
        response = client.get(f"/api/v1/rules/{path}")
    assert response.status_code == status, response.content
    answer: dict = response.json()
    return answer


def test_versions_newest_first(client: Client) -> None:
    results = ask(client, "")["results"]
    assert [(row["number"], row["status"]) for row in results] == [(2, "in_force"), (1, "replaced")]
    assert results[0]["title"] == {"zh": "平台争议处理规则（第二版）", "en": "Platform dispute rules, second edition"}


def test_version_with_clauses_and_clocks(client: Client) -> None:
    book = ask(client, "2/")
    assert (book["number"], len(book["clauses"])) == (2, 58)
    assert {
        "kind": "response",
        "amount": 72,
        "unit": "hours",
        "calendar": "calendar",
        "cause": "counterfeit",
        "category": "",
        "condition": "",
        "clause": "RP-01",
    } in book["clocks"]
    assert {"code": "information_rounds", "value": 2, "clause": "RP-04"} in book["numbers"]


def test_clause_in_both_languages(client: Client) -> None:
    clause = ask(client, "2/clauses/RP-04/")
    assert (clause["code"], clause["version"], clause["pending"]) == ("RP-04", 2, "new")
    assert "36" in clause["text"]["zh"]
    assert "36 hours" in clause["text"]["en"]


def test_causes_with_their_checklists(client: Client) -> None:
    results = ask(client, "1/causes/")["results"]
    assert len(results) == 16
    damaged = next(row for row in results if row["code"] == "damaged")
    assert damaged["clause"] == "CA-08"
    parts = ("points", "points_least", "points_most", "points_note")
    given = {row["code"]: tuple(row[part] for part in parts) for row in results}
    assert given["damaged"] == (1, 1, 1, {"zh": "", "en": ""})
    note = {"zh": "仅由承运人造成的，记 0 分", "en": "0 where the carrier alone is at fault"}
    assert given["not_received"] == (1, 0, 1, note)
    assert [slot["slot"] for slot in damaged["asked_applicant"] if slot["required"]] == ["outer_box", "label", "item"]


@pytest.mark.parametrize("path", ["3/", "3/causes/", "2/clauses/ZZ-99/", "3/clauses/GT-01/"])
def test_nothing_there_is_404(client: Client, path: str) -> None:
    assert ask(client, path, 404)["error"]["code"] == "not_found"
