from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from accounts import people
from accounts.models import Membership, StaffRole, Store, User

PASSWORD = "plum-orchard-42"


@pytest.fixture(autouse=True)
def _plain_world(settings: Any, db: None) -> Iterator[None]:
    """Not a demo, fast hashes, and no failures counted from the test before."""
    settings.DEMO = False
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def someone() -> Callable[..., User]:
    def make(name: str, staff_role: str = "", language: str = "en") -> User:
        email = f"{name.lower()}@example.com"
        return people.create(email=email, name=name, password=PASSWORD, staff_role=staff_role, language=language)

    return make


@pytest.fixture
def buyer(someone: Callable[..., User]) -> User:
    return someone("Lin")


@pytest.fixture
def administrator(someone: Callable[..., User]) -> User:
    return someone("Ada", StaffRole.ADMINISTRATOR)


@pytest.fixture
def arbiter(someone: Callable[..., User]) -> User:
    return someone("Zhou", StaffRole.ARBITER)


@pytest.fixture
def store(someone: Callable[..., User]) -> Store:
    store = Store.objects.create(name="Brook Lamps", code="brook")
    Membership.objects.create(store=store, user=someone("Owner"), kind=Membership.Kind.OWNER)
    return store


@pytest.fixture
def owner(store: Store) -> User:
    return store.members.get()


@pytest.fixture
def enter() -> Callable[[User], Client]:
    """A browser in which the person signed in with everything asked of them."""

    def sign_in(user: User) -> Client:
        from accounts import second_factor

        client = Client(HTTP_ACCEPT_LANGUAGE="en")
        client.force_login(user)
        session = client.session
        second_factor.mark_passed(session, user)
        session.save()
        return client

    return sign_in
