"""File names as people sent them, made safe to show; and the sentences that name a file when it is refused."""

import unicodedata
from pathlib import PurePosixPath

from django.utils.translation import gettext as _

from evidence import types
from evidence.models import NAME_LENGTH

_UNSEEN = {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
_JOINER = "\u200d"  # holds emoji together


def safe(name: str) -> str:
    """The last part of the path without what no reader can see, shortened in the middle, never its ending."""
    last = name.replace("\\", "/").rpartition("/")[2]
    shown = "".join(char for char in last if char == _JOINER or unicodedata.category(char) not in _UNSEEN)
    shown = " ".join(shown.split()).lstrip(".") or "file"
    if len(shown) <= NAME_LENGTH:
        return shown
    ending = suffix(shown)[:20]
    return f"{shown[: NAME_LENGTH - len(ending) - 1]}…{ending}"


def suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower()


def message(code: str, name: str, taken: types.Type | None) -> str:
    """The sentence for a refusal code. An unknown code says that the file could not be read."""
    said = {
        "file_empty": _("%(noun)s “%(name)s” is empty and was not uploaded."),
        "file_too_large": _("%(noun)s “%(name)s” is over %(limit)d MB and was not uploaded."),
        "file_type_refused": _(
            "“%(name)s” was not uploaded. Use a photo (JPEG, PNG, WebP, HEIC, GIF), a PDF, a video (MP4, MOV, WebM) "
            "or a chat export (TXT, CSV, JSON)."
        ),
        "file_content_mismatch": _("“%(name)s” is not a real %(label)s file and was not uploaded."),
        "file_unreadable": _("%(noun)s “%(name)s” is damaged or incomplete and was not uploaded."),
        "file_not_checked": _("%(noun)s “%(name)s” could not be checked and was not uploaded. Try again in a moment."),
        "file_too_complex": _("%(noun)s “%(name)s” takes too long to open and was not uploaded."),
        "image_too_many_pixels": _("%(noun)s “%(name)s” has more than 50 million pixels and was not uploaded."),
        "file_has_hidden_content": _("%(noun)s “%(name)s” has other content hidden in it and was not uploaded."),
        "pdf_encrypted": _("%(noun)s “%(name)s” is protected by a password and was not uploaded."),
        "pdf_too_many_pages": _("%(noun)s “%(name)s” has more than 200 pages and was not uploaded."),
        "pdf_active_content": _("%(noun)s “%(name)s” contains a script or an action and was not uploaded."),
        "pdf_embedded_files": _("%(noun)s “%(name)s” contains other files and was not uploaded."),
        "video_too_long": _("%(noun)s “%(name)s” is longer than 30 minutes and was not uploaded."),
        "video_too_many_pixels": _("%(noun)s “%(name)s” is larger than 4K and was not uploaded."),
        "video_without_picture": _("%(noun)s “%(name)s” has no picture that can be shown and was not uploaded."),
        "file_has_virus": _("%(noun)s “%(name)s” was found harmful by the virus scanner and was not uploaded."),
        "text_not_readable": _("%(noun)s “%(name)s” is not UTF-8 or GB18030 text and was not uploaded."),
    }
    sentence = said.get(code, said["file_unreadable"])
    return sentence % {
        "noun": taken.noun if taken else _("File"),
        "name": name,
        "limit": taken.limit // types.MIB if taken else 0,
        "label": taken.label if taken else "",
    }
