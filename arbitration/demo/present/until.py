"""Up to a state: what the stories of cases begin with."""

from datetime import datetime

from arbitration.demo.dispute import DAY, HOUR, Dispute
from arbitration.demo.stage import Story


def until_filed(dispute: Dispute, filed_at: datetime, *, items: int = 3, asked: str = "") -> Story:
    """Order, request, refusal, filing; the case is filed at ``filed_at``."""
    dispute.wanted = asked or dispute.wanted
    yield filed_at - 40 * HOUR
    dispute.receive(
        filed_at - 7 * DAY, until={"late_shipment": "paid", "not_received": "signed"}.get(dispute.cause, "completed")
    )
    dispute.ask()
    dispute.write(dispute.buyer, "照片已发，请看一下。")
    yield filed_at - 22 * HOUR
    dispute.decline()
    yield filed_at - HOUR
    dispute.start()
    yield filed_at
    dispute.file(items=items)


def until_admitted(dispute: Dispute, at: datetime, *, items: int = 3, asked: str = "") -> Story:
    yield from until_filed(dispute, at - 9 * HOUR, items=items, asked=asked)
    yield at
    dispute.admit()


def until_heard(dispute: Dispute, at: datetime, *, items: int = 3, theirs: int = 2, asked: str = "") -> Story:
    """The platform's turn begins at ``at``."""
    yield from until_admitted(dispute, at - 30 * HOUR, items=items, asked=asked)
    yield at - 12 * HOUR
    dispute.respond(items=theirs, leave_open=1, stances=("disputed", "partly"))
    yield at
    dispute.rebut()


def until_ruled(
    dispute: Dispute, at: datetime, *, share: int = 100, for_applicant: bool = True, asked: str = "", items: int = 2
) -> Story:
    """A ruling is signed at ``at`` and in effect a minute later."""
    yield from until_heard(dispute, at - 20 * HOUR, items=items, theirs=1, asked=asked)
    yield at
    dispute.rule(share=share, for_applicant=for_applicant)
