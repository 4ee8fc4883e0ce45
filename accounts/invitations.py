"""Platform staff join by invitation: a link that works once, for seven days, for one address and one role."""

import hashlib
import secrets
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from accounts import people, policy
from accounts.actors import Actor
from accounts.models import StaffInvitation, StaffRole, User
from core.errors import Conflict, Refused

OPEN_FOR = timedelta(days=7)


@transaction.atomic
def invite(*, actor: Actor, email: str, staff_role: str, at: datetime) -> tuple[StaffInvitation, str]:
    """Invite ``email`` as staff; return the invitation and its token (256 bits), which is kept nowhere.

    An earlier open invitation of the address stops working. Refused: ``role_known``, ``email_once``.
    """
    policy.require(actor, "people.invite", None)
    email = email.strip().lower()
    if not staff_role or staff_role not in StaffRole.values:
        raise Refused("role_known", _("Choose one of the roles in the list."), field="staff_role")
    if User.objects.filter(email=email).exists():
        raise Refused(
            "email_once",
            _("There already is an account with this e-mail address. Change its role instead."),
            field="email",
        )
    StaffInvitation.objects.filter(email=email, accepted_at=None, revoked_at=None).update(revoked_at=at)
    token = secrets.token_urlsafe(32)
    invitation = StaffInvitation.objects.create(
        email=email,
        staff_role=staff_role,
        digest=_digest(token),
        invited_by=actor if isinstance(actor, User) else None,
        invited_at=at,
        expires_at=at + OPEN_FOR,
    )
    return invitation, token


def find(*, token: str) -> StaffInvitation:
    """The invitation ``token`` belongs to. Raises StaffInvitation.DoesNotExist; one query."""
    return StaffInvitation.objects.get(digest=_digest(token))


def require_open(invitation: StaffInvitation, *, at: datetime) -> None:
    """Refused with ``invitation_open`` once it was used, revoked or is past its seven days."""
    if invitation.open_at(at):
        return
    if invitation.accepted_at is not None:
        message = _("This invitation was already used. Sign in with the address it was sent to.")
    elif invitation.revoked_at is not None:
        message = _("This invitation was withdrawn. Ask your administrator for a new one.")
    else:
        message = _("This invitation is older than seven days. Ask your administrator for a new one.")
    raise Conflict("invitation_open", message)


@transaction.atomic
def accept(*, token: str, name: str, password: str, language: str, at: datetime) -> tuple[StaffInvitation, User]:
    """Become staff: a new person with the invitation's address and role; the link is used up.

    Refused: ``invitation_open``, ``email_once``, ``password_strength``.
    """
    invitation = StaffInvitation.objects.select_for_update().get(digest=_digest(token))
    require_open(invitation, at=at)
    user = people.create(
        email=invitation.email, name=name, password=password, staff_role=invitation.staff_role, language=language
    )
    invitation.accepted_at, invitation.accepted_by = at, user
    invitation.save(update_fields=["accepted_at", "accepted_by"])
    return invitation, user


@transaction.atomic
def revoke(*, actor: Actor, invitation_id: int, at: datetime) -> StaffInvitation:
    """Withdraw an invitation that was not used. Refused: ``invitation_open``."""
    invitation = StaffInvitation.objects.select_for_update().get(pk=invitation_id)
    policy.require(actor, "people.revoke_invitation", invitation)
    require_open(invitation, at=at)
    invitation.revoked_at = at
    invitation.save(update_fields=["revoked_at"])
    return invitation


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
