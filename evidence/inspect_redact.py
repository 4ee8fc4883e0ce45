"""Boxes burnt into pictures and pages: what is under them is not in what comes out. Runs in the inspecting process.

The boxes lie beside the file, in ``boxes.json`` of the room: ``{"page", "x", "y", "width", "height"}`` in parts of the
upright picture's (or page's) own size.
"""

import io
import json
import math
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import PIL
import pypdf
import pypdfium2  # type: ignore[import-untyped]
from PIL import Image, ImageDraw

from evidence import inspect_pdf
from evidence.inspect_image import FORMATS, draw_thumb, draw_view, made, upright

BOXES = "boxes.json"
SIDE, LONG_SIDE = 1600, 1100
LONG = 40
"""Documents of more pages are drawn smaller, so that all of them are done in time."""
_INK = (0, 0, 0)


def look(path: Path, media_type: str, room: Path) -> dict[str, Any]:
    """New derivatives of a file that was found good before."""
    boxes = json.loads((room / BOXES).read_text())
    if media_type == "application/pdf":
        tools = f"pypdfium2 {pypdfium2.version.PYPDFIUM_INFO}"
        return {"tools": tools, "derivatives": list(draw_document(path, boxes, room))}
    with Image.open(path, formats=[FORMATS[media_type]]) as image:
        picture = cover(upright(image), boxes)
    return {"tools": f"pillow {PIL.__version__}", "derivatives": [draw_thumb(picture, room), draw_view(picture, room)]}


def cover(picture: Image.Image, boxes: list[Mapping[str, Any]]) -> Image.Image:
    """The picture with the boxes filled in, rounded outwards."""
    picture = picture.convert("RGB")
    draw, (width, height) = ImageDraw.Draw(picture), picture.size
    for box in boxes:
        left, top = math.floor(box["x"] * width), math.floor(box["y"] * height)
        right, bottom = math.ceil((box["x"] + box["width"]) * width), math.ceil((box["y"] + box["height"]) * height)
        draw.rectangle((left, top, max(left, right - 1), max(top, bottom - 1)), fill=_INK)
    return picture


def draw_document(path: Path, boxes: list[Mapping[str, Any]], room: Path) -> Iterator[dict[str, Any]]:
    """Every page drawn as a picture, boxes and all: no text, no hidden layer is left that could be read under them."""
    document = pypdfium2.PdfDocument(path)
    writer = pypdf.PdfWriter()
    side = SIDE if len(document) <= LONG else LONG_SIDE
    for number in range(1, len(document) + 1):
        page = document[number - 1]
        size = page.get_width(), page.get_height()
        drawn = page.render(scale=min(side / max(*size, 1), 4), may_draw_forms=False).to_pil()
        picture = cover(drawn, [box for box in boxes if box["page"] == number])
        writer.append(one_page(picture, side / max(*size, 1)))
        if number == 1:
            yield draw_thumb(picture, room)
        if number <= inspect_pdf.DRAWN_PAGES:
            yield draw_page(picture, number, room)
    writer.metadata = None
    with (room / "view").open("wb") as file:
        writer.write(file)
    yield {"variant": "view", "media_type": "application/pdf", "width": None, "height": None}


def one_page(picture: Image.Image, scale: float) -> io.BytesIO:
    """A PDF of one page as large as the page was, which is its picture."""
    out = io.BytesIO()
    picture.save(out, "PDF", resolution=72 * min(scale, 4), quality=78)
    return out


def draw_page(picture: Image.Image, number: int, room: Path) -> dict[str, Any]:
    small = picture.copy()
    small.thumbnail((inspect_pdf.PAGE_SIDE, inspect_pdf.PAGE_SIDE), Image.Resampling.LANCZOS)
    small.save(room / f"page-{number}", "WEBP", quality=75, method=1)
    return made(f"page-{number}", small)
