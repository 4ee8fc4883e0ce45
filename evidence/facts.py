"""Facts about an item that an arbiter should know, each with its source. What follows is for people to say."""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import moments
from evidence import likeness
from evidence.models import ON_FILE, Dossier, Item, Reading
from evidence.queries import Exhibit

CASE = "case:"
NAMED = 3
"""How many other cases are named; the rest are counted."""
_EDITORS = re.compile(
    r"photoshop|lightroom|illustrator|acrobat(?! distiller)|gimp|snapseed|picsart|vsco|facetune|canva|pixelmator"
    r"|affinity|paint|photodirector|meitu|beautycam|capcut|premiere|after effects|final cut|davinci|foxit|pdf ?editor"
    r"|pdfelement|美图|醒图|剪映|轻颜|修图|天天p图",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Fact:
    """``text`` and ``source`` are in the reader's language. ``cases``: numbers of the other cases it is about."""

    code: str
    text: str
    source: str
    cases: tuple[str, ...] = ()


def facts(here: QuerySet[Dossier], exhibits: Sequence[Exhibit], *, bought_at: datetime) -> Mapping[UUID, list[Fact]]:
    """What is known of each item on file. ``here``: the dossiers of this matter; what they share is nothing to tell.

    For the platform alone. Two queries; none where nothing is on file."""
    if not exhibits:
        return {}
    same, near = _same_bytes(here, exhibits), _alike(here, exhibits)
    return {
        item.id: [
            fact
            for fact in (
                _sent_late(item),
                _taken_before(item, bought_at),
                _edited(item),
                _elsewhere(same.get(item.sha256, [])),
                _nearly_elsewhere(near.get(item.id, [])),
            )
            if fact is not None
        ]
        for item in exhibits
    }


def _sent_late(item: Exhibit) -> Fact | None:
    if not item.late or item.lodged_at is None:
        return None
    return Fact("sent_late", _("Late: lodged %(at)s") % {"at": moments.short_text(item.lodged_at)}, _("case clock"))


def _taken_before(item: Exhibit, bought_at: datetime) -> Fact | None:
    if item.capture_at is None or item.capture_at >= bought_at:
        return None
    text = _("The file says it was taken %(at)s, before the purchase %(bought)s")
    said = {"at": moments.short_text(item.capture_at), "bought": moments.short_text(bought_at)}
    return Fact("taken_before_purchase", text % said, _("capture time in the file, order"))


def _edited(item: Exhibit) -> Fact | None:
    if not _EDITORS.search(item.software):
        return None
    return Fact(
        "editing_software", _("The file names the program “%(name)s”") % {"name": item.software}, item.software_from
    )


def _elsewhere(cases: Sequence[str]) -> Fact | None:
    if not cases:
        return None
    text = ngettext(
        "The same file is in %(n)d other dispute: %(cases)s",
        "The same file is in %(n)d other disputes: %(cases)s",
        len(cases),
    )
    return Fact("same_file_elsewhere", text % {"n": len(cases), "cases": _named(cases)}, "SHA-256", tuple(cases))


def _nearly_elsewhere(found: Sequence[tuple[int, str]]) -> Fact | None:
    """``found``: how many bits differ, and in which case."""
    if not found:
        return None
    cases = list(dict.fromkeys(number for _bits, number in sorted(found)))
    text = ngettext(
        "Nearly the same picture is in %(n)d other dispute: %(cases)s",
        "Nearly the same picture is in %(n)d other disputes: %(cases)s",
        len(cases),
    )
    source = _("picture fingerprint, %(bits)d of 64 bits differ") % {"bits": min(found)[0]}
    return Fact("like_picture_elsewhere", text % {"n": len(cases), "cases": _named(cases)}, source, tuple(cases))


def _named(cases: Sequence[str]) -> str:
    return ", ".join(cases[:NAMED]) + (" …" if len(cases) > NAMED else "")


def _same_bytes(here: QuerySet[Dossier], exhibits: Sequence[Exhibit]) -> Mapping[str, list[str]]:
    """Hash → numbers of the other cases in which the same bytes are on file. One query."""
    rows = Item.objects.filter(
        sha256__in={item.sha256 for item in exhibits}, state__in=ON_FILE, dossier__subject__startswith=CASE
    ).exclude(dossier__in=here)
    found: dict[str, list[str]] = defaultdict(list)
    for sha256, subject in rows.values_list("sha256", "dossier__subject").distinct().order_by("sha256", "dossier_id"):
        found[sha256].append(subject.removeprefix(CASE))
    return found


def _alike(here: QuerySet[Dossier], exhibits: Sequence[Exhibit]) -> Mapping[UUID, list[tuple[int, str]]]:
    """Item → (bits that differ, case number) of like pictures, other bytes, in other cases. One query by index.

    Up to 3 bits none is missed; of those 4 to 6 bits apart most share one of the four keys and are found.
    """
    marks = {item.id: item.likeness for item in exhibits if item.likeness is not None}
    if not marks:
        return {}
    keys = [likeness.bands(mark) for mark in marks.values()]
    shares = Q()
    for band in range(likeness.BANDS):
        shares |= Q(**{f"band_{band}__in": {key[band] for key in keys}})
    rows = Reading.objects.filter(shares, item__state__in=ON_FILE, item__dossier__subject__startswith=CASE)
    rows = rows.exclude(item__dossier__in=here)
    found = rows.values_list("likeness", "item__sha256", "item__dossier__subject")
    others = [(other, sha256, subject.removeprefix(CASE)) for other, sha256, subject in found if other is not None]
    own = {item.id: item.sha256 for item in exhibits}
    return {
        key: [
            (apart, number)
            for other, sha256, number in others
            if sha256 != own[key] and (apart := likeness.distance(mark, other)) <= likeness.NEAR
        ]
        for key, mark in marks.items()
    }
