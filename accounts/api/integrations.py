"""Marketplaces' keys, for administrators."""

from typing import Any

from django.http import Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import policy, queries
from accounts.api.door import Door
from accounts.api.me import Key, NewKey
from accounts.models import AccessKey
from accounts.views import acts
from core import rest


class IntegrationOut(Key):
    revoked_at = serializers.DateTimeField(allow_null=True)


class MadeIntegration(IntegrationOut):
    secret = serializers.CharField(help_text="Shown here and never again: empty when the call is repeated.")


class IntegrationPage(serializers.Serializer[Any]):
    results = IntegrationOut(many=True)
    next = serializers.CharField(allow_null=True, help_text="Address of the next page.")


class Integrations(Door):
    @extend_schema(
        operation_id="list_integrations",
        summary=_("Every key that stands for a marketplace, newest first, revoked ones too (administrators)"),
        parameters=[rest.PageShape],
        responses={200: IntegrationPage, **rest.errors(401, 403, 422, 429)},
    )
    def get(self, request: Request) -> Response:
        """One query."""
        policy.require(self.actor, "integrations.issue", None)
        asked = rest.checked(rest.PageShape, request.query_params)
        found, following = rest.page(request, queries.integration_keys(), asked)
        return Response(IntegrationPage({"results": found, "next": following}).data)

    @extend_schema(
        operation_id="issue_integration",
        summary=_("Make a key for a marketplace (administrators)"),
        auth=Door.BY_SESSION,
        parameters=[rest.IDEMPOTENCY_KEY],
        request=NewKey,
        responses={201: MadeIntegration, **rest.ACT_ERRORS},
    )
    def post(self, request: Request) -> Response:
        """By session: a key must not be able to make keys that outlive it."""
        self.by_session()
        policy.require(self.actor, "integrations.issue", None)
        said = rest.checked(NewKey, request.data)

        def act() -> tuple[Any, dict[str, str]]:
            key, secret = acts.issue_integration(actor=self.actor, **said)
            return IntegrationOut(key).data, {"secret": secret}

        return self.once_with_secrets(act)


class RevokeIntegration(Door):
    @extend_schema(
        operation_id="revoke_integration",
        summary=_("End a marketplace's key at once (administrators)"),
        parameters=[rest.IDEMPOTENCY_KEY],
        request=None,
        responses={200: IntegrationOut, **rest.ACT_ERRORS},
    )
    def post(self, request: Request, key_id: int) -> Response:
        policy.require(self.actor, "integrations.revoke", None)
        try:
            return self.once(
                lambda: (200, IntegrationOut(acts.revoke_integration(actor=self.actor, key_id=key_id)).data)
            )
        except AccessKey.DoesNotExist:
            raise Http404 from None
