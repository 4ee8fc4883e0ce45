"""Two pictures of a case side by side: a page of forms that the page's script turns into a viewer."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from arbitration import desk_case
from arbitration.queries import CaseFile
from arbitration.views import common
from core import moments
from core.templatetags.ui import exhibit_text, filesize
from evidence.queries import Exhibit

PANES = (("left", "buyer"), ("right", "merchant"))


@dataclass(frozen=True)
class Picture:
    """An item's picture, a page of it, or the first frame of a film. ``key`` names it in addresses."""

    key: str
    side: str
    no: int | None
    caption: str
    label: str
    src: str
    alt: str
    facts: list[tuple[str, str]]
    flags: list[str]
    original_url: str


@common.staff_page
@require_GET
def compare(request: HttpRequest, number: str) -> HttpResponse:
    """The pictures that ``left`` and ``right`` name, else the first of each side. As many queries as a case file."""
    file = common.load(request, number)
    common.note_reading(request, file)
    pictures = [picture for item in file.exhibits for picture in _pictures(file, item)]
    panes = [_pane(pictures, name, side, request.GET.get(name, "")) for name, side in PANES]
    context = {"file": file, "case": file.case, "items": pictures, "panes": panes}
    return render(request, "arbitration/compare.html", {**context, "shortcuts": common.reader(request).shortcuts})


def _pane(pictures: list[Picture], name: str, side: str, wanted: str) -> dict[str, Any]:
    """Any picture may be asked for; the side's own come first, so that two of one side can be compared too."""
    own = [picture for picture in pictures if picture.side == side]
    options = own + [picture for picture in pictures if picture.side != side]
    asked = [picture for picture in pictures if picture.key == wanted or picture.key.startswith(f"{wanted}.")]
    shown = next(iter([*(asked if wanted else []), *own]), None)
    return {"name": name, "side": side, "shown": shown, "options": options}


def _pictures(file: CaseFile, item: Exhibit) -> Iterator[Picture]:
    if item.withdrawn:
        return
    for page, src in _sources(item):
        mark = exhibit_text(item.side, item.exhibit_no or 0)
        where = _("page %(n)d") % {"n": page} if page else ""
        caption = " · ".join(filter(None, [file.shows(item), where]))
        yield Picture(
            key=f"{item.id}.{page}" if page else str(item.id),
            side=item.side,
            no=item.exhibit_no,
            caption=caption,
            label=f"{mark} {caption}",
            src=src,
            alt=caption,
            facts=strip(item),
            flags=desk_case.flags(file, item),
            original_url=item.original_url,
        )


def _sources(item: Exhibit) -> list[tuple[int, str]]:
    """(page or 0, address) of what of an item is a picture."""
    if item.page_urls:
        return list(enumerate(item.page_urls, 1))
    if item.poster_url:
        return [(0, item.poster_url)]
    return [(0, item.view_url)] if item.view and item.view.media_type.startswith("image/") else []


def strip(item: Exhibit) -> list[tuple[str, str]]:
    """What the file says of itself, and what was measured of it."""
    size = f"{item.width} × {item.height}" if item.width and item.height else ""
    rows = [
        (_("Taken, as the file says"), moments.short_text(item.capture_at) if item.capture_at else _("not said")),
        (_("Device"), item.device or _("not said")),
        (_("Program"), item.software or _("not said")),
        (_("Received"), moments.short_text(item.received_at)),
        (_("Size"), " · ".join(filter(None, [size, item.duration_text, filesize(item.size)]))),
        ("SHA-256", item.sha256),
    ]
    return [(str(label), str(value)) for label, value in rows]
