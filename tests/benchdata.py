# ruff: noqa: E501 - SQL reads better unbroken
"""The benchmark's data set: 100,000 cases on PostgreSQL, made once by plain SQL and kept.

Not made through the verbs (that would take hours): the rows satisfy every constraint and look like a live platform's,
but only the rich case has a ledger.
"""

from datetime import timedelta
from uuid import uuid4

from django.db import connection, transaction

from accounts.models import Membership, StaffRole, Store, User
from core import clock
from disputes.models import Case
from evidence.models import Derivative, Item
from ledger.recording import record
from rulebook.queries import in_force

CASES = 100_000
BUYERS, STORES = 2_000, 50
RICH = "DC-2026-0101-0000"
BUYER = "bench401@example.test"
"""All of whose fifty cases are open, so that a list is a full page."""

_PEOPLE = """
INSERT INTO accounts_user (email, name, password, staff_role, language, is_active, joined_at, shortcuts, session_round)
SELECT 'bench' || n || '@example.test', '买家' || n, '!', '', '', true, now(), true, 0 FROM generate_series(1, %(buyers)s) n;
INSERT INTO accounts_store (name, code, deposit_fen)
SELECT '店铺' || n, 'bench' || n, 10000000 FROM generate_series(1, %(stores)s) n;
"""

_ORDERS = """
CREATE TEMP TABLE bench AS
SELECT n,
       (SELECT min(id) FROM accounts_user WHERE email LIKE 'bench%%') + n %% %(buyers)s AS buyer,
       (SELECT min(id) FROM accounts_store WHERE code LIKE 'bench%%') + n %% %(stores)s AS store,
       CASE WHEN n / %(stores)s %% 10 < 6 THEN 'closed' WHEN n / %(stores)s %% 10 < 7 THEN 'awaiting_admission'
            WHEN n / %(stores)s %% 10 < 8 THEN 'deliberation' ELSE 'awaiting_response' END AS state,
       now() - make_interval(mins => n) AS moment
FROM generate_series(1, %(cases)s) n;
INSERT INTO disputes_order (number, buyer_id, store_id, category, goods_fen, freight_fen, coupon_fen, paid_fen,
    refunded_fen, reserved_fen, paid_at, completed_at, received_from)
SELECT 'BENCH' || n, buyer, store, '', 12900, 0, 0, 12900, 0, 0, moment - interval '9 days', moment - interval '3 days', ''
FROM bench ORDER BY n;
INSERT INTO disputes_orderline (order_id, position, title, sku, option, quantity, price_fen, snapshot)
SELECT id, 1, '手作陶瓷台灯', 'L1', '', 1, 12900, '{}' FROM disputes_order WHERE number LIKE 'BENCH%%';
INSERT INTO evidence_dossier (subject, buyer_id, store_id) SELECT 'case:BENCH-' || n, buyer, store FROM bench;
INSERT INTO disputes_case (number, order_id, line_id, dossier_id, buyer_id, store_id, applicant_side, rulebook_id, cause,
    remedy, claim_fen, claim_penalty_fen, claim_penalty_ground, what_happened, difference, wanted, missing_reason, window_exception, threatened, state, returns_to, version,
    outcome, by_default, final, refusal_code, refusal_reason, refusal_clause, created_at, filed_at, state_since, closed_at)
SELECT 'BENCH-' || b.n, o.id, l.id, d.id, b.buyer, b.store, 'buyer', %(version)s, 'damaged', 'refund', 12900, 0, '', '破损', '包装', '退款',
    '', '', false, b.state, '[]', 3, CASE b.state WHEN 'closed' THEN 'for_applicant' ELSE '' END, false, b.state = 'closed',
    '', '', '', b.moment, b.moment, b.moment, CASE b.state WHEN 'closed' THEN b.moment END
FROM bench b JOIN disputes_order o ON o.number = 'BENCH' || b.n JOIN disputes_orderline l ON l.order_id = o.id
JOIN evidence_dossier d ON d.subject = 'case:BENCH-' || b.n ORDER BY b.n DESC;
"""

_DEADLINES = """
INSERT INTO disputes_deadline (case_id, kind, ref, side, store_id, calendar, opened_at, due_at, pauses, extensions, state,
    parked_because)
SELECT id, kind, '', side, CASE side WHEN 'merchant' THEN store_id END, 'calendar', state_since, now() + make_interval(mins => 600 + (id %% 100000)::int), 0, 0, 'open', ''
FROM (
    SELECT id, store_id, state_since, 'records_kept' AS kind, 'platform' AS side FROM disputes_case WHERE state = 'closed'
    UNION ALL SELECT id, store_id, state_since, 'response', 'merchant' FROM disputes_case WHERE state = 'awaiting_response'
    UNION ALL SELECT id, store_id, state_since, 'admission_target', 'platform' FROM disputes_case WHERE state = 'awaiting_admission'
    UNION ALL SELECT id, store_id, state_since, 'admission', 'platform' FROM disputes_case WHERE state = 'awaiting_admission'
    UNION ALL SELECT id, store_id, state_since, 'ruling_target', 'platform' FROM disputes_case WHERE state = 'deliberation'
    UNION ALL SELECT id, store_id, state_since, 'ruling', 'platform' FROM disputes_case WHERE state = 'deliberation'
) AS clocks;
"""


def make() -> None:
    """Fill the empty database; a minute or so. Does nothing when the data set is there."""
    if User.objects.filter(email="arbiter@bench.test").exists():
        return
    values = {"buyers": BUYERS, "stores": STORES, "cases": CASES, "version": in_force(clock.now()).pk}
    with transaction.atomic(), connection.cursor() as cursor:
        for script in (_PEOPLE, _ORDERS, _DEADLINES):
            cursor.execute(script, values)
        _rich_case()
        merchant = User.objects.create_user("merchant@bench.test", name="店主")
        Membership.objects.create(store=Store.objects.get(code="bench1"), user=merchant, kind="owner")
        User.objects.create_user("arbiter@bench.test", name="仲裁员", staff_role=StaffRole.ARBITER)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def _rich_case() -> None:
    """One case of store ``bench1`` with 20 items and 40 ledger entries."""
    case = Case.objects.filter(state="awaiting_response", store__code="bench1").order_by("-pk")[:1].get()
    case.number = RICH
    case.save()
    case.dossier.subject = case.subject
    case.dossier.save()
    at = clock.now() - timedelta(days=2)
    for number in range(20):
        side = "buyer" if number < 12 else "merchant"
        item = Item.objects.create(
            dossier=case.dossier,
            side=side,
            uploader=case.buyer,
            kind="photo",
            caption="外箱左下角凹陷",
            state="lodged",
            exhibit_no=number + 1,
            original_name="photo.jpg",
            sha256=uuid4().hex * 2,
            size=100_000,
            media_type="image/jpeg",
            received_at=at,
            lodged_at=at,
            disclosed_at=at,
        )
        for variant in ("thumb", "view"):
            Derivative.objects.create(
                item=item,
                variant=variant,
                sha256=uuid4().hex * 2,
                size=9_000,
                media_type="image/webp",
                width=360,
                height=270,
            )
    for step in range(40):
        record(
            subject=case.subject,
            verb="lodge",
            actor=case.buyer,
            role="buyer",
            at=at + timedelta(minutes=step),
            about=case,
            facts={"items": 1, "late": False, "from": "awaiting_response", "to": "awaiting_response"},
        )
