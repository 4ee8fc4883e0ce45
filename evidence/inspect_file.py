"""Looking into one untrusted file within hard limits, in a process of its own (``evidence.inspect_server``).

Writes the file's derivatives into a room and reports. Imports no Django, sees no settings and no secret. Whatever goes
wrong is a refusal.
"""

import resource
from pathlib import Path
from typing import Any

from evidence.inspect_bytes import Bad

MEMORY_BYTES = 512 * 1024 * 1024
CPU_SECONDS = 20
WRITTEN_BYTES = 64 * 1024 * 1024
OPEN_FILES = 64


def limit() -> None:
    """Give up, for good, everything a decoder does not need."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, WRITTEN_BYTES),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def look(path: Path, media_type: str, room: Path) -> dict[str, Any]:
    """The report on one file. Decoders are imported only for the type at hand."""
    found: dict[str, Any] = {"refused": "", "width": None, "height": None, "pages": None, "capture_at": "", "tools": ""}
    if media_type == "application/pdf":
        from evidence.inspect_pdf import look as look_into
    elif media_type == "text/plain":
        from evidence.inspect_text import look as look_into
    else:
        from evidence.inspect_image import look as look_into
    return found | look_into(path, media_type, room)


def report(path: Path, media_type: str, room: Path) -> dict[str, Any]:
    """``look``, whatever happens."""
    try:
        return look(path, media_type, room)
    except Bad as bad:
        return {"refused": str(bad.args[0])}
    except MemoryError:
        return {"refused": "file_too_complex"}
    except Exception:  # a decoder's complaint, of whatever class, means that the file is not readable
        return {"refused": "file_unreadable"}
