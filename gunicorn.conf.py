"""How gunicorn serves: threads, and no endless patience with senders that dawdle. Read by gunicorn from this folder.

Whoever says nothing for 20 s (``GONGDUAN_SILENT_SECONDS``), or sends a body slower than 4 KB/s after half a minute, is
cut off, so that nobody can hold a thread for long; and nobody fills the disk with a body larger than any file may be. A
proxy in front that takes requests in first protects better still.
"""

import errno
import os
import socket
import struct
import time
from typing import Any

worker_class = "gthread"
threads = 8

SILENT_SECONDS = int(os.environ.get("GONGDUAN_SILENT_SECONDS", "20"))
GRACE_SECONDS = 30
SLOWEST_BYTES_A_SECOND = 4 * 1024
LARGEST_BODY = 210 * 1024 * 1024
READ_AT_ONCE = 256 * 1024
"""As much as the application asks for: what comes beyond it is copied once more for each time it asks."""


def when_ready(server: Any) -> None:
    """Accepted connections take this limit over from the listening ones."""
    for listener in server.LISTENERS:
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", SILENT_SECONDS, 0))


class Watched:
    """A connection whose body has to keep coming."""

    def __init__(self, link: Any) -> None:
        self.link, self._begun, self._received = link, time.monotonic(), 0

    def recv(self, size: int) -> bytes:
        data: bytes = self.link.recv(size)
        self._received += len(data)
        late = time.monotonic() - self._begun - GRACE_SECONDS
        if late > 0 and self._received < late * SLOWEST_BYTES_A_SECOND:
            raise ConnectionResetError(errno.ECONNRESET, "the sender is too slow")
        if self._received > LARGEST_BODY:
            raise ConnectionResetError(errno.ECONNRESET, "the body is too large")
        if not data:  # in the middle of a body: what came must not pass for all of it
            raise ConnectionResetError(errno.ECONNRESET, "the sender left")
        return data


def pre_request(worker: Any, request: Any) -> None:
    link = request.unreader.sock
    request.unreader.sock = Watched(link.link if isinstance(link, Watched) else link)
    request.unreader.max_body_chunk = READ_AT_ONCE
