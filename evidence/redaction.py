"""Covering what is nobody's business (遮盖): before lodging, by the item's own side, burnt into what others are given.

The original stays sealed. From its first redaction on an item has two sets of derivatives: the covered ones, which
stand for it everywhere, and the clear ones (``own-…``), which only its own side is given, to go on covering.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import Actor
from core.errors import Conflict, Refused
from evidence import custody, inspection, items, keeping, masks, receiving
from evidence.models import OWN, UNLODGED, Derivative, Item, Redaction, State, Variant
from evidence.storage import store

MOST = 100
"""Boxes or places in a text, each."""
SMALLEST = 0.001
TEXT_TYPES = ("text/plain", "text/csv", "application/json")
PAGED = "application/pdf"


@dataclass(frozen=True)
class Box:
    """A box on a picture, or on a page of a document (counted from 1), in parts of its width and height."""

    x: float
    y: float
    width: float
    height: float
    page: int = 1


@dataclass(frozen=True)
class Suggestion:
    """A place that seems to name a person or a place. ``before`` and ``after``: the words around it."""

    start: int
    end: int
    kind: str
    text: str
    before: str
    after: str


def redact(
    *,
    actor: Actor,
    item: Item,
    boxes: Sequence[Box] = (),
    spans: Sequence[tuple[int, int]] = (),
    words: Sequence[str] = (),
    at: datetime,
) -> Item:
    """Cover exactly these boxes of a picture or document, or these places of a text; none: uncover all.

    ``words`` are covered wherever a text has them. Call it outside any lock of yours: drawing takes its time. The
    covered derivatives are sealed before their rows are written. Raises Refused: redaction_fits_kind,
    redaction_at_most, redaction_inside, redaction_words_found, evidence_not_ready (409), evidence_sealed (409), the
    codes of ``inspection``.
    """
    item = coverable(item)
    boxes, places = _checked(item, boxes), _places(item, spans, words)
    if places:
        made, tools = [_covered_text(item, places)], "gongduan"
    elif boxes:
        made, tools = _drawn(item, boxes)
    else:
        made, tools = [], ""
    with transaction.atomic():
        item = items.locked(item, UNLODGED)
        keeping.claim(derivative.sha256 for derivative in made)
        _replace(item, made)
        Redaction.objects.filter(item=item).delete()
        if made:
            Redaction.objects.create(item=item, boxes=[asdict(box) for box in boxes], spans=places, at=at)
        custody.enter(
            verb="redacted",
            actor=actor,
            item=item,
            at=at,
            audience=custody.audience_of(item),
            boxes=len(boxes),
            places=len(places),
            derived=[derivative.facts for derivative in made],
            tools=tools,
        )
    return item


def coverable(item: Item) -> Item:
    """The item as it is now, if it is checked and not on file. Raises Refused: evidence_not_ready, evidence_sealed."""
    fresh = Item.objects.select_related("dossier").get(pk=item.pk)
    if fresh.state in UNLODGED and fresh.state != State.READY:
        raise Conflict("evidence_not_ready", _("This file is not checked yet. Cover parts of it once it is."))
    with transaction.atomic():
        return items.locked(fresh, UNLODGED)


def kind_of(item: Item) -> str:
    """What of an item can be covered: ``boxes``, ``text``, or nothing."""
    if item.media_type in TEXT_TYPES:
        return "text"
    return "boxes" if item.media_type == PAGED or item.media_type.startswith("image/") else ""


def clear_text(item: Item) -> str:
    """The text as its own side reads it, nothing covered. One query, one stored file of at most a few MB."""
    clear = clear_derivatives(item)[Variant.VIEW]
    with store().open(clear.sha256) as file:
        return file.read().decode()


def clear_derivatives(item: Item) -> Mapping[str, Derivative]:
    """Variant → what shows everything. For the item's own side alone. One query."""
    rows = {row.variant: row for row in Derivative.every.filter(item=item)}
    return {name.removeprefix(OWN): row for name, row in rows.items() if name.startswith(OWN) or OWN + name not in rows}


