"""The tags and filters every template has without loading them.

Filters return text a sentence can hold; moments come as ``<time>`` with the Beijing offset, so they may be passed to
``{% blocktranslate with at=due|shortmoment %}``. No tag queries.
"""

import io
import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from typing import Any
from zipfile import ZipFile

from django import template
from django.forms import BoundField, CheckboxInput, Select
from django.template.loader import render_to_string
from django.utils.html import conditional_escape, escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, ngettext, pgettext, pgettext_lazy
from django.utils.translation import gettext as _

from core import moments
from core import money as money_text
from core.clock import BEIJING
from core.clock import now as clock_now
from core.tone.hints import hints

register = template.Library()

SOON, NOW = timedelta(hours=24), timedelta(hours=2)


# --- Icons and glyphs ------------------------------------------------------------------------------------------------
@register.simple_tag
@lru_cache(maxsize=256)
def icon(name: str, css: str = "icon") -> SafeString:
    """A lucide icon inline, invisible to assistive technology: the word beside it says the same."""
    drawn = re.sub(
        r' (xmlns="[^"]*"|width="24"|height="24")', "", " ".join(_drawings().read(f"{name}.svg").decode().split())
    )
    own = f'class="{css}" aria-hidden="true" focusable="false">'
    return mark_safe(re.sub(r">\s+<", "><", drawn).replace(" />", "/>").replace(" >", f" {own}", 1))


@lru_cache(maxsize=1)
def _drawings() -> ZipFile:
    """All of lucide's, opened once: its list of contents alone takes longer to read than an icon to draw."""
    return ZipFile(io.BytesIO(files("lucide").joinpath("lucide.zip").read_bytes()))


@register.simple_tag
def wrong(errors: Mapping[str, Any] | None, *name: str) -> SafeString:
    """What is wrong with one field, under it; nothing where nothing is. ``name`` is put together of its parts."""
    messages = (errors or {}).get("".join(name))
    if not messages:
        return SafeString()
    return format_html('<p class="err">{}<span>{}</span></p>', icon("circle-alert"), " ".join(map(str, messages)))


_RING = '<circle cx="8" cy="8" r="6.5" fill="none" stroke="currentColor" stroke-width="2"{dash}/>{fill}'
_FILLS = {
    "full": _RING.format(dash="", fill='<circle cx="8" cy="8" r="6" fill="currentColor"/>'),
    "part": _RING.format(dash="", fill='<path d="M8 1.5a6.5 6.5 0 0 0 0 13z" fill="currentColor"/>'),
    "none": _RING.format(dash="", fill=""),
    "open": _RING.format(dash=' stroke-dasharray="2.6 2.4"', fill=""),
}


@register.simple_tag
def degree(kind: str, word: str = "") -> SafeString:
    """● ◐ ○ ◌ (``full|part|none|open``) for a stance, finding, weight or burden; with ``word``, both as one."""
    return _degree(kind, str(word))


@lru_cache(maxsize=256)
def _degree(kind: str, word: str) -> SafeString:
    fill = _FILLS[kind or "open"]
    glyph = mark_safe(f'<svg viewBox="0 0 16 16" aria-hidden="true" focusable="false">{fill}</svg>')
    return format_html('<span class="deg">{}{}</span>', glyph, word) if word else glyph


# --- Sides -----------------------------------------------------------------------------------------------------------
_SIDE_ICONS = {"buyer": "user", "merchant": "store", "platform": "landmark", "system": "clock"}


_SIDE_WORDS = {
    "buyer": pgettext_lazy("side", "Buyer"),
    "merchant": pgettext_lazy("side", "Merchant"),
    "platform": pgettext_lazy("side", "Platform"),
    "system": pgettext_lazy("side", "System"),
}


def side_word(side: str) -> str:
    """``buyer`` → 买家; the fixed names of the four actors of a timeline."""
    return str(_SIDE_WORDS[side])


