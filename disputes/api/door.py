"""What every operation of a case shares: who asks, what was sent, and that it is done once."""

from collections.abc import Callable
from typing import Any

from django.utils import translation
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actors import Actor, System, key_of
from accounts.api import IsPerson
from accounts.models import User
from core import clock, idempotency, language, rest
from core.forms import Shape
from disputes import representations
from evidence import items as custody
from evidence.models import Dossier, Item
from evidence.queries import file_of


class Door(APIView):
    """An operation for signed-in people, answering in their language."""

    permission_classes = [IsPerson]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        chosen = request.user.language if isinstance(request.user, User) else ""
        if "Accept-Language" not in request.headers and language.known(chosen):
            translation.activate(chosen)

    @property
    def actor(self) -> User:
        assert isinstance(self.request.user, User)
        return self.request.user

    def once(self, act: Callable[[], tuple[int, Any]]) -> Response:
        return rest.answer_once(self.request, actor=key_of(actor_in(self.request)), act=act)[0]

    def receive_once(self, shape: type["OneFile"], receive: Callable[..., Item], dossier: Dossier) -> Response:
        """Take in the file of a multipart request: ``receive(upload=…)`` once a key, answered by what is on file.

        Receiving takes its time, so it happens before the key is taken; of twins the later one's file is dropped.
        """
        rest.key_in(self.request)
        asked = checked(shape, self.request.data)
        upload = asked.pop("file")
        said = {**asked, "name": upload.name, "sha256": idempotency.digest(upload.chunks())}
        if known := rest.known_answer(self.request, actor=key_of(self.actor), said=said):
            return known
        item = receive(upload=upload, **asked)
        answer, repeated = rest.answer_once(
            self.request, actor=key_of(self.actor), act=lambda: (201, file_document(dossier, item)), said=said
        )
        if repeated:
            custody.discard(actor=self.actor, item=item, at=clock.now())
        return answer


class OneFile(serializers.Serializer[Any]):
    file = serializers.FileField(allow_empty_file=True, help_text="One file.")


def file_document(dossier: Dossier, item: Item) -> Any:
    """An item as its own side reads it."""
    shown, drafts = file_of(dossier, item.side)
    return representations.DraftShape(next(row for row in [*drafts, *shown] if row.id == item.pk)).data


def actor_in(request: Request) -> Actor:
    """Who is behind the request: a person, or an integration. Only for operations that need a sign-in."""
    actor: Any = request.user
    assert isinstance(actor, User | System)
    return actor


def checked(shape: type[serializers.Serializer[Any]], data: Any) -> dict[str, Any]:
    """The data in ``shape``: a verb's arguments, or a read's parameters. Raises ValidationError."""
    given = shape(data=data)
    given.is_valid(raise_exception=True)
    if not isinstance(given, Shape):
        return dict(given.validated_data)
    return {name: value for name, value in given.arguments().items() if name != "based_on"}
