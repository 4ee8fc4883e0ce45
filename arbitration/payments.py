"""What a remedy pays: by the merchant, by the platform where it does not, and again after a refusal."""

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.actors import CLOCK, Actor
from arbitration import closing, restitution
from arbitration.models import Remedy, Ruling
from arbitration.steps import executed, facts_of, lapse
from core.errors import Conflict, Refused
from disputes import deadlines, lifecycle, refunds
from disputes.models import Case, Deadline, Refund

K, S = Remedy.Kind, Remedy.State


def platform_pays(case: Case, remedy: Remedy, at: datetime) -> None:
    """From the merchant's deposit, or advanced and recorded as its debt. Goods not delivered become their worth and the
    penalty that waited for them, each a payment of its own."""
    due = [remedy]
    if remedy.kind not in Remedy.MONEY:
        remedy.state = S.LAPSED
        remedy.save()
        due = [*_worth(case, remedy), *remedy.then.filter(kind=K.PENALTY, state=S.PENDING)]
    for row in due:
        row.by_platform = True
        pay(case, row, _platform_funding(case, row), at)


def _worth(case: Case, goods: Remedy) -> list[Remedy]:
    """The refund of goods that were not delivered; none where they have no worth."""
    if goods.amount_fen <= 0:
        return []
    refund = Remedy.objects.create(
        case=case,
        ruling=goods.ruling,
        kind=K.REFUND,
        owed_by=goods.owed_by,
        amount_fen=goods.amount_fen,
        state=S.PERFORMING,
    )
    return [refund]


def _platform_funding(case: Case, remedy: Remedy) -> str:
    enough = case.store.deposit_fen >= remedy.amount_fen
    return Refund.Funding.DEPOSIT if enough else Refund.Funding.ADVANCE


def pay(case: Case, remedy: Remedy, funding: str, at: datetime) -> None:
    """Send what the remedy is worth; of the price at most what can still go back for the article: some may have gone
    since the ruling. Where nothing can, the remedy lapses. A new attempt has a new key; only a refusal makes one."""
    on_top = remedy.kind in Remedy.ON_TOP
    amount_fen = remedy.amount_fen if on_top else min(remedy.amount_fen, case.order.refundable_for(case.line_id))
    if amount_fen == 0:
        lapse(case, remedy, at)
        return
    assert remedy.refund is None or remedy.refund.state == Refund.State.FAILED, "only a refusal is followed by more"
    attempts = Refund.objects.filter(case=case, key__startswith=f"remedy-{remedy.pk}-").count()
    remedy.refund = refunds.request(
        order=case.order,
        line_id=case.line_id,
        amount_fen=amount_fen,
        key=f"remedy-{remedy.pk}-{attempts + 1}",
        funding=funding,
        at=at,
        case=case,
        on_top=on_top,
    )
    remedy.state = S.PERFORMING
    remedy.save()


@transaction.atomic
def follow_refund(*, refund: Refund) -> None:
    """A remedy's refund came to an end at the gateway: executed; or refused, and then paid by the platform; or
    refused to the platform too, and then a supervisor is told. Harmless when told twice."""
    remedy_id, case_id = Remedy.objects.values_list("pk", "case_id").get(refund=refund)
    case = Case.objects.locked(case_id)
    remedy = Remedy.objects.select_related("ruling", "refund").get(pk=remedy_id)
    if remedy.state != S.PERFORMING or remedy.refund_id != refund.pk:
        return
    at = refund.executed_at or refund.tried_at or refund.requested_at
    if refund.state == Refund.State.EXECUTED:
        executed(case, remedy, at)
    elif not _still_owed(case, remedy):
        remedy.state = S.REVERSED
        remedy.save()
    elif not remedy.by_platform:
        platform_pays(case, remedy, at)
    elif refund.funding == Refund.Funding.DEPOSIT:
        pay(case, remedy, Refund.Funding.ADVANCE, at)
    else:
        _failed(case, remedy, at)
    restitution.settle(case, at)
    closing.try_to_conclude(case, at)


def _still_owed(case: Case, remedy: Remedy) -> bool:
    """Whether a payment that was refused is to be made at all: its ruling may have fallen while it was on its way."""
    if remedy.ruling.state == Ruling.State.IN_EFFECT:
        return True
    now = case.rulings.filter(state=Ruling.State.IN_EFFECT).first()
    if now is None:
        return False
    if remedy.kind in Remedy.ON_TOP:
        granted = restitution.granted_on_top_fen(case, now, remedy.kind)
        return granted > restitution.moving_fen(case, kinds=[remedy.kind])
    return restitution.granted_fen(case, now) > restitution.moving_fen(case)


def _failed(case: Case, remedy: Remedy, at: datetime) -> None:
    """The payment service refused the platform too: both sides read it, a supervisor has it before them."""
    remedy.state = S.FAILED
    remedy.save()
    case.escalated_at = at
    lifecycle.move(case, "remedy_failed", actor=CLOCK, at=at, facts=facts_of(remedy))
    deadlines.open_clock(case, "payment_target", at, ref=str(remedy.pk))


@transaction.atomic
def retry_payment(*, actor: Actor, case_id: int, remedy_id: int, based_on: int | None = None) -> Case:
    """A supervisor has a payment sent once more, under a new key: the earlier one is known to have been refused."""
    case = Case.objects.locked(case_id)
    at = lifecycle.begin(case, "retry_payment", actor, based_on=based_on)
    remedy = _refused_payments(case).filter(pk=remedy_id).first()
    if remedy is None:
        raise Conflict("retry_after_refusal", _("Only a payment known to have been refused is sent again."))
    deadlines.close(case, ["payment_target"], at, Deadline.State.MET, ref=str(remedy.pk))
    if not deadlines.running(case, ["payment_target"]):
        case.escalated_at = None
    pay(case, remedy, _platform_funding(case, remedy), at)
    lifecycle.move(case, "retry_payment", actor=actor, at=at, facts=facts_of(remedy))
    closing.try_to_conclude(case, at)
    return case


def _refused_payments(case: Case) -> QuerySet[Remedy]:
    rows = case.remedies.filter(kind__in=Remedy.MONEY, state=S.FAILED, refund__state=Refund.State.FAILED)
    return rows.select_related("refund")


def why_not_retry_payment(case: Case, actor: Actor, at: datetime) -> Refused | None:
    if any(row.state == S.FAILED and row.kind in Remedy.MONEY for row in case.remedies.all()):
        return None
    return Conflict("retry_after_refusal", _("No payment was refused."))
