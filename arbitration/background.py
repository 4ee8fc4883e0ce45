"""The background of a case: how many orders and cases its two sides had before. Counts alone, the same for both."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Count
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from disputes.models import Case, Order, Outcome, State
from evidence.models import Side

PERIOD = timedelta(days=365)

ENDS: Mapping[str, Promise] = {
    "for_it": _("Decided for this side"),
    "against_it": _("Decided for the other side"),
    Outcome.PARTIAL: _("Decided in part"),
    Outcome.SETTLED: Outcome.SETTLED.label,
    Outcome.WITHDRAWN: Outcome.WITHDRAWN.label,
    Outcome.LAPSED: Outcome.LAPSED.label,
    State.NOT_ADMITTED: State.NOT_ADMITTED.label,
    "open": _("Still open"),
}
"""How a case ended, as one of its sides counts it."""


@dataclass(frozen=True)
class Background:
    """``orders`` paid and ``cases`` filed in the ``PERIOD`` before the case was, ``asked`` of them by this side."""

    side: str
    orders: int
    cases: int
    asked: int
    ends: Mapping[str, int]


def both_sides(case: Case) -> list[Background]:
    """Buyer and merchant. Four queries. The case itself and drafts are not counted."""
    return [_of(case, Side.BUYER), _of(case, Side.MERCHANT)]


def _of(case: Case, side: str) -> Background:
    whose = {"buyer": case.buyer_id} if side == Side.BUYER else {"store": case.store_id}
    until = case.filed_at or case.created_at
    period = (until - PERIOD, until)
    earlier = Case.objects.filter(**whose, filed_at__range=period).exclude(pk=case.pk).exclude(state=State.DRAFT)
    counted = earlier.values_list("applicant_side", "state", "outcome").annotate(n=Count("pk")).order_by()
    ends: Counter[str] = Counter(dict.fromkeys(ENDS, 0))
    asked = 0
    for applicant, state, outcome, n in counted:
        ends[_end(applicant == side, state, outcome)] += n
        asked += n if applicant == side else 0
    orders = Order.objects.filter(**whose, paid_at__range=period).count()
    return Background(side, orders, ends.total(), asked, ends)


def _end(asked: bool, state: str, outcome: str) -> str:
    if state != State.CLOSED:
        return state if state == State.NOT_ADMITTED else "open"
    if outcome not in {Outcome.FOR_APPLICANT, Outcome.FOR_RESPONDENT}:
        return outcome
    return "for_it" if asked == (outcome == Outcome.FOR_APPLICANT) else "against_it"