@register.filter
def side(value: str) -> str:
    return side_word(value)


@register.simple_tag
def side_chip(value: str, word: str = "") -> SafeString:
    """A chip in the side's colour: icon and word (``word`` replaces the usual one, 您 for instance)."""
    css = "line" if value == "system" else value
    said = conditional_escape(word or side_word(value))
    return SafeString(f'<span class="chip chip--{css}">{icon(_SIDE_ICONS[value])}{said}</span>')


def exhibit_text(value: str, number: int) -> str:
    """``买1`` / ``B1``; the platform's own items are ``平1`` / ``P1``."""
    return f"{_LETTERS[value]}{number}"


_LETTERS = {
    "buyer": pgettext_lazy("exhibit mark", "B"),
    "merchant": pgettext_lazy("exhibit mark", "M"),
    "platform": pgettext_lazy("exhibit mark", "P"),
}


@register.simple_tag
def exhibit_mark(value: str, number: int, href: str = "") -> SafeString:
    """The small outlined mark by which an item is named everywhere; a link where ``href`` is given."""
    css, text = f"ex ex--{value[0]}", exhibit_text(value, number)
    if href:
        return SafeString(f'<a class="{css}" href="{conditional_escape(href)}">{text}</a>')
    return SafeString(f'<span class="{css}">{text}</span>')


# --- Money and time --------------------------------------------------------------------------------------------------
@register.filter
def money(fen: int | None) -> SafeString:
    """Integer fen → ``¥1,299.00`` that never breaks across lines. Empty for None."""
    return SafeString("") if fen is None else SafeString(f'<span class="money">{money_text.text(fen)}</span>')


@register.filter
def yuan(fen: int | None) -> str:
    """Integer fen → ``1299.00``, the form an amount field holds. Empty for None."""
    return "" if fen is None else f"{fen // 100}.{fen % 100:02d}"


def _time(at: datetime, text: str) -> SafeString:
    return format_html('<time datetime="{}">{}</time>', at.astimezone(BEIJING).isoformat(timespec="minutes"), text)


Written = Callable[[datetime], str]


@lru_cache(maxsize=8192)
def _minute(written: Written, minute: datetime, language: str) -> SafeString:
    return _time(minute, written(minute))


def _stamp(at: datetime | None, written: Written) -> SafeString:
    """A moment as ``<time>``. A page says many, and the same ones again: each minute is written once a language."""
    if at is None:
        return SafeString("")
    return _minute(written, at.replace(second=0, microsecond=0), get_language() or "")


@register.filter
def moment(at: datetime | None) -> SafeString:
    """``2026年11月24日 20:00`` / ``24 Nov 2026, 20:00``."""
    return _stamp(at, moments.moment_text)


@register.filter
def shortmoment(at: datetime | None) -> SafeString:
    """``11月24日 20:00`` / ``24 Nov, 20:00``."""
    return _stamp(at, moments.short_text)


@register.filter
def clocktime(at: datetime | None) -> SafeString:
    """``20:00``, for a moment whose day is already said."""
    return SafeString("") if at is None else _time(at, f"{at.astimezone(BEIJING):%H:%M}")


@register.filter
def beijing(at: datetime | None) -> SafeString:
    """The moment with its zone: ``2026年11月24日 20:00（北京时间）``."""
    return _stamp(at, moments.beijing_text)


def _as_day(at: date) -> datetime:
    return at if isinstance(at, datetime) else datetime(at.year, at.month, at.day, tzinfo=BEIJING)


@register.filter
def day(at: date | None) -> SafeString:
    """``2026年11月24日`` / ``24 Nov 2026``; takes a date as well as a moment."""
    if at is None:
        return SafeString("")
    local = _as_day(at)
    return format_html(
        '<time datetime="{}">{}</time>', local.astimezone(BEIJING).date().isoformat(), moments.day_text(local)
    )


