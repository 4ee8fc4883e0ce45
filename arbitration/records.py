"""Records: kept for their time, held where a supervisor says so, then erased; and erased when a person asks.

What is erased are bytes and words. The chain, hashes, sizes, amounts, moments and outcomes stay.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat
from django.utils.translation import gettext as _

from accounts import policy
from accounts.actors import CLOCK, Actor
from accounts.models import User
from accounts.policy import store_ids
from arbitration.models import Finding, InformationRequest, ItemWeight, Remedy, Review, Ruling, SetAside
from core import clock
from core.errors import Conflict, Refused
from core.moments import beijing_text
from disputes.models import (
    AfterSales,
    AfterSalesMessage,
    Case,
    Draft,
    ErasureRequest,
    Hold,
    LineMessage,
    LogisticsEvent,
    Offer,
    Order,
    Rebuttal,
    Statement,
    Suspension,
)
from disputes.models.case import OVER
from evidence import erasure
from evidence.models import Dossier, Side
from ledger import recording
from ledger.models import Audience, Entry
from ledger.recording import record
from rulebook.queries import book, in_force

BATCH = 50
REASON_LENGTH = 300


# --- holds -----------------------------------------------------------------------------------------------------------
@transaction.atomic
def hold(*, actor: User, order_number: str, reason: str, until: datetime) -> Hold:
    """Keep everything of an order until then, whatever its time. Refused: records_order, hold_needs_reason,
    hold_ends_later, held_once.
    """
    order = _order(order_number)
    at = clock.now()
    policy.require(actor, "records.hold", order)
    reason = reason.strip()
    if not reason:
        raise Refused("hold_needs_reason", _("Say why these records must be kept."), field="reason")
    if until <= at:
        raise Refused("hold_ends_later", _("Choose a day in the future."), field="until")
    if order.holds.filter(lifted_at=None).exists():
        raise Conflict("held_once", _("These records are held already. Lift that hold first."))
    held = Hold.objects.create(order=order, reason=reason[:REASON_LENGTH], until=until, set_by=actor, set_at=at)
    _note(order, "records_held", actor, at, hold=held.pk, until=until)
    return held


@transaction.atomic
def lift(*, actor: User, hold_id: int) -> Hold:
    """End a hold before its time. Refused: hold_standing (409)."""
    found = Hold.objects.select_related("order").get(pk=hold_id)
    order = Order.objects.locked(found.order_id)
    policy.require(actor, "records.hold", order)
    held = order.holds.filter(pk=hold_id, lifted_at=None).first()
    if held is None:
        raise Conflict("hold_standing", _("This hold was lifted already."))
    held.lifted_at, held.lifted_by = clock.now(), actor
    held.save(update_fields=["lifted_at", "lifted_by"])
    _note(order, "records_released", actor, held.lifted_at, hold=held.pk)
    return held


def standing(at: datetime) -> QuerySet[Hold]:
    """The holds that stand at a moment."""
    return Hold.objects.filter(lifted_at=None, until__gt=at)


def _order(number: str) -> Order:
    """The order of that number, or of the case of that number, locked. Raises Refused("records_order")."""
    number = number.strip()
    found = Order.objects.filter(Q(number=number) | Q(cases__number=number)).values_list("pk", flat=True).first()
    if found is None:
        raise Refused("records_order", _("There is no order or case with this number."), field="number")
    return Order.objects.locked(found)


def _note(order: Order, verb: str, actor: Actor, at: datetime, **facts: Any) -> None:
    record(
        subject=f"order:{order.number}",
        verb=verb,
        actor=actor,
        role=policy.role_in(actor, order),
        at=at,
        facts=facts,
        audience=Audience.PLATFORM,
    )


# --- retention -------------------------------------------------------------------------------------------------------
_ABOUT_RECORDS = ("records_held", "records_released", "records_erased")
"""What keeping and erasing itself leaves in an order's chain."""


