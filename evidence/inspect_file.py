"""Looking into one untrusted file within hard limits, in a process of its own (``evidence.inspect_server``).

Writes the file's derivatives into a room and reports. Imports no Django, sees no settings and no secret. Whatever goes
wrong is a refusal.
"""

import resource
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evidence import inspect_alone
from evidence.inspect_bytes import Bad

MEMORY_BYTES = 512 * 1024 * 1024
OPEN_FILES = 64


@dataclass(frozen=True)
class Limits:
    cpu_seconds: int
    wall_seconds: int
    written_bytes: int


STILL = Limits(cpu_seconds=20, wall_seconds=30, written_bytes=64 * 1024 * 1024)
MOVING = Limits(cpu_seconds=90, wall_seconds=100, written_bytes=220 * 1024 * 1024)


def limits_for(media_type: str) -> Limits:
    return MOVING if media_type.startswith("video/") else STILL


def limit(limits: Limits) -> None:
    """Give up, for good, everything a decoder does not need."""
    inspect_alone.refuse_network()
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_FSIZE, limits.written_bytes),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def look(path: Path, media_type: str, room: Path) -> dict[str, Any]:
    """The report on one file. Decoders are imported only for the type at hand."""
    found: dict[str, Any] = dict.fromkeys(("width", "height", "pages", "duration_ms"))
    found |= {"refused": "", "capture_at": "", "tools": ""}
    if (room / "boxes.json").exists():
        from evidence.inspect_redact import look as look_into
    elif media_type == "application/pdf":
        from evidence.inspect_pdf import look as look_into
    elif media_type.startswith("video/"):
        from evidence.inspect_video import look as look_into
    elif media_type in ("text/plain", "text/csv", "application/json"):
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
