"""Who am I, and keys for my programs."""

from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers, status
from rest_framework.authentication import SessionAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import keys, queries
from accounts.actors import key_of
from accounts.models import Membership, StaffRole, User
from accounts.views.common import note
from accounts.views.settings import revoke_and_note
from core import clock, rest
from core.text import PlainText


class IsPerson(BasePermission):
    """People only: an integration's key stands for nobody who has a name, a role or stores."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return isinstance(request.user, User)


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
    stores = MyStore(source="working_for", many=True)


class NewKey(serializers.Serializer[Any]):
    label = PlainText(max_length=80)  # type: ignore[assignment]  # a field of that name, not a field's label


class Key(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    label = serializers.CharField()  # type: ignore[assignment]
    created_at = serializers.DateTimeField()


class IssuedKey(Key):
    secret = serializers.CharField(help_text="Shown here and never again: empty when the call is repeated.")


class MeView(APIView):
    permission_classes = [IsPerson]

    @extend_schema(operation_id="me", summary="The signed-in person", responses=Me)
    def get(self, request: Request) -> Response:
        user = request.user
        assert isinstance(user, User)
        user.working_for = queries.working_for(user)  # type: ignore[attr-defined]
        return Response(Me(user).data)


class KeysView(APIView):
    """By session only: a key must not be able to make keys that outlive it."""

    authentication_classes = [SessionAuthentication]
    permission_classes = [IsPerson]

    @extend_schema(operation_id="list_keys", summary="My working access keys", responses=Key(many=True))
    def get(self, request: Request) -> Response:
        assert isinstance(request.user, User)
        return Response(Key(queries.keys_of(request.user), many=True).data)

    @extend_schema(
        operation_id="issue_key",
        summary="Make an access key",
        parameters=[rest.IDEMPOTENCY_KEY],
        request=NewKey,
        responses={201: IssuedKey, **rest.errors(400, 403, 422)},
    )
    def post(self, request: Request) -> Response:
        user = request.user
        assert isinstance(user, User)
        asked = NewKey(data=request.data)
        asked.is_valid(raise_exception=True)
        secrets = []  # they are kept nowhere, so not with the answer to the idempotency key either

        def act() -> tuple[int, Any]:
            key, secret = keys.issue(actor=user, label=asked.validated_data["label"])
            role = user.staff_role or "person"
            note(f"user:{user.pk}", "issue_key", actor=user, role=role, at=clock.now(), key=key.pk)
            secrets.append(secret)
            return status.HTTP_201_CREATED, {**Key(key).data, "secret": ""}

        answer, _repeated = rest.answer_once(request, actor=key_of(user), act=act)
        answer.data["secret"] = "".join(secrets)
        return answer


class KeyView(APIView):
    authentication_classes = [SessionAuthentication]
    permission_classes = [IsPerson]

    @extend_schema(
        operation_id="revoke_key",
        summary="Revoke one of my access keys",
        request=None,
        responses={204: OpenApiResponse(description="It no longer works.")},
    )
    def delete(self, request: Request, key_id: int) -> Response:
        assert isinstance(request.user, User)
        revoke_and_note(request.user, key_id)
        return Response(status=status.HTTP_204_NO_CONTENT)
