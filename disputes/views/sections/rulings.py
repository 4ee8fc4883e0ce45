"""A ruling with its reasons: result, arithmetic, findings, weights, clauses."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.utils.translation import pgettext

from arbitration.models import Finding, ItemWeight, Ruling
from arbitration.queries import CaseFile, RulingFile
from core import money
from disputes.models.case import WITH_MONEY
from disputes.views.common import Data, ruling_url
from disputes.views.sections.exhibits import WEIGHT_WORDS, anchor, mark
from rulebook.models import IN_KIND, SENT_IN, Clause
from rulebook.models import Remedy as Ordered
from rulebook.queries import book
from rulebook.words import own_words, penalty_text

RESULTS = {"upheld": "full", "partly": "part", "rejected": "none", "open": "open"}


MET = {"met": "full", "partly": "part", "not_met": "none"}


_GRANTED = {
    "buyer": {
        "": lazy("The buyer's claim is not granted."),
        Ordered.REFUND: lazy("The buyer is refunded %(amount)s."),
        Ordered.RETURN_REFUND: lazy("The buyer returns the goods and is refunded %(amount)s."),
        Ordered.EXCHANGE: lazy("The goods are exchanged."),
        Ordered.RESEND: lazy("The goods are sent again."),
        Ordered.REPAIR: lazy("The goods are repaired."),
        Ordered.COMPENSATION: lazy("The buyer is compensated with %(amount)s."),
        Ordered.WARNING: lazy("The merchant is warned."),
        Ordered.REJECT: lazy("The buyer's claim is not granted."),
        Ordered.DEDUCT: lazy("The loss of %(amount)s is deducted."),
    },
    "merchant": {
        "": lazy("The merchant's claim is not granted."),
        Ordered.WARNING: lazy("The merchant's claim is granted: the buyer is warned."),
        Ordered.MARK_REVIEW: lazy(
            "The merchant's claim is granted: the review stays, is marked and does not count in the score."
        ),
        Ordered.REJECT: lazy("The merchant's claim is granted: the return is rejected."),
        Ordered.DEDUCT: lazy("The merchant's claim is granted: the loss of %(amount)s is deducted."),
    },
}


def verdict_text(file: CaseFile, ruling: Ruling) -> str:
    """The result in one sentence, the same for both sides."""
    table = _GRANTED[file.case.applicant_side]
    template = table.get(ruling.remedy) or _GRANTED["buyer"][ruling.remedy]
    text = str(template) % {"amount": money.text(ruling.amount_fen)}
    bears = file.case.side_of_party(ruling.freight_by)
    if more := penalty_text(ruling.remedy, ruling.penalty_fen):
        text = pgettext("two sentences", "%(first)s %(second)s") % {"first": text, "second": more}
    if ruling.remedy in {Ordered.RETURN_REFUND, Ordered.EXCHANGE, Ordered.REPAIR} and bears in {"buyer", "merchant"}:
        freight = (
            _("The merchant bears the return freight.")
            if bears == "merchant"
            else _("The buyer bears the return freight.")
        )
        text = pgettext("two sentences", "%(first)s %(second)s") % {"first": text, "second": freight}
    return text


def verdict(file: CaseFile, ruling: Ruling) -> Data:
    summary = ruling.summary_applicant if file.applies else ruling.summary_respondent
    if ruling.kind == Ruling.Kind.CONSENT:
        summary = (
            _("The merchant agreed to the claim as filed.")
            if file.case.respondent_side == "merchant"
            else _("The buyer agreed to the claim as filed.")
        )
    return {
        "label": _("Ruling by consent") if ruling.kind == Ruling.Kind.CONSENT else _("The ruling"),
        "text": verdict_text(file, ruling),
        "reason": summary,
        "at": ruling.effective_at,
        "href": ruling_url(file.case),
    }


def arithmetic(ruling: Ruling) -> Data | None:
    """Context of ``components/calc.html``; None where no money moves."""
    sums = ruling.calculation
    if ruling.penalty_fen and ruling.remedy in IN_KIND:
        return {
            "lines": [],
            "total_fen": ruling.penalty_fen,
            "total_label": _("Agreed penalty, if it is not done in time"),
            "note": (
                _("It is paid on top of the refund of the goods, and rests on this promise: %(ground)s")
                if ruling.remedy in SENT_IN
                else _("It is paid instead of a refund, and rests on this promise: %(ground)s")
            )
            % {"ground": ruling.penalty_ground},
        }
    if not ruling.amount_fen or ruling.remedy not in WITH_MONEY:
        return None
    return {
        "lines": [
            {"label": _("Goods after coupons"), "fen": sums.get("goods_fen", 0) - sums.get("coupon_fen", 0)},
            {"label": _("Freight paid"), "fen": sums.get("freight_fen", 0)},
            {"label": _("Already refunded"), "fen": sums.get("refunded_fen", 0)},
            *_of_article(sums),
            *_penalty(ruling),
        ],
        "total_fen": ruling.amount_fen + ruling.penalty_fen,
        "total_label": _("In all") if ruling.penalty_fen else "",
        "note": (
            _("The refund is never more than the %(paid)s that was paid. The penalty rests on this promise: %(ground)s")
            if ruling.penalty_fen
            else _("Never more than the %(paid)s that was paid.")
        )
        % {
            "paid": money.text(sums.get("line_paid_fen", sums.get("paid_fen", 0))),
            "ground": ruling.penalty_ground,
        },
    }


def _of_article(sums: dict[str, int]) -> list[Data]:
    """In an order of several articles: what was paid for the one the ruling is about."""
    share = sums.get("line_paid_fen", sums.get("paid_fen", 0))
    return [] if share == sums.get("paid_fen", 0) else [{"label": _("Paid for this article"), "fen": share}]


def _penalty(ruling: Ruling) -> list[Data]:
    """The two amounts that add up, where a penalty comes on top of the refund."""
    if not ruling.penalty_fen:
        return []
    return [
        {"label": _("Refund"), "fen": ruling.amount_fen},
        {"label": _("Agreed penalty"), "fen": ruling.penalty_fen},
    ]


def findings(file: CaseFile, made: RulingFile) -> list[Data]:
    return [finding(file, row) for row in made.findings]


def finding(file: CaseFile, row: Finding) -> Data:
    """Context of ``components/finding.html``. One query unless its items are fetched."""
    marks = {item.id: item for item in file.exhibits}
    return {
        "no": row.position,
        "question": own_words(file.cause, row.issue),
        "degree": RESULTS[row.result],
        "degree_word": row.get_result_display(),
        "reason": row.reason,
        "cites": [mark(marks[item.pk]) for item in row.items.all() if item.pk in marks],
        "burdens": [
            {
                "side": burden["side"],
                "text": own_words(file.cause, burden["text"]),
                "degree": MET.get(burden.get("met", ""), "open"),
                "degree_word": str(Finding.Met(burden["met"]).label) if burden.get("met") else "",
            }
            for burden in row.burden
        ],
    }


def weights(file: CaseFile, made: RulingFile) -> list[Data]:
    """What every item was worth and why, in the order of the file."""
    given: dict[Any, ItemWeight] = {row.item_id: row for row in made.weights}
    rows = [(item, given[item.id]) for item in file.exhibits if item.id in given]
    return [
        {
            **mark(item),
            "href": f"{reverse('disputes:case', args=[file.case.number])}#{anchor(item)}",
            "degree": row.weight,
            "degree_word": str(WEIGHT_WORDS[row.weight]),
            "reason": row.reason,
            "in_review": row.in_review,
        }
        for item, row in rows
    ]


def clauses(file: CaseFile, ruling: Ruling) -> list[Data]:
    """As they stood in the version the ruling cites."""
    return [_quoted(book(row["version"]).clause(row["code"])) for row in ruling.clauses]


def clause(file: CaseFile, code: str) -> Data:
    return _quoted(file.rules.clause(code))


def _quoted(row: Clause) -> Data:
    return {
        "code": str(row),
        "href": reverse("rulebook:clause_version", args=[row.code, row.version_id]),
        "title": row.title,
        "text": row.text,
    }


def rules(file: CaseFile) -> Data:
    codes = dict.fromkeys([file.cause.clause.code, *[row["code"] for one in file.rulings for row in one.clauses]])
    return {
        "version": file.rules.number,
        "since": file.rules.version.effective_at,
        "clauses": [clause(file, code) for code in codes if file.rules.has_clause(code)],
        "followed": [_quoted(row) for row in file.rules.followed],
    }
