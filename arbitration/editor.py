"""The ruling form: what it starts from, its fields as rows to draw, and what is still missing.

Field names are those of ``arbitration.shapes.Rule``. Indices never move: an issue keeps its place in the rulebook, an
item the place its exhibit number gives it, so a draft still fits after something was added to the file.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from arbitration import decisions
from arbitration.models import Finding, ItemWeight, Review, Ruling
from arbitration.queries import CaseFile
from arbitration.reviews import open_requests
from core import money
from core.errors import Refused
from core.templatetags.ui import exhibit_text, html_id, side_word
from disputes.models import RemedyKind, State
from disputes.models.case import WITH_AMOUNT
from evidence.queries import Exhibit
from rulebook.words import penalty_label, points_range, points_span, reading

Values = Mapping[str, list[str]]
OWN_ISSUE = 20
"""The index of the one issue an arbiter can add in words of their own."""
RESULTS: list[tuple[str, Any, str]] = [
    ("upheld", Finding.Result.UPHELD.label, "full"),
    ("partly", pgettext_lazy("finding, short", "Partly"), "part"),
    ("rejected", pgettext_lazy("finding, short", "Not established"), "none"),
    ("open", pgettext_lazy("finding, short", "Cannot tell"), "open"),
]
WEIGHTS: list[tuple[str, Any, str]] = [
    ("full", ItemWeight.Weight.FULL.label, "full"),
    ("part", pgettext_lazy("weight, short", "In part"), "part"),
    ("none", pgettext_lazy("weight, short", "Not"), "none"),
]
MET: list[tuple[str, Any, str]] = [
    ("met", Finding.Met.MET.label, "full"),
    ("partly", Finding.Met.PARTLY.label, "part"),
    ("not_met", Finding.Met.NOT_MET.label, "none"),
]
"""What the desk offers, with its glyph: the words of the models, shorter where a row must hold them."""


def one(values: Values, name: str) -> str:
    """The last value of a field, as a form would send it."""
    return values.get(name, [""])[-1] if values.get(name) else ""


@dataclass(frozen=True)
class Burden:
    """One step of the burden of proof. ``side`` is buyer or merchant."""

    prefix: str
    side: str
    text: str
    met: str

    @property
    def need(self) -> str:
        """What is missing while nobody said whether it was met."""
        return _("%(side)s: burden met?") % {"side": side_word(self.side)}


@dataclass(frozen=True)
class IssueRow:
    """One issue as the form shows it. ``cited``: ids of the items the finding rests on, by side to tick."""

    prefix: str
    number: int
    issue: str
    result: str
    reason: str
    cited: frozenset[str]
    burdens: list[Burden] = field(default_factory=list)
    own: bool = False


@dataclass(frozen=True)
class WeightRow:
    """One item with the weight it was given so far."""

    prefix: str
    item: Exhibit
    weight: str
    reason: str
    new: bool = False
    """Lodged in the review, so weighed even where the ruling stands."""

    @property
    def mark(self) -> str:
        return exhibit_text(self.item.side, self.item.exhibit_no or 0)


@dataclass(frozen=True)
class AnswerRow:
    """One open request of a review with what the arbiter has answered so far."""

    prefix: str
    review: Review
    decision: str
    reason: str

    @property
    def need(self) -> str:
        return _("request of the %(side)s") % {"side": side_word(self.review.side).lower()}


@dataclass(frozen=True)
class Missing:
    """One thing that keeps the ruling from its preview, and where it is written."""

    label: str
    href: str


def weighable(file: CaseFile) -> list[Exhibit]:
    """The items a ruling must weigh: on file and not withdrawn."""
    return [item for item in file.exhibits if not item.withdrawn]


def _index(item: Exhibit) -> int:
    return 2 * (item.exhibit_no or 0) + (item.side == "merchant")


def start(file: CaseFile) -> dict[str, list[str]]:
    """The form as the rulebook would fill it: the cause's issues and burden, its clause, the claim under the cap."""
    cause = file.cause
    values: dict[str, list[str]] = {"clauses[]": [cause.clause.code]}
    for index, issue in enumerate(cause.issues):
        values[f"findings[{index}].issue"] = [reading(issue)]
    for index, steps in enumerate(cause.burden_by_issue(received=file.case.order.completed_at is not None)):
        values |= _burdens(file, index, steps)
    remedy = file.case.remedy if file.case.remedy in cause.remedies else ""
    values["remedy"] = [remedy]
    values["amount_fen"] = [yuan(min(file.case.claim_fen, file.cap_fen) if remedy in WITH_AMOUNT else 0)]
    values["freight_by"] = [cause.freight_if_granted if remedy else "none"]
    claimed = remedy in cause.penalty_with
    values["penalty_fen"] = [yuan(file.case.claim_penalty_fen if claimed else 0)]
    values["penalty_ground"] = [file.case.claim_penalty_ground if claimed else ""]
    values["points"] = [str(cause.points if remedy else 0)]
    return values


