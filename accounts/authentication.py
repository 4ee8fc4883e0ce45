"""``Authorization: Bearer gd_…`` for programs."""

from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import authentication, exceptions
from rest_framework.request import Request

from accounts.actors import Actor, System
from accounts.models import AccessKey


class AccessKeyAuthentication(authentication.BaseAuthentication):
    """Signs in the key's person, or the integration the key stands for. Revoked keys and left people are refused."""

    def authenticate(self, request: Request) -> tuple[Actor, AccessKey] | None:
        scheme, _space, secret = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer":
            return None
        key = (
            AccessKey.objects.select_related("user")
            .filter(digest=AccessKey.digest_of(secret.strip()), revoked_at=None)
            .first()
        )
        if key is None or (key.user is not None and not key.user.is_active):
            raise exceptions.AuthenticationFailed(_("The access key is not valid."))
        return (key.user or System(f"integration:{key.label}")), key

    def authenticate_header(self, request: Request) -> str:
        return "Bearer"


class AccessKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    target_class = "accounts.authentication.AccessKeyAuthentication"
    name = "accessKey"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        return {"type": "http", "scheme": "bearer"}
