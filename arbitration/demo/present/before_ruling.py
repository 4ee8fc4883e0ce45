"""Cases before the ruling."""

from datetime import datetime

from arbitration import admission, assignment, editor, information, rulings
from arbitration.demo.dispute import DAY, HOUR, Dispute
from arbitration.demo.present.until import until_admitted, until_filed, until_heard
from arbitration.demo.stage import Story
from arbitration.queries import case_file
from disputes import drafts, extension, settlement


def draft(dispute: Dispute, now: datetime) -> Story:
    yield from _open_gate(dispute, now - 2 * DAY)
    dispute.start()
    dispute.upload(dispute.buyer, "outer_box")
    dispute.upload(dispute.buyer, "item")
    steps = {"cause": [dispute.cause], "remedy": ["return_refund"], "cause_done": ["1"]}
    drafts.save(user=dispute.buyer, form=f"case:{dispute.case.number}:file", data=steps)


def draft_about_to_go(dispute: Dispute, now: datetime) -> Story:
    """Begun almost thirty days ago: it is kept for another day."""
    yield from _open_gate(dispute, now - 29 * DAY)
    dispute.start()


def _open_gate(dispute: Dispute, at: datetime) -> Story:
    yield at - 2 * DAY
    dispute.receive(at - 8 * DAY)
    dispute.ask()
    yield at - DAY
    dispute.decline()
    yield at


def just_filed(dispute: Dispute, now: datetime) -> Story:
    yield from until_filed(dispute, now - 2 * HOUR)


def filed_due_in_an_hour(dispute: Dispute, now: datetime) -> Story:
    yield from until_filed(dispute, now - 23 * HOUR)


def filed_past_target(dispute: Dispute, now: datetime) -> Story:
    """Late by the platform's own target, and taken."""
    yield from until_filed(dispute, now - 30 * HOUR)
    yield now - 3 * HOUR
    dispute.take()


def filed_and_escalated(dispute: Dispute, now: datetime) -> Story:
    yield from until_filed(dispute, now - 51 * HOUR, items=1)


def not_admitted(dispute: Dispute, now: datetime) -> Story:
    yield from until_filed(dispute, now - 3 * DAY, items=1)
    yield now - 50 * HOUR
    dispute.take()
    admission.refuse(
        **dispute.person,
        ground="evidence",
        clause="AD-01",
        reason="提交的材料无法看清商品和面单，暂时不能证明争议与本订单有关。补齐外包装、面单和破损近照后，可以在期限内重新申请。",
    )


def asked_before_admission(dispute: Dispute, now: datetime) -> Story:
    yield from until_filed(dispute, now - 20 * HOUR, items=1)
    yield now - 8 * HOUR
    dispute.ask_information(merchant=False)


def response_running(dispute: Dispute, now: datetime) -> Story:
    yield from until_admitted(dispute, now - 18 * HOUR)


def response_last_hour(dispute: Dispute, now: datetime) -> Story:
    yield from until_admitted(dispute, now - 47 * HOUR, items=2)


def response_extended(dispute: Dispute, now: datetime) -> Story:
    yield from until_admitted(dispute, now - 40 * HOUR, items=2)
    yield now - 4 * HOUR
    extension.extend(actor=dispute.respondent, case_id=dispute.case_id, reason="需要向承运人调取签收底单。")


def response_with_offer(dispute: Dispute, now: datetime) -> Story:
    """W14: the merchant offers money; the buyer has not answered."""
    yield from until_admitted(dispute, now - 22 * HOUR, items=2)
    yield now - 5 * HOUR
    settlement.offer(
        actor=dispute.merchant,
        case_id=dispute.case_id,
        amount_fen=dispute.order.paid_fen * 4 // 10,
        conditions="商品保留，不再追究包装问题",
        valid_hours=24,
        perform_days=3,
    )


