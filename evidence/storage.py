"""Where bytes are kept, under their own SHA-256: a folder (``file:///dir``) or a bucket (``s3://name?endpoint=&region=``).

Bytes arrive in chunks and are hashed on the way; no whole file is ever held in memory. They stay in a temporary file
until ``keep`` seals them: written, flushed to the disk, then renamed, so that a name always means complete bytes.
"""

import hashlib
import os
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import parse_qs, unquote, urlsplit

from django.conf import settings

CHUNK = 256 * 1024


class TooLarge(Exception):
    """More bytes came than allowed."""


@dataclass(frozen=True)
class Incoming:
    """Received and measured, not yet kept."""

    path: Path
    sha256: str
    size: int


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
            digest, size = hashlib.sha256(), 0
            with os.fdopen(handle, "wb") as file:
                for chunk in chunks:
                    size += len(chunk)
                    if size > limit:
                        raise TooLarge
                    digest.update(chunk)
                    file.write(chunk)
            yield Incoming(Path(name), digest.hexdigest(), size)
        finally:
            Path(name).unlink(missing_ok=True)

    def keep_file(self, path: Path) -> tuple[str, int]:
        """Copy a finished file in; return its SHA-256 and size."""
        with path.open("rb") as file, self.receive(_pieces(file), limit=path.stat().st_size) as incoming:
            self.keep(incoming)
        return incoming.sha256, incoming.size

    def rehash(self, sha256: str) -> str:
        """The SHA-256 of what is kept under that name now. Raises FileNotFoundError."""
        digest = hashlib.sha256()
        with self.open(sha256) as file:
            for piece in _pieces(file):
                digest.update(piece)
        return digest.hexdigest()

    @abstractmethod
    def keep(self, incoming: Incoming) -> None:
        """Seal the bytes under their hash. When this returns they survive a power cut."""

    @abstractmethod
    def open(self, sha256: str) -> BinaryIO:
        """Raises FileNotFoundError."""

    @abstractmethod
    def has(self, sha256: str) -> bool: ...

    @abstractmethod
    def forget(self, sha256: str) -> None:
        """Remove the bytes; nothing happens where there are none."""

    @abstractmethod
    def kept(self) -> Iterator[tuple[str, datetime]]:
        """Every hash there is, with the moment it was last kept."""


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
            os.fsync(file.fileno())
        target.parent.mkdir(parents=True, exist_ok=True)
        # Renaming over bytes already there replaces them by the same ones, heals a damaged copy and renews its date.
        incoming.path.replace(target)
        target.chmod(0o440)
        for folder in (target.parent, target.parent.parent, self.root):
            _sync(folder)

    def open(self, sha256: str) -> BinaryIO:
        return self.path(sha256).open("rb")

    def has(self, sha256: str) -> bool:
        return self.path(sha256).is_file()

    def forget(self, sha256: str) -> None:
        self.path(sha256).unlink(missing_ok=True)

    def kept(self) -> Iterator[tuple[str, datetime]]:
        for path in self.root.glob("??/??/*"):
            yield path.name, datetime.fromtimestamp(path.stat().st_mtime, UTC)


class Bucket(Store):
    """Objects ``aa/bb/<sha256>`` in an S3 bucket. Keys come from the environment, as boto3 reads them."""

    def __init__(self, name: str, *, endpoint: str | None, region: str | None) -> None:
        super().__init__(Path(tempfile.gettempdir()) / "gongduan-incoming")
        # Imported late: one machine with a folder needs no S3 client.
        import boto3

        self.client: Any = boto3.client("s3", endpoint_url=endpoint, region_name=region)
        self.name = name

    @staticmethod
    def key(sha256: str) -> str:
        return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"

    def keep(self, incoming: Incoming) -> None:
        self.client.upload_file(str(incoming.path), self.name, self.key(incoming.sha256))

    def open(self, sha256: str) -> BinaryIO:
        try:
            body: BinaryIO = self.client.get_object(Bucket=self.name, Key=self.key(sha256))["Body"]
        except self.client.exceptions.NoSuchKey as missing:
            raise FileNotFoundError(sha256) from missing
        return body

    def has(self, sha256: str) -> bool:
        found = self.client.list_objects_v2(Bucket=self.name, Prefix=self.key(sha256), MaxKeys=1)
        return bool(found["KeyCount"])

    def forget(self, sha256: str) -> None:
        self.client.delete_object(Bucket=self.name, Key=self.key(sha256))

    def kept(self) -> Iterator[tuple[str, datetime]]:
        for page in self.client.get_paginator("list_objects_v2").paginate(Bucket=self.name):
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
        options = {name: values[0] for name, values in parse_qs(parts.query).items()}
        return Bucket(parts.netloc, endpoint=options.get("endpoint"), region=options.get("region"))
    raise ValueError(f"STORAGE_URL must start with file:// or s3://, not {parts.scheme}://")


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(CHUNK):
        yield piece


def _sync(folder: Path) -> None:
    """Flush a directory, so that the new name in it survives a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
