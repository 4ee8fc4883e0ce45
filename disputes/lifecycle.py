"""WHEN: in which state an act is possible, and where it leads. One row a transition; only ``move`` writes a state.

The name of a row is also the policy action (``case.<name>``) and the verb of its ledger entry.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from accounts import policy
from accounts.actors import CLOCK, Actor
from core import clock
from core.errors import Conflict, Forbidden, Refused
from disputes import deadlines
from disputes.deadlines import ALL, PLATFORM
from disputes.models import Case, Deadline, Outcome, State, Suspension
from disputes.models.case import AWAITING, BEFORE_ADMISSION, BEFORE_RULING, DECIDED, EVIDENCE_OPEN, OVER, PLATFORM_TURN
from ledger.recording import record

STAY, BACK = "stay", "back"
"""Targets that are no state of their own: where the case is, and where the interruption found it."""

S = State
Guard = Callable[[Case, Actor, datetime], Refused | None]


@dataclass(frozen=True)
class Transition:
    """One row of DOMAIN §3.

    ``targets``: the first is the usual one. ``within``: the clock that must still be running (for the actor's side,
    when the clock is a side's). ``guard``: a dotted predicate that says why not, for what state and clock cannot know.
    ``undecided``: only while no ruling has taken effect, whatever the state says (questions asked in a review, a sweep
    that is late). ``unsigned``: not while a signed ruling waits its minute or is yet to be written down either: it
    weighs the file as it stood.
    """

    name: Any
    sources: frozenset[State]
    targets: tuple[str, ...] = (STAY,)
    within: str = ""
    guard: str = ""
    undecided: bool = False
    unsigned: bool = False
    meets: tuple[str, ...] = ()
    drops: tuple[str, ...] = ()
    opens: tuple[str, ...] = ()
    pauses: tuple[str, ...] = ()
    resumes: tuple[str, ...] = ()


def _in(*states: State) -> frozenset[State]:
    return frozenset(states)


ADMISSION = ("admission_target", "admission")
RULING = ("ruling_target", "ruling")
REVIEW = ("review_target", "review_decision")
PERFORMANCE = ("perform", "ship_back", "confirm_return")
"""What runs for a remedy: held from the moment a review or a set-aside is asked."""
SUSPENSION = ("suspension", "suspension_proof")
WAITING_FOR_ANSWERS = (*PLATFORM, "review_request", "review_answer")
"""Paused by questions: the platform's own time, and in a review the sides' time to join or answer it."""

TRANSITIONS: dict[str, Transition] = {
    # filing and preliminary review
    "file": Transition(
        _("File the case"),
        _in(S.DRAFT),
        (S.AWAITING_ADMISSION,),
        within="draft_kept",
        meets=("draft_kept", "draft_notice"),
        opens=(*ADMISSION, "applicant_evidence"),
    ),
    "drop_draft": Transition(_("Drop the draft"), _in(S.DRAFT)),
    "admit": Transition(
        _("Accept the case"), _in(S.AWAITING_ADMISSION), (S.AWAITING_RESPONSE,), meets=ADMISSION, opens=("response",)
    ),
    "refuse": Transition(
        _("Refuse the case"),
        _in(S.AWAITING_ADMISSION),
        (S.NOT_ADMITTED,),
        meets=ADMISSION,
        drops=ALL,
    ),
    # information requests
    "ask": Transition(
        _("Ask for more information"),
        _in(S.AWAITING_ADMISSION, S.DELIBERATION, S.IN_REVIEW),
        (S.AWAITING_INFORMATION,),
        guard="arbitration.information.why_not_ask",
        pauses=WAITING_FOR_ANSWERS,
    ),
    "answer": Transition(
        _("Answer the platform's questions"),
        _in(S.AWAITING_INFORMATION),
        (BACK, STAY),
        within="information",
        resumes=WAITING_FOR_ANSWERS,
    ),
    "information_expired": Transition(
        _("Time to answer the platform's questions ran out"),
        _in(S.AWAITING_INFORMATION),
        (BACK, STAY, S.CLOSED),
        resumes=WAITING_FOR_ANSWERS,
    ),
    # response and rebuttal
    "respond": Transition(
        _("Respond"),
        _in(S.AWAITING_RESPONSE),
        (S.AWAITING_REBUTTAL,),
        within="response",
        meets=("response",),
        opens=("rebuttal",),
    ),
    "response_expired": Transition(
        _("Response time ran out"), _in(S.AWAITING_RESPONSE), (S.DELIBERATION,), opens=RULING
    ),
    "concede": Transition(
        _("Agree to the claim"),
        _in(S.AWAITING_RESPONSE, S.AWAITING_REBUTTAL, S.DELIBERATION),
        (S.RULED,),
        guard="arbitration.rulings.why_not_concede",
        undecided=True,
        meets=("response", "rebuttal"),
        drops=("applicant_evidence", "ruling_undo", "offer", *RULING),
    ),
    "rebut": Transition(
        _("Answer the other side's evidence"),
        _in(S.AWAITING_REBUTTAL),
        (S.DELIBERATION,),
        within="rebuttal",
        meets=("rebuttal",),
        opens=RULING,
    ),
    "skip": Transition(
        _("Skip the rebuttal round"),
        _in(S.AWAITING_REBUTTAL),
        (S.DELIBERATION,),
        within="rebuttal",
        meets=("rebuttal",),
        opens=RULING,
    ),
    "rebuttal_expired": Transition(
        _("Rebuttal time ran out"), _in(S.AWAITING_REBUTTAL), (S.DELIBERATION,), opens=RULING
    ),
    "state_late": Transition(
        _("Send a late statement"), _in(S.DELIBERATION), guard="disputes.response.why_not_state_late", unsigned=True
    ),
    # evidence and time
    "upload": Transition(
        _("Upload a file"),
        frozenset(S) - {S.NOT_ADMITTED, S.CLOSED, S.SETTLEMENT},
        guard="disputes.exhibits.why_not_upload",
    ),
    "lodge": Transition(_("Add evidence"), EVIDENCE_OPEN, unsigned=True),
    "withdraw_item": Transition(
        _("Withdraw an item"), EVIDENCE_OPEN, guard="disputes.exhibits.why_not_withdraw_item", unsigned=True
    ),
    "extend": Transition(
        _("Ask for 24 more hours"),
        _in(S.AWAITING_RESPONSE, S.AWAITING_REBUTTAL, S.AWAITING_INFORMATION),
        guard="disputes.extension.why_not_extend",
    ),
    # who holds the case
    "take": Transition(_("Take the case"), PLATFORM_TURN | {S.RULED}, guard="arbitration.assignment.why_not_take"),
    "release": Transition(_("Give the case back"), PLATFORM_TURN | {S.RULED, S.AWAITING_INFORMATION}, unsigned=True),
    "reassign": Transition(_("Assign to another arbiter"), BEFORE_RULING | {S.IN_REVIEW}, unsigned=True),
    "escalate": Transition(_("Passed to a supervisor"), PLATFORM_TURN | {S.RULED, S.ENFORCING}),
    # ruling
    "rule": Transition(
        _("Rule"), _in(S.DELIBERATION), guard="arbitration.rulings.why_not_rule", opens=("ruling_undo",)
    ),
    "undo_ruling": Transition(
        _("Take the ruling back"), _in(S.DELIBERATION), within="ruling_undo", meets=("ruling_undo",)
    ),
    "take_effect": Transition(
        _("Ruling takes effect"),
        _in(S.DELIBERATION),
        (S.RULED,),
        meets=RULING,
        drops=("applicant_evidence", "offer"),
        opens=("review_request",),
    ),
    # after the ruling
    "perform": Transition(_("Perform the remedy"), DECIDED, guard="arbitration.remedies.why_not_perform"),
    "ship_back": Transition(_("Send the goods back"), DECIDED, guard="arbitration.remedies.why_not_ship_back"),
    "confirm_return": Transition(_("Confirm the return"), DECIDED, guard="arbitration.remedies.why_not_confirm_return"),
    # Money already on its way arrives whatever became of the case meanwhile (a default set aside, questions in review).
    "remedy_executed": Transition(_("Remedy carried out"), frozenset(S) - BEFORE_ADMISSION),
    "remedy_failed": Transition(_("Payment refused"), frozenset(S) - BEFORE_ADMISSION),
    "remedy_expired": Transition(_("Time to perform ran out"), DECIDED),
    "retry_payment": Transition(
        _("Send the payment again"), _in(S.RULED, S.ENFORCING), guard="arbitration.payments.why_not_retry_payment"
    ),
    "acknowledge": Transition(
        _("Confirm having read the ruling"), DECIDED | {S.CLOSED}, guard="arbitration.rulings.why_not_acknowledge"
    ),
    "decide_return": Transition(
        _("Decide on the returned goods"),
        DECIDED,
        guard="arbitration.remedies.why_not_decide_return",
        meets=("return_target", "return_decision"),
    ),
    "request_review": Transition(
        _("Ask for a review"),
        _in(S.RULED, S.IN_REVIEW),
        (S.IN_REVIEW,),
        within="review_request",
        guard="arbitration.reviews.why_not_request",
        drops=PERFORMANCE,
    ),
    "answer_review": Transition(
        _("Answer in review"), _in(S.IN_REVIEW), within="review_answer", guard="arbitration.reviews.why_not_answer"
    ),
    "decide_review": Transition(
        _("Decide the review"),
        _in(S.IN_REVIEW),
        (S.RULED,),
        guard="arbitration.reviews.why_not_decide",
        meets=REVIEW,
        drops=("review_request", "review_answer", "set_aside", "set_aside_target", "set_aside_decision"),
    ),
    "request_set_aside": Transition(
        _("Ask to set the default aside"),
        _in(S.RULED),
        within="set_aside",
        guard="arbitration.setaside.why_not_request",
        meets=("set_aside",),
        drops=PERFORMANCE,
        opens=("set_aside_target", "set_aside_decision"),
    ),
    "set_aside": Transition(
        _("Set the default ruling aside"),
        _in(S.RULED),
        (S.AWAITING_RESPONSE,),
        guard="arbitration.setaside.why_not_decide",
        meets=("set_aside_target", "set_aside_decision"),
        drops=("review_request", "payment_target", *PERFORMANCE),
        opens=("response",),
    ),
    "refuse_set_aside": Transition(
        _("Keep the default ruling"),
        _in(S.RULED),
        guard="arbitration.setaside.why_not_decide",
        meets=("set_aside_target", "set_aside_decision"),
    ),
    "conclude": Transition(_("Conclude"), _in(S.RULED, S.ENFORCING), (S.CLOSED, S.ENFORCING)),
    # the two sides among themselves
    "offer": Transition(
        _("Offer a settlement"), BEFORE_RULING, guard="disputes.settlement.why_not_offer", undecided=True
    ),
    "decline_offer": Transition(
        _("Decline the offer"), BEFORE_RULING, guard="disputes.settlement.why_not_answer", undecided=True
    ),
    "withdraw_offer": Transition(
        _("Take the offer back"), BEFORE_RULING, guard="disputes.settlement.why_not_withdraw_offer", undecided=True
    ),
    "offer_expired": Transition(_("Offer lapsed"), BEFORE_RULING),
    "accept_offer": Transition(
        _("Accept the offer"),
        BEFORE_RULING,
        (S.SETTLEMENT,),
        guard="disputes.settlement.why_not_answer",
        undecided=True,
        pauses=ALL,
    ),
    "perform_settlement": Transition(
        _("Perform the settlement"),
        _in(S.SETTLEMENT),
        within="settlement",
        guard="disputes.settlement.why_not_perform",
        meets=("settlement",),
    ),
    "settlement_performed": Transition(_("Settlement performed"), _in(S.SETTLEMENT), (S.CLOSED,), drops=ALL),
    "settlement_broken": Transition(_("Settlement not performed"), _in(S.SETTLEMENT), (BACK,), resumes=ALL),
    "withdraw": Transition(_("Withdraw the case"), BEFORE_RULING, (S.CLOSED,), undecided=True, drops=ALL),
    "propose_suspension": Transition(
        _("Propose a suspension"),
        AWAITING | {S.DELIBERATION},
        guard="disputes.suspension.why_not_propose",
        undecided=True,
        unsigned=True,
    ),
    "decline_suspension": Transition(
        _("Decline the suspension"), BEFORE_RULING, guard="disputes.suspension.why_not_answer", undecided=True
    ),
    "suspend": Transition(
        _("Suspend"),
        AWAITING | {S.DELIBERATION},
        (S.SUSPENDED,),
        guard="disputes.suspension.why_not_suspend",
        undecided=True,
        unsigned=True,
        pauses=ALL,
    ),
    "resume": Transition(
        _("Resume"),
        _in(S.SUSPENDED),
        (BACK,),
        guard="disputes.suspension.why_not_resume",
        drops=SUSPENSION,
        resumes=ALL,
    ),
    "prove_suspension": Transition(
        _("Show the proof"),
        _in(S.SUSPENDED),
        within="suspension_proof",
        guard="disputes.suspension.why_not_prove",
        meets=("suspension_proof",),
    ),
    "proof_expired": Transition(
        _("Time to show the proof ran out"), _in(S.SUSPENDED), (BACK,), drops=SUSPENSION, resumes=ALL
    ),
}

_TOO_LATE = {
    "draft_kept": ("file_before_draft_dropped", _("The time this draft was kept is over. Start again from the order.")),
    "response": ("respond_before_due", _("The time to respond is over.")),
    "rebuttal": ("rebut_before_due", _("The time to answer the other side's evidence is over.")),
    "information": ("answer_before_due", _("The time to answer the platform's questions is over.")),
    "ruling_undo": ("undo_within_a_minute", _("The ruling is in effect and can no longer be taken back.")),
    "review_request": ("review_before_due", _("The time to ask for a review is over.")),
    "review_answer": ("answer_review_before_due", _("The time to answer in review is over.")),
    "settlement": ("perform_settlement_before_due", _("The time to perform the settlement is over.")),
    "set_aside": ("set_aside_before_due", _("The time to ask for the default to be set aside is over.")),
    "suspension_proof": ("prove_before_due", _("The time to show the proof is over; the case goes on by itself.")),
}


_MINUTE = _(
    "A decision is about to take effect, so the file stays as it is. Look again in a minute. What you have is kept."
)


@cache
def _guard(dotted: str) -> Guard:
    found: Guard = import_string(dotted)
    return found


def refusal(case: Case, name: str, actor: Actor, at: datetime) -> Refused | None:
    """Why ``actor`` cannot do ``name`` to ``case`` at ``at``; None if they can. The one answer for offer and refusal.

    In order: right, state, guard, clock: what was already done says so before the clock says too late. At most two
    queries for clocks, and the guard's. What the sweep has yet to write down counts as written.
    """
    row = TRANSITIONS[name]
    if (barred := forbidden(case, name, actor)) is not None:
        return barred
    if case.state not in row.sources:
        return Conflict(
            "wrong_state",
            _("This is not possible now: the case stands at “%(state)s”.") % {"state": State(case.state).label},
        )
    if _questions_over(case, row, actor, at):
        return Conflict(*_TOO_LATE["information"])
    if row.undecided and ruling_binds(case, at):
        return Conflict("before_a_ruling", _("A ruling has taken effect, so this is no longer possible."))
    if row.unsigned and (signed := _signed(case)):
        if _due(signed, at):
            return Conflict("before_a_ruling", _("A ruling has taken effect, so this is no longer possible."))
        return Conflict("nothing_in_its_minute", _MINUTE)
    if row.guard and (why_not := _guard(row.guard)(case, actor, at)) is not None:
        return why_not
    if row.within and not deadlines.is_open(case, row.within, at, side=policy.side_of(actor, case)):
        code, message = _TOO_LATE[row.within]
        return Conflict(code, message)
    return None


def forbidden(case: Case, name: str, actor: Actor) -> Forbidden | None:
    """Why ``actor`` has no right to ``name``; None also where only the holder's right ended with its step.

    What is over is said by the state then: an arbiter is not told to take a case in which there is nothing to take.
    """
    refused = policy.refusal(actor, f"case.{name}", case)
    over = case.state not in TRANSITIONS[name].sources
    return None if refused is not None and over and policy.only_not_held(refused, case) else refused


def ruling_binds(case: Case, at: datetime) -> bool:
    """Whether a ruling is in effect at ``at``, also where the sweep has yet to write it down. At most one query."""
    if State.IN_REVIEW in case.returns_to:
        return True
    return _due(_signed(case), at)


def _signed(case: Case) -> list[Deadline]:
    """The minute of a signed ruling, as a list of none or one. At most one query."""
    return deadlines.running(case, ["ruling_undo"]) if case.state == State.DELIBERATION else []


def _questions_over(case: Case, row: Transition, actor: Actor, at: datetime) -> bool:
    """Whether the time to answer is over, only the sweep has yet to say so, and what follows leaves no room for the
    act: an applicant who gave nothing at the preliminary review has lapsed. At most one query."""
    if case.state != State.AWAITING_INFORMATION or actor == CLOCK:
        return False
    back = case.returns_to[-1]
    if back in row.sources and back != State.AWAITING_ADMISSION:
        return False
    asked = deadlines.running(case, ["information"])
    return bool(asked) and all(_due([one], at) for one in asked)


def _due(rows: Iterable[Deadline], at: datetime) -> bool:
    return any(row.due_at is not None and row.due_at <= at for row in rows)


def begin(case: Case, name: str, actor: Actor, *, based_on: int | None = None) -> datetime:
    """The start of every verb, with the case locked: take the moment, then check right, state, clock and version.

    Whatever of the case has run out runs out first, as if the sweep had come: nobody escapes what was due by acting
    (answering, pausing, settling) before it. A draft is left to the sweep: with it nothing is escaped, and it would
    be gone. Returns the moment of the act, UTC, taken once, after the lock. One query for the clocks.
    """
    at = permit(case, name, actor, based_on=based_on)
    if actor != CLOCK and case.state != State.DRAFT and deadlines.run_out(case, at):
        check(case, name, actor, at)
    return at


def permit(case: Case, name: str, actor: Actor, *, based_on: int | None = None) -> datetime:
    """The same for an act that leaves the case as it is and so does not lock it: the sweep sees to what has run out."""
    at = clock.now()
    check(case, name, actor, at, based_on=based_on)
    return at


def check(case: Case, name: str, actor: Actor, at: datetime, *, based_on: int | None = None) -> None:
    """Raise the refusal, if there is one, for an act whose moment is known (a deadline's, say)."""
    refused = refusal(case, name, actor, at)
    if isinstance(refused, Forbidden):
        raise refused
    if based_on is not None and based_on != case.version:
        raise Conflict(
            "case_version_current",
            _(
                "The case has changed since you opened this page. "
                "What you wrote is kept: look at the change, then send again."
            ),
        )
    if refused is not None:
        raise refused


def move(
    case: Case,
    name: str,
    *,
    actor: Actor,
    at: datetime,
    to: str = "",
    facts: dict[str, Any] | None = None,
    audience: str = "all",
    outcome: str = "",
) -> None:
    """The end of every verb: write state and version, meet, drop, pause, resume and open clocks, record the entry.

    ``to`` picks one of the row's targets when it has several. Closing needs an ``outcome``.
    """
    row = TRANSITIONS[name]
    target = to or row.targets[0]
    assert target in row.targets, f"{name} does not lead to {target}"
    assert case.state in row.sources, f"{name} from {case.state}"
    before = case.state
    deadlines.close(case, row.meets, at, Deadline.State.MET) if row.meets else None
    deadlines.close(case, row.drops, at, Deadline.State.DROPPED) if row.drops else None
    if target != STAY:
        _enter(case, row, target, at, outcome)
    for kind in row.opens:
        deadlines.open_clock(case, kind, at)
    case.version += 1
    case.save()
    record(
        subject=case.subject,
        verb=name,
        actor=actor,
        role=policy.role_in(actor, case),
        at=at,
        audience=audience,
        about=case,
        facts={"from": before, "to": case.state, **(facts or {})},
    )


def _enter(case: Case, row: Transition, target: str, at: datetime, outcome: str) -> None:
    """Write the new state; interruptions push and pop the state they interrupt."""
    if target == BACK:
        deadlines.resume(case, row.resumes, at)
        case.state = case.returns_to.pop()
    else:
        if row.pauses:
            deadlines.pause(case, row.pauses, at)
            case.returns_to.append(case.state)
        case.state = target
    case.state_since = at
    if case.state == State.CLOSED:
        assert outcome, "a closed case has an outcome"
        deadlines.close(case, ALL, at, Deadline.State.DROPPED)
        case.outcome, case.closed_at, case.returns_to = Outcome(outcome), at, []
    if case.state in DECIDED | OVER:
        _end_pauses(case, at)
    if case.state in OVER:
        deadlines.keep_records(case, at)


def _end_pauses(case: Case, at: datetime) -> None:
    """What paused the case, or was proposed to, ends with what it was to hold up. One query."""
    ended = {Suspension.State.RUNNING: Suspension.State.ENDED, Suspension.State.PROPOSED: Suspension.State.LAPSED}
    for pause in case.suspensions.filter(state__in=ended):
        pause.state, pause.ended_at = ended[Suspension.State(pause.state)], at
        pause.save(update_fields=["state", "ended_at"])


def available(case: Case, actor: Actor, at: datetime) -> dict[str, Refused | None]:
    """Every act the actor has the right to, with why it is closed now (None: it is open). Draws buttons and JSON alike.

    Acts of other states are left out; those of this state that a clock or guard closes stay, with the reason.
    """
    found: dict[str, Refused | None] = {}
    for name, row in TRANSITIONS.items():
        if case.state not in row.sources:
            continue
        refused = refusal(case, name, actor, at)
        if not isinstance(refused, Forbidden):
            found[name] = refused
    return found
