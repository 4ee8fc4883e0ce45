"""Taking files in: measured, inspected, sealed, then written down. Nothing half-received is ever on record."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.actors import CLOCK
from accounts.models import User
from core.errors import Refused
from evidence import antivirus, custody, doorbell, inspection, items, keeping, names, types
from evidence.models import Derivative, Dossier, Item, Reading, State, Upload
from evidence.storage import CHUNK, Incoming, TooLarge, store


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
    wait: bool = True,
) -> Item:
    """Take one file into a side's part of the dossier; it comes back ``ready`` to be lodged.

    Call it outside any lock of yours: inspecting takes its time. Videos, and everything where ``wait`` is false, come
    back ``inspecting`` and get their verdict from ``checking``. The bytes are sealed before the row is written; a
    crash between the two leaves bytes that ``sweep_orphans`` removes, never a row without bytes. Raises Refused:
    items_limit, file_empty, file_too_large (413), file_type_refused, file_content_mismatch, the codes of
    ``inspection``, caption_too_long, caption_unseen.
    """
    caption = items.readable_caption(caption)
    name = names.safe(upload.name or "")
    require_room(dossier, side)
    taken = type_of(name, upload.size or 0, _head(upload))
    said = Said(actor, dossier, side, name, taken, kind or taken.kind, slot, caption)
    try:
        with store().receive(upload.chunks(CHUNK), limit=taken.limit) as incoming:
            return take(said, incoming, at=at, wait=wait)
    except TooLarge:
        raise refusal("file_too_large", name, taken) from None


@dataclass(frozen=True)
class Said:
    """What is known of a file beside its bytes."""

    actor: User
    dossier: Dossier
    side: str
    name: str
    taken: types.Type
    kind: str
    slot: str
    caption: str
    upload: Upload | None = None
    """The upload in pieces that ends with it."""


def take(said: Said, incoming: Incoming, *, at: datetime, wait: bool) -> Item:
    """Bytes that came in whole: inspected and sealed, or sealed to be inspected."""
    if not wait or said.taken.slow:
        store().keep(incoming)
        with transaction.atomic():
            item = _write(said, incoming, at, State.INSPECTING)
            if said.upload:
                said.upload.become(item)
            if said.taken.slow:
                doorbell.ring(item)
        return item
    try:
        with inspection.inspect(incoming.path, said.taken.media_type) as report:
            if report.refused:
                raise refusal(report.refused, said.name, said.taken)
            derivatives = keep_made(report)
            store().keep(incoming)
    except antivirus.Unavailable:
        raise refusal(inspection.NOT_CHECKED, said.name, said.taken) from None
    with transaction.atomic():
        item = _write(said, incoming, at, State.READY, **measured(report))
        write_made(item, derivatives, report, at=at)
    return item


def _write(said: Said, incoming: Incoming, at: datetime, state: State, **found: Any) -> Item:
    keeping.claim([incoming.sha256], after=[said.dossier.subject])
    item = Item(
        dossier=said.dossier,
        side=said.side,
        uploader=said.actor,
        kind=said.kind,
        slot=said.slot,
        caption=said.caption,
        position=require_room(said.dossier, said.side),
        state=state,
        original_name=said.name,
        sha256=incoming.sha256,
        size=incoming.size,
        media_type=said.taken.media_type,
        received_at=at,
        **found,
    )
    item.save(force_insert=True)
    custody.enter(
        verb="received",
        actor=said.actor,
        item=item,
        at=at,
        audience=custody.audience_of(item),
        size=item.size,
        media_type=item.media_type,
        sums=incoming.sums,
    )
    return item


def measured(report: inspection.Report) -> dict[str, Any]:
    """The columns of an item that come from its inspection."""
    return {
        "width": report.width,
        "height": report.height,
        "pages": report.pages,
        "duration_ms": report.duration_ms,
        "capture_at": report.capture_at,
    }


def keep_made(report: inspection.Report) -> list[Derivative]:
    """Seal what was made of a file, before the file itself is named anywhere: whoever finds it finds them too."""
    return list(_kept_derivatives(report))


def write_made(item: Item, derivatives: list[Derivative], report: inspection.Report, *, at: datetime) -> None:
    """The rows of what was made, and the custody entry of the verdict, inside the caller's transaction."""
    keeping.claim(derivative.sha256 for derivative in derivatives)
    for derivative in derivatives:
        derivative.item = item
    Derivative.objects.bulk_create(derivatives)
    if not report.refused:
        Reading.of(item, report.reading).save(force_insert=True)
    custody.enter(
        verb="inspected",
        actor=CLOCK,
        item=item,
        at=at,
        audience=custody.audience_of(item),
        verdict=report.refused or "ready",
        derived=[derivative.facts for derivative in derivatives],
        tools=report.tools,
    )


def require_room(dossier: Dossier, side: str, *, in_pieces: bool = False) -> int:
    """How many items the side has; withdrawn ones leave room. Raises Refused("items_limit"). One query.

    ``in_pieces``: before something comes in pieces; then other uploads under way count too.
    """
    own = {"dossier_id": dossier.pk, "side": side}
    rows = Item.objects.filter(**own).exclude(state=State.WITHDRAWN).values("pk")
    if in_pieces:
        rows = rows.union(Upload.objects.filter(**own, item=None).values("pk"), all=True)
    count = rows.count()
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


def type_of(name: str, size: int, head: bytes) -> types.Type:
    """The type that name and first bytes agree on. A name that says nothing leaves it to the bytes.

    Raises Refused: file_type_refused, file_empty, file_too_large, file_content_mismatch.
    """
    named, found = types.by_name(name), types.by_bytes(head)
    if named is None and (names.suffix(name) or found is None):
        raise refusal("file_type_refused" if size else "file_empty", name)
    taken = named or found
    assert taken is not None
    if not size:
        raise refusal("file_empty", name, taken)
    if size > taken.limit:
        raise refusal("file_too_large", name, taken)
    if taken in types.TEXTS and found is None and types.may_be_text(head):
        return taken
    if not types.alike(taken, found):
        raise refusal("file_content_mismatch", name, taken)
    return taken


def _head(upload: "UploadedFile[Any]") -> bytes:
    upload.seek(0)
    head: bytes = upload.read(types.HEAD_BYTES)
    upload.seek(0)
    return head


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
