"""Texts: readable as UTF-8 or GB18030. Runs in the inspecting process."""

import unicodedata
from pathlib import Path
from typing import Any

from evidence.inspect_bytes import Bad

_KEPT = "\n\t\u200d"  # the last holds emoji together
_UNSEEN = {"Cc", "Cf", "Cs"}


def look(path: Path, media_type: str, room: Path) -> dict[str, Any]:
    text = read(path.read_bytes())
    (room / "view").write_text(shown(text), encoding="utf-8", newline="\n")
    return {"derivatives": [{"variant": "view", "media_type": media_type, "width": None, "height": None}]}


def read(data: bytes) -> str:
    """Raises Bad("text_not_readable")."""
    if b"\0" in data:
        raise Bad("text_not_readable")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Bad("text_not_readable")


def shown(text: str) -> str:
    """The text with one kind of line end and without what no reader can see."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(char for char in text if char in _KEPT or unicodedata.category(char) not in _UNSEEN)
