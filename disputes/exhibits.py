"""Evidence in a case: what is ready, lodged, late, withdrawn. Custody itself is the evidence room's."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts import policy
from accounts.actors import Actor
from accounts.models import User
from core.errors import Conflict, Refused
from disputes import deadlines, lifecycle
from disputes.models import Case, Deadline, State, Statement
from disputes.models.case import BEFORE_ADMISSION
from evidence import items as custody
from evidence import receiving, uploads
from evidence.models import Dossier, Item, Upload
from evidence.models import State as ItemState
from evidence.queries import silent
from rulebook.queries import applying
from rulebook.words import slot_words


def before_admission(case: Case) -> bool:
    """Whether the platform has yet to accept the case, questions asked meanwhile included."""
    return not BEFORE_ADMISSION.isdisjoint({case.state, *case.returns_to})


def ready(case: Case, side: str) -> list[Item]:
    """The side's items that are uploaded and sound but not lodged yet. One query. See ``evidence.items.sound``."""
    return custody.sound(case.dossier, side)


def chosen(case: Case, side: str, item_ids: Sequence[str]) -> list[Item]:
    """Those of the side's ready items that are named. One query."""
    named = case.dossier.items.filter(side=side, state=ItemState.READY, pk__in=item_ids)
    return list(named.order_by("position", "received_at"))


def freeze(
    case: Case, *, actor: Actor, side: str, items: list[Item], at: datetime, disclosed: bool, late: bool = False
) -> None:
    """Lodge items of a filed case inside a verb; inside filing, responding, rebutting and their kin always in time.

    Raises Refused("item_says_what_it_shows").
    """
    if items:
        check_words(asked_of(case, side, at), items)
        custody.lodge(actor=actor, dossier=case.dossier, side=side, items=items, at=at, late=late, disclosed=disclosed)


def asked_of(case: Case, side: str, at: datetime) -> list[dict[str, Any]]:
    """The checklist of one side of a case that has its cause."""
    cause = applying(case.rulebook_id, at).cause(case.cause)
    return cause.asked("applicant" if side == case.applicant_side else "respondent")


def place_words(dossier: Dossier, slot: str, at: datetime) -> str:
    """What a place in the checklist of the dossier's case asks for; empty where there is none. One query."""
    case = Case.objects.filter(dossier=dossier).exclude(cause="").first()
    return slot_words(applying(case.rulebook_id, at).cause(case.cause), slot) if case is not None else ""


def check_words(asked: Sequence[Mapping[str, Any]], items: Iterable[Item]) -> None:
    """Each item says what it shows: by its caption, or by its place in the checklist ``asked``. Names all that do not.

    Raises Refused("item_says_what_it_shows") with a field ``caption-<id>`` for each.
    """
    if unsaid := silent(asked, items):
        how = (
            _("“%(name)s”: say what this shows, or choose its place in the checklist.")
            if asked
            else _("“%(name)s”: say what this shows.")
        )
        raise Refused(
            "item_says_what_it_shows",
            _("Say of every file what it shows. Nothing was sent."),
            fields={f"caption-{item.pk}": [how % {"name": item.original_name}] for item in unsaid},
        )


def in_time(case: Case, side: str, at: datetime) -> bool:
    """Whether an item lodged by ``side`` at ``at`` is in time: inside one of the clocks that call for its evidence."""
    kinds = ["information", "response", "rebuttal"]
    if side == case.applicant_side:
        kinds.append("applicant_evidence")
    elif before_admission(case):
        return True
    return any(
        row.state == Deadline.State.OPEN and row.due_at is not None and at < row.due_at and row.side == side
        for row in deadlines.running(case, kinds)
    )


def why_not_upload(case: Case, actor: Actor, at: datetime) -> Refused | None:
    """While a ruling is only carried out, files show one thing: how goods came back. One query, in that state."""
    side = policy.side_of(actor, case)
    if case.state == State.ENFORCING and not deadlines.is_open(case, "confirm_return", at, side=side):
        return Conflict(
            "file_shows_the_return",
            _("While the ruling is carried out, files are added only to show how returned goods arrived."),
        )
    return None


def receive(
    *,
    actor: Actor,
    case_id: int,
    upload: "UploadedFile[Any]",
    kind: str | None = None,
    slot: str = "",
    caption: str = "",
) -> Item:
    """Take one file into the side's unsent items, at any time before the case is over. Raises what the custody raises.

    Nothing about the case changes, so it is not locked while the bytes are received and inspected.
    """
    case = Case.objects.select_related("dossier").get(pk=case_id)
    at = lifecycle.permit(case, "upload", actor)
    assert isinstance(actor, User)
    return receiving.receive(
        actor=actor,
        dossier=case.dossier,
        side=policy.side_of(actor, case),
        upload=upload,
        kind=kind,
        slot=slot,
        caption=caption,
        at=at,
    )


