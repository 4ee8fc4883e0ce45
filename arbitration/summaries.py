"""A ruling in plain words, for each of its readers."""

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from arbitration.decisions import Decision
from arbitration.models import Finding, Ruling
from arbitration.queries import CaseFile
from core import money
from disputes.models import RemedyKind
from disputes.models.case import WITH_AMOUNT
from rulebook.words import penalty_text


def result_text(file: CaseFile, outcome: str, ruling: Ruling | Decision, reader: str) -> str:
    """The result in a sentence, and one more on the penalty if there is one, as ``reader`` reads it."""
    text = _result(file, outcome, ruling.remedy, ruling.amount_fen, reader)
    more = penalty_text(ruling.remedy, ruling.penalty_fen)
    return pgettext("two sentences", "%(first)s %(second)s") % {"first": text, "second": more} if more else text


def _result(file: CaseFile, outcome: str, remedy: str, amount_fen: int, reader: str) -> str:
    """The ruling in one sentence, as ``reader`` (buyer or merchant) reads it."""
    applies = reader == file.case.applicant_side
    if not remedy:
        return _("Your claim is dismissed.") if applies else _("The claim against you is dismissed.")
    facts = {"remedy": RemedyKind(remedy).label, "amount": money.text(amount_fen)}
    whole = outcome == "for_applicant"
    if remedy in WITH_AMOUNT and remedy != RemedyKind.RESEND:
        if applies:
            text = _("Your claim is granted: %(remedy)s, %(amount)s.") if whole else _(
                "Your claim is granted in part: %(remedy)s, %(amount)s.")  # fmt: skip
        else:
            text = _("The claim is granted: %(remedy)s, %(amount)s.") if whole else _(
                "The claim is granted in part: %(remedy)s, %(amount)s.")  # fmt: skip
    elif applies:
        text = _("Your claim is granted: %(remedy)s.") if whole else _("Your claim is granted in part: %(remedy)s.")
    else:
        text = _("The claim is granted: %(remedy)s.") if whole else _("The claim is granted in part: %(remedy)s.")
    return text % facts


def summary(file: CaseFile, decision: Decision, outcome: str, reader: str) -> str:
    """A text to start from: the result, what was found on each issue and why, and the clauses."""
    lines = [result_text(file, outcome, decision, reader)]
    labels = dict(Finding.Result.choices)
    lines += [
        _("%(issue)s — %(finding)s. %(reason)s")
        % {"issue": row.issue, "finding": labels[row.result], "reason": row.reason.strip()}
        for row in decision.findings
        if row.result
    ]
    if decision.clauses:
        codes = pgettext("list", ", ").join(f"{code} v{file.rules.version_of(code)}" for code in decision.clauses)
        lines.append(_("Clauses applied: %(codes)s.") % {"codes": codes})
    return "\n".join(lines)
