"""Reads: who sees what of a dossier, and how complete a side's evidence is."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, TypeVar
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts import policy
from accounts.actors import Actor
from accounts.models import StaffRole, User
from evidence.models import ON_FILE, UNCHECKED, UNLODGED, Dossier, Item, Kind, Reading, State, Variant

PLATFORM = "platform"
DRAWN_PAGES = 8
"""So many of a document's first pages have a picture (``page-1`` …)."""
_READERS = {StaffRole.ARBITER, StaffRole.SUPERVISOR, StaffRole.AUDITOR}


@dataclass(frozen=True, slots=True)
class Picture:
    """A derivative: the bytes people look at instead of the original."""

    sha256: str
    size: int
    media_type: str
    width: int | None
    height: int | None


_NOTHING = Picture("", 0, "", None, None)


@dataclass(frozen=True, slots=True)
class Read:
    """What the inspection read off a file (``evidence.models.Reading``)."""

    advice: tuple[str, ...] = ()
    device: str = ""
    software: str = ""
    software_from: str = ""
    likeness: int | None = None


_UNREAD = Read()


@dataclass(frozen=True)
class Exhibit:
    """An item as one reader may see it. Whatever that reader may not see is empty, not merely hidden.

    ``withheld``: the reader learns that it exists, nothing more. ``original_url`` is empty where only derivatives
    may be seen. ``sha256``, ``size``, ``width`` and ``height`` are the original's for its own side and the platform;
    for the other side they are those of ``view``, the copy it is shown (empty and 0 where nothing is): from the
    original's, what is covered in it could be found by trying. ``covered``: how many parts its side covered before
    lodging. ``platform_only_reason`` is for that side and the platform. ``advice`` (codes of ``evidence.clarity``) is
    for the uploader's side before lodging; ``likeness`` is never shown.
    """

    id: UUID
    side: str
    kind: str
    kind_label: str
    state: str
    exhibit_no: int | None
    slot: str
    caption: str
    name: str
    sha256: str
    size: int
    media_type: str
    width: int | None
    height: int | None
    pages: int | None
    duration_ms: int | None
    received_at: datetime
    lodged_at: datetime | None
    late: bool
    disclosed_at: datetime | None
    withdrawn_at: datetime | None
    withdrawn_reason: str
    capture_at: datetime | None
    platform_only: bool
    platform_only_reason: str
    withheld: bool
    covered: int
    device: str
    software: str
    software_from: str
    advice: tuple[str, ...]
    likeness: int | None
    view: Picture | None
    thumb_url: str
    view_url: str
    original_url: str
    poster_url: str
    page_urls: list[str]
    refused_code: str

    @property
    def open_url(self) -> str:
        """Where a reader looks at it: the picture itself, or a page with the film, the pages or the conversation."""
        plain = self.media_type.startswith("image/") or not self.view_url
        return self.view_url if plain else reverse("evidence:show", args=[self.id])

    @property
    def is_picture(self) -> bool:
        """Whether ``view_url`` is a picture to be shown large where one is."""
        return self.view is not None and self.view.media_type.startswith("image/")

    @property
    def duration_text(self) -> str:
        """``0:48``; empty for what does not last."""
        return clock_text(self.duration_ms) if self.duration_ms is not None else ""

    @property
    def withdrawn(self) -> bool:
        return self.state == State.WITHDRAWN


Shown = TypeVar("Shown", Item, Exhibit)


@dataclass(frozen=True)
class Meter:
    """How far a checklist is filled. ``missing``: the required slots nothing was given for, as they came in."""

    required_done: int
    required_total: int
    helpful_done: int
    helpful_total: int
    missing: list[dict[str, Any]]

    @property
    def complete(self) -> bool:
        return not self.missing


def visible(actor: Actor, item_id: UUID) -> tuple[Item, bool]:
    """The item with its dossier, and whether the actor may have the original. At most two queries.

    Own side: all of its own. Other side: what was disclosed and is not for the platform alone, without the original.
    Arbiters, supervisors, auditors: all that is on file. For everybody else it does not exist: Item.DoesNotExist.
    """
    if not isinstance(actor, User) or not actor.is_active:
        raise Item.DoesNotExist
    item = Item.objects.select_related("dossier", "reading", "redaction").get(pk=item_id)
    side = policy.side_of(actor, item.dossier)
    if side == item.side:
        return item, True
    if side and _shown_to_other(item):
        return item, False
    if not side and actor.staff_role in _READERS and item.state in ON_FILE:
        return item, True
    raise Item.DoesNotExist


