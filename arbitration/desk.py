"""Small reads for the arbiters' desk."""

from collections.abc import Iterable

from accounts.models import User
from disputes.models import Case
from ledger.models import Entry


def changes_since(case: Case, version: int, entries: Iterable[Entry], verbs: Iterable[str]) -> list[Entry]:
    """The entries that moved the case on from ``version``: each of its moves counts one. No query."""
    moves = [entry for entry in entries if entry.verb in set(verbs)]
    return moves[-(case.version - version) :] if case.version > version else []


def arbiters(case: Case) -> list[tuple[User, int]]:
    """Who could take the case over, with how much each holds now, least first. Two queries."""
    people = User.objects.filter(is_active=True, staff_role__in=["arbiter", "supervisor"]).exclude(pk=case.buyer_id)
    people = people.exclude(memberships__store=case.store_id, memberships__is_active=True)
    if case.handler_id:
        people = people.exclude(pk=case.handler_id)
    if case.decided_by_id:
        people = people.exclude(pk__in=case.deciders.values("pk"))
    holding = dict.fromkeys(people, 0)
    for holder in Case.objects.filter(handler__in=holding).exclude(state="closed").values_list("handler", flat=True):
        person = next(user for user in holding if user.pk == holder)
        holding[person] += 1
    return sorted(holding.items(), key=lambda pair: (pair[1], str(pair[0])))
