"""What the order already holds, as evidence: the negotiation, what the carrier reported, the listing as it stood."""

import hashlib
from collections.abc import Iterator
from datetime import datetime

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from accounts import policy
from accounts.actors import Actor
from core import money
from core.clock import BEIJING
from disputes import exhibits, lifecycle, queries
from disputes.models import Case, LogisticsEvent
from evidence import transcripts
from evidence.models import Item, Kind, State
from evidence.transcripts import Message


def take_from_order(*, actor: Actor, case_id: int) -> list[Item]:
    """Add the order's own records to the side's unsent items, each sealed as a text; those it has already are not
    added again. Raises what ``exhibits.receive`` raises; what was added before that stays.
    """
    case = Case.objects.select_related("order", "line", "dossier").get(pk=case_id)
    lifecycle.begin(case, "upload", actor)
    own = case.dossier.items.filter(side=policy.side_of(actor, case)).exclude(state=State.WITHDRAWN)
    known = set(own.values_list("sha256", flat=True))
    return [
        exhibits.receive(
            actor=actor,
            case_id=case_id,
            upload=SimpleUploadedFile(f"{name}.txt", text.encode()),
            kind=kind,
            caption=name,
        )
        for kind, name, text in _records(case)
        if hashlib.sha256(text.encode()).hexdigest() not in known
    ]


def _records(case: Case) -> Iterator[tuple[Kind, str, str]]:
    """(kind, name, text) of each record that is not empty. Seven queries."""
    if said := [_message(talk) for talk in queries.negotiation(case.order, case.line)]:
        yield Kind.CHAT, _("Negotiation record"), transcripts.written(said)
    if events := list(case.order.logistics.order_by("at", "pk")):
        yield Kind.DOCUMENT, _("Logistics record"), "".join(map(_event, events))
    if snapshot := _snapshot(case):
        yield Kind.SNAPSHOT, _("Listing as it stood at purchase"), snapshot


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
