"""What people do with their own account, and administrators with those of others.

Verbs here record nothing themselves (the ledger stands above this room): their doors record in the same transaction.
"""

from allauth.account.models import EmailAddress
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts import policy, second_factor
from accounts.actors import Actor
from accounts.models import AccessKey, StaffRole, User
from core import clock
from core.errors import Refused


def create(*, email: str, name: str, password: str, staff_role: str = StaffRole.NONE, language: str = "") -> User:
    """A person whose address counts as confirmed: by the link of an invitation, or in a seeded world.

    Refused: ``email_once``, ``password_strength``.
    """
    user = User(email=User.objects.normalize_email(email).lower(), name=name, staff_role=staff_role, language=language)
    if User.objects.filter(email=user.email).exists() or EmailAddress.objects.filter(email=user.email).exists():
        raise Refused("email_once", _("There already is an account with this e-mail address."), field="email")
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Refused(
            "password_strength", _("Choose a stronger password."), fields={"password": error.messages}
        ) from error
    user.set_password(password)
    with transaction.atomic():
        user.save()
        EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def update_profile(*, actor: User, name: str, language: str, shortcuts: bool) -> None:
    """Change what people may change about themselves, and nothing else."""
    actor.name, actor.language, actor.shortcuts = name, language, shortcuts
    actor.save(update_fields=["name", "language", "shortcuts"])


def sign_out_everywhere(*, actor: User) -> None:
    """End every session of the actor, this one included. Access keys stay: they are revoked one by one."""
    User.objects.filter(pk=actor.pk).update(session_round=F("session_round") + 1)


@transaction.atomic
def set_role(*, actor: Actor, user_id: int, staff_role: str) -> tuple[User, str]:
    """Make a person staff of another role, or of none; return them and the role before.

    Their sessions end and their keys are revoked: what was granted to one role must not serve another. Refused:
    ``not_yourself``, ``role_known``, ``role_apart_from_trade``.
    """
    user = _locked(user_id)
    policy.require(actor, "people.set_role", user)
    if staff_role not in StaffRole.values:
        raise Refused("role_known", _("Choose one of the roles in the list."), field="staff_role")
    if staff_role and user.memberships.filter(is_active=True).exists():
        raise Refused(
            "role_apart_from_trade",
            _("This person works for a store. Platform staff cannot; remove them from the store first."),
            field="staff_role",
        )
    before, user.staff_role = user.staff_role, staff_role
    _end_access(user)
    return user, before


@transaction.atomic
def reset_second_factor(*, actor: Actor, user_id: int) -> User:
    """Take away a lost second factor and its recovery codes: sessions end, and the next sign-in sets up a new one.

    Refused: ``not_yourself``.
    """
    user = _locked(user_id)
    policy.require(actor, "people.reset_second_factor", user)
    second_factor.remove(user)
    _end_access(user)
    return user


@transaction.atomic
def disable(*, actor: Actor, user_id: int) -> User:
    """Shut a person out at once: sessions end, keys are revoked. Refused: ``not_yourself``."""
    user = _locked(user_id)
    policy.require(actor, "people.disable", user)
    user.is_active = False
    _end_access(user)
    return user


@transaction.atomic
def enable(*, actor: Actor, user_id: int) -> User:
    """Let a disabled person sign in again; old sessions and keys stay dead."""
    user = _locked(user_id)
    policy.require(actor, "people.enable", user)
    user.is_active = True
    user.save(update_fields=["is_active"])
    return user


def _locked(user_id: int) -> User:
    return User.objects.select_for_update().get(pk=user_id)


def _end_access(user: User) -> None:
    user.session_round += 1
    user.save(update_fields=["staff_role", "is_active", "session_round"])
    AccessKey.objects.filter(user=user, revoked_at=None).update(revoked_at=clock.now())
