"""The second factor of platform staff: whether it is asked, active, and passed in this session."""

from datetime import datetime

from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.conf import settings
from django.contrib.sessions.backends.base import SessionBase

from accounts.models import User

SESSION_KEY = "second_factor"


def required(user: User) -> bool:
    """Whether ``user`` may do nothing without one: all platform staff. Only a demo world can be told otherwise."""
    return bool(user.is_platform and (not settings.DEMO or settings.DEMO_SECOND_FACTOR))


def active(user: User) -> bool:
    """Whether ``user`` has an authenticator app set up. One query."""
    return bool(Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists())


def passed(session: SessionBase, user: User) -> bool:
    """Whether this very session has shown ``user``'s second factor. No query."""
    return bool(session.get(SESSION_KEY) == user.pk)


def mark_passed(session: SessionBase, user: User) -> None:
    """Note that the person behind ``session`` has just shown a valid code."""
    session[SESSION_KEY] = user.pk


def activate_totp(user: User, secret: str) -> None:
    """Give ``user`` the base32 ``secret`` as authenticator, replacing one that was there."""
    Authenticator.objects.update_or_create(
        user=user, type=Authenticator.Type.TOTP, defaults={"data": {"secret": get_adapter().encrypt(secret)}}
    )


def remove(user: User) -> None:
    """Take every authenticator of ``user`` away, recovery codes included."""
    Authenticator.objects.filter(user=user).delete()


def code(secret: str, at: datetime) -> str:
    """The code an authenticator app with ``secret`` shows at ``at``: the host's time, not a moved demo clock."""
    return str(totp.format_hotp_value(totp.hotp_value(secret, int(at.timestamp()) // app_settings.TOTP_PERIOD)))
