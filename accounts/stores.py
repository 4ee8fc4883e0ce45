"""Who works for a store: owners add and remove agents."""

from allauth.account.models import EmailAddress
from django.db import transaction
from django.utils.translation import gettext as _

from accounts import policy
from accounts.actors import Actor
from accounts.models import Membership, Store
from core.errors import Conflict, Refused


@transaction.atomic
def add_agent(*, actor: Actor, store_id: int, email: str) -> Membership:
    """Let the person with this confirmed address work for the store; an agent removed before comes back.

    Refused: ``agent_has_account``, ``role_apart_from_trade``, ``membership_once``.
    """
    store = Store.objects.select_for_update().get(pk=store_id)
    policy.require(actor, "store.add_agent", store)
    address = (
        EmailAddress.objects.select_related("user")
        .filter(email=email.strip().lower(), verified=True, user__is_active=True)
        .first()
    )
    if address is None:
        raise Refused(
            "agent_has_account",
            _("Nobody with this confirmed e-mail address has an account. Ask them to sign up first."),
            field="email",
        )
    if address.user.is_platform:
        raise Refused("role_apart_from_trade", _("Platform staff cannot work for a store."), field="email")
    membership, created = Membership.objects.get_or_create(store=store, user=address.user)
    if not created and membership.is_active:
        raise Refused("membership_once", _("This person already works for the store."), field="email")
    membership.kind, membership.is_active = Membership.Kind.AGENT, True
    membership.save(update_fields=["kind", "is_active"])
    return membership


@transaction.atomic
def remove_agent(*, actor: Actor, store_id: int, user_id: int) -> Membership:
    """End an agent's work for the store at once. Refused: ``owner_stays``. Raises Membership.DoesNotExist."""
    store = Store.objects.select_for_update().get(pk=store_id)
    policy.require(actor, "store.remove_agent", store)
    membership = store.memberships.select_related("user").get(user_id=user_id, is_active=True)
    if membership.kind == Membership.Kind.OWNER:
        raise Conflict("owner_stays", _("Owners are removed by the platform, not by each other."))
    membership.is_active = False
    membership.save(update_fields=["is_active"])
    return membership
