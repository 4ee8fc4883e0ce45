"""What is suggested for covering in a text, and what is not."""

import time

import pytest

from evidence import masks

IDENTITY = "11010519491231002X"
CARD = "4111 1111 1111 1111"


def kinds(text: str) -> list[tuple[str, str]]:
    return [(mask.kind, text[mask.start : mask.end]) for mask in masks.suggested(text)]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("电话13800138000谢谢", [("phone", "13800138000")]),
        ("+86 138-0013-8000", [("phone", "+86 138-0013-8000")]),
        ("座机 0755-26012345", [("phone", "0755-26012345")]),
        ("手机１３８００１３８０００。", [("phone", "１３８００１３８０００")]),
        (f"身份证号:{IDENTITY}", [("identity", IDENTITY)]),
        (f"转到 {CARD} 工行", [("card", CARD)]),
        ("4111111111111111", [("card", "4111111111111111")]),
        (
            "收货地址是广东省深圳市南山区科技园路18号3栋502室,放门口",
            [("address", "广东省深圳市南山区科技园路18号3栋502室")],
        ),
        (f"{IDENTITY} 13800138000", [("identity", IDENTITY), ("phone", "13800138000")]),
    ],
)
def test_personal_data_is_suggested(text: str, found: list[tuple[str, str]]) -> None:
    assert kinds(text) == found


@pytest.mark.parametrize(
    "text",
    [
        "订单 202611220457123",
        "11010519491231002A",
        "110105194912310021",
        "4111111111111112",
        "运单 SF1380013800012",
        "我在路上,这个区的楼很多",
        "2026-11-22 14:03:05 林晓",
        "",
    ],
)
def test_other_numbers_and_words_are_not(text: str) -> None:
    assert kinds(text) == []


def test_words_are_found_everywhere_and_covered_sign_by_sign() -> None:
    text = "林晓说\n林晓付了"
    places = masks.everywhere(text, "林晓")
    assert places == [(0, 2), (4, 6)]
    assert masks.covered(text, [*places, (2, 5)]) == "███\n██付了"
    assert masks.everywhere(text, "") == []


@pytest.mark.parametrize("piece", ["1", "省", "1380013", "6222 0200 ", "市区县镇1", "地址", "12345678901234567", "- "])
def test_time_grows_with_the_text_alone(piece: str) -> None:
    text = piece * (2_000_000 // len(piece))
    begun = time.perf_counter()
    found = masks.suggested(text)
    assert time.perf_counter() - begun < 5  # a tenth of a second on a quiet machine
    assert len(found) <= masks.MOST
