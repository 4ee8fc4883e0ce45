"""WHO may do what: one table, action → predicate on (actor, object).

The actions on a case carry the names of ``disputes.lifecycle``'s transitions, prefixed ``case.``. A predicate that
fails says why in the reader's language; the same predicates decide what is offered and what is accepted.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.actors import Actor, System
from accounts.models import Membership, StaffRole, User
from core.errors import Forbidden

Test = Callable[[Actor, Any], bool]


@dataclass(frozen=True)
class Predicate:
    """A test with the rule code and the sentence of its refusal. ``&`` and ``|`` combine; the first failure speaks."""

    tests: tuple[tuple[Test, str, Any], ...]

    def refusal(self, actor: Actor, obj: Any) -> Forbidden | None:
        for test, code, message in self.tests:
            if not test(actor, obj):
                return Forbidden(code, message)
        return None

    def __and__(self, other: "Predicate") -> "Predicate":
        return Predicate(self.tests + other.tests)

    def __or__(self, other: "Predicate") -> "Predicate":
        code, message = other.tests[0][1:]
        return predicate(code, message)(
            lambda actor, obj: self.refusal(actor, obj) is None or other.refusal(actor, obj) is None
        )


def predicate(code: str, message: Any) -> Callable[[Test], Predicate]:
    return lambda test: Predicate(((test, code, message),))


def store_ids(actor: Actor) -> list[int]:
    """The stores the actor works for now. One query a request, kept on the user object."""
    return list(_stores(actor)) if isinstance(actor, User) else []


def store_names(user: User) -> list[str]:
    """What those stores are called, in the alphabet's order. The same one query."""
    return list(_stores(user).values())


def _stores(user: User) -> dict[int, str]:
    kept: dict[int, str] | None = getattr(user, "_stores", None)
    if kept is None:
        rows = Membership.objects.filter(user=user, is_active=True).order_by("store__name")
        kept = dict(rows.values_list("store_id", "store__name"))
        user._stores = kept  # type: ignore[attr-defined]
    return kept


def side_of(actor: Actor, obj: Any) -> str:
    """``buyer``, ``merchant`` or ``""``: the side of ``obj`` (order or case) the actor stands on."""
    if isinstance(actor, User):
        if actor.pk == obj.buyer_id:
            return "buyer"
        if obj.store_id in store_ids(actor):
            return "merchant"
    return ""


def role_in(actor: Actor, obj: Any) -> str:
    """The part the actor plays, as the ledger records it: a side, a staff role or ``system``."""
    if isinstance(actor, System):
        return "system"
    return side_of(actor, obj) or actor.staff_role


def _other_side(side: str) -> str:
    return "merchant" if side == "buyer" else "buyer"


# --- predicates ------------------------------------------------------------------------------------------------------
@predicate("only_the_buyer", _("Only the buyer can do this."))
def buyer(actor: Actor, obj: Any) -> bool:
    return side_of(actor, obj) == "buyer"


@predicate("only_the_merchant", _("Only the merchant can do this."))
def merchant(actor: Actor, obj: Any) -> bool:
    return side_of(actor, obj) == "merchant"


@predicate("only_a_party", _("Only the two sides of this case can do this."))
def party(actor: Actor, obj: Any) -> bool:
    return bool(side_of(actor, obj))


@predicate("only_the_applicant", _("Only the side that filed the case can do this."))
def applicant(actor: Actor, case: Any) -> bool:
    return bool(side_of(actor, case) == case.applicant_side)


@predicate("only_the_respondent", _("Only the side the case is about can do this."))
def respondent(actor: Actor, case: Any) -> bool:
    return side_of(actor, case) == _other_side(case.applicant_side)


@predicate("only_who_owes_the_settlement", _("Only the side that owes the settlement can do this."))
def owes_settlement(actor: Actor, case: Any) -> bool:
    return bool(side_of(actor, case) == case.settlement_payer)


@predicate("only_an_arbiter", _("Only an arbiter can do this."))
def arbiter(actor: Actor, obj: Any) -> bool:
    return isinstance(actor, User) and actor.staff_role in {StaffRole.ARBITER, StaffRole.SUPERVISOR}


@predicate("only_a_supervisor", _("Only a supervisor can do this."))
def supervisor(actor: Actor, obj: Any) -> bool:
    return isinstance(actor, User) and actor.staff_role == StaffRole.SUPERVISOR


@predicate("only_an_administrator", _("Only an administrator can do this."))
def administrator(actor: Actor, obj: Any) -> bool:
    return isinstance(actor, User) and actor.staff_role == StaffRole.ADMINISTRATOR


@predicate("only_the_owner", _("Only an owner of the store can do this."))
def owner(actor: Actor, store: Any) -> bool:
    return isinstance(actor, User) and actor.owns(store)


@predicate("not_yourself", _("You cannot do this to yourself. Ask another administrator."))
def not_self(actor: Actor, person: Any) -> bool:
    return bool(actor.pk != person.pk)


