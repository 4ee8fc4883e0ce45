"""How allauth signs people up and in here."""

from typing import Any
from urllib.parse import quote, urljoin

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.core.internal.ratelimit import consume, respond_429
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.forms import BaseForm
from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import get_language

from accounts import home, second_factor
from accounts.models import User
from core import language


def public(path: str) -> str:
    """The address of ``path`` as people outside reach it; a request's Host header has no say in it."""
    return urljoin(settings.PUBLIC_URL, path)


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def save_user(self, request: HttpRequest, user: User, form: BaseForm, commit: bool = True) -> User:
        """A plain person: only name, e-mail and password come from the form, whatever else was posted."""
        super().save_user(request, user, form, commit=False)
        user.name = form.cleaned_data["name"]
        user.language = get_language() or ""
        if commit:
            user.save()
        return user

    def login(self, request: HttpRequest, user: User) -> None:
        """From now on the session speaks the profile's language."""
        super().login(request, user)
        if language.known(user.language):
            request.session[language.KEY] = user.language

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        assert isinstance(request.user, User)
        return home.path_of(request.user)

    get_signup_redirect_url = get_login_redirect_url

    def is_safe_url(self, url: str | None) -> bool:
        """Only paths of this site may be returned to."""
        return url_has_allowed_host_and_scheme(url, allowed_hosts=None)

    # --- Mail --------------------------------------------------------------------------------------------------------
    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        site = {"domain": settings.PUBLIC_URL.partition("://")[2], "name": "Gongduan 公断"}
        super().send_mail(template_prefix, email, {"current_site": site} | context)

    def get_reset_password_from_key_url(self, key: str) -> str:
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return public(path.replace("UID-KEY", quote(key)))

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        return public(reverse("account_confirm_email", args=[emailconfirmation.key]))

    def send_account_already_exists_mail(self, email: str) -> None:
        links = {
            "signup_url": public(reverse("account_signup")),
            "password_reset_url": public(reverse("account_reset_password")),
        }
        self.send_mail("account/email/account_already_exists", email, links)

    # --- Guessing passwords ------------------------------------------------------------------------------------------
    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Counted per address *and* account, so that a stranger's failures never lock the owner out."""
        return f"{self.get_client_ip(request)}:{credentials.get('email', '').lower()}"

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        key = self._get_login_attempts_cache_key(request, **credentials)
        self._login_failed_rl_usage = consume(request, app="allauth.account", action="login_failed", key=key)
        if not self._login_failed_rl_usage:
            raise ImmediateHttpResponse(respond_429(request))


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    def is_mfa_enabled(self, user: Any, types: Any = None) -> bool:
        """In a demo without second factors its staff sign in by password alone, though they have secrets."""
        if isinstance(user, User) and user.is_platform and not second_factor.required(user):
            return False
        return bool(super().is_mfa_enabled(user, types))

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        return not second_factor.required(authenticator.user)
