import re
from datetime import UTC, datetime

import pytest
from django.test import Client
from django.urls import reverse

from core.clock import frozen
from rulebook import queries

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
HAN = re.compile(r"[\u4e00-\u9fff]")
PAGES = [
    "/rules/",
    "/rules/v1/",
    "/rules/v2/",
    "/rules/diff/1..2/",
    "/rules/diff/2..1/",
    "/rules/diff/2..2/",
    "/rules/GT-01/",
    "/rules/EV-04/v1/",
    "/rules/EV-04/v2/",
    *(f"/rules/CA-{number:02d}/" for number in range(1, 17)),
]


def read(client: Client, url: str, language: str) -> str:
    with frozen(NOW):
        response = client.get(url, headers={"accept-language": language})
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("url", PAGES)
def test_page_renders_for_visitors_in_both_languages(client: Client, url: str) -> None:
    english = re.sub(r"<form action=\"[^\"]*language.*?</form>", "", read(client, url, "en"), flags=re.DOTALL)
    assert not HAN.search(english)
    assert 'lang="en"' in english
    chinese = read(Client(), url, "zh-CN")
    assert 'lang="zh-Hans"' in chinese
    assert HAN.search(chinese)
    assert "style=" not in chinese


@pytest.mark.parametrize(
    "url", ["/rules/v3/", "/rules/ZZ-99/", "/rules/GT-01/v3/", "/rules/diff/1..3/", "/rules/v0/", "/rules/nonsense/"]
)
def test_page_of_nothing_is_404(client: Client, url: str) -> None:
    with frozen(NOW):
        assert client.get(url).status_code == 404


def test_drafts_are_not_public(client: Client) -> None:
    queries.book(2)
    with frozen(datetime(2026, 7, 1, tzinfo=UTC)):
        assert client.get("/rules/v2/").status_code == 404
        assert client.get("/rules/diff/1..2/").status_code == 404


def test_index_shows_the_version_in_force_and_what_changed(client: Client) -> None:
    html = read(client, reverse("rulebook:index"), "en")
    assert "Platform dispute rules, second edition" in html
    assert "7 clauses read differently than in version 1." in html
    assert reverse("rulebook:diff", args=[1, 2]) in html
    assert html.count('class="clause"') == 58


def test_announced_version_is_told_in_advance(client: Client) -> None:
    with frozen(datetime(2026, 8, 25, tzinfo=UTC)):
        html = client.get("/rules/", headers={"accept-language": "en"}).content.decode()
    assert "Platform dispute rules, first edition" in html
    assert "Version 2 takes effect on" in html


def test_clause_says_its_law_and_which_version_pending_cases_follow(client: Client) -> None:
    new, old = read(client, "/rules/EV-04/v2/", "en"), read(client, "/rules/EN-02/v2/", "en")
    assert "Cases that were already pending follow the new text." in new
    assert "Cases that were already pending keep the earlier text." in old
    assert "Law on the Protection of Consumer Rights and Interests, Articles 24 and 25" in old
    assert "This version was replaced." in read(client, "/rules/EV-04/v1/", "en")


def test_cause_page_names_the_sides_by_who_files(client: Client) -> None:
    html = read(client, "/rules/CA-15/", "en")
    assert html.index("chip--merchant") < html.index("chip--buyer")
    assert "72 hours" in html


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("CA-01", "2 points"),
        ("CA-07", "Usually 1, 0 to 1 points; 0 where the carrier alone is at fault"),
        ("CA-14", "Usually 2, 2 to 6 points"),
    ],
)
def test_cause_page_says_how_many_points(client: Client, code: str, text: str) -> None:
    assert f"<dd>{text}</dd>" in read(client, f"/rules/{code}/", "en")


@pytest.mark.parametrize(("url", "most"), [("/rules/", 3), ("/rules/CA-05/", 3), ("/rules/diff/1..2/", 2)])
def test_page_query_count(client: Client, url: str, most: int, django_assert_num_queries: object) -> None:
    read(client, url, "en")
    with frozen(NOW), django_assert_num_queries(most - 1):  # type: ignore[operator]
        client.get(url)
