"""Restitution after a reversal (执行回转): what earlier rulings moved and the ruling in effect does not grant.

The merchant has it back from the platform at once; the buyer owes it to the platform. Nobody waits for the buyer.
"""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Sum

from accounts.actors import CLOCK
from arbitration.models import Remedy, Ruling
from disputes import account_book, lifecycle
from disputes.models import Case, Refund
from disputes.models.case import WITH_MONEY
from evidence.models import Side
from rulebook.models import IN_KIND
from rulebook.models import Remedy as Ordered

K, S = Remedy.Kind, Remedy.State


def granted_fen(case: Case, ruling: Ruling) -> int:
    """What a ruling gives the buyer of the price: its amount, or what is left of a refund after the loss it deducts."""
    if ruling.remedy == Ordered.DEDUCT:
        return max(0, refund_asked_fen(case) - ruling.amount_fen)
    return ruling.amount_fen if ruling.remedy in WITH_MONEY else 0


def granted_on_top_fen(case: Case, ruling: Ruling, kind: str) -> int:
    """What a ruling gives the buyer beside the price: its penalty, unless that is due only once goods are not
    delivered, which is not known yet; or freight already paid that it still lays on the merchant."""
    if kind == K.PENALTY:
        return 0 if ruling.remedy in IN_KIND else ruling.penalty_fen
    return moving_fen(case, before=ruling, kinds=[kind]) if merchant_bears_freight(case, ruling) else 0


def merchant_bears_freight(case: Case, ruling: Ruling) -> bool:
    return bool(ruling.remedy) and case.side_of_party(ruling.freight_by) == Side.MERCHANT


def refund_asked_fen(case: Case) -> int:
    """The refund agreed or asked for on the article that nobody has paid: what a loss can be deducted from."""
    request = case.line.after_sales.exclude(state="withdrawn").order_by("-pk").first()
    if request is None or Refund.objects.filter(key=f"after-sales-{request.pk}").exclude(state="failed").exists():
        return 0
    asked = request.agreed_fen or (request.amount_fen if request.asked in WITH_MONEY else 0)
    return min(asked, case.order.refundable_for(case.line_id) + moving_fen(case))


def moving_fen(
    case: Case, *, before: Ruling | None = None, still_open: bool = True, kinds: Sequence[str] = Remedy.PRICE
) -> int:
    """Money that rulings of the case (``before`` one) have moved, or set in motion if ``still_open``, in fen: of the
    price, or for other ``kinds`` of remedies. One query."""
    states = [Refund.State.EXECUTED, *(Refund.OPEN if still_open else ())]
    rows = Remedy.objects.filter(case=case, kind__in=kinds, refund__state__in=states)
    if before is not None:
        rows = rows.exclude(ruling=before)
    total: int | None = rows.aggregate(total=Sum("refund__amount_fen"))["total"]
    return total or 0


def expect(case: Case, ruling: Ruling) -> None:
    """Lay out the restitution a new ruling calls for. It is made once the ruling is final and no refund is open."""
    excess = _excess_fen(case, ruling)
    if excess > 0:
        Remedy.objects.create(case=case, ruling=ruling, kind=K.RESTITUTION, owed_by=Side.BUYER, amount_fen=excess)


def _excess_fen(case: Case, ruling: Ruling, *, still_open: bool = True) -> int:
    """What earlier rulings moved beyond this one, of the price, of penalties and of freight, each by itself. At most
    four queries."""
    price = moving_fen(case, before=ruling, still_open=still_open) - granted_fen(case, ruling)
    on_top = (
        moving_fen(case, before=ruling, still_open=still_open, kinds=[kind]) - granted_on_top_fen(case, ruling, kind)
        for kind in Remedy.ON_TOP
    )
    return sum(max(0, excess) for excess in (price, *on_top))


def settle(case: Case, at: datetime) -> None:
    """Make the restitution that waits, if its time has come: exactly what was moved beyond the ruling in effect."""
    rows = case.remedies.filter(kind=K.RESTITUTION, state=S.PENDING, ruling__state=Ruling.State.IN_EFFECT)
    row = rows.select_related("ruling").first()
    if row is None or not case.final or case.remedies.filter(refund__state__in=Refund.OPEN).exists():
        return
    excess = _excess_fen(case, row.ruling, still_open=False)
    if excess == 0:
        row.state = S.REVERSED
        row.save(update_fields=["state"])
        return
    account_book.give_back(case=case, amount_fen=excess, key=f"restitution-{row.pk}", at=at)
    row.amount_fen, row.state, row.by_platform, row.executed_at = excess, S.EXECUTED, True, at
    row.save(update_fields=["amount_fen", "state", "by_platform", "executed_at"])
    facts = {"remedy": row.pk, "kind": row.kind, "owed_by": row.owed_by, "amount_fen": excess, "by_platform": True}
    lifecycle.move(case, "remedy_executed", actor=CLOCK, at=at, facts=facts)
