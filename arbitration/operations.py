"""Every act people can perform on a case: its name in ``lifecycle.TRANSITIONS``, its shape, its verb.

Both doors are drawn from this one table: ``POST /api/v1/cases/<number>/<act>/`` and the page ``…/<act>/``.
Acts that only the clock performs are not here.
"""

from collections.abc import Callable
from dataclasses import dataclass

from arbitration import admission, assignment, information, payments, remedies, reviews, rulings, setaside
from arbitration import shapes as platform
from core.forms import Shape
from disputes import exhibits, extension, filing, rebuttal, response, settlement, suspension, withdrawal
from disputes import shapes as party
from disputes.models import Case


@dataclass(frozen=True)
class Operation:
    """``verb(actor=…, case_id=…, **shape.arguments())`` returns the case."""

    shape: type[Shape]
    verb: Callable[..., Case]


OPERATIONS: dict[str, Operation] = {
    # the two sides
    "file": Operation(party.File, filing.file),
    "lodge": Operation(party.Lodge, exhibits.lodge),
    "withdraw_item": Operation(party.WithdrawItem, exhibits.withdraw_item),
    "answer": Operation(platform.AnswerQuestions, information.answer),
    "respond": Operation(party.Respond, response.respond),
    "state_late": Operation(party.StateLate, response.state_late),
    "concede": Operation(party.Nothing, rulings.concede),
    "rebut": Operation(party.Rebut, rebuttal.rebut),
    "skip": Operation(party.Nothing, rebuttal.skip),
    "extend": Operation(party.Extend, extension.extend),
    "offer": Operation(party.MakeOffer, settlement.offer),
    "accept_offer": Operation(party.AcceptOffer, settlement.accept_offer),
    "decline_offer": Operation(party.DeclineOffer, settlement.decline_offer),
    "withdraw_offer": Operation(party.Nothing, settlement.withdraw_offer),
    "perform_settlement": Operation(party.PerformSettlement, settlement.perform_settlement),
    "withdraw": Operation(party.Nothing, withdrawal.withdraw),
    "propose_suspension": Operation(party.ProposeSuspension, suspension.propose_suspension),
    "decline_suspension": Operation(party.Nothing, suspension.decline_suspension),
    "suspend": Operation(party.Suspend, suspension.suspend),
    "resume": Operation(party.Nothing, suspension.resume),
    "prove_suspension": Operation(party.ProveSuspension, suspension.prove_suspension),
    "perform": Operation(platform.Perform, remedies.perform),
    "ship_back": Operation(platform.ShipBack, remedies.ship_back),
    "confirm_return": Operation(platform.ConfirmReturn, remedies.confirm_return),
    "acknowledge": Operation(party.Nothing, rulings.acknowledge),
    "request_review": Operation(platform.RequestReview, reviews.request_review),
    "answer_review": Operation(platform.AnswerReview, reviews.answer_review),
    "request_set_aside": Operation(platform.RequestSetAside, setaside.request_set_aside),
    # the platform
    "take": Operation(party.Nothing, assignment.take),
    "release": Operation(platform.Release, assignment.release),
    "reassign": Operation(platform.Reassign, assignment.reassign),
    "admit": Operation(party.Nothing, admission.admit),
    "refuse": Operation(platform.Refuse, admission.refuse),
    "ask": Operation(platform.Ask, information.ask),
    "rule": Operation(platform.Rule, rulings.rule),
    "undo_ruling": Operation(party.Nothing, rulings.undo_ruling),
    "decide_return": Operation(platform.DecideReturn, remedies.decide_return),
    "retry_payment": Operation(platform.RetryPayment, payments.retry_payment),
    "decide_review": Operation(platform.DecideReview, reviews.decide_review),
    "set_aside": Operation(platform.Reason, setaside.set_aside),
    "refuse_set_aside": Operation(platform.Reason, setaside.refuse_set_aside),
}
