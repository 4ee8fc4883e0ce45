"""What a file says of the device and the program that made it. Runs in the inspecting process."""

import re
from typing import Any

from PIL import ExifTags, Image

_XMP_TOOL = re.compile(rb"CreatorTool(?:=[\"']|>)([^\"'<>]{1,100})")
_LONGEST = 100
_XMP_REACH = 256 * 1024


def of_picture(picture: Image.Image) -> dict[str, str]:
    """``device``, ``software`` and ``software_from`` (where the program is named), before pixels are redrawn."""
    exif = picture.getexif()
    make, model = (_readable(exif.get(tag, "")) for tag in (ExifTags.Base.Make, ExifTags.Base.Model))
    device = model if model.lower().startswith(make.lower()) else f"{make} {model}".strip()
    named = [
        ("EXIF Software", _readable(exif.get(ExifTags.Base.Software, ""))),
        ("XMP CreatorTool", _xmp_tool(picture.info.get("xmp") or picture.info.get("XML:com.adobe.xmp", b""))),
        ("PNG Software", _readable(picture.info.get("Software", ""))),
    ]
    return {"device": device[:_LONGEST], **_named(named)}


def of_document(information: Any) -> dict[str, str]:
    """The same from a PDF's document information (None: there is none)."""
    found = information or {}
    named = [(f"PDF {key}", _readable(found.get(f"/{key}", ""))) for key in ("Producer", "Creator")]
    return {"device": "", **_named(named)}


def _named(named: list[tuple[str, str]]) -> dict[str, str]:
    source, software = next((pair for pair in named if pair[1]), ("", ""))
    return {"software": software, "software_from": source}


def _xmp_tool(packet: Any) -> str:
    data = packet.encode(errors="replace") if isinstance(packet, str) else bytes(packet)
    found = _XMP_TOOL.search(data[:_XMP_REACH])
    return _readable(found[1].decode(errors="replace")) if found else ""


def _readable(said: Any) -> str:
    return "".join(char for char in str(said) if char.isprintable()).strip()[:_LONGEST]
