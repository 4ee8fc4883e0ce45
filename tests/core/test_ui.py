"""What the tags and filters write, in both languages."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.template import Context, Template
from django.utils import translation

from core import moments
from core.templatetags import ui

DUE = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)  # 20:00 in Beijing
NEW_YEAR_EVE_UTC = datetime(2026, 12, 31, 16, 5, tzinfo=UTC)  # already 1 January in Beijing

CLOCK = ui.icon("clock")
ALARM = ui.icon("alarm-clock")


def render(source: str, language: str = "zh-hans", **context: Any) -> str:
    with translation.override(language):
        return Template(source).render(Context(context))


@pytest.mark.parametrize(
    ("fen", "shown"),
    [(129_900, "¥1,299.00"), (-2_000, "−¥20.00"), (0, "¥0.00"), (1, "¥0.01"), (123_456_789, "¥1,234,567.89")],
)
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_money_is_the_same_in_both_languages(fen: int, shown: str, language: str) -> None:
    assert render("{{ fen|money }}", language, fen=fen) == f'<span class="money">{shown}</span>'


def test_money_of_nothing_is_empty() -> None:
    assert render("{{ fen|money }}{{ fen|yuan }}", fen=None) == ""


def test_yuan_is_what_an_amount_field_holds() -> None:
    assert ui.yuan(129_905) == "1299.05"


@pytest.mark.parametrize(
    ("used", "language", "shown"),
    [
        ("moment", "zh-hans", "2026年11月24日 20:00"),
        ("moment", "en", "24 Nov 2026, 20:00"),
        ("shortmoment", "zh-hans", "11月24日 20:00"),
        ("shortmoment", "en", "24 Nov, 20:00"),
        ("clocktime", "zh-hans", "20:00"),
        ("beijing", "zh-hans", "2026年11月24日 20:00（北京时间）"),
        ("beijing", "en", "24 Nov 2026, 20:00 (Beijing time)"),
    ],
)
def test_moment_carries_beijings_offset(used: str, language: str, shown: str) -> None:
    expected = f'<time datetime="2026-11-24T20:00+08:00">{shown}</time>'
    assert render(f"{{{{ at|{used} }}}}", language, at=DUE) == expected


@pytest.mark.parametrize(
    ("used", "language", "shown"),
    [
        ("day", "zh-hans", "2027年1月1日"),
        ("day", "en", "1 Jan 2027"),
        ("shortday", "zh-hans", "1月1日"),
        ("shortday", "en", "1 Jan"),
    ],
)
def test_day_is_the_day_in_beijing(used: str, language: str, shown: str) -> None:
    expected = f'<time datetime="2027-01-01">{shown}</time>'
    assert render(f"{{{{ at|{used} }}}}", language, at=NEW_YEAR_EVE_UTC) == expected


def test_day_takes_a_plain_date() -> None:
    assert render("{{ on|day }}", "en", on=datetime(2026, 9, 1, tzinfo=UTC).date()) == (
        '<time datetime="2026-09-01">1 Sep 2026</time>'
    )


@pytest.mark.parametrize("used", ["moment", "shortmoment", "clocktime", "beijing", "day", "shortday", "duration"])
def test_moment_of_nothing_is_empty(used: str) -> None:
    assert render(f"{{{{ at|{used} }}}}", at=None) == ""


@pytest.mark.parametrize(
    ("left", "zh", "en", "css"),
    [
        (timedelta(hours=30), "还剩 1 天 6 小时", "1 day 6 hours left", "left"),
        (timedelta(days=2), "还剩 2 天", "2 days left", "left"),
        (timedelta(hours=24, seconds=1), "还剩 1 天", "1 day left", "left"),
        (timedelta(hours=24), "还剩 1 天", "1 day left", "left left--soon"),
        (timedelta(hours=6, minutes=18), "还剩 6 小时 18 分", "6 hours 18 minutes left", "left left--soon"),
        (timedelta(hours=2), "还剩 2 小时", "2 hours left", "left left--now"),
        (timedelta(minutes=1), "还剩 1 分", "1 minute left", "left left--now"),
        (timedelta(seconds=20), "还剩 不到 1 分", "less than a minute left", "left left--now"),
        (timedelta(0), "已超时 不到 1 分", "less than a minute overdue", "left left--now"),
        (timedelta(minutes=-12), "已超时 12 分", "12 minutes overdue", "left left--now"),
    ],
)
def test_countdown_says_what_is_left_and_how_urgent(left: timedelta, zh: str, en: str, css: str) -> None:
    now, due = DUE - left, int(DUE.timestamp() * 1000)
    for language, words in [("zh-hans", zh), ("en", en)]:
        assert render("{% countdown due now %}", language, due=DUE, now=now) == (
            f'<span class="{css}" data-due="{due}" data-now="{int(now.timestamp() * 1000)}"><span>{words}</span></span>'
        )


def test_countdown_paused_says_so_and_does_not_tick() -> None:
    paused = ui.icon("circle-pause")
    assert render("{% countdown due now True %}", due=DUE, now=DUE) == (
        f'<span class="left">{paused} 计时已暂停</span>'
    )


@pytest.mark.parametrize(("hours", "glyph"), [(30, CLOCK), (3, CLOCK), (1, ALARM)])
def test_countdown_glyph_follows_the_urgency(hours: int, glyph: str) -> None:
    shown = render("{% countdown due now False True %}", due=DUE, now=DUE - timedelta(hours=hours))
    assert f">{glyph}<span>" in shown


def test_icon_is_silent_and_takes_the_text_colour() -> None:
    assert render('{% icon "check" %}') == (
        '<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" stroke-linecap="round" '
        'stroke-linejoin="round" class="icon" aria-hidden="true" focusable="false"><path d="M20 6 9 17l-5-5"/></svg>'
    )


@pytest.mark.parametrize(
    ("language", "buyer", "merchant", "platform"), [("zh-hans", "买1", "商2", "平3"), ("en", "B1", "M2", "P3")]
)
def test_exhibit_mark_names_side_and_number(language: str, buyer: str, merchant: str, platform: str) -> None:
    source = '{% exhibit_mark "buyer" 1 %}{% exhibit_mark "merchant" 2 "#m2" %}{% exhibit_mark "platform" 3 %}'
    assert render(source, language) == (
        f'<span class="ex ex--b">{buyer}</span><a class="ex ex--m" href="#m2">{merchant}</a>'
        f'<span class="ex ex--p">{platform}</span>'
    )


def test_side_chip_has_icon_and_word() -> None:
    assert render('{% side_chip "buyer" %}') == f'<span class="chip chip--buyer">{ui.icon("user")}买家</span>'
    assert render('{% side_chip "system" %}', "en") == f'<span class="chip chip--line">{ui.icon("clock")}System</span>'
    assert render('{% side_chip "merchant" "您" %}') == f'<span class="chip chip--merchant">{ui.icon("store")}您</span>'


def test_degree_is_a_glyph_beside_its_word() -> None:
    assert render('{% degree "none" "不成立" %}') == (
        '<span class="deg"><svg viewBox="0 0 16 16" aria-hidden="true" focusable="false"><circle cx="8" cy="8" r="6.5" '
        'fill="none" stroke="currentColor" stroke-width="2"/></svg>不成立</span>'
    )


def test_words_of_people_are_escaped_everywhere() -> None:
    bad = "<script>"
    shown = render('{% degree "full" bad %}{% side_chip "buyer" bad %}{% exhibit_mark "buyer" 1 bad %}', bad=bad)
    assert "<script>" not in shown
    assert shown.count("&lt;script&gt;") == 3


@pytest.mark.parametrize(
    ("name", "expected"), [("amount", "f-amount"), ("answers[0].reason", "f-answers-0-reason"), ("a b/c", "f-a-b-c")]
)
def test_html_id_is_a_safe_anchor(name: str, expected: str) -> None:
    assert ui.html_id(name) == expected


@pytest.mark.parametrize(("count", "shown"), [(3_250_586, "3.1 MB"), (420_000, "411 KB"), (12, "1 KB"), (0, "0 KB")])
def test_filesize_reads_the_same_in_both_languages(count: int, shown: str) -> None:
    assert ui.filesize(count) == shown


def test_field_ties_label_hint_and_error_to_its_control() -> None:
    shown = render(
        '{% include "components/field.html" with name="answers[0].reason" type="textarea" max=300 %}',
        label="理由",
        hint="写事实",
        errors={"answers[0].reason": ["写明理由。"]},
        value="<b>\n第二行",
    )
    assert '<label for="f-answers-0-reason">理由</label>' in shown
    assert '<p class="hint" id="f-answers-0-reason-h">写事实</p>' in shown
    assert 'aria-invalid="true" aria-describedby="f-answers-0-reason-h f-answers-0-reason-e">' in shown
    assert "\n&lt;b&gt;\n第二行</textarea>" in shown
    assert '<p class="err" id="f-answers-0-reason-e">' in shown
    assert '<span data-count="f-answers-0-reason" data-max="300">最多 300 字</span>' in shown


@pytest.mark.parametrize(
    ("language", "heading"), [("zh-hans", "还有 2 处需要处理"), ("en", "2 things need another look")]
)
def test_error_summary_counts_and_links_to_the_fields(language: str, heading: str) -> None:
    shown = render(
        '{% include "components/error_summary.html" %}',
        language,
        errors={"amount": ["Too much."], "non_field_errors": ["Too late."]},
    )
    assert f"<h2>{heading}</h2>" in shown
    assert '<li><a href="#f-amount">Too much.</a></li><li>Too late.</li>' in shown


def test_error_summary_of_nothing_is_nothing() -> None:
    assert render('{% include "components/error_summary.html" %}', errors={}).strip() == ""


def test_script_words_are_complete_in_both_languages() -> None:
    with translation.override("zh-hans"):
        zh = json.loads(ui.script_words())
    with translation.override("en"):
        en = json.loads(ui.script_words())
    assert zh.keys() == en.keys()
    assert (zh["left"], zh["sending"], zh["hour"]) == (
        "还剩 %(duration)s",
        "上传中 %(percent)s%%",
        ["%(count)d 小时", "%(count)d 小时"],
    )
    assert en["hour"] == ["%(count)d hour", "%(count)d hours"]
    assert not [key for key in zh if zh[key] == en[key]]


def test_moment_texts_serve_sentences_of_verbs() -> None:
    with translation.override("en"):
        assert moments.beijing_text(DUE) == "24 Nov 2026, 20:00 (Beijing time)"
        assert moments.remaining_text(DUE, DUE - timedelta(minutes=90)) == "1 hour 30 minutes left"