def _burdens(file: CaseFile, index: int, steps: list[dict[str, Any]]) -> dict[str, list[str]]:
    """The steps of the burden on one issue; a silent respondent has not met its own."""
    values: dict[str, list[str]] = {}
    for step, burden in enumerate(steps):
        prefix = f"findings[{index}].burden[{step}]"
        side = file.case.side_of_party(burden["side"])
        values |= {f"{prefix}.side": [side], f"{prefix}.text": [reading(burden)]}
        if decisions.silent(file.case, side):
            values[f"{prefix}.met"] = ["not_met"]
    return values


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02d}"


def of_ruling(file: CaseFile, ruling: Ruling) -> dict[str, list[str]]:
    """A signed ruling as the fields it was written in. Three queries where its reasons are not fetched yet."""
    values: dict[str, list[str]] = {
        "clauses[]": [clause["code"] for clause in ruling.clauses],
        "remedy": [ruling.remedy],
        "amount_fen": [yuan(ruling.amount_fen)],
        "penalty_fen": [yuan(ruling.penalty_fen)],
        "penalty_ground": [ruling.penalty_ground],
        "freight_by": [ruling.freight_by],
        "points": [str(ruling.points)],
        "summary_applicant": [ruling.summary_applicant],
        "summary_respondent": [ruling.summary_respondent],
    }
    usual = {text: index for index, issue in enumerate(file.cause.issues) for text in (issue["zh"], issue["en"])}
    for finding in sorted(ruling.findings.all(), key=lambda row: row.position):
        prefix = f"findings[{usual.get(finding.issue, OWN_ISSUE)}]"
        values |= {f"{prefix}.{name}": [getattr(finding, name)] for name in ("issue", "result", "reason")}
        values[f"{prefix}.items[]"] = [str(item.pk) for item in finding.items.all()]
        for step, burden in enumerate(finding.burden):
            values |= {f"{prefix}.burden[{step}].{name}": [text] for name, text in burden.items()}
    given = {row.item_id: row for row in ruling.weights.all()}
    for item in weighable(file):
        if item.id in given:
            values[f"weights[{_index(item)}].weight"] = [given[item.id].weight]
            values[f"weights[{_index(item)}].reason"] = [given[item.id].reason]
    return values


def issues(file: CaseFile, values: Values) -> list[IssueRow]:
    """The issues in their order; the arbiter's own, possibly empty, comes last."""
    rows = [_issue(values, index, number) for number, index in enumerate(range(len(file.cause.issues)), start=1)]
    return [*rows, _issue(values, OWN_ISSUE, len(rows) + 1)]


def _issue(values: Values, index: int, number: int) -> IssueRow:
    prefix = f"findings[{index}]"
    burdens = []
    for step in range(5):
        at = f"{prefix}.burden[{step}]"
        if text := one(values, f"{at}.text"):
            burdens.append(Burden(at, one(values, f"{at}.side"), text, one(values, f"{at}.met")))
    return IssueRow(
        prefix=prefix,
        number=number,
        issue=one(values, f"{prefix}.issue"),
        result=one(values, f"{prefix}.result"),
        reason=one(values, f"{prefix}.reason"),
        cited=frozenset(values.get(f"{prefix}.items[]", [])),
        burdens=burdens,
        own=index == OWN_ISSUE,
    )


