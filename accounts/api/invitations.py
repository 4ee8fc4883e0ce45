"""Invitations to platform staff: for administrators, and for who was invited."""

from typing import Any

from django.http import Http404
from django.utils.crypto import salted_hmac
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts import invitations, policy, queries
from accounts.api.door import Door
from accounts.api.people import AccountOut
from accounts.models import StaffInvitation, StaffRole
from accounts.views import acts
from core import rest
from core.text import OneLine


class InvitationIn(serializers.Serializer[Any]):
    email = serializers.EmailField(max_length=254)
    staff_role = serializers.ChoiceField([choice for choice in StaffRole.choices if choice[0] != StaffRole.NONE])


class InvitationOut(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    email = serializers.EmailField()
    staff_role = serializers.ChoiceField([choice for choice in StaffRole.choices if choice[0] != StaffRole.NONE])
    invited_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(help_text="It works before this moment.")
    revoked_at = serializers.DateTimeField(allow_null=True)


class MadeInvitation(InvitationOut):
    token = serializers.CharField(help_text="Shown here and never again: empty when the call is repeated.")
    link = serializers.CharField(help_text="The page on which it is accepted. Shown once, as the token is.")


class InvitationPage(serializers.Serializer[Any]):
    results = InvitationOut(many=True)
    next = serializers.CharField(allow_null=True, help_text="Address of the next page.")


class AcceptIn(serializers.Serializer[Any]):
    token = serializers.CharField(max_length=100)
    name = OneLine(max_length=60)
    password = serializers.CharField(trim_whitespace=False)


class Invitations(Door):
    @extend_schema(
        operation_id="list_invitations",
        summary=_("Invitations neither used nor withdrawn, newest first (administrators)"),
        parameters=[rest.PageShape],
        responses={200: InvitationPage, **rest.errors(401, 403, 422, 429)},
    )
    def get(self, request: Request) -> Response:
        """One query."""
        policy.require(self.actor, "people.see", None)
        asked = rest.checked(rest.PageShape, request.query_params)
        found, following = rest.page(request, queries.open_invitations(), asked)
        return Response(InvitationPage({"results": found, "next": following}).data)

    @extend_schema(
        operation_id="invite_staff",
        summary=_("Invite somebody to the platform's staff (administrators)"),
        auth=Door.BY_SESSION,
        parameters=[rest.IDEMPOTENCY_KEY],
        request=InvitationIn,
        responses={201: MadeInvitation, **rest.ACT_ERRORS},
    )
    def post(self, request: Request) -> Response:
        """By session: the answer is a way to become staff, even administrator, that outlives any key."""
        self.by_session()
        policy.require(self.actor, "people.invite", None)
        said = rest.checked(InvitationIn, request.data)

        def act() -> tuple[Any, dict[str, str]]:
            invitation, token = acts.invite(actor=self.actor, **said)
            return InvitationOut(invitation).data, {"token": token, "link": acts.link_of(token)}

        return self.once_with_secrets(act)


class RevokeInvitation(Door):
    @extend_schema(
        operation_id="revoke_invitation",
        summary=_("Withdraw an invitation that was not used (administrators)"),
        parameters=[rest.IDEMPOTENCY_KEY],
        request=None,
        responses={200: InvitationOut, **rest.ACT_ERRORS},
    )
    def post(self, request: Request, invitation_id: int) -> Response:
        policy.require(self.actor, "people.revoke_invitation", None)
        try:
            return self.once(
                lambda: (
                    200,
                    InvitationOut(acts.revoke_invitation(actor=self.actor, invitation_id=invitation_id)).data,
                )
            )
        except StaffInvitation.DoesNotExist:
            raise Http404 from None


class AcceptInvitation(APIView):
    """Open to everybody, as the link's page is: the token alone counts, and who else is signed in does not."""

    authentication_classes = []
    permission_classes = [AllowAny]

    @extend_schema(
        operation_id="accept_invitation",
        summary=_("Become staff by the token of an invitation; a second factor is set up at the first sign-in"),
        parameters=[rest.IDEMPOTENCY_KEY],
        request=AcceptIn,
        responses={201: AccountOut, **rest.errors(400, 404, 409, 413, 415, 422, 429)},
    )
    def post(self, request: Request) -> Response:
        """Nobody is signed in by it. The mark of the request is kept for a week, so the password is in it only under
        the server's own secret, where it cannot be tried."""
        said = rest.checked(AcceptIn, request.data)
        try:
            invitation = invitations.find(token=said["token"])
        except StaffInvitation.DoesNotExist:
            raise Http404 from None
        mark = salted_hmac("accounts.accept_invitation", said["password"], algorithm="sha256").hexdigest()

        def act() -> tuple[int, Any]:
            return status.HTTP_201_CREATED, AccountOut(acts.accept(**said, language=get_language() or "")).data

        actor = f"invitation:{invitation.pk}"
        return rest.answer_once(request, actor=actor, act=act, said=said | {"password": mark})[0]
