"""Information requests (补充材料): precise questions to one side or both, on their own clock."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import policy
from accounts.actors import CLOCK, Actor
from accounts.models import StaffRole, User
from arbitration.models import InformationRequest
from core.errors import Conflict, Refused
from disputes import deadlines, exhibits, lifecycle
from disputes.models import Case, Deadline, State
from rulebook.queries import applying

S = InformationRequest.State


@transaction.atomic
def ask(
    *,
    actor: Actor,
    case_id: int,
    to_buyer: Sequence[str] = (),
    to_merchant: Sequence[str] = (),
    why: str = "",
    based_on: int | None = None,
) -> Case:
    """Ask one side or both. The platform's clock stops, each asked side's starts; each sees only its own questions."""
    case = Case.objects.locked(case_id)
    at = lifecycle.begin(case, "ask", actor, based_on=based_on)
    assert isinstance(actor, User)
    questions = {"buyer": _clean(to_buyer), "merchant": _clean(to_merchant)}
    asked = [side for side, texts in questions.items() if texts]
    if not asked:
        raise Refused("ask_says_something", _("Write at least one question."), field="to_buyer")
    if case.state == State.AWAITING_ADMISSION and asked != [case.applicant_side]:
        raise Refused(
            "ask_applicant_before_admission",
            _("Before the case is accepted only the applicant is asked."),
            field="to_merchant",
        )
    stage, rounds = case.state, _rounds(case)
    lifecycle.move(case, "ask", actor=actor, at=at, facts={"sides": asked, "round": rounds + 1})
    for side in asked:
        InformationRequest.objects.create(
            case=case,
            side=side,
            round=rounds + 1,
            stage=stage,
            questions=questions[side],
            why=why,
            asked_by=actor,
            asked_at=at,
        )
        deadlines.open_clock(case, "information", at, ref=side, side=side)
    return case


def _clean(texts: Sequence[str]) -> list[str]:
    return [text.strip() for text in texts if text.strip()]


def _rounds(case: Case) -> int:
    return len({request.round for request in case.information_requests.all()})


@transaction.atomic
def answer(*, actor: Actor, case_id: int, answers: Sequence[str], based_on: int | None = None) -> Case:
    """Answer every question asked of one's side; ready items are lodged with it. Back once all asked sides answered."""
    case = Case.objects.locked(case_id)
    at = lifecycle.begin(case, "answer", actor, based_on=based_on)
    side = policy.side_of(actor, case)
    request = case.information_requests.get(side=side, state=S.OPEN)
    given = [text.strip() for text in answers]
    if len(given) != len(request.questions) or not all(given):
        empty = next((index for index, text in enumerate(given) if not text), len(given))
        raise Refused("answer_every_question", _("Answer every question."), field=f"answers[{empty}]")
    request.answers, request.state, request.answered_at = given, S.ANSWERED, at
    request.save()
    items = exhibits.ready(case, side)
    disclosed = request.stage != State.AWAITING_ADMISSION
    exhibits.freeze(case, actor=actor, side=side, items=items, at=at, disclosed=disclosed)
    deadlines.close(case, ["information"], at, Deadline.State.MET, ref=side)
    lifecycle.move(case, "answer", actor=actor, at=at, to=_where_to(case), facts={"side": side, "items": len(items)})
    return case


def information_expired(*, deadline: Deadline, at: datetime) -> None:
    """No answer: decided on what there is, items lodged meanwhile included. An applicant who gave nothing at all at the
    preliminary review lapses."""
    assert deadline.case is not None
    case = deadline.case
    lifecycle.check(case, "information_expired", CLOCK, at)
    request = case.information_requests.get(side=deadline.ref, state=S.OPEN)
    request.state = S.EXPIRED
    request.save()
    given = case.dossier.items.filter(side=request.side, lodged_at__gt=request.asked_at).exists()
    lapsed = request.stage == State.AWAITING_ADMISSION and not given
    if lapsed:
        case.offers.filter(state="open").update(state="lapsed", answered_at=at)
        deadlines.close(case, deadlines.ALL, at, Deadline.State.DROPPED)
    lifecycle.move(
        case,
        "information_expired",
        actor=CLOCK,
        at=at,
        to=State.CLOSED if lapsed else _where_to(case),
        outcome="lapsed" if lapsed else "",
        facts={"side": request.side},
    )


def _where_to(case: Case) -> str:
    return lifecycle.STAY if case.information_requests.filter(state=S.OPEN).exists() else lifecycle.BACK


def why_not_ask(case: Case, actor: Actor, at: datetime) -> Refused | None:
    if any(ruling.state == "waiting" for ruling in case.rulings.all()):
        return Conflict("ruling_waits_its_minute", _("A ruling is about to take effect. Take it back first."))
    supervised = isinstance(actor, User) and actor.staff_role == StaffRole.SUPERVISOR
    most = applying(case.rulebook_id, at).value("information_rounds")
    if not supervised and _rounds(case) >= most:
        return Conflict(
            "ask_at_most_twice",
            _("%(n)d rounds of questions are the limit; a supervisor can ask again.") % {"n": most},
        )
    return None
