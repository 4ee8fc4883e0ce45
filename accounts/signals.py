"""The one thing only a signal tells: that this session has just shown a valid second-factor code."""

from typing import Any

from allauth.mfa.signals import authenticator_added, authenticator_used
from django.dispatch import receiver
from django.http import HttpRequest

from accounts import second_factor
from accounts.models import User


@receiver([authenticator_added, authenticator_used], dispatch_uid="accounts.second_factor")
def second_factor_shown(request: HttpRequest, user: User, **kwargs: Any) -> None:
    second_factor.mark_passed(request.session, user)
