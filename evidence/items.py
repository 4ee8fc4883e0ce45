"""The life of an item: described and discarded while its uploader's own, lodged for good, withdrawn with a trace."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from accounts.actors import CLOCK, Actor
from core.errors import Conflict, Refused
from core.text import unseen
from evidence import custody
from evidence.models import CAPTION_LENGTH, REASON_LENGTH, UNLODGED, Dossier, Item, State
from ledger.models import Audience
from ledger.recording import hold


def describe(*, actor: Actor, item: Item, slot: str, caption: str, at: datetime) -> Item:
    """Say what an item shows and which part of the checklist it fills.

    Raises Refused: evidence_sealed (409) once lodged, caption_too_long, caption_unseen.
    """
    caption = readable_caption(caption)
    with transaction.atomic():
        item = locked(item, UNLODGED)
        item.slot, item.caption = slot, caption
        item.save(update_fields=["slot", "caption"])
    return item


def restrict(*, actor: Actor, item: Item, platform_only: bool, reason: str, at: datetime) -> Item:
    """Say whether only the platform sees an item, and why; the other side then learns that it exists, nothing more.

    Raises Refused: platform_only_needs_reason, reason_unseen, evidence_sealed (409) once lodged.
    """
    reason = reason.strip()[:REASON_LENGTH] if platform_only else ""
    if platform_only and not reason:
        raise Refused(
            "platform_only_needs_reason",
            _("Say why only the platform should see this. The platform reads the reason, the other side does not."),
            field="platform_only_reason",
        )
    if unseen(reason):
        raise Refused(
            "reason_unseen",
            _("This text contains characters that cannot be shown. Remove them and send it again."),
            field="platform_only_reason",
        )
    with transaction.atomic():
        item = locked(item, UNLODGED)
        item.platform_only, item.platform_only_reason = platform_only, reason
        item.save(update_fields=["platform_only", "platform_only_reason"])
    return item


def discard(*, actor: Actor, item: Item, at: datetime) -> None:
    """Take back what was not lodged: the row goes, the custody entry that it was received stays.

    The bytes go with the next ``sweep_orphans`` unless another item has the same. Raises Refused("evidence_sealed").
    """
    with transaction.atomic():
        item = locked(item, UNLODGED)
        custody.enter(verb="discarded", actor=actor, item=item, at=at, audience=custody.audience_of(item))
        item.delete()


def sound(dossier: Dossier, side: str) -> list[Item]:
    """What a side has ready to be sent, in its order. One query.

    Raises Refused("evidence_being_checked"): nothing is sent without a file its sender believes to be in it.
    """
    rows = list(dossier.items.filter(side=side, state__in=[State.READY, State.INSPECTING]))
    if waiting := [item for item in rows if item.state == State.INSPECTING]:
        raise Conflict(
            "evidence_being_checked",
            _("“%(name)s” is still being checked.") % {"name": waiting[0].original_name},
            field="files",
            still_possible=[_("Wait a moment and send again, or remove the file first. Everything you wrote is kept.")],
        )
    return sorted(rows, key=lambda item: (item.position, item.received_at))


def lodge(
    *,
    actor: Actor,
    dossier: Dossier,
    side: str,
    items: Iterable[Item],
    at: datetime,
    late: bool = False,
    disclosed: bool,
) -> list[Item]:
    """Put items of one side on file, numbered after those already there, in ``position`` then arrival order.

    From here they never change. ``disclosed``: whether the other side sees them at once; ``late``: sent after the
    clock, kept and marked. Nothing happens where ``items`` is empty. Raises Refused: evidence_not_ready (409).
    """
    with transaction.atomic():
        hold(dossier.subject)
        wanted = [item.pk for item in items]
        rows = list(
            Item.objects.filter(pk__in=wanted, dossier=dossier, side=side)
            .select_related("dossier")
            .order_by("position", "received_at", "pk")
        )
        _require_ready(rows, len(set(wanted)))
        last = dossier.items.filter(side=side).aggregate(last=Max("exhibit_no"))["last"] or 0
        for number, item in enumerate(rows, last + 1):
            item.state, item.exhibit_no, item.lodged_at, item.late = State.LODGED, number, at, late
            item.disclosed_at = at if disclosed else None
        Item.objects.bulk_update(rows, ["state", "exhibit_no", "lodged_at", "late", "disclosed_at"])
        if rows:
            custody.enter_many(
                verb="lodged", actor=actor, dossier=dossier, items=rows, at=at, audience=custody.audience_of(rows[0])
            )
    return rows


def disclose(*, dossier: Dossier, side: str, at: datetime, actor: Actor = CLOCK) -> list[Item]:
    """Let the other side see everything ``side`` has on file. Doing it again changes nothing; returns what is new."""
    with transaction.atomic():
        hold(dossier.subject)
        rows = list(dossier.items.filter(side=side, exhibit_no__isnull=False, disclosed_at=None).order_by("exhibit_no"))
        Item.objects.filter(pk__in=[item.pk for item in rows]).update(disclosed_at=at)
        for item in rows:
            item.disclosed_at = at
        if rows:
            custody.enter_many(verb="disclosed", actor=actor, dossier=dossier, items=rows, at=at, audience=Audience.ALL)
    return rows


def withdraw(*, actor: Actor, item: Item, reason: str, at: datetime) -> Item:
    """Stop relying on a lodged item. It keeps its number and stays visible, marked, with the reason.

    Raises Refused: withdrawal_needs_reason, evidence_lodged.
    """
    if not reason.strip():
        raise Refused(
            "withdrawal_needs_reason",
            _("Say why you withdraw it. Everybody who sees the item reads the reason."),
            field="reason",
        )
    with transaction.atomic():
        item = locked(item, (State.LODGED,))
        item.state, item.withdrawn_at, item.withdrawn_reason = State.WITHDRAWN, at, reason.strip()
        item.save(update_fields=["state", "withdrawn_at", "withdrawn_reason"])
        custody.enter(
            verb="withdrawn",
            actor=actor,
            item=item,
            at=at,
            audience=custody.audience_of(item),
            exhibit_no=item.exhibit_no,
        )
    return item


def locked(item: Item, states: Sequence[State]) -> Item:
    """The item as it is now, under its dossier's lock, if it is in one of ``states``.

    Raises Refused: evidence_discarded, evidence_sealed, evidence_lodged (409).
    """
    hold(item.dossier.subject)
    fresh = Item.objects.select_related("dossier").filter(pk=item.pk).first()
    if fresh is None:
        raise Conflict("evidence_discarded", _("This item was discarded."))
    if fresh.state not in states:
        if states is UNLODGED:
            raise Conflict(
                "evidence_sealed",
                _("This item is on file and can no longer be changed."),
                still_possible=[_("Withdraw it, or add another item.")],
            )
        raise Conflict("evidence_lodged", _("Only an item that is on file can be withdrawn."))
    return fresh


def readable_caption(caption: str) -> str:
    """The caption trimmed. Raises Refused: caption_too_long, caption_unseen."""
    caption = caption.strip()
    if len(caption) > CAPTION_LENGTH:
        raise Refused(
            "caption_too_long",
            _("Say what this shows in at most %(n)d characters.") % {"n": CAPTION_LENGTH},
            field="caption",
        )
    if unseen(caption):
        raise Refused(
            "caption_unseen",
            _("This text contains characters that cannot be shown. Remove them and send it again."),
            field="caption",
        )
    return caption


def _require_ready(rows: list[Item], wanted: int) -> None:
    waiting = [item for item in rows if item.state != State.READY]
    if waiting:
        raise Conflict(
            "evidence_not_ready",
            _("“%(name)s” cannot be lodged as it is.") % {"name": waiting[0].original_name},
            field="files",
            still_possible=[_("Discard it and add it again.")],
        )
    if len(rows) != wanted:
        raise Conflict("evidence_not_ready", _("An item was discarded meanwhile."), field="files")