@predicate("no_own_interest", _("You have an interest in this case, so somebody else decides it."))
def no_interest(actor: Actor, case: Any) -> bool:
    return not side_of(actor, case)


@predicate("other_arbiter_on_review", _("You decided in this case before, so somebody else decides now."))
def no_earlier_decision(actor: Actor, case: Any) -> bool:
    return not (isinstance(actor, User) and case.decided_before(actor))


@predicate("taken_before_decided", _("Take the case first: only the arbiter who holds it can decide."))
def holds(actor: Actor, case: Any) -> bool:
    return bool(actor.pk is not None and actor.pk == case.handler_id)


@predicate("only_the_system", _("This happens by itself when its time comes."))
def system(actor: Actor, obj: Any) -> bool:
    return isinstance(actor, System) and actor.name == "clock"


@predicate("only_an_integration", _("Only a connected marketplace can do this."))
def integration(actor: Actor, obj: Any) -> bool:
    return isinstance(actor, System) and actor.name.startswith("integration:")


@predicate("only_an_administrator", _("Only an administrator can do this."))
def console(actor: Actor, obj: Any) -> bool:
    """Whoever runs management commands on the host: there is no first administrator without them."""
    return isinstance(actor, System) and actor.name == "console"


impartial = arbiter & no_interest & no_earlier_decision
deciding = impartial & holds

TABLE: dict[str, Predicate] = {
    # people and stores
    "people.see": administrator,
    "people.invite": administrator | console,
    "people.revoke_invitation": administrator,
    "people.reset_second_factor": administrator & not_self,
    "integrations.issue": administrator | console,
    "integrations.revoke": administrator | console,
    "people.set_role": administrator & not_self,
    "people.disable": administrator & not_self,
    "people.enable": administrator,
    "debts.see": administrator,
    "debts.receive_payment": administrator,
    "store.add_agent": owner,
    "store.remove_agent": owner,
    # clocks that stopped
    "clocks.see": supervisor,
    "clocks.run_again": supervisor & no_interest,
    # records
    "records.hold": supervisor,
    "records.erase_person": administrator,
    # orders and negotiation
    "order.receive": integration,
    "after_sales.ask": buyer,
    "after_sales.write": party,
    "after_sales.agree": merchant,
    "after_sales.refuse": merchant,
    "after_sales.counter": merchant,
    "after_sales.accept": buyer,
    "after_sales.withdraw": buyer,
    "after_sales.expire": system,
    # the case: its sides
    "case.start": party,
    "case.file": applicant,
    "case.drop_draft": system,
    "case.answer": party,
    "case.respond": respondent,
    "case.concede": respondent,
    "case.rebut": applicant,
    "case.skip": applicant,
    "case.extend": party,
    "case.upload": party,
    "case.lodge": party,
    "case.withdraw_item": party,
    "case.state_late": party,
    "case.offer": party,
    "case.accept_offer": party,
    "case.decline_offer": party,
    "case.withdraw_offer": party,
    "case.withdraw": applicant,
    "case.propose_suspension": party,
    "case.decline_suspension": party,
    "case.suspend": party | deciding,
    "case.resume": party | deciding | system,
    "case.prove_suspension": party | deciding,
    "case.request_review": party,
    "case.answer_review": party,
    "case.request_set_aside": respondent,
    "case.perform": party,
    "case.ship_back": party,
    "case.confirm_return": party,
    "case.acknowledge": party,
    # the case: the platform
    "case.take": impartial,
    "case.release": holds,
    "case.reassign": supervisor & no_interest,
    "case.admit": deciding,
    "case.refuse": deciding,
    "case.ask": deciding,
    "case.rule": deciding,
    "case.undo_ruling": arbiter & holds,
    "case.decide_return": arbiter & no_interest,
    "case.retry_payment": supervisor & no_interest,
    "case.decide_review": deciding,
    "case.set_aside": deciding,
    "case.refuse_set_aside": deciding,
    # the case: the clock
    "case.escalate": system,
    "case.information_expired": system,
    "case.response_expired": system,
    "case.rebuttal_expired": system,
    "case.take_effect": system,
    "case.offer_expired": system,
    "case.proof_expired": system,
    "case.perform_settlement": owes_settlement,
    "case.settlement_performed": system,
    "case.settlement_broken": system,
    "case.remedy_executed": system,
    "case.remedy_failed": system,
    "case.remedy_expired": system,
    "case.conclude": system,
}


def refusal(actor: Actor, action: str, obj: Any) -> Forbidden | None:
    """Why ``actor`` may not do ``action`` on ``obj``; None if they may."""
    return TABLE[action].refusal(actor, obj)


def only_not_held(refused: Forbidden, case: Any) -> bool:
    """Whether nothing is missing but to hold the case, which nobody does: that right ended with the step it was for."""
    return case.handler_id is None and refused.code == holds.tests[0][1]


def require(actor: Actor, action: str, obj: Any) -> None:
    """Raise Forbidden unless ``actor`` may do ``action`` on ``obj``."""
    if (refused := refusal(actor, action, obj)) is not None:
        raise refused
