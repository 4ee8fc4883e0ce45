"""The people of a store, for those who work there; owners change them."""

from typing import Any

from django.http import Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import policy, queries
from accounts.api.door import Door
from accounts.models import Membership
from accounts.views import acts
from accounts.views.common import store_of
from core import rest


class MemberOut(serializers.Serializer[Any]):
    id = serializers.IntegerField(source="user.id")
    name = serializers.CharField(source="user.name")
    email = serializers.EmailField(source="user.email")
    kind = serializers.ChoiceField(Membership.Kind.choices)


class MemberPage(serializers.Serializer[Any]):
    results = MemberOut(many=True)
    next = serializers.CharField(allow_null=True, help_text="Address of the next page.")


class AgentIn(serializers.Serializer[Any]):
    email = serializers.EmailField(max_length=254)


class StorePeople(Door):
    @extend_schema(
        operation_id="list_store_people",
        summary=_("Who works for one of my stores"),
        parameters=[rest.PageShape],
        responses={200: MemberPage, **rest.errors(401, 403, 404, 422, 429)},
    )
    def get(self, request: Request, code: str) -> Response:
        """Two queries."""
        asked = rest.checked(rest.PageShape, request.query_params)
        found, following = rest.page(request, queries.staff_of(store_of(self.actor, code)), asked)
        return Response(MemberPage({"results": found, "next": following}).data)

    @extend_schema(
        operation_id="add_agent",
        summary=_("Let somebody work for a store (its owners)"),
        auth=Door.BY_SESSION,
        parameters=[rest.IDEMPOTENCY_KEY],
        request=AgentIn,
        responses={201: MemberOut, **rest.ACT_ERRORS},
    )
    def post(self, request: Request, code: str) -> Response:
        """By session: an agent added with a key would see the store's cases after the key is revoked."""
        self.by_session()
        store = store_of(self.actor, code)
        policy.require(self.actor, "store.add_agent", store)
        said = rest.checked(AgentIn, request.data)

        def act() -> tuple[int, Any]:
            membership = acts.add_agent(actor=self.actor, store_id=store.pk, **said)
            return status.HTTP_201_CREATED, MemberOut(membership).data

        return self.once(act)


class RemoveAgent(Door):
    @extend_schema(
        operation_id="remove_agent",
        summary=_("End somebody's work for a store at once (its owners)"),
        parameters=[rest.IDEMPOTENCY_KEY],
        request=None,
        responses={200: MemberOut, **rest.ACT_ERRORS},
    )
    def post(self, request: Request, code: str, user_id: int) -> Response:
        store = store_of(self.actor, code)
        try:
            return self.once(
                lambda: (
                    200,
                    MemberOut(acts.remove_agent(actor=self.actor, store_id=store.pk, user_id=user_id)).data,
                )
            )
        except Membership.DoesNotExist:
            raise Http404 from None