def weights(file: CaseFile, values: Values) -> list[WeightRow]:
    """Every item with its weight. In a review one query, unless the ruling's weights are fetched."""
    weighed = None
    if file.case.state == State.IN_REVIEW and file.ruling is not None:
        weighed = {row.item_id for row in file.ruling.weights.all()}
    rows = [(f"weights[{_index(item)}]", item) for item in weighable(file)]
    return [
        WeightRow(
            prefix,
            item,
            one(values, f"{prefix}.weight"),
            one(values, f"{prefix}.reason"),
            new=weighed is not None and item.id not in weighed,
        )
        for prefix, item in rows
    ]


def answers(file: CaseFile, values: Values) -> list[AnswerRow]:
    """The open requests of a review, oldest first; none outside one."""
    asked = open_requests(file.case) if file.case.state == State.IN_REVIEW else []
    rows = [(f"answers[{index}]", review) for index, review in enumerate(asked)]
    return [
        AnswerRow(prefix, review, one(values, f"{prefix}.decision"), one(values, f"{prefix}.reason"))
        for prefix, review in rows
    ]


def stands(file: CaseFile, values: Values) -> bool:
    """Whether every request of a review is turned down, so that only what is new is weighed."""
    rows = answers(file, values)
    return bool(rows) and all(row.decision == Review.Decision.UPHOLD for row in rows)


def missing(file: CaseFile, values: Values) -> list[Missing]:
    """What the form still lacks, in the order of the page. Agrees with ``decisions.missing_in``, which decides."""
    found = []
    for given in answers(file, values):
        if not given.decision:
            found.append(_lack(_("%(what)s: decision") % {"what": given.need}, f"{given.prefix}.decision"))
        if not given.reason.strip():
            found.append(_lack(_("%(what)s: reason") % {"what": given.need}, f"{given.prefix}.reason"))
    if stands(file, values):
        return found + _unweighed([row for row in weights(file, values) if row.new])
    for row in issues(file, values):
        if row.own and not row.issue.strip():
            continue
        name = _("Issue %(n)d") % {"n": row.number}
        if not row.result:
            found.append(_lack(_("%(what)s: finding") % {"what": name}, f"{row.prefix}.result"))
        if not row.reason.strip():
            found.append(_lack(_("%(what)s: reason") % {"what": name}, f"{row.prefix}.reason"))
        found += [_lack(burden.need, f"{burden.prefix}.met") for burden in row.burdens if not burden.met]
    found += _unweighed(weights(file, values))
    return found + _missing_result(file, values) + _unfounded(file, values)


def _unweighed(rows: list[WeightRow]) -> list[Missing]:
    found = []
    for item in rows:
        if not item.weight:
            found.append(_lack(_("%(what)s: weight") % {"what": item.mark}, f"{item.prefix}.weight"))
        if not item.reason.strip():
            found.append(_lack(_("%(what)s: reason") % {"what": item.mark}, f"{item.prefix}.reason"))
    return found


def _unfounded(file: CaseFile, values: Values) -> list[Missing]:
    results = [row.result for row in issues(file, values) if row.issue.strip()]
    if not one(values, "remedy") or not all(results):
        return []  # a dismissed claim is cleared of both when it is sent
    points, cause = one(values, "points").strip(), file.cause
    if not decisions.at_fault(one(values, "remedy"), results):
        return [_lack(_("points: no fault was found"), "points")] if points.strip("0") else []
    if points.isdecimal() and cause.points_least <= int(points) <= cause.points_most:
        return []
    return [_lack(_("points: %(points)s") % {"points": points_range(cause)}, "points")]


def _missing_result(file: CaseFile, values: Values) -> list[Missing]:
    found = []
    remedy, amount = one(values, "remedy"), amount_of(values)
    penalty, paid = amount_of(values, "penalty_fen"), file.case.order.paid_for(file.case.line_id)
    if amount is None or amount > file.cap_fen or (remedy in WITH_AMOUNT and amount <= 0):
        found.append(_lack(_("amount, at most %(cap)s") % {"cap": money.text(file.cap_fen)}, "amount_fen"))
    if remedy and penalty != 0:
        if penalty is None or penalty > paid or remedy not in file.cause.penalty_with:
            found.append(_lack(_("penalty, at most %(cap)s") % {"cap": money.text(paid)}, "penalty_fen"))
        if not one(values, "penalty_ground").strip():
            found.append(_lack(_("penalty: its ground"), "penalty_ground"))
    if not any(code.strip() for code in values.get("clauses[]", [])):
        found.append(_lack(_("a clause"), "clauses"))
    return found


