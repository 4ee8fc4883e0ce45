"""What the bytes of a picture hold beside the picture. Runs in the inspecting process: standard library only."""

import re
from collections.abc import Iterator

_ARCHIVE_END = b"PK\x05\x06"  # what makes bytes openable as ZIP, JAR or an office file, wherever they begin
_ARCHIVE_END_REACH = 65_557
# In lower case; searched one by one, which is many times faster than one expression.
_ANYWHERE = (b"<script", b"<!doctype", b"<iframe", b"rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c")
_AFTERWARDS = (
    *(b"<html", b"<body", b"<svg", b"<?php", b"<?xml", b"pk\x03\x04", b"%pdf-"),
    *(b"%!ps", b"\x7felf", b"mz\x90\x00"),
)
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_PDF_REACH = 1024


class Bad(Exception):
    """The file is refused; the only argument is the code of the reason."""


def refuse_archive(data: bytes) -> None:
    """Raises Bad where the bytes can also be opened as a ZIP archive."""
    if _ARCHIVE_END in data[-_ARCHIVE_END_REACH:]:
        raise Bad("file_has_hidden_content")


def refuse_hidden(data: bytes, end: int) -> None:
    """Raises Bad where a picture ending at ``end`` is also something that another program would open or run.

    Phones append harmless data (a second view, a depth map, a short film); that alone is no reason.
    """
    refuse_archive(data)
    low = data.lower()
    after = low[end:]
    if (
        b"%pdf-" in low[:_PDF_REACH]
        or any(mark in low for mark in _ANYWHERE)
        or any(mark in after for mark in _AFTERWARDS)
    ):
        raise Bad("file_has_hidden_content")


def picture_end(data: bytes, media_type: str) -> int:
    """Where the picture proper ends. Raises Bad where the bytes stop before it does."""
    if media_type == "image/jpeg":
        return next(end for marker, _start, end in jpeg_segments(data) if marker == 0xD9)
    if media_type == "image/png":
        return _png_end(data)
    if media_type == "image/gif":
        return _gif_end(data)
    end = 8 + int.from_bytes(data[4:8], "little")
    if end > len(data):
        raise Bad("file_unreadable")
    return end


def jpeg_segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """(marker, start, end) of every segment; a scan's compressed data belongs to it. The last is 0xD9, the end.

    Raises Bad("file_unreadable") where the bytes stop first.
    """
    at = 2
    while at + 2 <= len(data):
        if data[at] != 0xFF:
            raise Bad("file_unreadable")
        marker = data[at + 1]
        if marker == 0xFF:  # fill byte
            at += 1
            continue
        if marker == 0xD9:
            yield marker, at, at + 2
            return
        bare = marker == 0x01 or 0xD0 <= marker <= 0xD8
        end = at + 2 if bare else at + 2 + int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == 0xDA:
            following = _NEXT_MARKER.search(data, end)
            if following is None:
                raise Bad("file_unreadable")
            end = following.start()
        yield marker, at, end
        at = end
    raise Bad("file_unreadable")


def plain_jpeg(data: bytes) -> bytes:
    """The same picture without what cameras and programs write beside it; colour profile and Adobe mark stay."""
    kept = [data[:2]]
    for marker, start, end in jpeg_segments(data):
        camera = marker == 0xE1 or 0xE3 <= marker <= 0xED or marker in (0xEF, 0xFE)
        if not camera:
            kept.append(data[start:end])
    return b"".join(kept)


def _png_end(data: bytes) -> int:
    at = 8
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        if data[at + 4 : at + 8] == b"IEND":
            return at + 12
        at += 12 + length
    raise Bad("file_unreadable")


_GIF_EXTENSION, _GIF_IMAGE, _GIF_TRAILER = 0x21, 0x2C, 0x3B


def _gif_end(data: bytes) -> int:
    """Blocks are counted on, so that what stands behind the trailer shows."""
    try:
        at = 13 + _gif_colours(data[10])
        while data[at] != _GIF_TRAILER:
            if data[at] == _GIF_EXTENSION:
                at = _gif_blocks_end(data, at + 2)
            elif data[at] == _GIF_IMAGE:
                at = _gif_blocks_end(data, at + 11 + _gif_colours(data[at + 9]))
            else:
                raise Bad("file_unreadable")
    except IndexError:
        raise Bad("file_unreadable") from None
    return at + 1


def _gif_colours(flags: int) -> int:
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _gif_blocks_end(data: bytes, at: int) -> int:
    while data[at]:
        at += data[at] + 1
    return at + 1
