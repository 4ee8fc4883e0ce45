"""What pages, programs and commands do alike: a verb of this room and its entry in the ledger, both or neither."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.urls import reverse

from accounts import invitations, keys, people, stores
from accounts.actors import Actor, System
from accounts.adapter import public
from accounts.models import AccessKey, Membership, StaffInvitation, User
from core import clock
from ledger.models import Audience
from ledger.recording import record


# --- keys ------------------------------------------------------------------------------------------------------------
@transaction.atomic
def issue_key(*, actor: User, label: str) -> tuple[AccessKey, str]:
    key, secret = keys.issue(actor=actor, label=label)
    _note(f"user:{actor.pk}", "issue_key", actor=actor, key=key.pk)
    return key, secret


@transaction.atomic
def revoke_key(*, actor: User, key_id: int) -> None:
    """Raises AccessKey.DoesNotExist for anyone else's key."""
    User.objects.select_for_update().get(pk=actor.pk)
    at = clock.now()
    _key, worked = keys.revoke(actor=actor, key_id=key_id, at=at)
    if worked:
        _note(f"user:{actor.pk}", "revoke_key", actor=actor, at=at, key=key_id)


@transaction.atomic
def issue_integration(*, actor: Actor, label: str) -> tuple[AccessKey, str]:
    key, secret = keys.issue_integration(actor=actor, label=label)
    _note(f"integration:{key.pk}", "issue_integration_key", actor=actor, key=key.pk)
    return key, secret


@transaction.atomic
def revoke_integration(*, actor: Actor, key_id: int) -> AccessKey:
    """Raises AccessKey.DoesNotExist for a person's key."""
    at = clock.now()
    key, worked = keys.revoke_integration(actor=actor, key_id=key_id, at=at)
    if worked:
        _note(f"integration:{key_id}", "revoke_integration_key", actor=actor, at=at, key=key_id)
    return key


# --- invitations -----------------------------------------------------------------------------------------------------
@transaction.atomic
def invite(*, actor: Actor, email: str, staff_role: str) -> tuple[StaffInvitation, str]:
    at = clock.now()
    invitation, token = invitations.invite(actor=actor, email=email, staff_role=staff_role, at=at)
    _note(f"invitation:{invitation.pk}", "invite_staff", actor=actor, at=at, staff_role=staff_role)
    return invitation, token


def link_of(token: str) -> str:
    """The address to send to who is invited."""
    return public(reverse("accounts:invitation", args=[token]))


@transaction.atomic
def revoke_invitation(*, actor: User, invitation_id: int) -> StaffInvitation:
    """Raises StaffInvitation.DoesNotExist."""
    at = clock.now()
    invitation = invitations.revoke(actor=actor, invitation_id=invitation_id, at=at)
    _note(f"invitation:{invitation_id}", "revoke_invitation", actor=actor, at=at)
    return invitation


@transaction.atomic
def accept(*, token: str, name: str, password: str, language: str) -> User:
    at = clock.now()
    used, user = invitations.accept(token=token, name=name, password=password, language=language, at=at)
    role = user.staff_role
    _note(f"user:{user.pk}", "accept_invitation", actor=user, at=at, invitation=used.pk, staff_role=role)
    return user


# --- people ----------------------------------------------------------------------------------------------------------
@transaction.atomic
def set_role(*, actor: User, user_id: int, staff_role: str) -> User:
    person, before = people.set_role(actor=actor, user_id=user_id, staff_role=staff_role)
    _note(f"user:{user_id}", "set_role", actor=actor, before=before, staff_role=staff_role)
    return person


@transaction.atomic
def disable(*, actor: User, user_id: int) -> User:
    person = people.disable(actor=actor, user_id=user_id)
    _note(f"user:{user_id}", "disable_person", actor=actor)
    return person


@transaction.atomic
def enable(*, actor: User, user_id: int) -> User:
    person = people.enable(actor=actor, user_id=user_id)
    _note(f"user:{user_id}", "enable_person", actor=actor)
    return person


@transaction.atomic
def reset_second_factor(*, actor: User, user_id: int) -> User:
    person = people.reset_second_factor(actor=actor, user_id=user_id)
    _note(f"user:{user_id}", "reset_second_factor", actor=actor)
    return person


# --- stores ----------------------------------------------------------------------------------------------------------
@transaction.atomic
def add_agent(*, actor: User, store_id: int, email: str) -> Membership:
    membership = stores.add_agent(actor=actor, store_id=store_id, email=email)
    _note(f"store:{store_id}", "add_agent", actor=actor, role="merchant", user=membership.user_id)
    return membership


@transaction.atomic
def remove_agent(*, actor: User, store_id: int, user_id: int) -> Membership:
    """Raises Membership.DoesNotExist."""
    membership = stores.remove_agent(actor=actor, store_id=store_id, user_id=user_id)
    _note(f"store:{store_id}", "remove_agent", actor=actor, role="merchant", user=user_id)
    return membership


def _note(subject: str, verb: str, *, actor: Actor, role: str = "", at: datetime | None = None, **facts: Any) -> None:
    """These chains are read by the platform alone."""
    part = role or ("system" if isinstance(actor, System) else actor.staff_role or "person")
    moment = at or clock.now()
    record(subject=subject, verb=verb, actor=actor, role=part, at=moment, facts=facts, audience=Audience.PLATFORM)