def begin_upload(
    *,
    actor: Actor,
    case: Case,
    name: str,
    length: int,
    kind: str = "",
    slot: str = "",
    caption: str = "",
    with_bytes: bool = False,
) -> Upload:
    """A file for the side's unsent items that will come in pieces. Raises what the custody raises.

    ``with_bytes``: see ``uploads.begin``.

    Neither here nor below is the case locked, so that the caller's reading of it is as good as another.
    """
    at = lifecycle.permit(case, "upload", actor)
    assert isinstance(actor, User)
    return uploads.begin(
        actor=actor,
        dossier=case.dossier,
        side=policy.side_of(actor, case),
        name=name,
        length=length,
        kind=kind,
        slot=slot,
        caption=caption,
        at=at,
        with_bytes=with_bytes,
    )


def append_upload(
    *,
    actor: Actor,
    case: Case,
    upload: Upload,
    offset: int,
    pieces: Iterable[bytes],
    announced: int = 0,
    checksum: uploads.Checksum | None = None,
) -> Upload:
    """The next piece of one (``announced``: see ``uploads.append``). Raises what the custody raises."""
    at = lifecycle.permit(case, "upload", actor)
    return uploads.append(upload=upload, offset=offset, pieces=pieces, announced=announced, checksum=checksum, at=at)


@transaction.atomic
def lodge(*, actor: Actor, case_id: int, item_ids: list[str], based_on: int | None = None) -> Case:
    """Add uploaded items to the file. After the side's clocks they are kept and marked late (逾期).

    Items of the applicant in the last 24 h of the response clock give the respondent 24 h more, once.
    """
    case = Case.objects.locked(case_id)
    at = lifecycle.begin(case, "lodge", actor, based_on=based_on)
    side = policy.side_of(actor, case)
    items = chosen(case, side, item_ids)
    if not items:
        raise Refused("lodge_needs_items", _("Choose at least one uploaded item to add."), field="items")
    late = not in_time(case, side, at)
    freeze(case, actor=actor, side=side, items=items, at=at, late=late, disclosed=not before_admission(case))
    extended = _give_respondent_time(case, side, at)
    lifecycle.move(
        case, "lodge", actor=actor, at=at, facts={"items": len(items), "late": late, "response_extended": extended}
    )
    return case


def _give_respondent_time(case: Case, side: str, at: datetime) -> bool:
    """Late in the response clock the applicant's new items must not cost the respondent its answer."""
    if side != case.applicant_side or case.state != State.AWAITING_RESPONSE:
        return False
    length = applying(case.rulebook_id, at).length("late_items_extend")
    for row in deadlines.running(case, ["response"]):
        own = case.statements.filter(
            side=case.respondent_side, stage=Statement.Stage.EXTENSION, at__gte=row.opened_at
        ).count()
        if row.due_at is not None and at < row.due_at <= at + length.delta and row.extensions == own:
            deadlines.extend(row, length)
            return True
    return False


@transaction.atomic
def withdraw_item(*, actor: Actor, case_id: int, item_id: str, reason: str, based_on: int | None = None) -> Case:
    """Take one's own lodged item back, with a trace: its mark, caption, moment and the reason stay readable."""
    case = Case.objects.locked(case_id)
    at = lifecycle.begin(case, "withdraw_item", actor, based_on=based_on)
    item = _own_lodged(case, actor).filter(pk=item_id).first()
    if item is None:
        raise Conflict("own_lodged_item", _("Only your own lodged items can be withdrawn."))
    custody.withdraw(actor=actor, item=item, reason=reason, at=at)
    lifecycle.move(
        case, "withdraw_item", actor=actor, at=at, facts={"item": str(item.pk), "exhibit_no": item.exhibit_no}
    )
    return case


def why_not_withdraw_item(case: Case, actor: Actor, at: datetime) -> Refused | None:
    if not _own_lodged(case, actor).exists():
        return Conflict("own_lodged_item", _("Only your own lodged items can be withdrawn."))
    return None


def _own_lodged(case: Case, actor: Actor) -> QuerySet[Item]:
    return case.dossier.items.filter(side=policy.side_of(actor, case), state=ItemState.LODGED)