def suggestions(text: str, *, around: int = 18) -> list[Suggestion]:
    """What might be covered in a text, with the words around it."""
    return [
        Suggestion(
            start=mask.start,
            end=mask.end,
            kind=mask.kind,
            text=text[mask.start : mask.end],
            before=text[max(0, mask.start - around) : mask.start].rpartition("\n")[2],
            after=text[mask.end : mask.end + around].partition("\n")[0],
        )
        for mask in masks.suggested(text)
    ]


def _checked(item: Item, boxes: Iterable[Box]) -> list[Box]:
    boxes = list(boxes)
    if boxes and kind_of(item) != "boxes":
        raise _no_fit()
    _require_few(boxes)
    pages = (item.pages or 1) if item.media_type == PAGED else 1
    return [_inside(box, pages) for box in boxes]


def _inside(box: Box, pages: int) -> Box:
    """The box cut to the picture, to four decimals."""
    left, top = max(0.0, box.x), max(0.0, box.y)
    right, bottom = min(1.0, box.x + box.width), min(1.0, box.y + box.height)
    if not 1 <= box.page <= pages or right - left < SMALLEST or bottom - top < SMALLEST:
        raise Refused(
            "redaction_inside",
            _("A box lies outside the picture or is too small. Move it, or take it away."),
            field="boxes",
        )
    return Box(round(left, 4), round(top, 4), round(right - left, 4), round(bottom - top, 4), box.page)


def _places(item: Item, spans: Sequence[tuple[int, int]], words: Sequence[str]) -> list[tuple[int, int]]:
    """Spans and words as places in the clear text, in order. No query where there are none."""
    words = [word for word in words if word.strip()]
    if not spans and not words:
        return []
    if kind_of(item) != "text":
        raise _no_fit()
    text = clear_text(item)
    places = {(start, end) for start, end in spans}
    if not all(0 <= start < end <= len(text) for start, end in places):
        raise Refused("redaction_inside", _("A place to cover lies outside the text."), field="spans")
    for word in words:
        found = masks.everywhere(text, word.strip())
        if not found:
            raise Refused(
                "redaction_words_found", _("“%(words)s” is not in the text.") % {"words": word.strip()}, field="words"
            )
        places |= set(found)
    _require_few(places, most=10 * MOST)
    return sorted(places)


def _require_few(asked: Iterable[Any], most: int = MOST) -> None:
    if len(list(asked)) > most:
        raise Refused("redaction_at_most", _("At most %(n)d places can be covered in one item.") % {"n": most})


def _no_fit() -> Refused:
    return Refused(
        "redaction_fits_kind",
        _("This kind of file cannot be covered in parts."),
        still_possible=[_("Let only the platform see it, with a reason."), _("Send a file that shows less.")],
    )


def _covered_text(item: Item, places: list[tuple[int, int]]) -> Derivative:
    data = masks.covered(clear_text(item), places).encode()
    with store().receive([data], limit=len(data)) as incoming:
        store().keep(incoming)
    kept = {"sha256": incoming.sha256, "size": incoming.size, "media_type": "text/plain"}
    return Derivative(item=item, variant=Variant.VIEW, **kept)


def _drawn(item: Item, boxes: list[Box]) -> tuple[list[Derivative], str]:
    """The covered derivatives, sealed, and the tools that drew them. Raises Refused where drawing fails."""
    with (
        store().local(item.sha256) as path,
        inspection.inspect(path, item.media_type, boxes=[asdict(box) for box in boxes]) as report,
    ):
        if report.refused:
            raise receiving.refusal(report.refused, item.original_name)
        made = receiving.keep_made(report)
    for derivative in made:
        derivative.item = item
    return made, report.tools


def _replace(item: Item, made: list[Derivative]) -> None:
    """Set the covered derivatives in the place of the clear ones, which are kept aside; none: the clear ones again."""
    rows = list(Derivative.every.filter(item=item))
    aside = {row.variant.removeprefix(OWN) for row in rows if row.variant.startswith(OWN)}
    Derivative.every.filter(item=item, variant__in=aside).delete()
    kept = [row for row in rows if row.variant not in aside]
    for row in kept:
        row.variant = row.variant.removeprefix(OWN)
        if made:
            row.variant = OWN + row.variant
    Derivative.every.bulk_update(kept, ["variant"])
    Derivative.every.bulk_create(made)
