"""Files that come in pieces (tus 1.0): a row says how far each is, its bytes wait in one file until they are whole.

What counts is what was flushed to the disk: the row's offset is written afterwards, and bytes beyond it are cut off
when the next piece comes. Nothing here is locked while bytes arrive but the one waiting file.
"""

import fcntl
import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import Conflict, Refused
from evidence import items, names, receiving, types
from evidence.models import Dossier, Upload
from evidence.storage import CHUNK, EARLY, Incoming, Measure, store, write_early

KEPT = timedelta(hours=24)
"""After its last piece; then the upload and its bytes go."""
ALGORITHMS = ("sha1", "sha256")
LONG = 2 * 1024 * 1024
"""From here on a file is hashed beside being received."""


@dataclass(frozen=True)
class Checksum:
    algorithm: str
    digest: bytes


def begin(
    *,
    actor: User,
    dossier: Dossier,
    side: str,
    name: str,
    length: int,
    kind: str = "",
    slot: str = "",
    caption: str = "",
    at: datetime,
    with_bytes: bool = False,
) -> Upload:
    """A place for ``length`` bytes that are to come.

    ``with_bytes``: the first come in this request; ``append`` then writes the row, or, when they are all, the item at
    once. Raises Refused: items_limit (uploads under way count), file_empty, file_too_large (413), file_type_refused,
    caption_too_long, caption_unseen.
    """
    caption, name = items.readable_caption(caption), names.safe(name)
    named = types.by_name(name)
    if named is None and names.suffix(name):
        raise receiving.refusal("file_type_refused", name)
    if not length:
        raise receiving.refusal("file_empty", name, named)
    if length > (named.limit if named else types.LARGEST):
        raise receiving.refusal("file_too_large", name, named)
    upload = Upload(
        dossier=dossier,
        side=side,
        uploader=actor,
        name=name,
        length=length,
        kind=kind,
        slot=slot,
        caption=caption,
        begun_at=at,
        expires_at=at + KEPT,
    )
    if not with_bytes:
        _insert(upload)
    return upload


def _insert(upload: Upload) -> None:
    """Its row, if there is room. Raises Refused("items_limit"). Two queries."""
    receiving.require_room(upload.dossier, upload.side, in_pieces=True)
    upload.save(force_insert=True)


def append(
    *,
    upload: Upload,
    offset: int,
    pieces: Iterable[bytes],
    announced: int = 0,
    checksum: Checksum | None = None,
    at: datetime,
) -> Upload:
    """Add bytes at ``offset``; what came before a connection broke counts. The last byte makes it an item.

    ``announced``: so many bytes are said to come. Where they are the last, all are hashed while they arrive.

    With a checksum all of it counts, or nothing. Raises Refused: upload_busy (423), upload_offset_current (409),
    upload_longer_than_said (413), upload_checksum_right (460), items_limit where it was begun with these bytes, and
    what ``receiving.receive`` raises about the whole.
    """
    with _held(upload) as (file, upload):  # noqa: PLR1704
        if upload.item_id is not None:
            return upload
        if offset != upload.offset:
            raise Conflict("upload_offset_current", _("The upload stands at byte %(n)d.") % {"n": upload.offset})
        measure = _write(file, upload, pieces, announced, checksum)
        upload.offset, upload.expires_at = file.tell(), at + KEPT
        if upload.offset == upload.length:  # sealing flushes it
            _finish(file, upload, measure or _measured(file), at)
            return upload
        os.fsync(file.fileno())
        if upload.is_written:
            Upload.objects.filter(pk=upload.pk).update(offset=upload.offset, expires_at=upload.expires_at)
        else:
            _insert(upload)
        return upload


def _write(
    file: BinaryIO, upload: Upload, pieces: Iterable[bytes], announced: int, checksum: Checksum | None
) -> Measure | None:
    """The measure of all bytes up to the last of these, where they are the first ones or are to be the last."""
    measure = Measure() if not upload.offset or upload.offset + announced >= upload.length else None
    sum_of = hashlib.new(checksum.algorithm, usedforsecurity=False) if checksum else None
    try:
        with _measuring(measure, upload.length) as feed:
            if feed:
                _feed_earlier(file, upload.offset, feed)
            for piece in _written(file, upload, pieces):
                if feed:
                    feed(piece)
                if sum_of:
                    sum_of.update(piece)
        if checksum and sum_of and sum_of.digest() != checksum.digest:
            raise Refused("upload_checksum_right", _("These bytes are not what their checksum says."), status=460)
    except Refused:
        file.truncate(upload.offset)
        raise
    file.flush()
    return measure


