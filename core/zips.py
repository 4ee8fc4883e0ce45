"""ZIP archives written while they are sent: nothing is held in memory but one piece."""

import zipfile
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from core.clock import BEIJING

# Larger than a file may be in the old format: sizes are then written in the new one, which every reader knows.
_LARGE = 1 << 31


class _Pipe:
    """What the archive writes to: the bytes since they were last taken."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def write(self, data: Any) -> int:
        self._pieces.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Nothing waits."""

    def take(self) -> bytes:
        taken, self._pieces = b"".join(self._pieces), []
        return taken


def stream(members: Iterable[tuple[str, Iterable[bytes], int]], *, at: datetime) -> Iterator[bytes]:
    """The archive of (name, pieces, size at most), each stored as it is and dated ``at``, piece by piece."""
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_STORED) as archive:  # type: ignore[call-overload]
        for name, pieces, size in members:
            info = zipfile.ZipInfo(name, at.astimezone(BEIJING).timetuple()[:6])
            info.external_attr = 0o644 << 16
            with archive.open(info, "w", force_zip64=size >= _LARGE) as member:
                for piece in pieces:
                    member.write(piece)
                    yield pipe.take()
    yield pipe.take()
