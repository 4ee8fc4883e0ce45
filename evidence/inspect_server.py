"""A waiting inspecting process: ``python -m evidence.inspect_server``, its decoders already imported.

Reads one JSON line a file (``[path, media type, room]``) and answers with one JSON line. Each file is inspected in a
child of its own, forked and limited like ``inspect_file``, which ends with it: what a hostile file breaks breaks alone.
Ends when its standard input does.
"""

import contextlib
import json
import os
import select
import signal
import sys
import time
from pathlib import Path
from typing import Any

from evidence import inspect_file, inspect_image, inspect_pdf, inspect_text, inspect_video

PRELOADED = (inspect_image, inspect_pdf, inspect_text, inspect_video)
ANSWER_BYTES = 64 * 1024


def serve() -> None:
    for line in sys.stdin:
        path, media_type, room = json.loads(line)
        sys.stdout.write(json.dumps(inspect(Path(path), media_type, Path(room))) + "\n")
        sys.stdout.flush()


def inspect(path: Path, media_type: str, room: Path) -> dict[str, Any]:
    """One file in one child. A child that dies, says nothing sensible or takes too long is a refusal."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _child(path, media_type, room, writing)
    os.close(writing)
    try:
        said = _read(reading, time.monotonic() + inspect_file.limits_for(media_type).wall_seconds)
    finally:
        os.close(reading)
        with contextlib.suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    if said is None:
        return {"refused": "file_too_complex"}
    try:
        answer = json.loads(said)
    except ValueError:
        return {"refused": "file_too_complex"}
    return answer if isinstance(answer, dict) else {"refused": "file_unreadable"}


def _child(path: Path, media_type: str, room: Path, writing: int) -> None:
    """Never returns: whatever happens, the child ends here."""
    try:
        os.close(sys.stdin.fileno())
        os.close(sys.stdout.fileno())
        os.environ["TMPDIR"] = str(room)
        inspect_file.limit(inspect_file.limits_for(media_type))
        os.write(writing, json.dumps(inspect_file.report(path, media_type, room)).encode())
    finally:
        os._exit(0)


def _read(pipe: int, until: float) -> bytes | None:
    """What the child says until it ends; None when it is not done by then."""
    said = b""
    poll = select.poll()
    poll.register(pipe, select.POLLIN | select.POLLHUP)
    while len(said) <= ANSWER_BYTES:
        if not poll.poll(max(0.0, until - time.monotonic()) * 1000):
            return None
        piece = os.read(pipe, ANSWER_BYTES)
        if not piece:
            break
        said += piece
    return said


if __name__ == "__main__":
    serve()