def _feed_earlier(file: BinaryIO, until: int, feed: Callable[[bytes], None]) -> None:
    """What came in earlier pieces; the file is then where it was, at its end."""
    file.seek(0)
    for start in range(0, until, CHUNK):
        feed(file.read(min(CHUNK, until - start)))


def _measuring(measure: Measure | None, length: int) -> AbstractContextManager[Callable[[bytes], None] | None]:
    """A second thread pays from some megabytes on."""
    if measure and length >= LONG:
        return measure.aside()
    return nullcontext(measure.feed if measure else None)


def _written(file: BinaryIO, upload: Upload, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Each piece once it is in the file. Raises Refused("upload_longer_than_said")."""
    at = begun = upload.offset
    for piece in pieces:
        if at + len(piece) > upload.length:
            raise too_long()
        file.write(piece)
        at += len(piece)
        if at - begun >= EARLY:
            write_early(file, begun, at - begun)
            begun = at
        yield piece


def too_long() -> Refused:
    return Refused("upload_longer_than_said", _("More bytes came than the upload was said to have."), status=413)


def cancel(*, upload: Upload) -> None:
    """Give it up: the row and its bytes go. An item it became stays."""
    path = path_of(upload)
    upload.delete()
    path.unlink(missing_ok=True)


def sweep(*, at: datetime) -> int:
    """Drop what is over, and waiting files without a row. Returns how many were dropped."""
    over = list(Upload.objects.filter(expires_at__lte=at))
    for upload in over:
        cancel(upload=upload)
    return len(over) + _drop_strays(at)


def _drop_strays(at: datetime) -> int:
    gone, known = 0, {str(pk) for pk in Upload.objects.values_list("pk", flat=True)}
    for path in _folder().glob("partial-*"):
        with suppress(FileNotFoundError):
            old = path.stat().st_mtime < (at - KEPT).timestamp()
            if old and path.name.removeprefix("partial-") not in known:
                path.unlink()
                gone += 1
    return gone


def path_of(upload: Upload) -> Path:
    return _folder() / f"partial-{upload.pk}"


def _folder() -> Path:
    return Path(settings.PARTIAL_DIR) if settings.PARTIAL_DIR else store().temporary


@contextmanager
def _held(upload: Upload) -> Iterator[tuple[BinaryIO, Upload]]:
    """The waiting file at the end of what counts, and the row as it is now; nobody else writes meanwhile.

    Where the file is gone, or shorter than the row says, the upload begins again at byte 0. Without a row nobody
    knows of it yet: then its file goes with whatever goes wrong.
    """
    path = path_of(upload)
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused("upload_busy", _("This upload is receiving bytes already."), status=423) from None
        fresh = _as_it_is(upload) if upload.is_written else upload
        if fresh is None or fresh.item_id is not None:
            path.unlink(missing_ok=True)
        if fresh is None:
            raise Refused("upload_over", _("This upload was given up or is over. Send the file again."), status=410)
        if fresh.item_id is None and os.fstat(file.fileno()).st_size < fresh.offset:
            fresh.offset = 0
            Upload.objects.filter(pk=fresh.pk).update(offset=0)
        file.seek(fresh.offset)
        file.truncate()
        try:
            yield file, fresh
        finally:
            if not fresh.is_written:
                path.unlink(missing_ok=True)


def _as_it_is(upload: Upload) -> Upload | None:
    return Upload.objects.select_related("dossier", "uploader", "item").filter(pk=upload.pk).first()


def _measured(file: BinaryIO) -> Measure:
    measure = Measure()
    file.seek(0)
    with measure.aside() as feed:
        while piece := file.read(CHUNK):
            feed(piece)
    return measure


def _finish(file: BinaryIO, upload: Upload, whole: Measure, at: datetime) -> None:
    """It becomes an item. A file that is refused takes its upload with it."""
    path = path_of(upload)
    file.seek(0)
    try:
        taken = receiving.type_of(upload.name, upload.length, file.read(types.HEAD_BYTES))
        said = receiving.Said(
            actor=upload.uploader,
            dossier=upload.dossier,
            side=upload.side,
            name=upload.name,
            taken=taken,
            kind=upload.kind or taken.kind,
            slot=upload.slot,
            caption=upload.caption,
            upload=upload,
        )
        receiving.take(said, Incoming(path, whole.sha256, whole.size, whole.sums), at=at, wait=False)
    except Refused:
        cancel(upload=upload)
        raise
    finally:
        path.unlink(missing_ok=True)
