"""The one door to stored files. The right to see is asked on every hit."""

from uuid import UUID

from django.db import transaction
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from core import clock
from evidence import custody, queries
from evidence.models import Derivative, Item
from evidence.storage import store
from ledger.models import Audience

ORIGINAL = "original"
_CSP = "sandbox; default-src 'none'"
_INLINE = ("image/webp", "text/plain")


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
        if not may_original:
            raise Http404
        return _original(request, item)
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
    made = Derivative.objects.filter(item=item, variant=variant).first()
    if made is None:
        raise Http404
    etag = f'"{made.sha256}"'
    answer = get_conditional_response(request, etag=etag)
    if isinstance(answer, HttpResponse) and answer.status_code == 304:
        answer.headers["Cache-Control"] = "private, no-cache"
        return answer
    name = f"{item.exhibit_no or 'draft'}-{variant}{_SUFFIXES[made.media_type]}"
    inline = made.media_type in _INLINE
    response = _send(made.sha256, made.size, made.media_type, name, inline=inline, cache="private, no-cache")
    response.headers["ETag"] = etag
    return response


_SUFFIXES = {"image/webp": ".webp", "application/pdf": ".pdf", "text/plain": ".txt"}


def _send(sha256: str, size: int, media_type: str, name: str, *, inline: bool, cache: str) -> HttpResponseBase:
    """Stream bytes in a way that no browser runs or guesses anything."""
    response = FileResponse(store().open(sha256), as_attachment=not inline, filename=name)
    response.headers["Content-Type"] = "text/plain; charset=utf-8" if media_type == "text/plain" else media_type
    response.headers["Content-Length"] = str(size)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = _CSP
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Cache-Control"] = cache
    return response
