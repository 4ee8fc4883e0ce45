"""Texts come back as typed, or are refused by name."""

import pytest
from rest_framework import serializers

from core import text


class Form(serializers.Serializer[None]):
    statement = text.PlainText(max_length=200)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("裂了一条缝", "裂了一条缝"),
        ("👩‍👩‍👧 🇨🇳 e\u0301", "👩‍👩‍👧 🇨🇳 e\u0301"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
        ("a\r\nb\rc\nd\te", "a\nb\nc\nd\te"),
        ("  around  ", "around"),
        ("=1+1; DROP TABLE", "=1+1; DROP TABLE"),
    ],
)
def test_plain_text_keeps_what_was_typed(typed: str, kept: str) -> None:
    form = Form(data={"statement": typed})
    assert form.is_valid()
    assert form.validated_data == {"statement": kept}


@pytest.mark.parametrize("unseen", ["\x00", "\x07", "\x1b", "\u202e", "\u2066", "\ud800", "\x85"])
def test_plain_text_refuses_what_no_reader_sees_and_names_the_field(unseen: str) -> None:
    form = Form(data={"statement": f"before{unseen}after"})
    assert not form.is_valid()
    assert list(form.errors) == ["statement"]


@pytest.mark.parametrize(
    "data", [{}, {"statement": ""}, {"statement": None}, {"statement": [1]}, {"statement": "x" * 201}]
)
def test_plain_text_refuses_missing_empty_and_too_long(data: dict[str, object]) -> None:
    form = Form(data=data)
    assert not form.is_valid()
    assert list(form.errors) == ["statement"]