def as_seen(item: Item, actor: Actor) -> Exhibit:
    """An item found by ``visible`` as that actor sees it. One query."""
    side = policy.side_of(actor, item.dossier)
    return _composed(item, own=not side or side == item.side)


def exhibits(dossier: Dossier, viewer_side: str) -> list[Exhibit]:
    """What is on file, buyer's first, as ``viewer_side`` (``buyer``, ``merchant`` or ``platform``) sees it.

    Two queries. The other side's items appear once disclosed; those for the platform alone appear as ``withheld``.
    """
    rows = (
        dossier.items.filter(state__in=ON_FILE).select_related("reading", "redaction").prefetch_related("derivatives")
    )
    rows = rows.order_by("side", "exhibit_no")
    own = {viewer_side} if viewer_side != PLATFORM else {"buyer", "merchant"}
    return [_composed(item, own=item.side in own) for item in rows if item.side in own or item.disclosed_at]


def known_bytes(dossier: Dossier, side: str) -> dict[str, Item]:
    """SHA-256 → the item on file that ``side`` knows by it: what it sent, what it is shown of the other side's, and the
    other side's originals as far as they are shown whole. What is covered or withheld in one nobody can find by trying.

    Two queries.
    """
    known: dict[str, Item] = {}
    rows = dossier.items.filter(state__in=ON_FILE).select_related("redaction").prefetch_related("derivatives")
    for item in rows.order_by("side", "exhibit_no"):
        own, open_ = item.side == side, not item.platform_only
        if own or (open_ and not hasattr(item, "redaction")):
            known.setdefault(item.sha256, item)
        if not own and open_ and item.disclosed_at:
            known |= {made.sha256: item for made in item.derivatives.all() if made.sha256 not in known}
    return known


def drafts(dossier: Dossier, side: str) -> list[Exhibit]:
    """What a side has ready but not lodged, for that side alone, in its order. Two queries."""
    rows = dossier.items.filter(side=side, state__in=UNLODGED).select_related("reading", "redaction")
    rows = rows.prefetch_related("derivatives")
    return [_composed(item, own=True) for item in rows.order_by("position", "received_at", "pk")]


_FILE = f"""
    SELECT i.*, made_thumb.id AS thumb_id, made_view.id AS view_id, made_view.sha256 AS view_sha256,
        made_view.size AS view_size, made_view.media_type AS view_media_type, made_view.width AS view_width,
        made_view.height AS view_height, h.boxes, h.spans, r.item_id AS read, r.advice, r.device, r.software,
        r.software_from, r.likeness
    FROM evidence_item i
    LEFT JOIN evidence_derivative made_thumb ON made_thumb.item_id = i.id AND made_thumb.variant = '{Variant.THUMB}'
    LEFT JOIN evidence_derivative made_view ON made_view.item_id = i.id AND made_view.variant = '{Variant.VIEW}'
    LEFT JOIN evidence_redaction h ON h.item_id = i.id
    LEFT JOIN evidence_reading r ON r.item_id = i.id
    WHERE i.dossier_id = %s AND (i.state IN ({", ".join(f"'{state}'" for state in ON_FILE)}) OR i.side = %s)
    ORDER BY i.side, i.exhibit_no, i.position, i.received_at, i.id
"""


def file_of(dossier: Dossier, side: str) -> tuple[list[Exhibit], list[Exhibit]]:
    """``exhibits`` and ``drafts`` of one side at once. One query, in SQL: every case page asks it."""
    items: list[Any] = list(Item.objects.raw(_FILE, [dossier.pk, side]))
    own = {side} if side != PLATFORM else {"buyer", "merchant"}
    shown = [item for item in items if item.state in ON_FILE and (item.side in own or item.disclosed_at)]
    unsent = [item for item in items if item.state in UNLODGED and item.side == side]
    return [_flat(item, own=item.side in own) for item in shown], [_flat(item, own=True) for item in unsent]


def _flat(row: Any, *, own: bool) -> Exhibit:
    """An item with the columns of ``_FILE`` beside its own."""
    view = Picture(row.view_sha256, row.view_size, row.view_media_type, row.view_width, row.view_height)
    read = (
        Read(tuple(json.loads(row.advice)), row.device, row.software, row.software_from, row.likeness)
        if row.read
        else _UNREAD
    )
    return _exhibit(
        row,
        own=own,
        has_thumb=row.thumb_id is not None,
        view=view if row.view_id else None,
        covered=len(json.loads(row.boxes)) + len(json.loads(row.spans)) if row.boxes else 0,
        read=read,
    )


