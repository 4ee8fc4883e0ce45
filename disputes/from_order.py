"""What is there already, as evidence: the negotiation with its files, the carrier's reports, the listing; and the own
items of an application that was not accepted."""

import hashlib
import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import Any, BinaryIO

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts import policy
from accounts.actors import Actor
from core import money
from core.clock import BEIJING
from core.moments import short_text
from disputes import exhibits, lifecycle, queries
from disputes.models import Case, LogisticsEvent
from evidence import transcripts
from evidence.models import Item, Kind, State, Variant
from evidence.storage import store
from evidence.transcripts import Message
from evidence.types import suffix_of


@dataclass(frozen=True)
class Record:
    """One thing the order holds. ``opened`` gives its bytes for as long as they are being read."""

    kind: str
    name: str
    caption: str
    sha256: str
    size: int
    opened: Callable[[], AbstractContextManager[BinaryIO]]
    slot: str = ""


def take_from_order(*, actor: Actor, case_id: int) -> list[Item]:
    """Add what there is already to the side's unsent items, to be described, covered or discarded like any other.

    Its own items of an earlier application that was not accepted, the same bytes anew (but not what it covered or kept
    for the platform); each record of the order sealed as a text; each file of the negotiation as it is (its own) or as
    it is shown to that side (the other's). What the side has already is not added again. Raises what
    ``exhibits.receive`` raises; what was added before that stays.
    """
    case = Case.objects.select_related("order", "line", "dossier").get(pk=case_id)
    lifecycle.permit(case, "upload", actor)
    side = policy.side_of(actor, case)
    own = case.dossier.items.filter(side=side).exclude(state=State.WITHDRAWN)
    known = set(own.values_list("sha256", flat=True))
    talks = queries.negotiation(case.order, case.line)
    records = [*_earlier(case, side), *_records(case, talks), *_files(talks, side)]
    return [_add(actor, case, record) for record in records if record.sha256 not in known]


def _add(actor: Actor, case: Case, record: Record) -> Item:
    with record.opened() as file:
        upload: UploadedFile[Any] = UploadedFile(file, record.name, size=record.size)
        given: dict[str, Any] = {"kind": record.kind, "slot": record.slot, "caption": record.caption}
        return exhibits.receive(actor=actor, case_id=case.pk, upload=upload, **given)


def _earlier(case: Case, side: str) -> Iterator[Record]:
    """The latest application's items. Two queries; one where there is none."""
    earlier = queries.earlier_applications(case).select_related("dossier").first()
    if earlier is None or side != case.applicant_side:
        return
    own = earlier.dossier.items.filter(side=side, state=State.LODGED, erased_at=None, redaction=None)
    for item in own.filter(platform_only=False).order_by("exhibit_no"):
        opened = _kept(item.sha256)
        yield Record(item.kind, item.original_name, item.caption, item.sha256, item.size, opened, item.slot)


def _records(case: Case, talks: Sequence[queries.Talk]) -> Iterator[Record]:
    """Each record that is not empty. One query."""
    if talks:
        yield _written(Kind.CHAT, _("Negotiation record"), transcripts.written([_message(talk) for talk in talks]))
    if events := list(case.order.logistics.order_by("at", "pk")):
        yield _written(Kind.DOCUMENT, _("Logistics record"), "".join(map(_event, events)))
    if snapshot := _snapshot(case):
        yield _written(Kind.SNAPSHOT, _("Listing as it stood at purchase"), snapshot)


def _written(kind: Kind, name: str, text: str) -> Record:
    data = text.encode()
    return Record(
        kind, f"{name}.txt", name, hashlib.sha256(data).hexdigest(), len(data), lambda: closing(io.BytesIO(data))
    )


def _files(talks: Sequence[queries.Talk], side: str) -> Iterator[Record]:
    """The files sent with the messages, oldest first, without those whose time is over. No query."""
    for talk in talks:
        caption = _("Sent in the negotiation, %(at)s") % {"at": short_text(talk.entry.at)}
        for item in talk.attachments:
            view = next((made for made in item.derivatives.all() if made.variant == Variant.VIEW), None)
            if item.erased_at or view is None:
                continue
            if item.side == side:
                yield Record(item.kind, item.original_name, caption, item.sha256, item.size, _kept(item.sha256))
            else:
                name = f"{PurePath(item.original_name).stem}{suffix_of(view.media_type)}"
                yield Record(item.kind, name, caption, view.sha256, view.size, _kept(view.sha256))


def _kept(sha256: str) -> Callable[[], AbstractContextManager[BinaryIO]]:
    @contextmanager
    def opened() -> Iterator[BinaryIO]:
        with store().local(sha256) as path, path.open("rb") as file:
            yield file

    return opened


def _message(talk: queries.Talk) -> Message:
    acts = {
        "asked": _("Asked for after-sales help"),
        "wrote": "",
        "agreed": _("Agreed to the request"),
        "refused": _("Refused the request"),
        "countered": _("Made another offer"),
        "withdrawn": _("Took the request back"),
        "expire": _("Did not answer in time"),
    }
    who = {"buyer": pgettext("side", "Buyer"), "merchant": pgettext("side", "Merchant")}
    act = acts.get(talk.entry.verb.removeprefix("after_sales_"), "")
    files = [f"[{item.original_name}]" for item in talk.attachments]
    text = "\n".join(filter(None, [act, talk.text, *files]))
    return Message(who.get(talk.entry.role, pgettext("side", "System")), _time(talk.entry.at), text)


def _event(event: LogisticsEvent) -> str:
    return f"{_time(event.at)}  {event.get_way_display()}  {event.text or event.code}\n"


def _snapshot(case: Case) -> str:
    line = case.line
    found = {
        _("Order"): case.order.number,
        _("Article"): f"{line.title} {line.option}".strip(),
        _("Price"): f"{money.text(line.price_fen)} × {line.quantity}",
        _("Listing title"): line.snapshot.get("title", ""),
        _("Listing text"): line.snapshot.get("text", ""),
        _("Promises"): "; ".join(line.snapshot.get("promises", [])),
        _("Exclusions"): "; ".join(line.snapshot.get("exclusions", [])),
    }
    return "".join(f"{name}: {value}\n" for name, value in found.items() if value) if line.snapshot else ""


def _time(at: datetime) -> str:
    return f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M:%S}"
