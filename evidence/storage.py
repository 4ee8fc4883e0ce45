"""Where bytes are kept, under their own SHA-256: a folder (``file:///dir``) or a bucket (``s3://name?endpoint=&region=``).

Bytes arrive in chunks and are hashed on the way; no whole file is ever held in memory. They stay in a temporary file
until ``keep`` seals them: written, flushed to the disk, then renamed, so that a name always means complete bytes.
A bucket is told the hash with the bytes and refuses to keep anything else.
"""

import base64
import hashlib
import io
import os
import shutil
import sys
import tempfile
import zlib
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import unquote, urlsplit

from django.conf import settings

from core.outside import bucket, sync

CHUNK = 256 * 1024
PIECE = CHUNK
"""Length of the pieces whose check sums tell later where a damaged file was damaged."""

AHEAD = 8
"""So many chunks wait to be hashed while the next are received."""
EARLY = 1024 * 1024
"""So much is received before the disk begins to write it, instead of all at the end."""


LEFT_FOR = timedelta(days=1)
"""So old must be what a killed process left before it is removed."""
_ROOM = "room-"


class TooLarge(Exception):
    """More bytes came than allowed."""


@dataclass(frozen=True)
class Incoming:
    """Received and measured, not yet kept. ``sums``: see ``Measure``."""

    path: Path
    sha256: str
    size: int
    sums: str = ""


class Measure:
    """Size, SHA-256 and the sums of bytes that come in pieces of any length.

    ``sums`` is the CRC-32 of each ``PIECE`` bytes, eight hexadecimal digits each. They say where a file was damaged,
    never whether: that is what the SHA-256 is for.
    """

    def __init__(self) -> None:
        self.size = 0
        self._digest = hashlib.sha256()
        self._sums: list[int] = []

    def feed(self, data: bytes) -> None:
        self._digest.update(data)
        self._sum(data)

    @contextmanager
    def aside(self) -> Iterator[Callable[[bytes], None]]:
        """``feed`` for many megabytes that come by and by: hashed in a thread of their own while the next are awaited.

        The measure is complete when the block ends.
        """
        waiting: deque[Future[None]] = deque()
        with ThreadPoolExecutor(1) as thread:

            def feed(data: bytes) -> None:
                waiting.append(thread.submit(self._digest.update, data))
                self._sum(data)
                if len(waiting) > AHEAD:
                    waiting.popleft().result()

            yield feed

    def _sum(self, data: bytes) -> None:
        view = memoryview(data)
        while view:
            filled = self.size % PIECE
            if not filled:
                self._sums.append(0)
            part = view[: PIECE - filled]
            self._sums[-1] = zlib.crc32(part, self._sums[-1])
            self.size += len(part)
            view = view[len(part) :]

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    @property
    def sums(self) -> str:
        return "".join(f"{piece:08x}" for piece in self._sums)


