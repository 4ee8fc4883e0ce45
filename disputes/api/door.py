"""What every operation with a file shares: that it is received once."""

from collections.abc import Callable
from typing import Any

from rest_framework import serializers
from rest_framework.response import Response

from accounts.actors import key_of
from accounts.api.door import Door
from core import clock, idempotency, rest
from disputes import representations
from evidence import items as custody
from evidence.models import Dossier, Item
from evidence.queries import file_of


class FileDoor(Door):
    """An operation of signed-in people that receives a file."""

    def receive_once(self, shape: type["OneFile"], receive: Callable[..., Item], dossier: Dossier) -> Response:
        """Take in the file of a multipart request: ``receive(upload=…)`` once a key, answered by what is on file.

        Receiving takes its time, so it happens before the key is taken; of twins the later one's file is dropped.
        """
        rest.key_in(self.request)
        asked = rest.checked(shape, self.request.data)
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
