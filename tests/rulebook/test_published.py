"""What is published: complete in both languages, and as long as the rules say."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import DatabaseError, transaction

from arbitration.models import Remedy as Step
from arbitration.steps import STEPS
from rulebook import install, queries, words
from rulebook.models import IN_KIND, SENT_IN, Cause, Clause, ClockLength, Remedy, Version
from rulebook.queries import Book, Length

pytestmark = pytest.mark.django_db

CAUSES = {  # clause, filed by, default remedy, freight, points, own response hours
    "quality_visible": ("CA-01", "buyer", "return_refund", "respondent", 2, None),
    "quality_hidden": ("CA-02", "buyer", "return_refund", "respondent", 2, None),
    "not_as_described": ("CA-03", "buyer", "return_refund", "respondent", 2, None),
    "false_advertising": ("CA-04", "buyer", "return_refund", "respondent", 6, None),
    "counterfeit": ("CA-05", "buyer", "refund", "respondent", 12, None),
    "late_shipment": ("CA-06", "buyer", "refund", "respondent", 1, 24),
    "not_received": ("CA-07", "buyer", "refund", "respondent", 1, 24),
    "damaged": ("CA-08", "buyer", "resend", "respondent", 1, None),
    "short_or_wrong": ("CA-09", "buyer", "resend", "respondent", 1, None),
    "return_refused": ("CA-10", "buyer", "return_refund", "respondent", 2, None),
    "no_reason_return": ("CA-11", "buyer", "return_refund", "applicant", 0, None),
    "aftersales_breach": ("CA-12", "buyer", "repair", "respondent", 2, None),
    "service_attitude": ("CA-13", "buyer", "warning", "none", 1, None),
    "malicious_review": ("CA-14", "merchant", "mark_review", "none", 2, None),
    "unreasonable_return": ("CA-15", "merchant", "reject", "loser", 3, None),
    "abusive_claim": ("CA-16", "merchant", "reject", "respondent", 6, None),
}
POINTS = {  # the least and most where a fault does not always cost the same, and whether the rules say when
    "not_received": (0, 1, True),
    "no_reason_return": (0, 2, True),
    "service_attitude": (1, 3, True),
    "malicious_review": (2, 6, False),
    "unreasonable_return": (3, 12, False),
    "abusive_claim": (6, 12, False),
}
HOUR, DAY, WORKING_DAY = timedelta(hours=1), timedelta(days=1), timedelta(hours=9)
CLOCKS = [  # kind, what for, length in version 1, length in version 2
    ("after_sales_answer", {}, 48 * HOUR, 48 * HOUR),
    ("after_sales_answer", {"condition": "not_shipped"}, 24 * HOUR, 24 * HOUR),
    ("after_sales_answer", {"condition": "not_received"}, 36 * HOUR, 36 * HOUR),
    ("negotiation_stalled", {}, 24 * HOUR, 24 * HOUR),
    ("filing", {}, 15 * DAY, 15 * DAY),
    ("filing", {"category": "furniture"}, 30 * DAY, 60 * DAY),
    ("filing", {"category": "appliance"}, 90 * DAY, 90 * DAY),
    ("filing", {"category": "durable"}, 180 * DAY, 180 * DAY),
    ("filing", {"category": "clothing"}, 15 * DAY, 15 * DAY),
    ("merchant_filing", {}, 15 * DAY, 15 * DAY),
    ("wrote_first", {}, 24 * HOUR, 24 * HOUR),
    ("draft_kept", {}, 30 * DAY, 30 * DAY),
    ("draft_notice", {}, DAY, DAY),
    ("applicant_evidence", {}, 72 * HOUR, 72 * HOUR),
    ("admission_target", {}, 24 * HOUR, 24 * HOUR),
    ("admission", {}, 48 * HOUR, 48 * HOUR),
    ("response", {}, 48 * HOUR, 48 * HOUR),
    ("response", {"cause": "damaged"}, 48 * HOUR, 48 * HOUR),
    ("response", {"cause": "late_shipment"}, 24 * HOUR, 24 * HOUR),
    ("response", {"cause": "not_received"}, 24 * HOUR, 24 * HOUR),
    ("response", {"cause": "counterfeit"}, 48 * HOUR, 72 * HOUR),
    ("response", {"cause": "not_received", "condition": "buyer_respondent"}, 72 * HOUR, 72 * HOUR),
    ("rebuttal", {}, 24 * HOUR, 24 * HOUR),
    ("information", {}, 24 * HOUR, 36 * HOUR),
    ("extension", {}, 24 * HOUR, 24 * HOUR),
    ("late_items_extend", {}, 24 * HOUR, 24 * HOUR),
    ("ruling_target", {}, 48 * HOUR, 48 * HOUR),
    ("ruling", {}, 120 * HOUR, 120 * HOUR),
    ("ruling_undo", {}, timedelta(seconds=60), timedelta(seconds=60)),
    ("perform", {}, 24 * HOUR, 24 * HOUR),
    ("perform", {"cause": "aftersales_breach"}, 48 * HOUR, 48 * HOUR),
    ("ship_back", {}, 7 * DAY, 7 * DAY),
    ("perform", {"cause": "no_reason_return"}, 7 * DAY, 7 * DAY),
    ("confirm_return", {}, 10 * DAY, 7 * DAY),
    ("confirm_return", {"condition": "signed"}, 3 * DAY, 3 * DAY),
    ("review_request", {}, 7 * DAY, 7 * DAY),
    ("review_answer", {}, 48 * HOUR, 48 * HOUR),
    ("review_target", {}, 72 * HOUR, 72 * HOUR),
    ("review_decision", {}, 168 * HOUR, 168 * HOUR),
    ("set_aside", {}, 72 * HOUR, 72 * HOUR),
    ("offer", {}, 7 * DAY, 7 * DAY),
    ("settlement", {}, 15 * DAY, 15 * DAY),
    ("suspension", {}, 30 * DAY, 30 * DAY),
    ("suspension_proof", {}, 7 * WORKING_DAY, 7 * WORKING_DAY),
    ("records_kept", {}, 1096 * DAY, 1096 * DAY),
    ("review_material", {}, 31 * DAY, 31 * DAY),
]
HAN = re.compile(r"[\u4e00-\u9fff]")
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff”][,;:?!()]|[,;:?!()][\u4e00-\u9fff“]")


@pytest.fixture(params=[1, 2])
def book(request: pytest.FixtureRequest) -> Book:
    return queries.book(request.param)


def test_causes_are_the_sixteen_in_order(book: Book) -> None:
    told = {
        cause.code: (
            cause.clause.code,
            cause.filed_by,
            cause.remedies[0],
            cause.freight,
            cause.points,
            cause.respond_hours,
        )
        for cause in book.causes
    }
    hours = {"counterfeit": 72} if book.number == 2 else {}
    assert told == {code: (*row[:5], hours.get(code, row[5])) for code, row in CAUSES.items()}
    assert list(told) == list(CAUSES)


def test_penalty_is_foreseen_beside_a_refund_or_instead_of_a_promise_not_kept(book: Book) -> None:
    assert {cause.code: cause.penalty_with for cause in book.causes if cause.penalty_with} == {
        "late_shipment": ["refund"],
        "aftersales_breach": ["repair", "exchange", "resend"],
    }
    assert {"repair", "exchange", "resend"} == IN_KIND


def test_penalty_comes_on_top_of_the_refund_exactly_where_the_goods_are_sent_in_first() -> None:
    assert {kind for kind in IN_KIND if Step.Kind.RETURN_GOODS in STEPS[kind]} == SENT_IN
    means = {kind: words.penalty_text(kind, 6_500) for kind in IN_KIND}
    assert {kind for kind, text in means.items() if "refunds the goods and pays" in text} == SENT_IN


def test_penalty_the_machine_foresees_is_named_in_its_clause(book: Book) -> None:
    for cause in book.causes:
        named = ("违约金" in cause.clause.text_zh, "penalty" in cause.clause.text_en)
        assert named == (bool(cause.penalty_with), bool(cause.penalty_with)), cause


def test_points_have_a_least_and_a_most(book: Book) -> None:
    told = {cause.code: (cause.points_least, cause.points_most, bool(cause.points_note_zh)) for cause in book.causes}
    fixed = {code: (row[4], row[4], False) for code, row in CAUSES.items()}
    assert told == fixed | POINTS


def test_points_named_in_the_clause_are_the_machines(book: Book) -> None:
    for cause in book.causes:
        for number in {cause.points_least, cause.points_most} - {0}:
            assert re.search(rf"\b{number}\b.*\bpoint", cause.clause.text_en), (cause, number)


@pytest.mark.parametrize(("kind", "of", "first", "second"), CLOCKS)
def test_clock_lengths(kind: str, of: dict[str, str], first: timedelta, second: timedelta) -> None:
    assert [queries.book(number).length(kind, **of).delta for number in (1, 2)] == [first, second]


def test_clock_kinds_are_the_named_ones(book: Book) -> None:
    kinds = {row.length.kind for row in book.lengths}
    assert kinds == {row[0] for row in CLOCKS} == set(words.CLOCKS)
    assert [row.length.kind for row in book.lengths if row.length.calendar == "working"] == ["suspension_proof"]
    assert {row.length.calendar for row in book.lengths} == {"calendar", "working"}


def test_numbers(book: Book) -> None:
    values = {row.code: row.value for row in book.numbers}
    assert values == {
        "information_rounds": 2,
        "silence_points": 2,
        "not_performing_points": 2,
        "return_freight_fen": 5_000,
    }
    assert set(values) == set(words.NUMBERS)
    with pytest.raises(LookupError):
        book.value("unknown")


def test_every_length_and_number_belongs_to_a_clause(book: Book) -> None:
    named = {row.clause for row in book.lengths} | {row.clause for row in book.numbers}
    assert named <= {clause.code for clause in book.clauses}


def test_clock_unknown_is_a_programming_error(book: Book) -> None:
    with pytest.raises(LookupError):
        book.length("siesta")


def test_length_most_specific_wins() -> None:
    rows = tuple(
        queries.LengthRow(Length("response", amount, "hours"), *of)
        for amount, of in enumerate([("", "", ""), ("", "k", ""), ("c", "", ""), ("", "", "x"), ("c", "k", "x")], 1)
    )
    of = Book(queries.book(1).version, (), (), rows, {}, {})
    asked = [{}, {"category": "k"}, {"cause": "c", "category": "k"}, {"cause": "c", "condition": "x"}]
    assert [of.length("response", **each).amount for each in asked] == [1, 2, 3, 4]
    assert of.length("response", cause="c", category="k", condition="x").amount == 5


def _texts(book: Book) -> list[tuple[str, str]]:
    pairs = [(book.version.title_zh, book.version.title_en)]
    for clause in book.clauses:
        pairs += [(clause.title_zh, clause.title_en), (clause.text_zh, clause.text_en)]
        assert bool(clause.law_zh) == bool(clause.law_en), clause
        pairs += [(clause.law_zh, clause.law_en)] if clause.law_zh else []
    for cause in book.causes:
        pairs += [(cause.name_zh, cause.name_en), (cause.plain_zh, cause.plain_en)]
        pairs += [(cause.points_note_zh, cause.points_note_en)] if cause.points_note_zh else []
        for row in [*cause.burden, *cause.asked_applicant, *cause.asked_respondent, *cause.issues]:
            pairs.append((row["zh"], row["en"]))
    return pairs


def test_texts_are_complete_in_both_languages(book: Book) -> None:
    for zh, en in _texts(book):
        assert HAN.search(zh), zh
        assert not HALF_WIDTH.search(zh), zh
        assert en.strip(), zh
        assert not HAN.search(en), en


def test_clauses_have_known_sections_and_one_code_each(book: Book) -> None:
    assert len(book.clauses) == len({clause.code for clause in book.clauses}) == 58
    assert [section for section in words.SECTIONS if any(c.section == section for c in book.clauses)] == list(
        words.SECTIONS
    )


def test_causes_are_usable_by_forms(book: Book) -> None:
    for cause in book.causes:
        assert cause.burden
        assert {step["side"] for step in cause.burden} <= {"applicant", "respondent"}
        assert 1 <= len(cause.issues) <= 3
        assert set(cause.remedies) <= set(Remedy.values)
        assert len(cause.remedies) == len(set(cause.remedies))
        assert cause.freight in words.FREIGHT
        for side in ("applicant", "respondent"):
            slots = cause.asked(side)
            assert any(slot["required"] for slot in slots), (cause, side)
            assert len({slot["slot"] for slot in slots}) == len(slots)
            for slot in slots:
                assert set(slot) == {"slot", "zh", "en", "required", "kinds"}
                assert re.fullmatch(r"[a-z]+(_[a-z]+)*", slot["slot"])
                assert slot["kinds"]
                assert set(slot["kinds"]) <= set(words.KINDS)


def test_versions_were_announced_in_time() -> None:
    for version in Version.objects.order_by("number"):
        assert version.comment_at
        assert version.announced_at
        assert version.effective_at
        assert version.announced_at - version.comment_at >= 7 * DAY
        assert version.effective_at - version.announced_at >= 7 * DAY


def test_second_version_changes_seven_clauses_and_says_who_follows() -> None:
    marks = {clause.code: clause.pending for clause in queries.book(2).clauses}
    new = {code for code, pending in marks.items() if pending == "new"}
    assert new == {"GT-03", "RP-04", "EV-04"}
    assert {clause.pending for clause in queries.book(1).clauses} == {"old"}


def test_install_twice_changes_nothing(django_assert_num_queries: object) -> None:
    before = list(Clause.objects.order_by("pk").values_list("pk", flat=True))
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert install.install_published() == []
    assert list(Clause.objects.order_by("pk").values_list("pk", flat=True)) == before


@pytest.mark.parametrize("model", [Clause, Cause, ClockLength])
def test_published_rules_stay(model: type[Clause | Cause | ClockLength]) -> None:
    row = model.objects.first()
    assert row is not None
    with pytest.raises(DatabaseError, match="published_rules_stay"), transaction.atomic():
        row.save()
    with pytest.raises(DatabaseError, match="published_rules_stay"), transaction.atomic():
        model.objects.filter(pk=row.pk).delete()
    assert model.objects.filter(pk=row.pk).exists()


def test_moments_in_force() -> None:
    first, second = Version.objects.order_by("number")
    assert first.effective_at == datetime(2024, 12, 31, 16, tzinfo=UTC)
    assert first.replaced_at == second.effective_at == datetime(2026, 8, 31, 16, tzinfo=UTC)


def test_every_step_of_the_burden_belongs_to_one_issue(book: Book) -> None:
    for cause in book.causes:
        for received in (False, True):
            by_issue = cause.burden_by_issue(received=received)
            assert len(by_issue) == len(cause.issues)
            assert sorted(step["en"] for steps in by_issue for step in steps) == sorted(s["en"] for s in cause.burden)
    damaged, attitude = book.cause("damaged"), book.cause("service_attitude")
    assert damaged.burden_by_issue(received=True) == [[], damaged.burden_of(received=True), []]
    assert attitude.burden_by_issue(received=False) == [attitude.burden]


def test_applicant_proves_first_once_receipt_was_confirmed(book: Book) -> None:
    turned = [
        cause.code
        for cause in book.causes
        if cause.burden_of(received=True) != cause.burden_of(received=False) == cause.burden
    ]
    assert turned == ["damaged", "short_or_wrong"]
    damaged = book.cause("damaged")
    assert [row["side"] for row in damaged.burden_of(received=False)] == ["respondent", "applicant"]
    assert [row["side"] for row in damaged.burden_of(received=True)] == ["applicant", "respondent"]