def _lack(label: str, name: str) -> Missing:
    return Missing(label, f"#{html_id(name)}")


def amount_of(values: Values, name: str = "amount_fen") -> int | None:
    """The amount typed, in fen; None where it is no amount."""
    try:
        return money.parse(one(values, name) or "0")
    except Refused:
        return None


def cleaned(file: CaseFile, values: Values) -> dict[str, list[str]]:
    """What goes to the verb: empty rows and unticked boxes dropped, every item named by its id. Indices stay.

    Of a review that lets the ruling stand only the answers and the weights of what is new go.
    Of a dismissed claim nothing goes back, and nothing that the form started with is laid on the respondent.
    """
    kept: dict[str, list[str]] = {}
    for given in answers(file, values):
        kept |= {f"{given.prefix}.review_id": [str(given.review.pk)], f"{given.prefix}.decision": [given.decision]}
        kept[f"{given.prefix}.reason"] = [given.reason]
    for item in sent_weights(file, values):
        kept |= {f"{item.prefix}.item": [str(item.item.id)], f"{item.prefix}.weight": [item.weight]}
        kept[f"{item.prefix}.reason"] = [item.reason]
    if stands(file, values):
        return kept
    rows = {row.prefix: row for row in issues(file, values)}
    for name, texts in values.items():
        head = name.partition(".")[0]
        row = rows.get(head)
        if head.startswith(("weights[", "answers[")) or (row is not None and not row.issue.strip()):
            continue
        kept[name] = [text for text in texts if text] if name.endswith("[]") else list(texts)
    if not one(values, "remedy"):
        kept |= {"amount_fen": ["0"], "penalty_fen": ["0"], "points": ["0"]}
        if one(values, "freight_by") == "respondent":
            kept["freight_by"] = ["none"]
    return kept


def sent_weights(file: CaseFile, values: Values) -> list[WeightRow]:
    """The weights that go to the verb: all, or those of the new items alone where the ruling stands."""
    rows = weights(file, values)
    return [row for row in rows if row.new] if stands(file, values) else rows


def where(file: CaseFile, values: Values, fields: Mapping[str, Any]) -> dict[str, Any]:
    """Refused fields by the names they carry on the page: the verb counts rows, the page keeps their indices."""
    used = {
        "findings": [row.prefix for row in issues(file, values) if row.issue.strip()],
        "weights": sorted((row.prefix for row in sent_weights(file, values)), key=_number),
    }
    found = {}
    for name, messages in fields.items():
        match = re.match(r"(findings|weights)\[(\d+)\]", name)
        places = used[match[1]] if match else []
        at = int(match[2]) if match else 0
        found[f"{places[at]}{name[match.end() :]}" if match and at < len(places) else name] = messages
    return found


def _number(prefix: str) -> int:
    return int(prefix[prefix.index("[") + 1 : -1])


def options(file: CaseFile) -> dict[str, Any]:
    """The choices the form offers, from the pinned version."""
    case = file.case
    sides = {"respondent": side_word(case.respondent_side), "applicant": side_word(case.applicant_side)}
    return {
        "results": RESULTS,
        "weights": WEIGHTS,
        "met": MET,
        "remedies": [("", _("Dismiss the claim")), *((code, RemedyKind(code).label) for code in file.cause.remedies)],
        "freight": [*sides.items(), ("none", _("No freight"))],
        "clauses": _clauses(file),
        "penalty": penalty_label(file.cause),
        "points": points_span(file.cause),
        "points_note": file.cause.points_note,
    }


def _clauses(file: CaseFile) -> list[Any]:
    """The cause's own clause first, then the others of the version the case pinned."""
    own = file.cause.clause.code
    return sorted(file.rules.clauses, key=lambda clause: (clause.code != own, clause.position))
