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
    """One accepted type. ``limit`` is in bytes and may be reached; ``noun`` is what messages call such a file."""

    media_type: str
    label: str
    suffixes: tuple[str, ...]
    limit: int
    kind: Kind
    noun: Any


JPEG = Type("image/jpeg", "JPEG", (".jpg", ".jpeg", ".jpe", ".jfif"), 10 * MIB, Kind.PHOTO, _("Photo"))
PNG = Type("image/png", "PNG", (".png",), 10 * MIB, Kind.PHOTO, _("Photo"))
WEBP = Type("image/webp", "WebP", (".webp",), 10 * MIB, Kind.PHOTO, _("Photo"))
PDF = Type("application/pdf", "PDF", (".pdf",), 20 * MIB, Kind.DOCUMENT, _("Document"))
TEXT = Type("text/plain", "TXT", (".txt",), 2 * MIB, Kind.CHAT, _("Text"))
TAKEN = (JPEG, PNG, WEBP, PDF, TEXT)
ACCEPT = ",".join(suffix for taken in TAKEN for suffix in taken.suffixes)
"""For the file field's ``accept``."""

# What a text file must not begin with: the beginnings of things that other programs would open or run.
_NOT_TEXT = (
    b"mz", b"\x7felf", b"pk\x03\x04", b"%pdf", b"%!ps", b"{\\rtf", b"#!", b"#extm3u", b"ffconcat", b"<!doctype",
    b"<html", b"<svg", b"<?xml", b"<?php", b"<script", b"<iframe", b"push graphic-context", b"mime-version:",
)  # fmt: skip


def by_name(name: str) -> Type | None:
    suffix = PurePosixPath(name).suffix.lower()
    return next((taken for taken in TAKEN if suffix in taken.suffixes), None)


def by_bytes(head: bytes) -> Type | None:
    """The type that the first bytes say; None where they are nobody's (text has no such mark)."""
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return WEBP
    if head.startswith(b"%PDF-"):
        return PDF
    return None


def may_be_text(head: bytes) -> bool:
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    return b"\0" not in head and not start.startswith(_NOT_TEXT)