def checklist(slots: Sequence[Mapping[str, Any]], items: Iterable[Item | Exhibit]) -> Meter:
    """Which slots (``slot``, ``required``) have at least one item that was neither refused nor withdrawn. No query."""
    filled = {item.slot for item in items if item.state not in {State.REFUSED, State.WITHDRAWN}}
    required = [dict(slot) for slot in slots if slot["required"]]
    helpful = [slot for slot in slots if not slot["required"]]
    missing = [slot for slot in required if slot["slot"] not in filled]
    return Meter(
        required_done=len(required) - len(missing),
        required_total=len(required),
        helpful_done=sum(slot["slot"] in filled for slot in helpful),
        helpful_total=len(helpful),
        missing=missing,
    )


def silent(slots: Sequence[Mapping[str, Any]], items: Iterable[Shown]) -> list[Shown]:
    """The items that do not say what they show: no caption, and no place in this checklist. No query."""
    known = {slot["slot"] for slot in slots}
    return [item for item in items if not item.caption and item.slot not in known]


def _shown_to_other(item: Item) -> bool:
    return item.state in ON_FILE and item.disclosed_at is not None and not item.platform_only


_KINDS = dict(Kind.choices)


def _composed(item: Item, *, own: bool) -> Exhibit:
    """The same from an item that brings its reading, redaction and derivatives."""
    made = {derivative.variant: derivative for derivative in item.derivatives.all()}
    view, hidden = made.get(Variant.VIEW), getattr(item, "redaction", None)
    reading: Reading | None = getattr(item, "reading", None)
    return _exhibit(
        item,
        own=own,
        has_thumb=Variant.THUMB in made,
        view=Picture(view.sha256, view.size, view.media_type, view.width, view.height) if view else None,
        covered=hidden.count if hidden else 0,
        read=Read(tuple(reading.advice), reading.device, reading.software, reading.software_from, reading.likeness)
        if reading
        else _UNREAD,
    )


def _exhibit(item: Item, *, own: bool, has_thumb: bool, view: Picture | None, covered: int, read: Read) -> Exhibit:
    """Leaves out what the reader may not see, whatever was read."""
    withheld = not own and item.platform_only
    if withheld:
        has_thumb, view, covered = False, None, 0
    measured = item if own else view or _NOTHING
    if not own:
        read = _UNREAD
    return Exhibit(
        id=item.pk,
        side=item.side,
        kind=item.kind,
        kind_label=str(_KINDS[item.kind]),
        state=item.state,
        exhibit_no=item.exhibit_no,
        slot="" if withheld else item.slot,
        caption="" if withheld else _("Erased after its time") if item.erased_at else item.caption,
        name=item.original_name if own else "",
        sha256=measured.sha256,
        size=measured.size,
        media_type="" if withheld else item.media_type,
        width=measured.width,
        height=measured.height,
        pages=None if withheld else item.pages,
        duration_ms=None if withheld else item.duration_ms,
        received_at=item.received_at,
        lodged_at=item.lodged_at,
        late=item.late,
        disclosed_at=item.disclosed_at,
        withdrawn_at=item.withdrawn_at,
        withdrawn_reason="" if withheld or item.erased_at else item.withdrawn_reason,
        capture_at=item.capture_at if own else None,
        platform_only=item.platform_only,
        platform_only_reason=item.platform_only_reason if own else "",
        withheld=withheld,
        covered=covered,
        device=read.device,
        software=read.software,
        software_from=read.software_from,
        advice=read.advice if item.state in UNLODGED else (),
        likeness=read.likeness,
        view=view,
        thumb_url=_url(item, Variant.THUMB) if has_thumb else "",
        view_url=_url(item, Variant.VIEW) if view else "",
        original_url=_url(item, "original") if own and item.state not in UNCHECKED and not item.erased_at else "",
        poster_url=_url(item, Variant.POSTER) if view and item.media_type.startswith("video/") else "",
        page_urls=[_url(item, f"page-{n}") for n in range(1, min(item.pages or 0, DRAWN_PAGES) + 1)] if view else [],
        refused_code=item.refused_code if own else "",
    )


def clock_text(duration_ms: int) -> str:
    minutes, seconds = divmod(round(duration_ms / 1000), 60)
    return f"{minutes}:{seconds:02}"


def _url(item: Item, variant: str) -> str:
    return f"{_files()}{item.pk}/{variant}/"


@cache
def _files() -> str:
    """Where files are shown. Reversed once: a page of thirty items has some ninety addresses."""
    nobody = UUID(int=0)
    return reverse("evidence:file", args=[nobody, "x"]).removesuffix(f"{nobody}/x/")
