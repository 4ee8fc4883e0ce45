"""Done once, however often it is asked."""

import threading
import time
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from core import clock
from core.errors import Refused
from core.idempotency import fingerprint, once
from core.models import IdempotencyKey
from core.tasks import forget_idempotency_keys

MARK = fingerprint("POST", "/cases/", {"amount": 100})


@pytest.mark.django_db
def test_once_replays_the_first_answer() -> None:
    done: list[int] = []

    def act() -> dict[str, int]:
        done.append(1)
        return {"case": len(done)}

    assert once(actor="user:1", key="k", mark=MARK, act=act) == ({"case": 1}, False)
    assert once(actor="user:1", key="k", mark=MARK, act=act) == ({"case": 1}, True)
    assert done == [1]


@pytest.mark.django_db
def test_once_is_per_actor_and_per_key() -> None:
    answers = [once(actor=actor, key=key, mark=MARK, act=lambda: 1)[1] for actor in "ab" for key in "xy"]
    assert answers == [False, False, False, False]


@pytest.mark.django_db
def test_idempotency_key_reused_for_another_request_is_refused() -> None:
    once(actor="user:1", key="k", mark=MARK, act=lambda: "first")
    with pytest.raises(Refused) as refusal:
        once(actor="user:1", key="k", mark=fingerprint("other"), act=lambda: pytest.fail("must not run"))
    assert refusal.value.code == "idempotency_key_reused"


@pytest.mark.django_db
def test_once_forgets_a_refused_attempt_so_the_key_may_be_used_again() -> None:
    def refuse() -> None:
        raise Refused("amount_format", "no")

    with pytest.raises(Refused):
        once(actor="user:1", key="k", mark=MARK, act=refuse)
    assert not IdempotencyKey.objects.exists()
    assert once(actor="user:1", key="k", mark=fingerprint("corrected"), act=lambda: "done") == ("done", False)


def test_fingerprint_ignores_the_order_of_names_but_nothing_else() -> None:
    assert fingerprint({"a": 1, "b": 2}) == fingerprint({"b": 2, "a": 1})
    assert fingerprint({"a": 1}) != fingerprint({"a": "1"})


@pytest.mark.django_db(transaction=True)
def test_once_runs_once_for_twins_at_the_same_time() -> None:
    done: list[str] = []
    answers: list[tuple[object, bool]] = []
    start = threading.Barrier(4)

    def act() -> str:
        done.append("effect")
        time.sleep(0.2)
        return "answer"

    def ask() -> None:
        try:
            start.wait(5)
            answers.append(once(actor="user:1", key="twin", mark=MARK, act=act))
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert done == ["effect"]
    assert sorted(answers, key=lambda answer: answer[1]) == [("answer", False), *[("answer", True)] * 3]


@pytest.mark.django_db
def test_idempotency_key_once_by_the_database() -> None:
    IdempotencyKey.objects.create(actor="user:1", key="k", fingerprint=MARK)
    with pytest.raises(IntegrityError, match="idempotency_key_once"), transaction.atomic():
        IdempotencyKey.objects.create(actor="user:1", key="k", fingerprint="another")


def test_key_is_forgotten_after_a_week_and_never_before_two_days(db: None) -> None:
    now = clock.now()
    for days in (2, 6, 8):
        row = IdempotencyKey.objects.create(actor="a", key=str(days), fingerprint="x")
        IdempotencyKey.objects.filter(pk=row.pk).update(created_at=now - timedelta(days=days))
    forget_idempotency_keys()
    assert sorted(IdempotencyKey.objects.values_list("key", flat=True)) == ["2", "6"]
