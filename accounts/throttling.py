"""How often a program may call."""

import hashlib
from typing import TYPE_CHECKING, Any

from rest_framework.request import Request
from rest_framework.throttling import UserRateThrottle

from accounts.actors import System, key_of

if TYPE_CHECKING:  # the framework's views load this module
    from rest_framework.views import APIView


class ByActor(UserRateThrottle):
    """Counts per person and per integration; visitors by address."""

    def get_cache_key(self, request: Request, view: "APIView") -> str | None:
        actor: Any = request.user
        if isinstance(actor, System):
            ident = hashlib.sha256(key_of(actor).encode()).hexdigest()
            return self.cache_format % {"scope": self.scope, "ident": ident}
        return super().get_cache_key(request, view)
