"""Access keys: a person's own, for programs that act in their name."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import policy, second_factor
from accounts.actors import Actor
from accounts.models import AccessKey, User
from core.errors import Forbidden

MOST_KEYS = 20


@transaction.atomic
def issue(*, actor: User, label: str) -> tuple[AccessKey, str]:
    """Make a key for the actor; return it and its secret, which is shown once and kept nowhere.

    Refused: ``second_factor_before_key`` (staff), ``keys_at_most``.
    """
    User.objects.select_for_update().get(pk=actor.pk)
    if second_factor.required(actor) and not second_factor.active(actor):
        raise Forbidden("second_factor_before_key", _("Set up your second factor first; then you can make keys."))
    if actor.access_keys.filter(revoked_at=None).count() >= MOST_KEYS:
        raise Forbidden("keys_at_most", _("You have 20 keys. Revoke one you no longer need first."))
    return AccessKey.issue(label=label, user=actor)


@transaction.atomic
def issue_integration(*, actor: Actor, label: str) -> tuple[AccessKey, str]:
    """Make a key for a marketplace, which stands for nobody; return it and its secret, shown once."""
    policy.require(actor, "integrations.issue", None)
    return AccessKey.issue(label=label)


@transaction.atomic
def revoke_integration(*, actor: Actor, key_id: int, at: datetime) -> tuple[AccessKey, bool]:
    """End a marketplace's key at once; return it and whether it still worked. Raises AccessKey.DoesNotExist."""
    policy.require(actor, "integrations.revoke", None)
    return _revoked(AccessKey.objects.select_for_update().get(pk=key_id, user=None), at)


@transaction.atomic
def revoke(*, actor: User, key_id: int, at: datetime) -> tuple[AccessKey, bool]:
    """End a key of the actor's own at once; return it and whether it still worked before.

    Raises AccessKey.DoesNotExist for anyone else's. Doing it twice changes nothing.
    """
    return _revoked(AccessKey.objects.select_for_update().get(pk=key_id, user=actor), at)


def _revoked(key: AccessKey, at: datetime) -> tuple[AccessKey, bool]:
    if key.revoked_at is not None:
        return key, False
    key.revoked_at = at
    key.save(update_fields=["revoked_at"])
    return key, True
