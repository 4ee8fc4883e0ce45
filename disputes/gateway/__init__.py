"""The port through which money leaves: what the product asks of any payment service."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from disputes.models import Refund


class Result(StrEnum):
    """DONE: money moved. REFUSED: it never will under this key. UNKNOWN: ask later. ABSENT: the key was never seen."""

    DONE = "done"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    ABSENT = "absent"


@dataclass(frozen=True)
class Answer:
    """``reference`` is the service's own number of the payment, or its reason for refusing."""

    result: Result
    reference: str = ""


class Gateway(Protocol):
    """Both calls carry the refund's key: the service does a key once and can be asked about it."""

    def refund(self, refund: Refund) -> Answer: ...

    def ask(self, refund: Refund) -> Answer: ...
