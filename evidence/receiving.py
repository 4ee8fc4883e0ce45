"""Taking files in: measured, inspected, sealed, then written down. Nothing half-received is ever on record."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import User
from core.errors import Refused
from evidence import custody, inspection, items, keeping, names, types
from evidence.models import Derivative, Dossier, Item, Reading, State
from evidence.storage import CHUNK, Incoming, TooLarge, store
from ledger.recording import hold


def receive(
    *,
    actor: User,
    dossier: Dossier,
    side: str,
    upload: "UploadedFile[Any]",
    kind: str | None = None,
    slot: str = "",
    caption: str = "",
    at: datetime,
) -> Item:
    """Take one file into a side's part of the dossier; it comes back ``ready`` to be lodged.

    Call it outside any lock of yours: inspecting takes its time. The bytes are sealed before the row is written; a
    crash between the two leaves bytes that ``sweep_orphans`` removes, never a row without bytes. Raises Refused:
    items_limit, file_empty, file_too_large (413), file_type_refused, file_content_mismatch, the codes of
    ``inspection``, caption_too_long, caption_unseen.
    """
    caption = items.readable_caption(caption)
    name = names.safe(upload.name or "")
    require_room(dossier, side)
    taken = _type_of(upload, name)
    try:
        with store().receive(upload.chunks(CHUNK), limit=taken.limit) as incoming:
            if not incoming.size:
                raise refusal("file_empty", name, taken)
            with inspection.inspect(incoming.path, taken.media_type) as report:
                if report.refused:
                    raise refusal(report.refused, name, taken)
                derivatives = _keep(incoming, report)
    except TooLarge:
        raise refusal("file_too_large", name, taken) from None
    with transaction.atomic():
        hold(dossier.subject)
        keeping.claim([incoming.sha256, *(row.sha256 for row in derivatives)])
        item = Item(
            dossier=dossier,
            side=side,
            uploader=actor,
            kind=kind or taken.kind,
            slot=slot,
            caption=caption,
            position=require_room(dossier, side),
            state=State.READY,
            original_name=name,
            sha256=incoming.sha256,
            size=incoming.size,
            media_type=taken.media_type,
            width=report.width,
            height=report.height,
            pages=report.pages,
            capture_at=report.capture_at,
            received_at=at,
        )
        item.save(force_insert=True)
        for derivative in derivatives:
            derivative.item = item
        Derivative.objects.bulk_create(derivatives)
        Reading.of(item, report.reading).save(force_insert=True)
        custody.enter(
            verb="received",
            actor=actor,
            item=item,
            at=at,
            audience=custody.audience_of(item),
            size=item.size,
            media_type=item.media_type,
            sums=incoming.sums,
            derived=[derivative.facts for derivative in derivatives],
            tools=report.tools,
        )
    return item


def receive_many(
    *,
    actor: User,
    dossier: Dossier,
    side: str,
    uploads: "Iterable[UploadedFile[Any]]",
    kind: str | None = None,
    slot: str = "",
    caption: str = "",
    at: datetime,
) -> tuple[list[Item], list[Refused]]:
    """Take several files; each good one is kept whatever happens to the others. Their refusals name their files."""
    kept: list[Item] = []
    refused: list[Refused] = []
    for upload in uploads:
        try:
            kept.append(
                receive(
                    actor=actor,
                    dossier=dossier,
                    side=side,
                    upload=upload,
                    kind=kind,
                    slot=slot,
                    caption=caption,
                    at=at,
                )
            )
        except Refused as no:
            refused.append(no)
    return kept, refused


def require_room(dossier: Dossier, side: str) -> int:
    """How many items the side has; withdrawn ones leave room. Raises Refused("items_limit"). One query."""
    count = dossier.items.filter(side=side).exclude(state=State.WITHDRAWN).count()
    if count >= types.ITEMS_PER_SIDE:
        raise Refused(
            "items_limit",
            _("Each side can have at most %(n)d items. This one was not uploaded.") % {"n": types.ITEMS_PER_SIDE},
            field="files",
            still_possible=[_("Discard an item that you do not need, then add this one.")],
        )
    return count


def refusal(code: str, name: str, taken: types.Type | None = None) -> Refused:
    """The refusal of one file, naming it."""
    return Refused(
        code,
        names.message(code, name, taken),
        field="files",
        status=413 if code == "file_too_large" else None,
        still_possible=[_("Your other files are kept. Choose this one again when it is corrected.")],
    )


def _type_of(upload: "UploadedFile[Any]", name: str) -> types.Type:
    """The type that name and first bytes agree on. A name that says nothing leaves it to the bytes."""
    head = _head(upload)
    named, found = types.by_name(name), types.by_bytes(head)
    if named is None and (names.suffix(name) or found is None):
        raise refusal("file_type_refused" if upload.size else "file_empty", name)
    taken = named or found
    assert taken is not None
    if not upload.size:
        raise refusal("file_empty", name, taken)
    if upload.size > taken.limit:
        raise refusal("file_too_large", name, taken)
    if taken is types.TEXT and found is None and types.may_be_text(head):
        return taken
    if found is not taken:
        raise refusal("file_content_mismatch", name, taken)
    return taken


def _head(upload: "UploadedFile[Any]") -> bytes:
    upload.seek(0)
    head: bytes = upload.read(4096)
    upload.seek(0)
    return head


def _keep(incoming: Incoming, report: inspection.Report) -> list[Derivative]:
    """Seal the pictures made of it, then the original itself, so that whoever finds the original finds them too."""
    made = list(_kept_derivatives(report))
    store().keep(incoming)
    return made


def _kept_derivatives(report: inspection.Report) -> Iterator[Derivative]:
    for made in report.derivatives:
        sha256, size = store().keep_file(made.path)
        yield Derivative(
            variant=made.variant,
            sha256=sha256,
            size=size,
            media_type=made.media_type,
            width=made.width,
            height=made.height,
        )