@register.filter
def shortday(at: date | None) -> SafeString:
    """``11月24日`` / ``24 Nov``."""
    if at is None:
        return SafeString("")
    local = _as_day(at)
    return format_html(
        '<time datetime="{}">{}</time>', local.astimezone(BEIJING).date().isoformat(), moments.short_day_text(local)
    )


@register.filter
def duration(length: timedelta | None) -> str:
    """``1 天 6 小时`` / ``1 day 6 hours``."""
    return "" if length is None else moments.duration_text(length)


def urgency(due: datetime, at: datetime) -> str:
    """``""`` above 24 h, ``soon`` up to 24 h, ``now`` up to 2 h and after the moment."""
    left = due - at
    return "now" if left <= NOW else "soon" if left <= SOON else ""


@register.simple_tag
def countdown(due: datetime, at: datetime | None = None, paused: bool = False, glyph: bool = False) -> SafeString:
    """Time left in words, coloured by urgency; the script keeps it true from ``at``, the server's moment.

    ``paused`` says that the clock stands. ``glyph`` puts a clock before the words.
    """
    if paused:
        return format_html('<span class="left">{} {}</span>', icon("circle-pause"), _("Clock paused"))
    at = at or clock_now()
    level = urgency(due, at)
    mark = icon("alarm-clock" if level == "now" else "clock") if glyph else ""
    css = f"left left--{level}" if level else "left"
    times = f'data-due="{int(due.timestamp() * 1000)}" data-now="{int(at.timestamp() * 1000)}"'
    return SafeString(
        f'<span class="{css}" {times}>{mark}<span>{escape(moments.remaining_text(due, at))}</span></span>'
    )


@register.simple_tag
def history(entries: Sequence[Mapping[str, Any]], small: bool = False) -> SafeString:
    """The lines of ``components/timeline.html``, the last one to be jumped to. Not a template's loop: a case has
    dozens of them, and each asks five questions."""
    last = len(entries) - 1
    return SafeString("".join(_line(entry, small, latest=n == last) for n, entry in enumerate(entries)))


def _line(entry: Mapping[str, Any], small: bool, *, latest: bool) -> str:
    now, actor = entry.get("now"), entry["actor"]
    css = "is-now" if now else "" if actor == "system" else f"by-{actor}"
    tag = "strong" if now or not small else "span"
    text = conditional_escape(entry["text"])
    said = (
        f'<a href="{conditional_escape(href)}">{text}</a>' if (href := entry.get("href")) else f"<{tag}>{text}</{tag}>"
    )
    note = f"<p>{conditional_escape(note)}</p>" if (note := entry.get("note")) else ""
    at = shortmoment(entry["at"])
    meta = SafeString(escape(_("until %(at)s")) % {"at": at}) if entry.get("until") else at
    mark = ' id="latest"' if latest else ""
    return f'<li class="{css}"{mark}>{said}{note}<span class="meta">{meta}</span></li>'


@register.simple_tag
def still(name: str) -> SafeString:
    """A component that says the same on every page in a language and asks for no variable: drawn once a process."""
    return _drawn(name, get_language() or "")


@lru_cache(maxsize=16)
def _drawn(name: str, _language: str) -> SafeString:
    return render_to_string(name)


# --- Forms and data --------------------------------------------------------------------------------------------------
@register.simple_tag
def select_options(options: Sequence[Mapping[str, Any]], value: Any) -> SafeString:
    """What a select holds: ``options`` [{value, label}], the one with ``value`` chosen."""
    return _options(tuple((str(one["value"]), str(one["label"])) for one in options), str(value))


@lru_cache(maxsize=256)
def _options(options: tuple[tuple[str, str], ...], chosen: str) -> SafeString:
    drawn = [(value, mark_safe(" selected") if value == chosen else "", label) for value, label in options]
    return format_html_join("", '<option value="{}"{}>{}</option>', drawn)


