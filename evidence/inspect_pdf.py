"""PDFs: nothing in them may act or carry other files; re-saved without metadata. Runs in the inspecting process."""

import io
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pypdf
import pypdfium2  # type: ignore[import-untyped]
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    EncodedStreamObject,
    IndirectObject,
)

from evidence import inspect_traces
from evidence.inspect_bytes import Bad, plain_jpeg, refuse_archive
from evidence.inspect_image import draw_thumb, made

MOST_PAGES = 200
DRAWN_PAGES = 8
"""So many of the first pages are drawn; the rest is in the file itself."""
PAGE_SIDE = 1400
MOST_OBJECTS = 200_000
_ACTIONS = {"/JavaScript", "/Launch", "/SubmitForm", "/ImportData", "/RichMediaExecute", "/Rendition", "/Movie"}
_ACTIVE_KEYS = {"/JavaScript", "/JS", "/AA", "/XFA", "/RichMediaContent"}
_CARRIER_KEYS = {"/EmbeddedFiles", "/EmbeddedFile", "/EF"}
_CARRIER_ANNOTATIONS = {"/FileAttachment", "/RichMedia", "/Movie", "/Sound", "/Screen", "/3D"}
_BESIDE = ("/Metadata", "/PieceInfo", "/LastModified")
_BESIDE_NOTE = ("/A", "/PA", "/M", "/NM", "/CreationDate")

logging.disable(logging.CRITICAL)  # pypdf reports every oddity; standard error goes nowhere anyway


def look(path: Path, media_type: str, room: Path) -> dict[str, Any]:
    data = path.read_bytes()
    if b"%%EOF" not in data[-2048:]:
        raise Bad("file_unreadable")
    refuse_archive(data)
    reader = pypdf.PdfReader(io.BytesIO(data))
    if reader.is_encrypted and not reader.decrypt(""):
        raise Bad("pdf_encrypted")
    pages = len(reader.pages)
    if pages > MOST_PAGES:
        raise Bad("pdf_too_many_pages")
    if not pages:
        raise Bad("file_unreadable")
    refuse_active(reader)
    with (room / "view").open("wb") as file:
        plain(reader).write(file)
    return {
        "pages": pages,
        "tools": f"pypdf {pypdf.__version__}, pypdfium2 {pypdfium2.version.PYPDFIUM_INFO}",
        "derivatives": [
            *draw_pages(data, room),
            {"variant": "view", "media_type": media_type, "width": None, "height": None},
        ],
        "reading": inspect_traces.of_document(reader.metadata),
    }


def refuse_active(reader: pypdf.PdfReader) -> None:
    """Walk every object that can be reached. Raises Bad: pdf_active_content, pdf_embedded_files, file_too_complex."""
    waiting: list[Any] = [reader.trailer]
    seen: set[int] = set()
    steps = 0
    while waiting:
        steps += 1
        if steps > MOST_OBJECTS:
            raise Bad("file_too_complex")
        found = waiting.pop()
        if isinstance(found, IndirectObject):
            if found.idnum in seen:
                continue
            seen.add(found.idnum)
            found = found.get_object()
        if isinstance(found, DictionaryObject):
            refuse_dictionary(found)
            waiting += [dict.__getitem__(found, key) for key in found]
        elif isinstance(found, ArrayObject):
            waiting += [list.__getitem__(found, index) for index in range(len(found))]


def refuse_dictionary(found: DictionaryObject) -> None:
    if _ACTIVE_KEYS & found.keys() or str(found.get("/S")) in _ACTIONS:
        raise Bad("pdf_active_content")
    opening = found.get("/OpenAction")
    if isinstance(opening, DictionaryObject) and opening.get("/S") != "/GoTo":
        raise Bad("pdf_active_content")
    carrier = found.get("/Type") == "/EmbeddedFile" or str(found.get("/Subtype")) in _CARRIER_ANNOTATIONS
    if carrier or _CARRIER_KEYS & found.keys():
        raise Bad("pdf_embedded_files")


def plain(reader: pypdf.PdfReader) -> pypdf.PdfWriter:
    """The pages alone: no document information, no actions, no camera data inside pictures."""
    writer = pypdf.PdfWriter()
    for page in reader.pages:
        writer.add_page(page)
    writer.metadata = None
    for found in writer._objects:
        if isinstance(found, DictionaryObject):
            strip(found)
    return writer


def strip(found: DictionaryObject) -> None:
    note = "/Rect" in found and "/Subtype" in found
    for key in (*_BESIDE, *_BESIDE_NOTE) if note else _BESIDE:
        found.pop(key, None)
    if note and str(found["/Subtype"]) != "/Widget":
        found.pop("/T", None)  # the writer's name
    if isinstance(found, EncodedStreamObject) and found.get("/Filter") in ("/DCTDecode", ["/DCTDecode"]):
        found._data = plain_jpeg(found._data)


def draw_pages(data: bytes, room: Path) -> Iterator[dict[str, Any]]:
    """A thumbnail of the first page, and the first pages as pictures: ``page-1`` …"""
    document = pypdfium2.PdfDocument(data)
    for number in range(1, min(len(document), DRAWN_PAGES) + 1):
        page = document[number - 1]
        scale = PAGE_SIDE / max(page.get_width(), page.get_height(), 1)
        picture = page.render(scale=min(scale, 4), may_draw_forms=False).to_pil().convert("RGB")
        if number == 1:
            yield draw_thumb(picture, room)
        picture.save(room / f"page-{number}", "WEBP", quality=75, method=1)
        yield made(f"page-{number}", picture)
