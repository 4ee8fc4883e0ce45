"""Looking into a file in a process of its own, which has little memory, little time and no secrets. Fails closed."""

import atexit
import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from threading import BoundedSemaphore
from typing import Any

from django.conf import settings

from core.clock import BEIJING
from core.health import host_now
from evidence import antivirus
from evidence.storage import LEFT_FOR, store

NOT_CHECKED = "file_not_checked"
"""No verdict: the inspecting process itself failed."""
_ANSWER_BYTES = 64 * 1024
# Two at a time keep one web process within its memory whatever is uploaded together.
_SEATS = BoundedSemaphore(2)
_idle: "list[_Inspector]" = []


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
    """What was found. ``refused`` is the code of the reason, empty for a good file. ``capture_at`` is only claimed.

    ``reading``: what becomes an ``evidence.models.Reading``; empty for a file that has none.
    """

    refused: str = ""
    width: int | None = None
    height: int | None = None
    pages: int | None = None
    duration_ms: int | None = None
    capture_at: datetime | None = None
    tools: str = ""
    derivatives: tuple[Made, ...] = ()
    reading: Mapping[str, Any] = field(default_factory=dict)


@contextmanager
def inspect(path: Path, media_type: str, *, boxes: Sequence[Mapping[str, Any]] = ()) -> Iterator[Report]:
    """Run the inspecting process on ``path`` and read its report; whatever it leaves is removed afterwards.

    With ``boxes`` it only draws derivatives with them burnt in (``evidence.inspect_redact``).
    Never raises for a bad file: a crash, a passed limit or an answer that makes no sense is a refusal. Raises
    antivirus.Unavailable where a scanner is asked for and gives no verdict.
    """
    if antivirus.found_in(path):
        yield _report({"refused": "file_has_virus"}, path)
        return
    with store().room() as room:
        if boxes:
            (room / "boxes.json").write_text(json.dumps(boxes))
        with _SEATS:
            answer = _run(path, media_type, room)
        yield _report(answer, room)


class _Inspector:
    """A waiting process and the way to ask it; its environment holds nothing of ours.

    Whoever starts one first removes what a process killed on this machine left: the sweep may run on another.
    """

    def __init__(self) -> None:
        store().sweep_temporary(before=host_now() - LEFT_FOR)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "evidence.inspect_server"],
            cwd=settings.BASE_DIR,
            env={"LANG": "C.UTF-8", "OPENBLAS_NUM_THREADS": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def ask(self, path: Path, media_type: str, room: Path) -> dict[str, Any]:
        """Raises OSError or ValueError when the process is gone or makes no sense."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps([str(path), media_type, str(room)]) + "\n")
        self.process.stdin.flush()
        answer = json.loads(self.process.stdout.readline(_ANSWER_BYTES))
        if not isinstance(answer, dict):
            raise ValueError("not a report")
        return answer

    def end(self) -> None:
        self.process.kill()
        self.process.communicate()


def _run(path: Path, media_type: str, room: Path) -> dict[str, Any]:
    """Ask a waiting process, starting one if none waits. One that fails is ended, and the file is not believed."""
    inspector = _idle.pop() if _idle else _Inspector()
    try:
        answer = inspector.ask(path, media_type, room)
    except (OSError, ValueError):
        inspector.end()
        return {"refused": "file_not_checked"}
    _idle.append(inspector)
    return answer


@atexit.register
def _end_all() -> None:
    while _idle:
        _idle.pop().end()


def _report(answer: dict[str, Any], room: Path) -> Report:
    if answer.get("refused") != "":
        return Report(refused=str(answer.get("refused") or "file_unreadable"))
    return Report(
        width=answer["width"],
        height=answer["height"],
        pages=answer["pages"],
        duration_ms=answer["duration_ms"],
        capture_at=_moment(answer["capture_at"]),
        tools=str(answer["tools"]),
        derivatives=tuple(
            Made(made["variant"], room / made["variant"], made["media_type"], made["width"], made["height"])
            for made in answer["derivatives"]
        ),
        reading=answer.get("reading") or {},
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
