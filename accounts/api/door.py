"""What every operation shares: who asks, in which language, and that it is done once."""

from collections.abc import Callable
from typing import Any, ClassVar

from django.utils import translation
from django.utils.translation import gettext as _
from rest_framework import status
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actors import Actor, System, key_of
from accounts.models import AccessKey, User
from core import language, rest
from core.errors import Forbidden


class IsPerson(BasePermission):
    """People only: an integration's key stands for nobody who has a name, a role or stores."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return isinstance(request.user, User)


class Door(APIView):
    """An operation for signed-in people, answering in their language."""

    permission_classes = [IsPerson]
    BY_SESSION: ClassVar[Any] = [{"cookieAuth": []}]
    """What the schema says of an operation that calls ``by_session``."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        chosen = request.user.language if isinstance(request.user, User) else ""
        if "Accept-Language" not in request.headers and language.known(chosen):
            translation.activate(chosen)

    @property
    def actor(self) -> User:
        assert isinstance(self.request.user, User)
        return self.request.user

    @property
    def with_key(self) -> bool:
        return isinstance(self.request.auth, AccessKey)

    def by_session(self) -> None:
        """Refuse access keys. Whoever got hold of one could open ways in with it (a key, an account, a role) that
        stay open when the key is revoked; what only shuts ways in, a key may do. Refused: ``session_not_key``."""
        if self.with_key:
            raise Forbidden(
                "session_not_key",
                _("No access key can do this: what it opens would outlive the key. Sign in with a browser."),
            )

    def once(self, act: Callable[[], tuple[int, Any]]) -> Response:
        return rest.answer_once(self.request, actor=key_of(actor_in(self.request)), act=act)[0]

    def once_with_secrets(self, act: Callable[[], tuple[Any, dict[str, str]]]) -> Response:
        """``once`` for what makes something: ``act`` returns its document, and its secrets, which are kept nowhere.

        So they are not kept with the answer to the idempotency key either: empty when the call is repeated.
        """
        told: dict[str, str] = {}

        def made() -> tuple[int, Any]:
            document, secrets = act()
            told.update(secrets)
            return status.HTTP_201_CREATED, {**document, **dict.fromkeys(secrets, "")}

        answer = self.once(made)
        answer.data.update(told)
        return answer


def actor_in(request: Request) -> Actor:
    """Who is behind the request: a person, or an integration. Only for operations that need a sign-in."""
    actor: Any = request.user
    assert isinstance(actor, User | System)
    return actor