def due(at: datetime) -> QuerySet[Order]:
    """The orders whose time is over: completed long enough ago, no case running or with its records still kept
    (``deadlines.keep_records``), no hold. Oldest first; one query when read.

    The time of an order that was never completed runs from the last thing that happened about it.
    """
    before = at - book(in_force(at).pk).length("records_kept").delta
    running = Case.objects.exclude(state__in=OVER).values("order_id")
    fresh = Case.objects.filter(deadlines__kind="records_kept", deadlines__due_at__gt=at).values("order_id")
    happened = Entry.objects.filter(subject=Concat(Value("order:"), OuterRef("number")), at__gt=before)
    stale = Q(completed_at=None, paid_at__lte=before) & ~Exists(happened.exclude(verb__in=_ABOUT_RECORDS))
    old = Order.objects.filter(Q(completed_at__lte=before) | stale, erased_at=None)
    spared = Q(pk__in=running) | Q(pk__in=fresh) | Q(pk__in=standing(at).values("order_id"))
    return old.exclude(spared).order_by("completed_at", "pk")


def sweep() -> int:
    """Erase what is due, at most ``BATCH`` orders, each in a transaction of its own; returns how many went."""
    done = 0
    for order_id in due(clock.now()).values_list("pk", flat=True)[:BATCH]:
        with transaction.atomic():
            order, at = Order.objects.locked(order_id), clock.now()
            if due(at).filter(pk=order_id).exists():
                erase(actor=CLOCK, order=order, sides=Side.values, at=at)
                Order.objects.filter(pk=order_id).update(erased_at=at)
                done += 1
    return done


def erase(*, actor: Actor, order: Order, sides: Iterable[str], at: datetime) -> None:
    """Erase what these sides sent and wrote about an order; both sides: what the platform wrote about it too."""
    sides = list(sides)
    cases = list(order.cases.select_related("dossier"))
    for dossier in Dossier.objects.filter(Q(case__order=order) | Q(after_sales__order=order)).distinct():
        erasure.erase(actor=actor, dossier=dossier, sides=sides, at=at)
    for rows, columns in _words(order, cases, sides):
        rows.update(**columns)
    for case in cases:
        Draft.objects.filter(form__startswith=f"case:{case.number}:").delete()
    _note(order, "records_erased", actor, at, sides=sorted(sides))


def _words(order: Order, cases: list[Case], sides: list[str]) -> Iterator[tuple[QuerySet[Any], dict[str, Any]]]:
    """Every table with words about an order: the rows of these sides, and what is left of their words."""
    of_cases = Q(case__in=cases)
    yield AfterSalesMessage.objects.filter(after_sales__order=order, side__in=sides), {"text": ""}
    yield LineMessage.objects.filter(line__order=order, side__in=sides), {"text": ""}
    yield Statement.objects.filter(of_cases, side__in=sides), {"text": ""}
    yield Rebuttal.objects.filter(of_cases, side__in=sides), {"reason": ""}
    yield Offer.objects.filter(of_cases, side__in=sides), {"conditions": "", "decline_reason": "", "reference": ""}
    yield InformationRequest.objects.filter(of_cases, side__in=sides), {"answers": []}
    yield Review.objects.filter(of_cases, side__in=sides), {"argument": "", "why_not_before": ""}
    own = Case.objects.filter(pk__in=[case.pk for case in cases], applicant_side__in=sides)
    yield own, {"what_happened": "", "difference": "", "wanted": "", "missing_reason": "", "claim_penalty_ground": ""}
    if Side.BUYER in sides:
        yield AfterSales.objects.filter(order=order), {"reason": ""}
        yield LogisticsEvent.objects.filter(order=order), {"text": "", "waybill": ""}
    if Side.MERCHANT in sides:
        yield AfterSales.objects.filter(order=order), {"answer": ""}
    if set(sides) == set(Side.values):
        yield from _everybodys_words(of_cases, cases)


