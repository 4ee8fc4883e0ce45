"""Files through the HTML door, with and without script: each on its own, so one bad file never costs a good one."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import clock
from core.errors import Refused
from evidence import checking, names
from evidence import items as custody
from evidence.advice import sentences
from evidence.models import Item, State
from evidence.queries import Exhibit, drafts
from evidence.types import ACCEPT, ITEMS_PER_SIDE, by_media_type

__all__ = ["ACCEPT", "Received", "answer", "id_of", "limits", "partial", "row", "take", "tell", "verdict"]

Receive = Callable[["UploadedFile[Any]", str], Item]


@dataclass
class Received:
    """What became of the files of one POST."""

    kept: list[Item] = field(default_factory=list)
    refused: list[tuple[str, int, Refused]] = field(default_factory=list)


def take(request: HttpRequest, receive: Receive) -> Received:
    """Receive every file of the POST, in order. Refusals are collected, never raised."""
    result = Received()
    for upload in request.FILES.getlist("files"):
        try:
            result.kept.append(receive(upload, request.POST.get("slot", "")))
        except Refused as refused:
            result.refused.append((names.safe(upload.name or ""), upload.size or 0, refused))
    return result


def partial(request: HttpRequest) -> bool:
    """Whether the page's script sent one file and wants its finished row."""
    return "text/html+partial" in request.headers.get("Accept", "")


def answer(request: HttpRequest, received: Received, row_of: Callable[[Item], dict[str, Any]]) -> HttpResponse:
    """The row of the one file the script sent: ready, being checked, or refused with the reason."""
    if received.kept:
        return render(request, "components/upload_row.html", {"row": row_of(received.kept[0])})
    if received.refused:
        name, size, refused = received.refused[0]
        bad = {"name": name, "size": size, "state": "bad", "reason": refused.message}
        return render(request, "components/upload_row.html", {"row": bad}, status=refused.status)
    return HttpResponse(status=422)


def tell(request: HttpRequest, received: Received) -> None:
    """Say on the next page what was kept, and of every refused file why."""
    for _name, _size, refused in received.refused:
        messages.error(request, refused.message)
    if received.kept:
        count = len(received.kept)
        messages.success(
            request, ngettext("%(n)d file was uploaded.", "%(n)d files were uploaded.", count) % {"n": count}
        )


def verdict(
    request: HttpRequest, item: Item, row_of: Callable[[Item], dict[str, Any]], *, fields: str = "", **more: Any
) -> HttpResponse:
    """The row of a file that waited for its check: 202 while it does, 422 with the reason where it was refused.

    What takes long is left to a worker; anything else is checked now. A refused file goes once its sender was told.
    """
    if not by_media_type(item.media_type).slow:
        item = checking.check(item.pk) or item
    context = {"row": row_of(item), "fields": fields, **more}
    if item.state == State.REFUSED:
        custody.discard(actor=request.user, item=item, at=clock.now())  # type: ignore[arg-type]
        context = {"row": {**context["row"], "id": "", "remove_href": "", "check_href": ""}}
    status = {State.INSPECTING.value: 202, State.REFUSED.value: 422}.get(item.state, 200)
    return render(request, "components/upload_row.html", context, status=status)


def limits(used: int | None = None) -> str:
    """What is taken, said before anything is chosen."""
    taken = _("Photos up to 10 MB each, PDF 20 MB, video 200 MB (30 minutes), chat exports TXT, CSV, JSON 2 MB.")
    if used is None:
        return taken
    return _("%(taken)s At most %(most)d items, %(used)d used.") % {
        "taken": taken,
        "most": ITEMS_PER_SIDE,
        "used": used,
    }


def id_of(item: Item | Exhibit) -> UUID:
    return item.pk if isinstance(item, Item) else item.id


def row(item: Item | Exhibit) -> dict[str, Any]:
    """An unsent item as ``components/upload_row.html`` draws it."""
    if isinstance(item, Item):
        item = next(found for found in drafts(item.dossier, item.side) if found.id == item.pk)
    ready = item.state == "ready"
    refused = names.message(item.refused_code, item.name, by_media_type(item.media_type)) if item.refused_code else ""
    return {
        "id": item.id,
        "name": item.name,
        "size": item.size,
        "kind_word": item.kind_label,
        "thumb": item.thumb_url,
        "state": "ok" if ready else "bad" if item.state == "refused" else "busy",
        "state_word": "" if ready or refused else _("Being checked"),
        "reason": refused,
        "caption": item.caption,
        "slot": item.slot,
        "advice": sentences(item.advice),
        "covered": item.covered,
        "alone": item.platform_only,
    }
