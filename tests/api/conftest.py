"""Programs that call the REST door, each with its key."""

import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import AccessKey, User
from tests import factories
from tests.conftest import World

_keys = itertools.count(1)


class Program:
    """Calls ``/api/v1/`` with an access key, in English, with a fresh idempotency key for every act."""

    def __init__(self, secret: str = "", language: str = "en") -> None:
        self.client = Client(raise_request_exception=False)
        self.headers = {"accept-language": language} | ({"authorization": f"Bearer {secret}"} if secret else {})

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The response as it came. ``body``: a document, or bytes sent as they are."""
        sent = {**self.headers, "idempotency-key": f"key-{next(_keys)}"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        kind = sent.pop("content-type", "application/json")
        data = body if isinstance(body, bytes) else json.dumps(body) if body is not None else ""
        return self.client.generic(method, f"/api/v1/{path}", data, content_type=kind, headers=sent)

    def get(self, path: str, status: int = 200) -> Any:
        return _read(self.ask("GET", path), status)

    def post(self, path: str, body: Any = None, status: int = 200, **headers: str) -> Any:
        return _read(self.ask("POST", path, {} if body is None else body, **headers), status)

    def patch(self, path: str, body: Any, status: int = 200) -> Any:
        return _read(self.ask("PATCH", path, body), status)

    def delete(self, path: str, status: int = 204) -> Any:
        return _read(self.ask("DELETE", path), status)

    def upload(self, path: str, file: Any, status: int = 201, *, key: str = "", **fields: str) -> Any:
        """A multipart request with one file."""
        headers = {**self.headers, "idempotency-key": key or f"key-{next(_keys)}"}
        return _read(self.client.post(f"/api/v1/{path}", {"file": file, **fields}, headers=headers), status)


def _read(response: Any, status: int) -> Any:
    assert response.status_code == status, (response.status_code, response.content.decode()[:2000])
    return response.json() if response.content else None


@pytest.fixture(autouse=True)
def _nobody_counted_yet() -> None:
    cache.clear()


@pytest.fixture
def program() -> Callable[[User], Program]:
    def of(user: User) -> Program:
        return Program(AccessKey.issue(label="test", user=user)[1])

    return of


@pytest.fixture
def market(db: None) -> Program:
    return Program(AccessKey.issue(label="market")[1])


def order_document(
    world: World, number: str = "M-2026-0001", *, price_fen: int = 129_900, **more: Any
) -> dict[str, Any]:
    """An order as the marketplace sends it."""
    return {
        "number": number,
        "buyer": {"email": world.buyer.email, "name": "林晓"},
        "store": {"code": world.store.code, "name": world.store.name},
        "lines": [factories.lamp(price_fen)],
        "amounts": {"goods_fen": price_fen, "freight_fen": 0, "coupon_fen": 0, "paid_fen": price_fen},
        "paid_at": "2026-11-14T10:00:00+08:00",
        "moments": {
            "shipped_at": "2026-11-15T10:00:00+08:00",
            "signed_at": "2026-11-17T10:00:00+08:00",
            "completed_at": "2026-11-18T10:00:00+08:00",
        },
        **more,
    }
