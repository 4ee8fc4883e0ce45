"""Asking clamd about a file (its INSTREAM command), where ``CLAMD_URL`` names one. Fails closed."""

import socket
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

_PIECE = 64 * 1024
_ANSWER_BYTES = 4096


class Unavailable(Exception):
    """A scanner is asked for, and it gave no verdict."""


def found_in(path: Path) -> bool:
    """Whether the scanner calls the file harmful; always false where none is asked. Raises Unavailable."""
    if not settings.CLAMD_URL:
        return False
    try:
        with _connected() as link, path.open("rb") as file:
            link.sendall(b"zINSTREAM\0")
            while piece := file.read(_PIECE):
                link.sendall(len(piece).to_bytes(4, "big") + piece)
            link.sendall(bytes(4))
            answer = _answer(link)
    except OSError as error:
        raise Unavailable(str(error)) from error
    if answer.endswith(b" FOUND"):
        return True
    if answer.endswith(b": OK"):
        return False
    raise Unavailable(answer.decode(errors="replace"))


def _connected() -> socket.socket:
    parts = urlsplit(settings.CLAMD_URL)
    if parts.scheme == "unix":
        link = socket.socket(socket.AF_UNIX)
        link.settimeout(settings.CLAMD_TIMEOUT_SECONDS)
        try:
            link.connect(parts.path)
        except OSError:
            link.close()
            raise
        return link
    return socket.create_connection((parts.hostname, parts.port or 3310), timeout=settings.CLAMD_TIMEOUT_SECONDS)


def _answer(link: socket.socket) -> bytes:
    said = b""
    while b"\0" not in said and len(said) < _ANSWER_BYTES:
        piece = link.recv(_ANSWER_BYTES)
        if not piece:
            break
        said += piece
    return said.partition(b"\0")[0].strip()
