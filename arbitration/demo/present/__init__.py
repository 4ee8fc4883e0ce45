"""What is going on now: orders before any case, and a case in every state, due soon, late, or far away."""

from collections.abc import Callable
from datetime import datetime, timedelta

from arbitration.demo.cast import Cast
from arbitration.demo.dispute import Dispute
from arbitration.demo.present import after_ruling, among_themselves, before_ruling, by_store, orders
from arbitration.demo.stage import Story

Play = Callable[[Dispute, datetime], Story]
"""A story told backwards from the present: the second argument is now."""


def stories(cast: Cast, now: datetime) -> list[Story]:
    """Every living order and case. The number of a row is its seed."""
    told = []
    for number, (play, buyer, store, article, cause, arbiter) in enumerate(PLAYS):
        dispute = Dispute(cast, 2000 + number, buyer=buyer, store=store, article=article, cause=cause)
        dispute.arbiter = cast[arbiter]
        told.append(play(dispute, now - timedelta(minutes=(number * 11) % 35)))
    return told


PLAYS: tuple[tuple[Play, str, str, int, str, str], ...] = (
    (orders.only_paid, "linxiao", "shiguang", 2, "late_shipment", "zhouyan"),
    (orders.on_its_way, "linxiao", "qinghe", 0, "damaged", "zhouyan"),
    (orders.not_negotiated, "linxiao", "shiguang", 0, "damaged", "zhouyan"),
    (orders.refused_yesterday, "linxiao", "shiguang", 0, "damaged", "zhouyan"),
    (orders.asked_today, "linxiao", "beian", 0, "quality_hidden", "zhouyan"),
    (orders.countered, "linxiao", "guoren", 1, "damaged", "zhouyan"),
    (orders.agreed, "linxiao", "beian", 1, "quality_visible", "zhouyan"),
    (orders.never_answered, "wanglei", "guoren", 0, "damaged", "zhouyan"),
    (orders.window_over, "wanglei", "beian", 0, "quality_visible", "zhouyan"),
    (orders.window_over, "wanglei", "shiguang", 1, "quality_visible", "zhouyan"),
    (orders.late_to_ship, "wanglei", "shanye", 0, "late_shipment", "zhouyan"),
    (orders.taken_back, "wanglei", "qinghe", 1, "not_as_described", "zhouyan"),
    (orders.completed, "zhaoyuan", "shiguang", 2, "damaged", "zhouyan"),
    (before_ruling.draft, "linxiao", "shiguang", 2, "damaged", "zhouyan"),
    (before_ruling.draft_about_to_go, "wanglei", "shanye", 1, "quality_visible", "zhouyan"),
    (before_ruling.just_filed, "huangting", "shiguang", 0, "damaged", "zhouyan"),
    (before_ruling.filed_due_in_an_hour, "liuyang", "beian", 0, "quality_hidden", "zhouyan"),
    (before_ruling.filed_past_target, "xujing", "qinghe", 0, "not_as_described", "zhouyan"),
    (before_ruling.filed_and_escalated, "gaofeng", "guoren", 0, "damaged", "zhouyan"),
    (before_ruling.not_admitted, "linxiao", "guoren", 0, "damaged", "chenmo"),
    (before_ruling.asked_before_admission, "songyu", "shanye", 0, "false_advertising", "chenmo"),
    (before_ruling.response_running, "linxiao", "shiguang", 0, "damaged", "zhouyan"),
    (before_ruling.response_last_hour, "wanglei", "shiguang", 1, "quality_visible", "chenmo"),
    (before_ruling.response_extended, "denghao", "shiguang", 2, "damaged", "zhouyan"),
    (before_ruling.response_with_offer, "linxiao", "beian", 1, "quality_visible", "chenmo"),
    (before_ruling.offer_declined, "panmin", "beian", 0, "not_as_described", "zhouyan"),
    (before_ruling.rebuttal_running, "linxiao", "beian", 0, "not_as_described", "chenmo"),
    (before_ruling.both_asked, "wanglei", "beian", 1, "damaged", "zhouyan"),
    (before_ruling.one_has_answered, "zhaoyuan", "shiguang", 0, "damaged", "chenmo"),
    (before_ruling.ready_to_rule, "linxiao", "shiguang", 0, "damaged", "zhouyan"),
    (before_ruling.ready_unassigned, "huangting", "qinghe", 0, "return_refused", "chenmo"),
    (before_ruling.ruling_due_soon, "liuyang", "shanye", 0, "quality_visible", "chenmo"),
    (before_ruling.ruling_past_target, "xujing", "beian", 0, "counterfeit", "zhouyan"),
    (before_ruling.ruling_escalated, "gaofeng", "shiguang", 1, "short_or_wrong", "chenmo"),
    (before_ruling.default, "songyu", "guoren", 1, "damaged", "zhouyan"),
    (after_ruling.refund_owed, "wanglei", "shiguang", 2, "damaged", "chenmo"),
    (after_ruling.granted_in_part, "linxiao", "shiguang", 1, "quality_visible", "zhouyan"),
    (after_ruling.rejected, "denghao", "beian", 0, "quality_hidden", "chenmo"),
    (after_ruling.to_be_sent_back, "linxiao", "qinghe", 1, "not_as_described", "zhouyan"),
    (after_ruling.sent_back, "wanglei", "shiguang", 0, "damaged", "zhouyan"),
    (after_ruling.return_disputed, "panmin", "shiguang", 0, "damaged", "chenmo"),
    (after_ruling.enforcing, "zhaoyuan", "qinghe", 0, "not_as_described", "chenmo"),
    (after_ruling.default_ruled, "huangting", "shanye", 1, "quality_visible", "zhouyan"),
    (after_ruling.set_aside_asked, "liuyang", "shiguang", 0, "damaged", "zhouyan"),
    (after_ruling.review_answer_running, "linxiao", "shanye", 0, "quality_visible", "chenmo"),
    (after_ruling.review_to_decide, "xujing", "shiguang", 2, "quality_visible", "zhouyan"),
    (after_ruling.review_decided, "gaofeng", "beian", 0, "quality_visible", "zhouyan"),
    (among_themselves.being_settled, "wanglei", "beian", 0, "quality_visible", "zhouyan"),
    (among_themselves.at_the_laboratory, "songyu", "beian", 1, "quality_hidden", "chenmo"),
    (among_themselves.with_the_police, "wanglei", "qinghe", 0, "not_as_described", "zhouyan"),
    (among_themselves.suspended_by_both, "denghao", "shiguang", 0, "damaged", "zhouyan"),
    (among_themselves.suspension_proposed, "panmin", "guoren", 0, "damaged", "zhouyan"),
    (by_store.store_files, "wanglei", "beian", 0, "unreasonable_return", "chenmo"),
    (by_store.store_filed_and_heard, "zhaoyuan", "shiguang", 1, "malicious_review", "zhouyan"),
    (before_ruling.handed_over, "liuyang", "qinghe", 1, "quality_visible", "zhouyan"),
    (by_store.review_marked, "songyu", "beian", 0, "malicious_review", "chenmo"),
)
