"""Texts and chat exports: readable as UTF-8 or GB18030. Runs in the inspecting process."""

import csv
import json
import unicodedata
from pathlib import Path
from typing import Any

from evidence import transcripts
from evidence.inspect_bytes import Bad

_KEPT = "\n\t\u200d"  # the last holds emoji together
_UNSEEN = {"Cc", "Cf", "Cs"}


def look(path: Path, media_type: str, room: Path) -> dict[str, Any]:
    text = plain(read(path.read_bytes()), media_type)
    (room / "view").write_text(shown(text), encoding="utf-8", newline="\n")
    return {"derivatives": [{"variant": "view", "media_type": "text/plain", "width": None, "height": None}]}


def plain(text: str, media_type: str) -> str:
    """What people read: tables and objects as a transcript where they are one, as they came where they are not."""
    try:
        if media_type == "text/csv":
            return transcripts.written(transcripts.from_csv(text)) or text
        if media_type == "application/json":
            return transcripts.written(transcripts.from_json(text)) or json.dumps(
                json.loads(text), ensure_ascii=False, indent=2
            )
    except (csv.Error, ValueError, RecursionError):
        raise Bad("file_unreadable") from None
    return text


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
