"""tus 1.0 as HTTP says it: headers in, headers out. Core, creation, creation-with-upload, checksum, termination,
expiration. Knows no case; the doors give it the verbs.
"""

import base64
import binascii
from collections.abc import Iterator
from contextlib import suppress
from http import HTTPStatus

from django.http import HttpRequest, UnreadablePostError
from django.utils.http import http_date
from django.utils.translation import gettext as _

from core.errors import Refused
from evidence import types
from evidence.models import Upload
from evidence.uploads import ALGORITHMS, Checksum, too_long

_PIECE = 256 * 1024  # at most so much is sent again after a broken connection
VERSION = "1.0.0"
BYTES = "application/offset+octet-stream"
OFFER = {
    "Tus-Version": VERSION,
    "Tus-Extension": "creation,creation-with-upload,checksum,termination,expiration",
    "Tus-Max-Size": str(types.LARGEST),
    "Tus-Checksum-Algorithm": ",".join(ALGORITHMS),
}


def require_version(request: HttpRequest) -> None:
    """Raises Refused("tus_version", 412)."""
    if request.headers.get("Tus-Resumable") != VERSION:
        raise Refused("tus_version", _("Speak tus 1.0.0: send the header Tus-Resumable."), status=412)


def require_bytes(request: HttpRequest) -> None:
    """Raises Refused("tus_bytes", 415)."""
    if request.content_type != BYTES:
        raise Refused(
            "tus_bytes", _("Send the bytes as %(type)s.") % {"type": BYTES}, status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE
        )


def number(request: HttpRequest, header: str) -> int:
    """Raises Refused("tus_header", 400)."""
    said = request.headers.get(header, "")
    if not (said.isascii() and said.isdecimal() and len(said) <= 18):
        raise _bad(header)
    return int(said)


def metadata(request: HttpRequest) -> dict[str, str]:
    """``Upload-Metadata``: names with base64 values. Raises Refused("tus_header", 400)."""
    found: dict[str, str] = {}
    for pair in filter(None, (part.strip() for part in request.headers.get("Upload-Metadata", "").split(","))):
        name, _space, value = pair.partition(" ")
        try:
            found[name] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise _bad("Upload-Metadata") from None
    return found


def checksum(request: HttpRequest) -> Checksum | None:
    """``Upload-Checksum``. Raises Refused("tus_header", 400), also for an algorithm that was not offered."""
    said = request.headers.get("Upload-Checksum")
    if said is None:
        return None
    algorithm, _space, digest = said.partition(" ")
    try:
        if algorithm not in ALGORITHMS:
            raise _bad("Upload-Checksum")
        return Checksum(algorithm, base64.b64decode(digest, validate=True))
    except binascii.Error:
        raise _bad("Upload-Checksum") from None


def announced(request: HttpRequest) -> int:
    """How many bytes the body is said to have."""
    return int(request.META.get("CONTENT_LENGTH") or 0)


def pieces(request: HttpRequest, *, most: int, all_of_them: bool = False) -> Iterator[bytes]:
    """The body as it comes; it ends where the connection breaks. Raises Refused("upload_longer_than_said", 413).

    ``all_of_them``: of a body that breaks off nothing counts, and UnreadablePostError is raised: whoever sent an
    upload's creation and lost the connection never learns its address, so nobody could go on with it.
    """
    if announced(request) > most:
        raise too_long()
    return _all_pieces(request) if all_of_them else _pieces(request)


def _pieces(request: HttpRequest) -> Iterator[bytes]:
    with suppress(UnreadablePostError, OSError):
        while piece := request.read(_PIECE):
            yield piece


def _all_pieces(request: HttpRequest) -> Iterator[bytes]:
    came = 0
    for piece in _pieces(request):
        came += len(piece)
        yield piece
    if came < announced(request):
        raise UnreadablePostError("the body broke off")


def headers(upload: Upload) -> dict[str, str]:
    """Where an upload stands. ``Upload-Item`` names the item once it is one."""
    said = {"Upload-Offset": str(upload.offset), "Upload-Expires": http_date(upload.expires_at.timestamp())}
    return said | ({"Upload-Item": str(upload.item_id)} if upload.item_id else {})


def _bad(header: str) -> Refused:
    return Refused("tus_header", _("The header %(name)s cannot be understood.") % {"name": header}, status=400)
