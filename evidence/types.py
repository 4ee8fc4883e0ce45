"""The file types taken, by name, by first bytes and by size; and what gives other types away."""

from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any

from django.utils.translation import gettext_lazy as _

from evidence.models import Kind

MIB = 1024 * 1024
ITEMS_PER_SIDE = 30


@dataclass(frozen=True)
class Type:
    """One accepted type. ``limit`` is in bytes and may be reached; ``noun`` is what messages call such a file.

    ``slow``: looking into it takes longer than a reader should wait, so a worker does it.
    """

    media_type: str
    label: str
    suffixes: tuple[str, ...]
    limit: int
    kind: Kind
    noun: Any
    slow: bool = False


JPEG = Type("image/jpeg", "JPEG", (".jpg", ".jpeg", ".jpe", ".jfif"), 10 * MIB, Kind.PHOTO, _("Photo"))
PNG = Type("image/png", "PNG", (".png",), 10 * MIB, Kind.PHOTO, _("Photo"))
WEBP = Type("image/webp", "WebP", (".webp",), 10 * MIB, Kind.PHOTO, _("Photo"))
HEIC = Type("image/heic", "HEIC", (".heic", ".heif"), 10 * MIB, Kind.PHOTO, _("Photo"))
GIF = Type("image/gif", "GIF", (".gif",), 10 * MIB, Kind.PHOTO, _("Photo"))
PDF = Type("application/pdf", "PDF", (".pdf",), 20 * MIB, Kind.DOCUMENT, _("Document"))
MP4 = Type("video/mp4", "MP4", (".mp4", ".m4v"), 200 * MIB, Kind.VIDEO, _("Video"), slow=True)
MOV = Type("video/quicktime", "MOV", (".mov", ".qt"), 200 * MIB, Kind.VIDEO, _("Video"), slow=True)
WEBM = Type("video/webm", "WebM", (".webm",), 200 * MIB, Kind.VIDEO, _("Video"), slow=True)
TEXT = Type("text/plain", "TXT", (".txt",), 2 * MIB, Kind.CHAT, _("Text"))
CSV = Type("text/csv", "CSV", (".csv",), 2 * MIB, Kind.CHAT, _("Text"))
JSON = Type("application/json", "JSON", (".json",), 2 * MIB, Kind.CHAT, _("Text"))
TAKEN = (JPEG, PNG, WEBP, HEIC, GIF, PDF, MP4, MOV, WEBM, TEXT, CSV, JSON)
TEXTS = (TEXT, CSV, JSON)
_ALIKE = ({MP4, MOV},)
"""Phones write either kind under either name."""
ACCEPT = ",".join(suffix for taken in TAKEN for suffix in taken.suffixes)
"""For the file field's ``accept``."""
LARGEST = max(taken.limit for taken in TAKEN)
HEAD_BYTES = 4096
"""What ``by_bytes`` and ``may_be_text`` want to see."""

# What a text file must not begin with: the beginnings of things that other programs would open or run.
_NOT_TEXT = (
    b"mz", b"\x7felf", b"pk\x03\x04", b"%pdf", b"%!ps", b"{\\rtf", b"#!", b"#extm3u", b"ffconcat", b"<!doctype",
    b"<html", b"<svg", b"<?xml", b"<?php", b"<script", b"<iframe", b"push graphic-context", b"mime-version:",
)  # fmt: skip


def by_name(name: str) -> Type | None:
    suffix = PurePosixPath(name).suffix.lower()
    return next((taken for taken in TAKEN if suffix in taken.suffixes), None)


def by_media_type(media_type: str) -> Type:
    return next(taken for taken in TAKEN if taken.media_type == media_type)


_STARTS = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"%PDF-", PDF),
)
_STILL_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"hevc", b"hevx"}
_OLD_QUICKTIME = {b"moov", b"mdat", b"wide", b"free", b"skip"}


def by_bytes(head: bytes) -> Type | None:
    """The type that the first bytes say; None where they are nobody's (text has no such mark)."""
    for start, taken in _STARTS:
        if head.startswith(start):
            return taken
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return WEBP
    if head.startswith(b"\x1aE\xdf\xa3") and b"webm" in head[:64]:
        return WEBM
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        return HEIC if brand in _STILL_BRANDS else MOV if brand == b"qt  " else MP4
    return MOV if head[4:8] in _OLD_QUICKTIME else None


def alike(named: Type, found: Type | None) -> bool:
    """Whether bytes of type ``found`` may go under a name of type ``named``."""
    return named is found or any({named, found} == pair for pair in _ALIKE)


def suffix_of(media_type: str) -> str:
    """The ending of a file of one of our types, derivatives (WebP, PDF, text) included."""
    return next((taken.suffixes[0] for taken in TAKEN if taken.media_type == media_type), "")


def may_be_text(head: bytes) -> bool:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return b"\0" not in head and not start.startswith(_NOT_TEXT)
