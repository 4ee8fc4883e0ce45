"""The verb: a reader takes a case away."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import prefetch_related_objects

from accounts import policy
from accounts.models import User
from arbitration import queries
from arbitration.bundle import paper
from arbitration.queries import CaseFile
from arbitration.representations.cases import whole
from arbitration.representations.rulings import RulingOut
from core import clock, zips
from disputes.models import Case
from disputes.queries import Talk, negotiation
from evidence.models import ON_FILE, Dossier, Variant
from evidence.queries import PLATFORM, Exhibit, Picture, exhibits
from evidence.storage import CHUNK, store
from evidence.types import suffix_of
from ledger.models import Audience, SignedHead
from ledger.queries import lines
from ledger.recording import record


@dataclass(frozen=True)
class Member:
    """One file of the archive: its pieces are read only when they are sent. ``sha256``: as it was recorded."""

    name: str
    sha256: str
    size: int
    pieces: Iterable[bytes]


@dataclass(frozen=True)
class Bundle:
    """A case to take away, not yet read from the store. ``name``: of the archive."""

    name: str
    at: datetime
    members: list[Member]

    def stream(self) -> Iterator[bytes]:
        """The archive, piece by piece. SHA256SUMS says what was recorded, so a damaged file shows when checked."""
        sums = "".join(f"{member.sha256}  {member.name}\n" for member in self.members).encode()
        members = [(member.name, member.pieces, member.size) for member in self.members]
        return zips.stream([*members, ("SHA256SUMS", [sums], len(sums))], at=self.at)


def export(*, actor: User, number: str) -> Bundle:
    """``note``, then ``bundle``."""
    note(actor=actor, number=number)
    return bundle(actor=actor, number=number)


def note(*, actor: User, number: str) -> datetime:
    """A custody entry that the case was taken away; returns its moment.

    Raises Case.DoesNotExist, NotFiled. As many queries as the case file and a few more.
    """
    at = clock.now()
    file = queries.case_file(actor, number, at)
    with transaction.atomic():
        Case.objects.locked(file.case.pk)
        record(
            subject=file.case.subject,
            verb="evidence_exported",
            actor=actor,
            role=policy.role_in(actor, file.case),
            at=at,
            facts={"exhibits": len(file.exhibits)},
            audience=file.side or Audience.PLATFORM,
        )
    return at


def bundle(*, actor: User, number: str) -> Bundle:
    """Everything of a case that the actor may see.

    Own originals and the views of both sides; for the platform every original on file. What the actor may not read
    (the other side's originals, items for the platform alone, offers that were not accepted) is not in it. Raises
    Case.DoesNotExist, NotFiled. As many queries as the case file and about twenty more.
    """
    at = clock.now()
    return Bundle(f"{number}.zip", at, list(_members(queries.case_file(actor, number, at))))


def _members(file: CaseFile) -> Iterator[Member]:
    talks = negotiation(file.case.order, file.case.line)
    dossiers = _before(file.case)
    sent = {place: row for dossier in dossiers for place, row in _sent(dossier, file.side)}
    listed = [_row(exhibit, _place(exhibit)) for exhibit in file.exhibits]
    rulings = queries.ruling_files(file.rulings, withheld=file.withheld)
    yield _written("case.json", _json(_document(file, rulings)))
    hashes = {key: row.document["sha256"] for key, row in sent.items()}
    yield _written("case.pdf", paper.draw(file, rulings, talks, hashes))
    yield _written("negotiation.json", _json([_said(talk, sent) for talk in talks]))
    yield _written("evidence.json", _json([row.document for row in listed]))
    for name, subject in _chains(file.case, dossiers):
        yield _written(f"ledger/{name}.jsonl", b"".join(lines(subject, file.side)))
    yield _written(
        "heads.json", _json(list(SignedHead.objects.order_by("-number").values_list("signed", flat=True)[:1]))
    )
    yield _written("verify.py", (Path(__file__).parent / "verify.py").read_bytes())
    yield _written("README.txt", (Path(__file__).parent / "README.txt").read_bytes())
    for row in [*sent.values(), *listed]:
        yield from row.members


def _document(file: CaseFile, rulings: list[queries.RulingFile]) -> dict[str, Any]:
    """As the API tells it, with every ruling that came into effect, without what is only for acting on it."""
    prefetch_related_objects(file.reviews, "items", "finding")
    told = whole(file, next((row for row in rulings if row.ruling == file.ruling), None))
    kept = {name: value for name, value in told.items() if name not in {"actions", "drafts", "clocks"}}
    return kept | {"rulings": RulingOut(rulings, many=True, context={"side": file.side}).data}


def _before(case: Case) -> list[Dossier]:
    """Where the files lie that the two sides sent each other before the case. One query."""
    return list(Dossier.objects.filter(after_sales__line=case.line, items__state__in=ON_FILE).distinct().order_by("pk"))


def _chains(case: Case, dossiers: Iterable[Dossier]) -> Iterator[tuple[str, str]]:
    """Name in the archive and subject of every chain that tells of the case."""
    yield "case", case.subject
    yield "order", f"order:{case.order.number}"
    for dossier in dossiers:
        yield _folder(dossier), dossier.subject


def _said(talk: Talk, sent: Mapping[UUID, "_Row"]) -> dict[str, Any]:
    files = [sent[item.pk].document | {"name": item.original_name} for item in talk.attachments]
    said = {"at": talk.entry.at, "role": talk.entry.role, "verb": talk.entry.verb, "text": talk.text}
    return said | {"files": files}


def _sent(dossier: Dossier, side: str) -> Iterator[tuple[UUID, "_Row"]]:
    """The files of one request's messages. Three queries."""
    for exhibit in exhibits(dossier, side or PLATFORM):
        yield exhibit.id, _row(exhibit, f"{_folder(dossier)}-{_place(exhibit)}")


def _folder(dossier: Dossier) -> str:
    return dossier.subject.replace(":", "-")


@dataclass(frozen=True)
class _Row:
    """One item as the archive lists it, and its files."""

    document: dict[str, Any]
    members: list[Member]


def _row(exhibit: Exhibit, place: str) -> _Row:
    """``place``: how its files' names begin, made here, never taken from a sender."""
    original = _file(place, "original", exhibit) if exhibit.original_url else None
    view = _file(place, Variant.VIEW, exhibit.view) if exhibit.view else None
    document = {
        "id": str(exhibit.id),
        "side": exhibit.side,
        "exhibit_no": exhibit.exhibit_no,
        "caption": exhibit.caption,
        "sha256": exhibit.sha256,
        "size": exhibit.size,
        "received_at": exhibit.received_at,
        "withheld": exhibit.withheld,
        "original": original.name if original else "",
        "view": view.name if view else "",
    }
    return _Row(document, [member for member in (original, view) if member])


def _place(exhibit: Exhibit) -> str:
    return f"{exhibit.side}-{exhibit.exhibit_no or 0:03}"


def _file(place: str, variant: str, kept: Exhibit | Picture) -> Member:
    name = f"files/{place}-{variant}{suffix_of(kept.media_type)}"
    return Member(name, kept.sha256, kept.size, _Stored(kept.sha256))


class _Stored:
    """A stored file's pieces, opened when they are asked for."""

    def __init__(self, sha256: str) -> None:
        self.sha256 = sha256

    def __iter__(self) -> Iterator[bytes]:
        with store().open(self.sha256) as file:
            yield from iter(partial(file.read, CHUNK), b"")


def _written(name: str, data: bytes) -> Member:
    return Member(name, hashlib.sha256(data).hexdigest(), len(data), [data])


def _json(value: Any) -> bytes:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1).encode() + b"\n"
