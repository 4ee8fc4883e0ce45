import pytest
from django.utils import translation

from rulebook import compare, queries
from rulebook.compare import LengthChange, Part

pytestmark = pytest.mark.django_db


def test_parts_go_word_by_word_in_english() -> None:
    assert compare.parts("due in 24 hours", "due in 36 hours") == [
        Part("same", "due in "),
        Part("old", "24"),
        Part("new", "36"),
        Part("same", " hours"),
    ]


def test_parts_go_character_by_character_in_chinese() -> None:
    assert compare.parts("家具类为 30 天", "家具类为 60 天") == [
        Part("same", "家具类为 "),
        Part("old", "30"),
        Part("new", "60"),
        Part("same", " 天"),
    ]


def test_changed_codes_between_the_published_versions() -> None:
    codes = ["GT-03", "RP-01", "RP-04", "EV-04", "EN-02", "CA-05", "CA-08"]
    assert compare.changed_codes(queries.book(1), queries.book(2)) == codes
    assert compare.changed_codes(queries.book(2), queries.book(2)) == []


def test_clauses_show_only_changed_paragraphs() -> None:
    with translation.override("en"):
        changes = {change.clause.code: change for change in compare.clauses(queries.book(1), queries.book(2))}
    (paragraph,) = changes["GT-03"].paragraphs
    assert [(part.kind, part.text) for part in paragraph if part.kind != "same"] == [("old", "30"), ("new", "60")]
    assert len(changes["CA-08"].paragraphs) == 2  # the text, and what is asked from the applicant


def test_lengths_between_the_published_versions() -> None:
    with translation.override("en"):
        changes = compare.lengths(queries.book(1), queries.book(2))
    assert changes == [
        LengthChange("Filing after a refusal or completion", "Furniture", "30 days", "60 days"),
        LengthChange("Answer to an information request", "", "24 hours", "36 hours"),
        LengthChange("Merchant confirms the return", "", "10 days", "7 days"),
        LengthChange("Response", "Counterfeit", "", "72 hours"),
    ]
