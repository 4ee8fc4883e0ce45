"""The parts of an exhibit's card (``components/evidence_item.html``), which a page shows by the dozen.

Joined here and not in the template: it would ask some twenty questions for each card.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.template.defaultfilters import linebreaksbr
from django.utils.html import conditional_escape as escape
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from core.templatetags.ui import degree, exhibit_mark, icon, shortmoment, side_chip

register = template.Library()

Card = Mapping[str, Any]


@register.simple_tag
def card_picture(item: Card) -> SafeString:
    """The small picture, leading to the large view; an icon where there is none."""
    if item.get("withdrawn_at"):
        return _empty("span", "", icon("file-x"))
    href = escape(item["href"]) if item.get("href") else ""
    if item.get("thumb"):
        return _thumb(item, href)
    if href:
        words = f'<span class="vh">{_("Open")} {escape(item["caption"])}</span>'
        return _empty("a", f' href="{href}"', f"{words}{icon('file-text')}")
    return _empty("span", "", icon("file-text"))


def _empty(tag: str, attributes: str, inside: str) -> SafeString:
    return SafeString(f'<{tag} class="thumb thumb--empty"{attributes}>{inside}</{tag}>')


def _thumb(item: Card, href: str) -> SafeString:
    alt = f"{escape(item['caption'])}{_(' (open the large view)') if href else ''}"
    picture = f'<img src="{escape(item["thumb"])}" width="360" height="360" loading="lazy" alt="{alt}">'
    mark = f'<span class="thumb__tag">{escape(item["tag"])}</span>' if item.get("tag") else ""
    if not href:
        return SafeString(f'<span class="thumb">{picture}{mark}</span>')
    large = " data-view" if item.get("picture") else ""
    return SafeString(f'<a class="thumb" href="{href}"{large}>{picture}{mark}</a>')


@register.simple_tag
def card_meta(item: Card) -> SafeString:
    """What kind it is, since when, and what is to be known about it, in one line."""
    parts = [escape(item["withdrawn_text"])] if item.get("withdrawn_at") else list(_said(item))
    if item.get("receipt_href"):
        words = f'{_("Receipt")}<span class="vh"> {escape(item["caption"])}</span>'
        parts.append(SafeString(f'<a href="{escape(item["receipt_href"])}">{words}</a>'))
    return SafeString(" · ".join(parts))


def _said(item: Card) -> Iterable[str]:
    yield escape(item["kind_word"])
    yield shortmoment(item["at"])
    if item.get("slot_word"):
        yield escape(item["slot_word"])
    if item.get("late"):
        yield f"<strong>{_('late')}</strong>"
    if item.get("platform_only"):
        yield f"<strong>{_('platform only')}</strong>"
    if item.get("covered"):
        yield _("partly covered")
    if item.get("state_word"):
        yield escape(item["state_word"])


@register.simple_tag
def answer(reply: Card) -> SafeString:
    """One answer to an exhibit: ``reply`` {side, word, stance, stance_word, cites [{side, no, href}], text, at}."""
    head: list[str] = [side_chip(reply["side"], reply.get("word") or "")]
    if reply.get("stance"):
        head.append(degree(reply["stance"], reply["stance_word"]))
    head += [f" {exhibit_mark(cite['side'], cite['no'], cite.get('href') or '')}" for cite in reply.get("cites") or ()]
    if reply.get("at"):
        head.append(f'<span class="meta">{shortmoment(reply["at"])}</span>')
    text = f"<p>{linebreaksbr(reply['text'])}</p>" if reply.get("text") else ""
    return SafeString(f'<div class="reply"><p class="reply__head">{"".join(head)}</p>{text}</div>')
