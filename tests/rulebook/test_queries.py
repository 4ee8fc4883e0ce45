from datetime import UTC, datetime, timedelta

import pytest
from django.utils import translation

from core.errors import Refused
from rulebook import queries
from rulebook.models import Status, Version
from rulebook.words import own_words

pytestmark = pytest.mark.django_db

SWITCH = datetime(2026, 8, 31, 16, tzinfo=UTC)
TICK = timedelta(microseconds=1)


def test_rule_version_in_force_is_asked_for_before_the_first_was() -> None:
    with pytest.raises(Refused) as refused:
        queries.in_force(datetime(2024, 12, 31, 15, 59, tzinfo=UTC))
    assert refused.value.code == "rule_version_in_force"


@pytest.mark.parametrize(("at", "number"), [(SWITCH - TICK, 1), (SWITCH, 2), (SWITCH + TICK, 2)])
def test_in_force_at_the_switch(at: datetime, number: int) -> None:
    assert queries.in_force(at).number == number


@pytest.mark.parametrize(
    ("at", "first", "second"),
    [
        (datetime(2026, 7, 1, tzinfo=UTC), Status.IN_FORCE, Status.DRAFT),
        (datetime(2026, 8, 10, tzinfo=UTC), Status.IN_FORCE, Status.COMMENT),
        (datetime(2026, 8, 25, tzinfo=UTC), Status.IN_FORCE, Status.ANNOUNCED),
        (SWITCH, Status.REPLACED, Status.IN_FORCE),
    ],
)
def test_status_follows_the_moments(at: datetime, first: Status, second: Status) -> None:
    assert [row.status_at(at) for row in Version.objects.order_by("number")] == [first, second]


def test_versions_hide_drafts() -> None:
    assert [row.number for row in queries.versions(datetime(2026, 7, 1, tzinfo=UTC))] == [1]
    assert [row.number for row in queries.versions(SWITCH)] == [2, 1]


def test_book_costs_nothing_once_loaded(django_assert_num_queries: object) -> None:
    queries.book(2)
    with django_assert_num_queries(0):  # type: ignore[operator]
        book = queries.book(2)
        assert book.clause("CA-05").title
        assert book.cause("counterfeit").clause.law
        assert book.length("response", cause="counterfeit").amount == 72
        assert [cause.code for cause in book.causes_of("CA-08")] == ["damaged"]


def test_book_of_an_unknown_version_does_not_exist() -> None:
    with pytest.raises(Version.DoesNotExist):
        queries.book(99)


@pytest.mark.parametrize(("what", "code"), [("cause", "unknown_cause"), ("clause", "unknown_clause")])
def test_unknown_codes_are_refused_by_name(what: str, code: str) -> None:
    with pytest.raises(Refused) as refused:
        getattr(queries.book(1), what)("nonsense")
    assert (refused.value.code, list(refused.value.fields)) == (code, [what])


def test_texts_follow_the_reader() -> None:
    cause = queries.book(1).cause("damaged")
    with translation.override("en"):
        assert (cause.name, cause.clause.title) == ("Damaged", "Damaged")
    with translation.override("zh-hans"):
        assert (cause.name, cause.clause.title) == ("破损", "破损")


def test_rules_own_words_are_read_in_the_readers_language_and_others_as_written() -> None:
    cause = queries.book(queries.in_force(SWITCH).pk).cause("damaged")
    issue, step = cause.issues[0], cause.burden[0]
    with translation.override("en"):
        assert [own_words(cause, text) for text in (issue["zh"], issue["en"], step["zh"], "另有约定吗？")] == [
            issue["en"], issue["en"], step["en"], "另有约定吗？",
        ]  # fmt: skip
    with translation.override("zh-hans"):
        assert own_words(cause, issue["en"]) == issue["zh"]
