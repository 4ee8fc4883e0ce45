"""What the pages of a party share: addresses, how a side is called, what an address names (404 for everybody else)."""

from datetime import datetime
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.translation import pgettext

from accounts import policy
from accounts.models import User
from arbitration.queries import CaseFile
from disputes import deadlines, eligibility, queries
from disputes.models import Case, Order, OrderLine

Data = dict[str, Any]


def act_url(case: Case, act: str) -> str:
    return reverse("disputes:act", args=[case.number, act])


def ruling_url(case: Case) -> str:
    return reverse("disputes:ruling", args=[case.number])


def name(side: str) -> str:
    """The other side in the middle of a sentence."""
    return {
        "buyer": pgettext("in the middle of a sentence", "the buyer"),
        "merchant": pgettext("in the middle of a sentence", "the merchant"),
    }[side]


def owner(file: CaseFile, side: str) -> str:
    """Who a side is at the beginning of a sentence: You, The buyer, The merchant."""
    if side == file.side:
        return pgettext("at the beginning of a sentence", "You")
    return {
        "buyer": pgettext("at the beginning of a sentence", "The buyer"),
        "merchant": pgettext("at the beginning of a sentence", "The merchant"),
        "platform": pgettext("at the beginning of a sentence", "The platform"),
    }[side]


def again_until(file: CaseFile) -> datetime | None:
    """Until when what was not accepted may be filed again; None when that is over. One query."""
    case = file.case
    closes = eligibility.closing(case.order, case.line, case.applicant_side, file.rules)
    if closes is None and case.filed_at is not None:
        closes = deadlines.filing_due(file.rules, case.filed_at, category=case.order.category, side=case.applicant_side)
    return closes if closes is not None and closes > file.at else None


def order_or_404(user: User, number: str) -> Order:
    try:
        return queries.order_for(user, number)
    except Order.DoesNotExist:
        raise Http404 from None


def line_of(found: Order, wanted: str) -> OrderLine:
    lines = list(found.lines.all())
    return next((line for line in lines if str(line.pk) == wanted), lines[0])


def party_case(user: User, number: str) -> Case:
    """A case the reader is a side of, with files of their own; everybody else finds nothing."""
    try:
        case = queries.case_for(user, number)
    except Case.DoesNotExist:
        raise Http404 from None
    if not policy.side_of(user, case):
        raise Http404
    return case
