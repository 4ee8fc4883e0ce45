"""The one door to stored files. The right to see is asked on every hit."""

import re
from collections.abc import Iterator
from typing import BinaryIO
from uuid import UUID

from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase, StreamingHttpResponse
from django.shortcuts import render
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from accounts import policy
from core import clock
from disputes import exhibits
from evidence import custody, queries, receipts, transcripts
from evidence.models import OWN, UNCHECKED, Derivative, Item
from evidence.storage import CHUNK, store
from ledger.models import Audience

ORIGINAL = "original"
_CSP = "sandbox; default-src 'none'"
_INLINE = ("image/webp", "text/plain", "video/mp4", "video/webm")
_RANGE = re.compile(r"bytes=(\d{0,18})-(\d{0,18})")
MESSAGES_A_PAGE = 200


@require_safe
def file(request: HttpRequest, item_id: UUID, variant: str) -> HttpResponseBase:
    """Bytes of one item: its original as a download, or a derivative. 404 for whoever may not see it.

    An original handed to anybody but its uploader leaves a custody entry first.
    """
    try:
        item, may_original = queries.visible(request.user, item_id)  # type: ignore[arg-type]
    except Item.DoesNotExist:
        raise Http404 from None
    if variant == ORIGINAL:
        if not may_original or item.state in UNCHECKED or item.erased_at:
            raise Http404
        return _original(request, item)
    if variant.startswith(OWN) and policy.side_of(request.user, item.dossier) != item.side:  # type: ignore[arg-type]
        raise Http404
    return _derivative(request, item, variant)


def _original(request: HttpRequest, item: Item) -> HttpResponseBase:
    if request.method == "GET" and request.user.pk != item.uploader_id:
        with transaction.atomic():
            custody.enter(
                verb="original_viewed",
                actor=request.user,  # type: ignore[arg-type]
                item=item,
                at=clock.now(),
                audience=Audience.PLATFORM,
            )
    return _send(item.sha256, item.size, item.media_type, item.original_name, inline=False, cache="private, no-store")


def _derivative(request: HttpRequest, item: Item, variant: str) -> HttpResponseBase:
    made = Derivative.every.filter(item=item, variant=variant).first()
    if made is None:
        raise Http404
    etag = f'"{made.sha256}"'
    answer = get_conditional_response(request, etag=etag)
    if isinstance(answer, HttpResponse) and answer.status_code == 304:
        answer.headers["Cache-Control"] = "private, no-cache"
        return answer
    name = f"{item.exhibit_no or 'draft'}-{variant}{_SUFFIXES[made.media_type]}"
    inline = made.media_type in _INLINE
    wanted = _part_of(request, made.size, etag)
    if wanted is not None and wanted[1] <= 0:
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{made.size}"})
    response = _send(
        made.sha256, made.size, made.media_type, name, inline=inline, cache="private, no-cache", part=wanted
    )
    response.headers["ETag"] = etag
    response.headers["Accept-Ranges"] = "bytes"
    return response


_SUFFIXES = {
    "image/webp": ".webp",
    "application/pdf": ".pdf",
    "text/plain": ".txt",
    "video/mp4": ".mp4",
    "video/webm": ".webm",
}


def _part_of(request: HttpRequest, size: int, etag: str) -> tuple[int, int] | None:
    """(start, length) of the one range asked for; None means everything, a length of 0 that there is none such."""
    asked = _RANGE.fullmatch(request.headers.get("Range", "").replace(" ", ""))
    if asked is None or request.headers.get("If-Range", etag) != etag or not any(asked.groups()):
        return None
    first, last = asked.groups()
    if not first:
        start, end = max(0, size - int(last)), size
    else:
        start, end = int(first), min(size, int(last) + 1) if last else size
    return start, end - start


@require_safe
def show(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """One item to read: the film, the pages, the picture, or the conversation by its speakers. Three queries, one more
    where its place in the checklist says what it shows."""
    try:
        item, _may_original = queries.visible(request.user, item_id)  # type: ignore[arg-type]
    except Item.DoesNotExist:
        raise Http404 from None
    shown = queries.as_seen(item, request.user)  # type: ignore[arg-type]
    if shown.view is None:
        raise Http404
    talk = _conversation(request, shown.view) if shown.view.media_type == "text/plain" else {}
    words = exhibits.place_words(item.dossier, shown.slot, clock.now()) if shown.slot and not shown.caption else ""
    shows = shown.caption or words or shown.kind_label
    return render(request, "evidence/show.html", {"item": shown, "shows": shows, **talk})


def _conversation(request: HttpRequest, view: queries.Picture) -> dict[str, object]:
    """One page of messages, or the plain text where nobody is named as speaking."""
    with store().open(view.sha256) as file:
        text = file.read().decode()
    messages = transcripts.parsed(text)
    asked = request.GET.get("from", "0")
    start = int(asked) if asked.isdecimal() and len(asked) < 9 else 0
    ahead = start + MESSAGES_A_PAGE
    return {
        "messages_said": messages[start:ahead],
        "message_count": len(messages),
        "first": start + 1,
        "before": max(0, start - MESSAGES_A_PAGE) if start else None,
        "after": ahead if ahead < len(messages) else None,
        "text": "" if messages else text,
    }


def _send(
    sha256: str,
    size: int,
    media_type: str,
    name: str,
    *,
    inline: bool,
    cache: str,
    part: tuple[int, int] | None = None,
) -> HttpResponseBase:
    """Stream bytes, or a part of them, in a way that no browser runs or guesses anything."""
    response: HttpResponseBase
    if part is None:
        response = FileResponse(store().open(sha256), as_attachment=not inline, filename=name)
        response.headers["Content-Length"] = str(size)
    else:
        start, length = part
        response = StreamingHttpResponse(_pieces(store().open(sha256, start, length)), status=206)
        response.headers["Content-Length"] = str(length)
        response.headers["Content-Range"] = f"bytes {start}-{start + length - 1}/{size}"
    response.headers["Content-Type"] = "text/plain; charset=utf-8" if media_type == "text/plain" else media_type
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = _CSP
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Cache-Control"] = cache
    return response


def _pieces(file: BinaryIO) -> Iterator[bytes]:
    with file:
        while piece := file.read(CHUNK):
            yield piece


@require_safe
def receipt(request: HttpRequest, item_id: UUID) -> HttpResponse:
    """The receipt of an item, for its own side; for everybody else it does not exist."""
    made = _receipt(request, item_id)
    return render(request, "evidence/receipt.html", {"receipt": made, "steps": receipts.how_to_check(made)})


@require_safe
def receipt_file(request: HttpRequest, item_id: UUID, form: str) -> HttpResponse:
    """The same to keep: ``pdf`` or ``json``."""
    made = _receipt(request, item_id)
    if form not in _FORMS:
        raise Http404
    media_type, written = _FORMS[form]
    response = HttpResponse(written(made), content_type=media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="receipt-{made.item.pk}.{form}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


_FORMS = {"pdf": ("application/pdf", receipts.as_pdf), "json": ("application/json", receipts.as_json)}


def _receipt(request: HttpRequest, item_id: UUID) -> receipts.Receipt:
    try:
        return receipts.receipt(request.user, item_id)  # type: ignore[arg-type]
    except Item.DoesNotExist:
        raise Http404 from None