def offer_declined(dispute: Dispute, now: datetime) -> Story:
    yield from until_admitted(dispute, now - 30 * HOUR, items=2)
    yield now - 20 * HOUR
    settlement.offer(actor=dispute.merchant, case_id=dispute.case_id, amount_fen=2_000, conditions="")
    yield now - 16 * HOUR
    offer = dispute.case.offers.latest("pk")
    settlement.decline_offer(actor=dispute.buyer, case_id=dispute.case_id, offer_id=offer.pk, reason="与损失相差太多")


def rebuttal_running(dispute: Dispute, now: datetime) -> Story:
    yield from until_admitted(dispute, now - 40 * HOUR)
    yield now - 15 * HOUR
    dispute.respond(items=2, leave_open=1, stances=("disputed", "partly", "accepted"))


THE_SAME_BOX = {"outer_box": 77}
"""One photo of a dented box, sent in two disputes: what a look-alike is shown to the platform for."""


def both_asked(dispute: Dispute, now: datetime) -> Story:
    dispute.reused = THE_SAME_BOX
    yield from until_heard(dispute, now - 30 * HOUR)
    yield now - 6 * HOUR
    dispute.ask_information()


def one_has_answered(dispute: Dispute, now: datetime) -> Story:
    yield from until_heard(dispute, now - 40 * HOUR)
    yield now - 22 * HOUR
    dispute.ask_information()
    yield now - 9 * HOUR
    information.answer(
        actor=dispute.buyer,
        case_id=dispute.case_id,
        answers=["六面照片已补充上传，面单号清晰。", "当天家里没有人，包裹放在门口。"],
    )


def ready_to_rule(dispute: Dispute, now: datetime) -> Story:
    """A rich file, held by an arbiter: the one to try the ruling editor on."""
    yield from until_admitted(dispute, now - 60 * HOUR, items=5)
    yield now - 36 * HOUR
    dispute.upload_for_the_platform(dispute.merchant)
    dispute.respond(items=3, leave_open=1, stances=("disputed", "partly", "accepted"))
    yield now - 20 * HOUR
    dispute.upload_covered_chat(dispute.buyer)
    dispute.rebut(item="unboxing_video")
    yield now - 4 * HOUR
    dispute.take()


def ready_unassigned(dispute: Dispute, now: datetime) -> Story:
    yield from until_heard(dispute, now - 20 * HOUR)


def ruling_due_soon(dispute: Dispute, now: datetime) -> Story:
    yield from until_heard(dispute, now - 46 * HOUR)


def ruling_past_target(dispute: Dispute, now: datetime) -> Story:
    """Late by the target. The arbiter signed, took it back within the minute, and has the text as a draft."""
    yield from until_heard(dispute, now - 70 * HOUR)
    yield now - 30 * HOUR
    dispute.take()
    yield now - 2 * HOUR
    dispute.rule()
    rulings.undo_ruling(**dispute.person)
    file = case_file(dispute.arbiter, dispute.case.number, now - 2 * HOUR)
    kept = editor.of_ruling(file, dispute.case.rulings.latest("pk"))
    drafts.save(user=dispute.arbiter, form=f"{dispute.case.subject}:rule", data=kept)


def ruling_escalated(dispute: Dispute, now: datetime) -> Story:
    yield from until_heard(dispute, now - 125 * HOUR, theirs=0)


def default(dispute: Dispute, now: datetime) -> Story:
    """The merchant let its clock run out a few hours ago."""
    yield from until_admitted(dispute, now - 53 * HOUR)


def handed_over(dispute: Dispute, now: datetime) -> Story:
    """A supervisor gave the case to another arbiter."""
    yield from until_heard(dispute, now - 28 * HOUR)
    yield now - 10 * HOUR
    dispute.take()
    yield now - 3 * HOUR
    assignment.reassign(actor=dispute.cast["hemin"], case_id=dispute.case_id, arbiter_id=dispute.cast["chenmo"].pk)
