"""People, for administrators: who they are, their role, and whether they get in."""

from collections.abc import Callable
from typing import Any

from django.http import Http404
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts import policy, queries
from accounts.api.door import Door
from accounts.models import StaffRole, User
from accounts.views import acts
from core import rest


class AccountOut(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    email = serializers.EmailField()
    staff_role = serializers.ChoiceField(StaffRole.choices)
    is_active = serializers.BooleanField(help_text="False: shut out.")
    joined_at = serializers.DateTimeField()


class AccountPage(serializers.Serializer[Any]):
    results = AccountOut(many=True)
    next = serializers.CharField(allow_null=True, help_text="Address of the next page.")


class PeopleShape(rest.PageShape):
    q = serializers.CharField(
        max_length=100,
        default="",
        allow_blank=True,
        help_text="A part of the name or the e-mail address; without it, platform staff alone.",
    )


class RoleIn(serializers.Serializer[Any]):
    staff_role = serializers.ChoiceField(StaffRole.choices, allow_blank=True, help_text="Empty: no staff any more.")


class People(Door):
    @extend_schema(
        operation_id="list_people",
        summary=_("Platform staff, or people found by a part of name or address (administrators)"),
        parameters=[PeopleShape],
        responses={200: AccountPage, **rest.errors(401, 403, 422, 429)},
    )
    def get(self, request: Request) -> Response:
        """One query."""
        policy.require(self.actor, "people.see", None)
        asked = rest.checked(PeopleShape, request.query_params)
        rows = queries.people(search=asked["q"], staff_only=not asked["q"])
        found, following = rest.page(request, rows, asked)
        return Response(AccountPage({"results": found, "next": following}).data)


class OfPerson(Door):
    def shown(self, user_id: int) -> User:
        """The person, for administrators. Raises Forbidden, or Http404 where there is none. One query."""
        policy.require(self.actor, "people.see", None)
        found = User.objects.filter(pk=user_id).first()
        if found is None:
            raise Http404
        return found

    def changed_once(self, act: Callable[..., User], user_id: int, **given: Any) -> Response:
        self.shown(user_id)
        return self.once(lambda: (200, AccountOut(act(actor=self.actor, user_id=user_id, **given)).data))


class OnePerson(OfPerson):
    @extend_schema(
        operation_id="person",
        summary=_("A person (administrators)"),
        responses={200: AccountOut, **rest.READ_ERRORS},
    )
    def get(self, request: Request, user_id: int) -> Response:
        return Response(AccountOut(self.shown(user_id)).data)


class SetRole(OfPerson):
    @extend_schema(
        operation_id="set_role",
        summary=_("Give a person another staff role, or none; their sessions and keys end (administrators)"),
        auth=Door.BY_SESSION,
        parameters=[rest.IDEMPOTENCY_KEY],
        request=RoleIn,
        responses={200: AccountOut, **rest.ACT_ERRORS},
    )
    def post(self, request: Request, user_id: int) -> Response:
        """By session: a key could make an accomplice administrator, who stays when the key is revoked."""
        self.by_session()
        self.shown(user_id)
        return self.changed_once(acts.set_role, user_id, **rest.checked(RoleIn, request.data))


class Disable(OfPerson):
    @extend_schema(
        operation_id="disable_person",
        summary=_("Shut a person out at once; their sessions and keys end (administrators)"),
        parameters=[rest.IDEMPOTENCY_KEY],
        request=None,
        responses={200: AccountOut, **rest.ACT_ERRORS},
    )
    def post(self, request: Request, user_id: int) -> Response:
        return self.changed_once(acts.disable, user_id)


class Enable(OfPerson):
    @extend_schema(
        operation_id="enable_person",
        summary=_("Let a person who was shut out sign in again (administrators)"),
        auth=Door.BY_SESSION,
        parameters=[rest.IDEMPOTENCY_KEY],
        request=None,
        responses={200: AccountOut, **rest.ACT_ERRORS},
    )
    def post(self, request: Request, user_id: int) -> Response:
        """By session: whoever is let in stays in when the key is revoked."""
        self.by_session()
        return self.changed_once(acts.enable, user_id)


class ResetSecondFactor(OfPerson):
    @extend_schema(
        operation_id="reset_second_factor",
        summary=_("Take away a lost second factor; the next sign-in sets up a new one (administrators)"),
        auth=Door.BY_SESSION,
        parameters=[rest.IDEMPOTENCY_KEY],
        request=None,
        responses={200: AccountOut, **rest.ACT_ERRORS},
    )
    def post(self, request: Request, user_id: int) -> Response:
        """By session: until its owner signs in again, such an account is open to whoever knows its password."""
        self.by_session()
        return self.changed_once(acts.reset_second_factor, user_id)
