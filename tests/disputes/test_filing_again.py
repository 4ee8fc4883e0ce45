"""After an application that was not accepted nothing has to be written or found again."""

from typing import Any

from arbitration import admission, assignment
from arbitration.queries import case_file
from core import clock
from disputes import filing, from_order
from disputes.views.filing.application import starting_values
from tests import factories, stages
from tests.conftest import Clock, World
from tests.factories import add_item


def test_application_after_one_not_accepted_begins_with_what_was_said_and_sent(world: World, at: Clock) -> None:
    first = factories.draft_case(world.buyer, world.merchant, world.order())
    add_item(world.buyer, first, slot="outer_box", caption="外箱六面")
    said: dict[str, Any] = {
        "cause": "damaged",
        "remedy": "refund",
        "what_happened": "11月19日开箱见裂纹。",
        "difference": "商品页写明破损包赔。",
        "wanted": "退款。",
        "missing_reason": "没有视频",
    }
    filing.file(actor=world.buyer, case_id=first.pk, amount_fen=8000, **said)
    assignment.take(actor=world.arbiter, case_id=first.pk)
    admission.refuse(actor=world.arbiter, case_id=first.pk, ground="late", clause="AD-01", reason="缺材料")

    again = filing.start(actor=world.buyer, order_id=first.order_id, line_id=first.line_id)
    values = starting_values(again)
    assert {name: values[name] for name in said} == said
    assert values["amount_fen"] == "80.00"
    added = from_order.take_from_order(actor=world.buyer, case_id=again.pk)
    own = first.dossier.items.get()
    assert [(item.sha256, item.slot, item.caption) for item in added][:1] == [(own.sha256, "outer_box", "外箱六面")]
    assert from_order.take_from_order(actor=world.buyer, case_id=again.pk) == []

    filing.file(actor=world.buyer, case_id=again.pk, amount_fen=8000, **said)
    assignment.take(actor=world.arbiter, case_id=again.pk)
    found = case_file(world.arbiter, again.number, clock.now()).facts
    assert [fact.code for facts in found.values() for fact in facts] == []


def test_penalty_of_an_application_not_accepted_is_claimed_again(world: World, at: Clock) -> None:
    first = factories.draft_case(world.buyer, world.merchant, world.order(), cause="late_shipment")
    claim = stages.claim(first, "late_shipment", "refund") | {"penalty_fen": 6_500, "penalty_ground": "逾期赔付 5%"}
    filing.file(actor=world.buyer, case_id=first.pk, **claim)
    assignment.take(actor=world.arbiter, case_id=first.pk)
    admission.refuse(actor=world.arbiter, case_id=first.pk, ground="late", clause="AD-01", reason="缺材料")
    again = filing.start(actor=world.buyer, order_id=first.order_id, line_id=first.line_id)
    values = starting_values(again)
    assert (values["penalty_fen"], values["penalty_ground"]) == ("65.00", "逾期赔付 5%")
