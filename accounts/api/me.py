"""Who am I, what I say about myself, my sessions, and keys for my programs."""

from typing import Any

from django.conf import settings
from django.http import Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import people, queries
from accounts.api.door import Door
from accounts.models import AccessKey, Membership, StaffRole, User
from accounts.views import acts
from core import language, rest
from core.text import OneLine


class MyStore(serializers.Serializer[Membership]):
    code = serializers.SlugField(source="store.code")
    name = serializers.CharField(source="store.name")
    kind = serializers.ChoiceField(Membership.Kind.choices)


class Me(serializers.Serializer[User]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    email = serializers.EmailField()
    staff_role = serializers.ChoiceField(StaffRole.choices)
    language = serializers.CharField(help_text="zh-hans, en, or empty: as the browser asks.")
    shortcuts = serializers.BooleanField(help_text="Single-key shortcuts at the desk.")
    stores = MyStore(source="working_for", many=True)


class Profile(serializers.Serializer[Any]):
    name = OneLine(max_length=60, required=False)
    language = serializers.ChoiceField(settings.LANGUAGES, required=False)
    shortcuts = serializers.BooleanField(required=False)


class NewKey(serializers.Serializer[Any]):
    label = OneLine(max_length=80)  # type: ignore[assignment]  # a field of that name, not a field's label


class Key(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    label = serializers.CharField()  # type: ignore[assignment]
    created_at = serializers.DateTimeField()


class IssuedKey(Key):
    secret = serializers.CharField(help_text="Shown here and never again: empty when the call is repeated.")


class MeView(Door):
    @extend_schema(operation_id="me", summary=_("The signed-in person"), responses=Me)
    def get(self, request: Request) -> Response:
        return self._me()

    @extend_schema(
        operation_id="update_profile",
        summary=_("Change what I say about myself"),
        request=Profile,
        responses={200: Me, **rest.errors(400, 401, 403, 413, 415, 422, 429)},
    )
    def patch(self, request: Request) -> Response:
        """What is left out stays as it is."""
        user = self.actor
        kept: dict[str, Any] = {"name": user.name, "language": user.language, "shortcuts": user.shortcuts}
        people.update_profile(actor=user, **kept | rest.checked(Profile, request.data))
        answer = self._me()
        if not self.with_key and language.known(user.language):
            language.remember(request, answer, user.language)
        return answer

    def _me(self) -> Response:
        user = self.actor
        user.working_for = queries.working_for(user)  # type: ignore[attr-defined]
        return Response(Me(user).data)


class SignOutEverywhere(Door):
    @extend_schema(
        operation_id="sign_out_everywhere",
        summary=_("End every session of mine, this one included; access keys stay"),
        parameters=[rest.IDEMPOTENCY_KEY],
        request=None,
        responses={204: OpenApiResponse(description="They ended."), **rest.errors(400, 401, 403, 422, 429)},
    )
    def post(self, request: Request) -> Response:
        def act() -> tuple[int, Any]:
            people.sign_out_everywhere(actor=self.actor)
            return status.HTTP_204_NO_CONTENT, None

        return self.once(act)


class KeysView(Door):
    @extend_schema(
        operation_id="list_keys",
        summary=_("My working access keys"),
        auth=Door.BY_SESSION,
        responses={200: Key(many=True), **rest.errors(401, 403, 429)},
    )
    def get(self, request: Request) -> Response:
        self.by_session()
        return Response(Key(queries.keys_of(self.actor), many=True).data)

    @extend_schema(
        operation_id="issue_key",
        summary=_("Make an access key"),
        auth=Door.BY_SESSION,
        parameters=[rest.IDEMPOTENCY_KEY],
        request=NewKey,
        responses={201: IssuedKey, **rest.errors(400, 401, 403, 413, 415, 422, 429)},
    )
    def post(self, request: Request) -> Response:
        """By session: a key must not be able to make keys that outlive it."""
        self.by_session()
        asked = rest.checked(NewKey, request.data)

        def act() -> tuple[Any, dict[str, str]]:
            key, secret = acts.issue_key(actor=self.actor, label=asked["label"])
            return Key(key).data, {"secret": secret}

        return self.once_with_secrets(act)


class KeyView(Door):
    @extend_schema(
        operation_id="revoke_key",
        summary=_("Revoke one of my access keys"),
        auth=Door.BY_SESSION,
        request=None,
        responses={204: OpenApiResponse(description="It no longer works."), **rest.READ_ERRORS},
    )
    def delete(self, request: Request, key_id: int) -> Response:
        self.by_session()
        try:
            acts.revoke_key(actor=self.actor, key_id=key_id)
        except AccessKey.DoesNotExist:
            raise Http404 from None
        return Response(status=status.HTTP_204_NO_CONTENT)
