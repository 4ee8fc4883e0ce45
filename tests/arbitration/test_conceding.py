"""Conceding: the claim as filed, within what a ruling could order."""

from arbitration import admission, assignment, execution, rulings
from disputes import filing, negotiation
from tests import stages
from tests.conftest import World
from tests.stages import paper


def test_loss_conceded_after_the_refund_was_paid_is_owed_whole(world: World) -> None:
    order = world.order(price_fen=10_000)
    line = order.lines.get()
    asked = negotiation.ask(
        actor=world.buyer,
        order_id=order.pk,
        line_id=line.pk,
        asked="refund",
        amount_fen=10_000,
        cause="damaged",
        reason="破损",
    )
    negotiation.agree(actor=world.merchant, after_sales_id=asked.pk)
    execution.settle_open_refunds()
    case = filing.start(actor=world.merchant, order_id=order.pk, line_id=line.pk, threatened=True)
    paper(world.merchant, case)
    claim = stages.claim(case, "unreasonable_return", "deduct", 8_000)
    filing.file(actor=world.merchant, case_id=case.pk, threatened=True, **claim)
    assignment.take(actor=world.arbiter, case_id=case.pk)
    admission.admit(actor=world.arbiter, case_id=case.pk)
    case = rulings.concede(actor=world.buyer, case_id=case.pk)
    ruling = case.rulings.get()
    assert (ruling.amount_fen, ruling.outcome, ruling.points) == (8_000, "for_applicant", 0)
    assert list(case.remedies.values_list("kind", "amount_fen", "owed_by", "state")) == [
        ("pay_loss", 8_000, "buyer", "performing")
    ]
    assert case.state == "enforcing"
