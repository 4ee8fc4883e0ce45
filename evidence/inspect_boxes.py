"""The boxes that HEIC, MP4 and MOV files are made of. Runs in the inspecting process: standard library only."""

from collections.abc import Iterator
from pathlib import Path

from evidence.inspect_bytes import Bad, refuse_archive

_TAIL = 128 * 1024
_MOST_BOXES = 20_000


def boxes(path: Path) -> Iterator[tuple[bytes, int, int]]:
    """(name, start, end) of every outermost box. Raises Bad("file_unreadable") where one reaches past the end."""
    size = path.stat().st_size
    with path.open("rb") as file:
        at = 0
        for _count in range(_MOST_BOXES):
            if at >= size:
                return
            file.seek(at)
            head = file.read(16)
            if not any(head):  # phones pad with zeros
                return
            length, name = int.from_bytes(head[:4], "big"), head[4:8]
            if length == 1:
                length = int.from_bytes(head[8:16], "big")
            elif length == 0:  # to the end
                length = size - at
            if length < 8 or at + length > size:
                raise Bad("file_unreadable")
            yield name, at, at + length
            at += length
    raise Bad("file_too_complex")


def refuse_odd_boxes(path: Path) -> None:
    """Raises Bad where a file is cut short, or can also be opened as an archive."""
    names = [name for name, _start, _end in boxes(path)]
    if not all(all(32 <= byte < 127 or byte == 0xA9 for byte in name) for name in names):
        raise Bad("file_has_hidden_content")
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL))
        refuse_archive(file.read())
