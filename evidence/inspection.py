"""Looking into a file in a process of its own, which has little memory, little time and no secrets. Fails closed."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

from django.conf import settings

from core.clock import BEIJING

WALL_SECONDS = 30
_ANSWER_BYTES = 64 * 1024
# Two at a time keep one web process within its memory whatever is uploaded together.
_SEATS = BoundedSemaphore(2)


@dataclass(frozen=True)
class Made:
    """A derivative waiting to be kept; gone when the inspection ends."""

    variant: str
    path: Path
    media_type: str
    width: int | None
    height: int | None


@dataclass(frozen=True)
class Report:
    """What was found. ``refused`` is the code of the reason, empty for a good file. ``capture_at`` is only claimed."""

    refused: str = ""
    width: int | None = None
    height: int | None = None
    pages: int | None = None
    capture_at: datetime | None = None
    tools: str = ""
    derivatives: tuple[Made, ...] = ()


@contextmanager
def inspect(path: Path, media_type: str) -> Iterator[Report]:
    """Run the inspecting process on ``path`` and read its report; whatever it leaves is removed afterwards.

    Never raises for a bad file: a crash, a passed limit or an answer that makes no sense is a refusal.
    """
    with tempfile.TemporaryDirectory(prefix="gongduan-inspect-", ignore_cleanup_errors=True) as room:
        with _SEATS:
            answer = _run(path, media_type, Path(room))
        yield _report(answer, Path(room))


def _run(path: Path, media_type: str, room: Path) -> dict[str, Any]:
    try:
        done = subprocess.run(
            [sys.executable, "-m", "evidence.inspect_file", str(path), media_type, str(room)],
            cwd=settings.BASE_DIR,
            env={"LANG": "C.UTF-8", "TMPDIR": str(room), "OPENBLAS_NUM_THREADS": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=WALL_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"refused": "file_too_complex"}
    except OSError:
        return {"refused": "file_not_checked"}
    if done.returncode < 0:
        return {"refused": "file_too_complex"}
    try:
        answer = json.loads(done.stdout[:_ANSWER_BYTES])
    except ValueError:
        return {"refused": "file_unreadable"}
    return answer if isinstance(answer, dict) else {"refused": "file_unreadable"}


def _report(answer: dict[str, Any], room: Path) -> Report:
    if answer.get("refused") != "":
        return Report(refused=str(answer.get("refused") or "file_unreadable"))
    return Report(
        width=answer["width"],
        height=answer["height"],
        pages=answer["pages"],
        capture_at=_moment(answer["capture_at"]),
        tools=str(answer["tools"]),
        derivatives=tuple(
            Made(made["variant"], room / made["variant"], made["media_type"], made["width"], made["height"])
            for made in answer["derivatives"]
        ),
    )


def _moment(claimed: str) -> datetime | None:
    """A camera without a time zone is taken to be in Beijing; nonsense is no claim at all."""
    try:
        moment = datetime.fromisoformat(claimed)
    except ValueError:
        return None
    if not 1990 <= moment.year <= 2100:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=BEIJING)
