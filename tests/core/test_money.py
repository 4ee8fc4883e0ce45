"""Fen in, yuan out, and back."""

import pytest

from core import money
from core.errors import Refused


@pytest.mark.parametrize(
    ("fen", "shown"),
    [(0, "¥0.00"), (5, "¥0.05"), (129900, "¥1,299.00"), (-2050, "−¥20.50"), (123456789012, "¥1,234,567,890.12")],
)
def test_text_shows_yuan_with_groups_and_two_decimals(fen: int, shown: str) -> None:
    assert money.text(fen) == shown


@pytest.mark.parametrize(
    ("typed", "fen"),
    [
        ("1299", 129900),
        ("1299.5", 129950),
        ("1,299.00", 129900),
        ("¥1299", 129900),
        ("\uffe51,299.05", 129905),
        (" 0.01 ", 1),
        ("1\uff0c299.00", 129900),
        ("0", 0),
        ("999999999.99", 99999999999),
    ],
)
def test_parse_reads_what_people_type(typed: str, fen: int) -> None:
    assert money.parse(typed) == fen


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "-1",
        "−1",
        "1.234",
        "1,29",
        "1299,00",
        "1e3",
        "0x10",
        "NaN",
        "12 99",
        "1299.",
        ".5",
        "1000000000",
        "1;2",
        "1\n2",
    ],
)
def test_amount_format_refuses_what_it_would_have_to_guess(typed: str) -> None:
    with pytest.raises(Refused) as refusal:
        money.parse(typed, field="amount")
    assert refusal.value.code == "amount_format"
    assert list(refusal.value.fields) == ["amount"]


@pytest.mark.parametrize("fen", [0, 1, 99, 100, 129900, 99999999999])
def test_parse_reads_back_what_text_shows(fen: int) -> None:
    assert money.parse(money.text(fen)) == fen