class Store(ABC):
    """Content-addressed bytes. Keeping the same bytes twice keeps them once."""

    def __init__(self, temporary: Path) -> None:
        self.temporary = temporary

    @contextmanager
    def receive(self, chunks: Iterable[bytes], *, limit: int) -> Iterator[Incoming]:
        """Take in at most ``limit`` bytes, hashing; the temporary file is gone afterwards unless kept.

        Raises TooLarge as soon as one byte more arrives.
        """
        self.temporary.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix="incoming-", dir=self.temporary)
        try:
            measure = Measure()
            with os.fdopen(handle, "wb") as file:
                for chunk in chunks:
                    if measure.size + len(chunk) > limit:
                        raise TooLarge
                    measure.feed(chunk)
                    file.write(chunk)
            yield Incoming(Path(name), measure.sha256, measure.size, measure.sums)
        finally:
            Path(name).unlink(missing_ok=True)

    def keep_file(self, path: Path) -> tuple[str, int]:
        """Copy a finished file in; return its SHA-256 and size."""
        with path.open("rb") as file, self.receive(_pieces(file), limit=path.stat().st_size) as incoming:
            self.keep(incoming)
        return incoming.sha256, incoming.size

    def rehash(self, sha256: str) -> Measure:
        """What is kept under that name now, read to its end. Raises FileNotFoundError."""
        measure = Measure()
        with self.open(sha256) as file:
            for piece in _pieces(file):
                measure.feed(piece)
        return measure

    def sweep_temporary(self, *, before: datetime) -> int:
        """Remove what a killed process had received and not yet kept, and rooms (``room``) it left.

        Returns how many of both went.
        """
        gone = 0
        for path in [*self.temporary.glob("incoming-*"), *self.temporary.glob(f"{_ROOM}*")]:
            with suppress(FileNotFoundError):
                if datetime.fromtimestamp(path.stat().st_mtime, UTC) < before:
                    shutil.rmtree(path) if path.is_dir() else path.unlink()
                    gone += 1
        return gone

    @contextmanager
    def room(self) -> Iterator[Path]:
        """An empty folder of this machine, beside what waits to be kept; gone afterwards with all that is in it."""
        self.temporary.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=_ROOM, dir=self.temporary, ignore_cleanup_errors=True) as room:
            yield Path(room)

    @contextmanager
    def local(self, sha256: str) -> Iterator[Path]:
        """The bytes as a file of this machine, for reading; a copy goes afterwards. Raises FileNotFoundError."""
        self.temporary.mkdir(parents=True, exist_ok=True)
        with self.open(sha256) as file, tempfile.NamedTemporaryFile(prefix="incoming-", dir=self.temporary) as copy:
            for piece in _pieces(file):
                copy.write(piece)
            copy.flush()
            yield Path(copy.name)

    @abstractmethod
    def keep(self, incoming: Incoming) -> None:
        """Seal the bytes under their hash. When this returns they survive a power cut."""

    @abstractmethod
    def open(self, sha256: str, start: int = 0, length: int | None = None) -> BinaryIO:
        """The bytes, or ``length`` of them from ``start`` on. Raises FileNotFoundError."""

    def has(self, sha256: str) -> bool:
        return self.kept_at(sha256) is not None

    @abstractmethod
    def kept_at(self, sha256: str) -> datetime | None:
        """When the bytes were last kept; None where there are none."""

    @abstractmethod
    def forget(self, sha256: str) -> None:
        """Remove the bytes; nothing happens where there are none."""

    @abstractmethod
    def kept(self, prefix: str = "") -> Iterator[tuple[str, datetime]]:
        """Every hash there is, or those that begin with two digits, with the moment it was last kept."""


class Folder(Store):
    """``aa/bb/<sha256>`` below a directory."""

    def __init__(self, root: Path) -> None:
        super().__init__(root / "incoming")
        self.root = root

    def path(self, sha256: str) -> Path:
        return self.root / sha256[:2] / sha256[2:4] / sha256

    def keep(self, incoming: Incoming) -> None:
        target = self.path(incoming.sha256)
        with incoming.path.open("rb") as file:
            if target.parent.exists():
                os.fsync(file.fileno())
            else:
                with ThreadPoolExecutor(1) as beside:  # the disk flushes both in about the time of one
                    made = beside.submit(_make, target.parent)
                    os.fsync(file.fileno())
                made.result()
        # Renaming over bytes already there replaces them by the same ones, heals a damaged copy and renews its date.
        incoming.path.replace(target)
        target.chmod(0o440)
        sync(target.parent)

    def open(self, sha256: str, start: int = 0, length: int | None = None) -> BinaryIO:
        file = self.path(sha256).open("rb")
        file.seek(start)
        return file if length is None else io.BufferedReader(_Part(file, length))

    def kept_at(self, sha256: str) -> datetime | None:
        try:
            return datetime.fromtimestamp(self.path(sha256).stat().st_mtime, UTC)
        except FileNotFoundError:
            return None

    @contextmanager
    def local(self, sha256: str) -> Iterator[Path]:
        yield self.path(sha256)

    def forget(self, sha256: str) -> None:
        self.path(sha256).unlink(missing_ok=True)

    def kept(self, prefix: str = "") -> Iterator[tuple[str, datetime]]:
        for path in self.root.glob(f"{prefix or '??'}/??/*"):
            if kept_at := self.kept_at(path.name):
                yield path.name, kept_at