@register.filter
def get(mapping: Mapping[str, Any] | None, name: object) -> Any:
    """``values|get:name``; nothing where the mapping or the name is missing."""
    return (mapping or {}).get(str(name), "")


@register.filter
def html_id(name: object) -> str:
    """A field's name as its id: ``answers[0].reason`` → ``f-answers-0-reason``."""
    return "f-" + re.sub(r"[^A-Za-z0-9_]+", "-", str(name)).strip("-")


@register.filter
def control(field: BoundField) -> SafeString:
    """The widget of a form field (sign-in and its kin are Django forms) in our look, without a doubling placeholder."""
    field.field.widget.attrs.pop("placeholder", None)
    if isinstance(field.field.widget, CheckboxInput):
        return field.as_widget()
    return field.as_widget(attrs={"class": "select" if isinstance(field.field.widget, Select) else "input"})


@register.simple_tag
def tone(text: object, field: str = "") -> SafeString:
    """Advice on the tone of ``text``; with the id of its ``field``, also while it is typed."""
    found = hints(str(text)) if text else []
    if not found:
        return _calm(field, get_language() or "")
    return render_to_string("components/tone.html", {"hint": found[0], "field": field})


@lru_cache(maxsize=512)
def _calm(field: str, _language: str) -> SafeString:
    """The empty place under a field, which most have."""
    return render_to_string("components/tone.html", {"hint": None, "field": field})


@register.filter
def is_checkbox(field: BoundField) -> bool:
    return isinstance(field.field.widget, CheckboxInput)


@register.filter
def pairs(mapping: Mapping[str, Any] | None) -> list[tuple[str, Any]]:
    """Name and value of each entry; ``errors.items`` would be the errors of a field called “items”."""
    return list((mapping or {}).items())


@register.filter
def error_count(errors: Mapping[str, Any] | None) -> int:
    """How many messages an error mapping holds."""
    return sum(len(messages) for messages in (errors or {}).values())


@register.filter
def times(count: int) -> range:
    """``{% for _ in n|times %}``."""
    return range(int(count or 0))


@register.filter
def minus(value: int, other: int) -> int:
    """Never below zero: how many are still missing."""
    return max(int(value or 0) - int(other or 0), 0)


@register.filter
def filesize(count: int | None) -> str:
    """Bytes → ``3.1 MB``, ``420 KB``; the same in both languages."""
    size = count or 0
    return f"{size / 1_048_576:.1f} MB" if size >= 1_048_576 else f"{-(-size // 1024)} KB"


@register.simple_tag
def html_lang() -> str:
    """The page's ``lang``: ``zh-Hans`` or ``en``."""
    return "en" if get_language() == "en" else "zh-Hans"


@register.simple_tag
def script_words() -> str:
    """What the script says by itself, in the reader's language, as JSON for one attribute."""
    return _words(get_language() or "zh-hans")


@lru_cache(maxsize=4)
def _words(language: str) -> str:
    return json.dumps(
        {
            "left": _("%(duration)s left"),
            "over": _("%(duration)s overdue"),
            "day": [ngettext("%(count)d day", "%(count)d days", n) for n in (1, 2)],
            "hour": [ngettext("%(count)d hour", "%(count)d hours", n) for n in (1, 2)],
            "minute": [ngettext("%(count)d minute", "%(count)d minutes", n) for n in (1, 2)],
            "second": [ngettext("%(count)d second", "%(count)d seconds", n) for n in (1, 2)],
            "saved": _("Saved %(time)s"),
            "unsaved": _("Not saved. Your text is still here; we keep trying."),
            "sending": _("Uploading %(percent)s%%"),
            "waiting": pgettext("upload", "Waiting"),
            "received": _("Processing"),
            "failed": _("Failed"),
            "broken": _("The connection broke and this file was not uploaded. Try again."),
            "lost": _("Connection lost; going on by itself"),
            "pasted": _("Screenshot"),
            "copied": _("Copied"),
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )
