"""Whose language a page speaks: profile, then cookie, then the browser, then Chinese."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

KEY = "language"
YEAR_SECONDS = 365 * 24 * 3600


def of(request: HttpRequest) -> str:
    """The language to answer in. The profile's is in the session since sign-in, so this costs no query of its own."""
    chosen = request.session.get(KEY) if hasattr(request, "session") else None
    if known(chosen):
        return str(chosen)
    return translation.get_language_from_request(request)


def known(language: object) -> bool:
    return language in dict(settings.LANGUAGES)


def remember(request: HttpRequest, response: HttpResponse, language: str) -> None:
    """Keep the choice in the session, in a cookie for a year, and in the profile of a signed-in person."""
    request.session[KEY] = language
    response.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        language,
        max_age=YEAR_SECONDS,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )
    user = getattr(request, "user", None)
    if user is not None and user.is_authenticated:
        user.language = language
        user.save(update_fields=["language"])