def _make(shelf: Path) -> None:
    """A folder ``aa/bb``. When this returns its name and the one above survive a power cut."""
    new = [folder for folder in (shelf.parent, shelf) if not folder.exists()]
    shelf.mkdir(parents=True, exist_ok=True)
    for folder in new:
        sync(folder.parent)


class Bucket(Store):
    """Objects ``aa/bb/<sha256>`` in an S3 bucket. Keys come from the environment, as boto3 reads them.

    What is on its way there waits on this machine, under ``VAR_DIR``.
    """

    def __init__(self, url: str) -> None:
        super().__init__(settings.VAR_DIR / "incoming")
        self.client, self.name = bucket(url)

    @staticmethod
    def key(sha256: str) -> str:
        return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"

    def keep(self, incoming: Incoming) -> None:
        # One request, whole or not at all, read from the disk as it is sent; the server compares bytes and hash.
        with incoming.path.open("rb") as file:
            self.client.put_object(
                Bucket=self.name,
                Key=self.key(incoming.sha256),
                Body=file,
                ContentLength=incoming.size,
                ChecksumAlgorithm="SHA256",
                ChecksumSHA256=base64.b64encode(bytes.fromhex(incoming.sha256)).decode(),
            )

    def open(self, sha256: str, start: int = 0, length: int | None = None) -> BinaryIO:
        if length == 0:
            return io.BytesIO()
        wanted: dict[str, str] = {}
        if start or length is not None:
            wanted["Range"] = f"bytes={start}-{'' if length is None else start + length - 1}"
        try:
            body = self.client.get_object(Bucket=self.name, Key=self.key(sha256), **wanted)["Body"]
        except self.client.exceptions.NoSuchKey as missing:
            raise FileNotFoundError(sha256) from missing
        except self.client.exceptions.ClientError as error:
            if error.response["Error"]["Code"] != "InvalidRange":
                raise
            return io.BytesIO()
        return io.BufferedReader(_Body(body), CHUNK)

    def kept_at(self, sha256: str) -> datetime | None:
        found = self.client.list_objects_v2(Bucket=self.name, Prefix=self.key(sha256), MaxKeys=1)
        return next((row["LastModified"] for row in found.get("Contents", [])), None)

    def forget(self, sha256: str) -> None:
        self.client.delete_object(Bucket=self.name, Key=self.key(sha256))

    def kept(self, prefix: str = "") -> Iterator[tuple[str, datetime]]:
        for page in self.client.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=prefix):
            for found in page.get("Contents", []):
                yield found["Key"].rpartition("/")[2], found["LastModified"]


def store() -> Store:
    """The store that ``STORAGE_URL`` names."""
    return _store(settings.STORAGE_URL)


@lru_cache(maxsize=8)
def _store(url: str) -> Store:
    parts = urlsplit(url)
    if parts.scheme == "file":
        return Folder(Path(unquote(parts.path)))
    if parts.scheme == "s3":
        return Bucket(url)
    raise ValueError(f"STORAGE_URL must start with file:// or s3://, not {parts.scheme}://")


class _Part(io.RawIOBase):
    """The next ``length`` bytes of an open file, which closes with it."""

    def __init__(self, file: BinaryIO, length: int) -> None:
        self.file, self.left = file, length

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self.file.read(min(len(buffer), self.left))
        buffer[: len(data)] = data
        self.left -= len(data)
        return len(data)

    def close(self) -> None:
        self.file.close()
        super().close()


class _Body(_Part):
    """What a bucket answers, to its end."""

    def __init__(self, body: Any) -> None:
        super().__init__(body, sys.maxsize)


def write_early(file: BinaryIO, start: int, length: int) -> None:
    """Let the disk begin with bytes just written; it is not waited for. The flush at the end then has little left."""
    if sys.platform == "linux":
        os.posix_fadvise(file.fileno(), start, length, os.POSIX_FADV_DONTNEED)


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(CHUNK):
        yield piece
