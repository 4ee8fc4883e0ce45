"""What the desk's pages share: who may enter, the case they read, the bar above it."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeAlias

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from accounts import policy
from accounts.models import StaffRole, User
from arbitration import desk_case, reading, waiting
from arbitration.queries import CaseFile, NotFiled, case_file
from core import clock, money
from disputes.models import Case, State
from rulebook.words import penalty_when

View: TypeAlias = Callable[..., HttpResponse]

READERS = {StaffRole.ARBITER, StaffRole.SUPERVISOR, StaffRole.AUDITOR}
DECIDERS = {StaffRole.ARBITER, StaffRole.SUPERVISOR}
SENT = {
    "take": _("You hold this case now."),
    "admit": _("Accepted. The other side has been told and its time to respond runs."),
    "refuse": _("Not accepted. The applicant has been told why, and what is still possible."),
    "ask": _("Your questions were sent. The platform's clock stands until they are answered or the time is over."),
    "release": _("You gave the case back."),
    "reassign": _("The case was assigned."),
    "undo_ruling": _("The ruling was taken back. Nobody outside the platform saw it; your text is here."),
    "decide_review": _("The review is decided. Both sides have been told."),
    "set_aside": _("The default ruling was set aside. The time to respond runs again."),
    "refuse_set_aside": _("The default ruling stands. Its remedies go on."),
    "decide_return": _("The return is decided. Both sides have been told."),
    "retry_payment": _("The payment is sent once more. How it ends is shown here."),
    "suspend": _("The case is suspended. No clock runs."),
    "resume": _("The case goes on. Every clock has what was left of it."),
    "prove_suspension": _("The proof stands as shown. The case stays suspended."),
}


def staff_page(view: View) -> View:
    """For arbiters, supervisors and auditors; for everybody else the page does not exist."""

    @login_required
    @wraps(view)
    def page(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not isinstance(request.user, User) or request.user.staff_role not in READERS:
            raise Http404
        return view(request, *args, **kwargs)

    return page


def reader(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def load(request: HttpRequest, number: str) -> CaseFile:
    """The case as platform staff reads it; whoever is a side of it has no desk for it. 404 where it does not exist."""
    try:
        file = case_file(reader(request), number, clock.now())
    except (Case.DoesNotExist, NotFiled):
        raise Http404 from None
    if file.side:
        raise Http404
    return file


def note_reading(request: HttpRequest, file: CaseFile) -> None:
    """An auditor's reading is itself recorded, for the platform alone."""
    reading.note_reading(actor=reader(request), case=file.case, at=file.at)


def to_case(number: str) -> HttpResponse:
    response = redirect("arbitration:case", number=number)
    response.status_code = 303
    return response


def mode_of(file: CaseFile) -> str:
    """What the middle of the desk is for now: one of the words below."""
    state = file.case.state
    if state == State.AWAITING_ADMISSION:
        return "admission"
    if state == State.DELIBERATION:
        return "signed" if any(row.state == "waiting" for row in file.rulings) else "ruling"
    if state == State.IN_REVIEW:
        return "review"
    if file.clock("set_aside_target"):
        return "set_aside"
    if file.clock("payment_target"):
        return "payment"
    return "return" if file.clock("return_target") else "reading"


def bar(request: HttpRequest, file: CaseFile) -> dict[str, Any]:
    """The context every page of a case has: its bar, its holder, its acts."""
    user, case = reader(request), file.case
    deadline = desk_case.target(file)
    holds = case.handler_id == user.pk
    return {
        "file": file,
        "case": case,
        "now": file.at,
        "cause": file.cause,
        "mode": mode_of(file),
        "holds": holds,
        "handler": case.handler if case.handler_id else None,
        "may": {name for name, closed in file.acts.items() if closed is None},
        "closed": {name: closed for name, closed in file.acts.items() if closed is not None},
        "target": deadline,
        "kind_word": waiting.KINDS[waiting.KIND_OF[deadline.kind]][1] if deadline else "",
        "hard": desk_case.hard_limit(file),
        "paused": deadline is not None and deadline.due_at is None,
        "may_decide": user.staff_role in DECIDERS,
        "refused_because": _barred(user, case),
        "shortcuts": user.shortcuts,
        "claim_penalty": _claim_penalty(case) if case.claim_penalty_fen else "",
    }


def _claim_penalty(case: Case) -> str:
    """The penalty claimed: when it is due, how much, on which promise."""
    return f"{penalty_when(case.remedy)} {money.text(case.claim_penalty_fen)} · {case.claim_penalty_ground}"


def _barred(user: User, case: Case) -> str:
    """Why an arbiter may not decide this very case (an interest, an earlier decision); empty otherwise."""
    refused = policy.refusal(user, "case.take", case) if user.staff_role in DECIDERS else None
    return refused.message if refused else ""
