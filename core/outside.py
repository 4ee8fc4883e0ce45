"""A place outside the database for what must not change from inside: a folder or a bucket. A name is written once."""

import os
import tempfile
from abc import ABC, abstractmethod
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import parse_qs, unquote, urlsplit


class Outside(ABC):
    @abstractmethod
    def put(self, name: str, data: bytes) -> None:
        """Write a name once; afterwards it survives a power cut. Raises FileExistsError."""

    @abstractmethod
    def open(self, name: str) -> BinaryIO:
        """Raises FileNotFoundError."""

    @abstractmethod
    def names(self) -> Iterator[str]:
        """Every name, in no order."""


class Folder(Outside):
    def __init__(self, root: Path) -> None:
        self.root = root

    def put(self, name: str, data: bytes) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=self.root, prefix=".") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
            os.link(file.name, self.root / name)
        sync(self.root)

    def open(self, name: str) -> BinaryIO:
        return (self.root / name).open("rb")

    def names(self) -> Iterator[str]:
        return (path.name for path in self.root.glob("[!.]*"))


class Bucket(Outside):
    def __init__(self, url: str) -> None:
        self.client, self.name = bucket(url)

    def put(self, name: str, data: bytes) -> None:
        try:
            self.client.put_object(Bucket=self.name, Key=name, Body=data, IfNoneMatch="*")
        except self.client.exceptions.ClientError as error:
            if error.response["Error"]["Code"] == "PreconditionFailed":
                raise FileExistsError(name) from error
            raise

    def open(self, name: str) -> BinaryIO:
        try:
            body: BinaryIO = self.client.get_object(Bucket=self.name, Key=name)["Body"]
        except self.client.exceptions.NoSuchKey as missing:
            raise FileNotFoundError(name) from missing
        return body

    def names(self) -> Iterator[str]:
        for page in self.client.get_paginator("list_objects_v2").paginate(Bucket=self.name):
            yield from (found["Key"] for found in page.get("Contents", []))


def outside(url: str) -> Outside:
    """``file:///dir`` or ``s3://name?endpoint=&region=``."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return Folder(Path(unquote(parts.path)))
    if parts.scheme == "s3":
        return Bucket(url)
    raise ValueError(f"must start with file:// or s3://, not {parts.scheme}://")


def bucket(url: str) -> tuple[Any, str]:
    """An S3 client, its keys from the environment as boto3 reads them, and the bucket's name."""
    # Imported late: one machine with a folder needs no S3 client.
    import boto3

    parts = urlsplit(url)
    options = {name: values[0] for name, values in parse_qs(parts.query).items()}
    client = boto3.client("s3", endpoint_url=options.get("endpoint"), region_name=options.get("region"))
    return client, parts.netloc


def sync(folder: Path) -> None:
    """Flush a directory, so that a new name in it survives a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