def _everybodys_words(of_cases: Q, cases: list[Case]) -> Iterator[tuple[QuerySet[Any], dict[str, Any]]]:
    """What no side alone wrote, or what was written about both."""
    rulings = Ruling.objects.filter(of_cases)
    yield Case.objects.filter(pk__in=[case.pk for case in cases]), {"refusal_reason": ""}
    yield Suspension.objects.filter(of_cases), {"reason": "", "proof_note": ""}
    yield InformationRequest.objects.filter(of_cases), {"questions": [], "why": ""}
    yield rulings, {"summary_applicant": "", "summary_respondent": "", "penalty_ground": ""}
    yield Finding.objects.filter(ruling__in=rulings), {"issue": "", "reason": "", "burden": []}
    yield ItemWeight.objects.filter(ruling__in=rulings), {"reason": ""}
    yield Remedy.objects.filter(of_cases), {"carrier": "", "waybill": "", "return_note": ""}
    yield Review.objects.filter(of_cases), {"answer": "", "reason": ""}
    yield SetAside.objects.filter(of_cases), {"excuse": "", "defence": "", "reason": ""}


# --- a person asks ---------------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Obstacle:
    """What stands against erasing a person's records now, and until when, as far as that is known."""

    number: str
    reason: str
    until: datetime | None

    @property
    def text(self) -> str:
        ends = _("until %(at)s") % {"at": beijing_text(self.until)} if self.until else _("until the case is over")
        return _("%(number)s: %(reason)s (%(ends)s)") % {"number": self.number, "reason": self.reason, "ends": ends}


def obstacles(user: User, at: datetime) -> list[Obstacle]:
    """Running cases the person is a side of, and holds on their orders. Two queries, one for the person's stores."""
    own = Q(buyer=user) | Q(store__in=store_ids(user))
    running = Case.objects.filter(own).exclude(state__in=OVER).order_by("pk").values_list("number", flat=True)
    held = standing(at).filter(Q(order__buyer=user) | Q(order__store__in=store_ids(user))).select_related("order")
    return [
        *(Obstacle(number, _("this case is still running"), None) for number in running),
        *(Obstacle(row.order.number, row.reason, row.until) for row in held.order_by("pk")),
    ]


@transaction.atomic
def ask_erasure(*, actor: User) -> ErasureRequest:
    """Ask for everything about oneself to be erased. Asking again changes nothing."""
    asked, _created = ErasureRequest.objects.get_or_create(
        user=actor, handled_at=None, defaults={"asked_at": clock.now()}
    )
    return asked


@transaction.atomic
def erase_person(*, actor: User, request_id: int) -> ErasureRequest:
    """Carry a request out: the person's own files and words go, their account loses its name and address for good.

    Refused: erasure_handled (409), erasure_blocked (409) with each reason and its end.
    """
    policy.require(actor, "records.erase_person", None)
    asked = ErasureRequest.objects.select_related("user").get(pk=request_id)
    person = asked.user
    subject = f"user:{person.pk}"
    recording.hold(subject)
    for order_id in Order.objects.filter(buyer=person).order_by("pk").values_list("pk", flat=True):
        Order.objects.locked(order_id)
    at = clock.now()
    asked.refresh_from_db(fields=["handled_at"])
    if asked.handled_at:
        raise Conflict("erasure_handled", _("This request was carried out already."))
    if against := obstacles(person, at):
        raise Conflict(
            "erasure_blocked",
            _("These records must still be kept."),
            still_possible=[obstacle.text for obstacle in against],
        )
    for order in Order.objects.filter(buyer=person, erased_at=None).order_by("pk"):
        erase(actor=actor, order=order, sides=[Side.BUYER], at=at)
    _forget(person)
    asked.handled_at, asked.handled_by = at, actor
    asked.save(update_fields=["handled_at", "handled_by"])
    record(subject=subject, verb="person_erased", actor=actor, role=actor.staff_role, at=at, audience=Audience.PLATFORM)
    return asked


def _forget(person: User) -> None:
    """No name, no address, no way in; the number stays, so that what happened still has its sides."""
    EmailAddress.objects.filter(user=person).delete()
    person.access_keys.all().delete()
    person.memberships.update(is_active=False)
    person.email, person.name = f"erased-{person.pk}@erased.invalid", ""
    person.is_active, person.session_round = False, person.session_round + 1
    person.set_unusable_password()
    person.save()
