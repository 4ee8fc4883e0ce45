"""The tables of the dispute, split by topic."""

from disputes.models.account import AccountEntry, Debt
from disputes.models.aftersales import AfterSales, AfterSalesMessage, LineMessage
from disputes.models.case import Case, Outcome, State
from disputes.models.deadline import Deadline
from disputes.models.draft import Draft
from disputes.models.offer import Offer, Suspension
from disputes.models.order import LogisticsEvent, Order, OrderLine, Refund
from disputes.models.records import ErasureRequest, Hold
from disputes.models.statement import Rebuttal, Statement
from rulebook.models import Remedy as RemedyKind

__all__ = [
    "AccountEntry",
    "AfterSales",
    "AfterSalesMessage",
    "Case",
    "Deadline",
    "Debt",
    "Draft",
    "ErasureRequest",
    "Hold",
    "LineMessage",
    "LogisticsEvent",
    "Offer",
    "Order",
    "OrderLine",
    "Outcome",
    "Rebuttal",
    "Refund",
    "RemedyKind",
    "State",
    "Statement",
    "Suspension",
]
