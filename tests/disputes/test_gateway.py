"""Money leaves once: over real HTTP, whatever the refund service does with the connection."""

import hashlib
import hmac
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from arbitration import execution, remedies
from core import clock
from disputes import refunds
from disputes.gateway import Answer, Result
from disputes.gateway.http import HttpGateway, sign
from disputes.models import Order, Refund
from tests import stages
from tests.conftest import Clock, World
from tests.stages import Stages, step

SECRET = "between-us"


class Service(ThreadingHTTPServer):
    """A marketplace's refund service: pays a key once; ``mood`` says how it treats the next POST."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.paid: dict[str, int] = {}
        self.posts: list[str] = []
        self.asked: list[str] = []
        self.forged = 0
        self.mood = "honest"


class Handler(BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not self._signed(body):
            self.server.forged += 1
            return self._answer(401, {})
        document = json.loads(body)
        key, mood = document["key"], self.server.mood
        assert self.headers["Idempotency-Key"] == key
        self.server.posts.append(key)
        if mood in {"422", "404", "500", "429", "401"}:
            return self._answer(int(mood), {"reference": "account closed"} if mood == "422" else {})
        if mood == "refused":
            return self._answer(200, {"status": "refused", "reference": "no such payment"})
        self.server.paid.setdefault(key, document["amount_fen"])
        return self.moods.get(mood, Handler._done)(self)

    def do_GET(self) -> None:
        if not self._signed(b""):
            self.server.forged += 1
            return self._answer(401, {})
        key = self.path.removeprefix("/refunds/")
        self.server.asked.append(key)
        if self.server.mood == "deaf":
            return self._hang()
        if self.server.mood == "500":
            return self._answer(500, {})
        return self._done() if key in self.server.paid else self._answer(404, {})

    def _signed(self, body: bytes) -> bool:
        parts = dict(part.split("=", 1) for part in self.headers["Gongduan-Signature"].split(","))
        signed = f"{parts['t']}.{self.command}.{self.path}.".encode() + body
        right = hmac.new(SECRET.encode(), signed, hashlib.sha256).hexdigest()
        return abs(time.time() - int(parts["t"])) < 300 and hmac.compare_digest(right, parts["v1"])

    def _answer(self, code: int, document: Any) -> None:
        body = json.dumps(document).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _done(self) -> None:
        self._answer(200, {"status": "done", "reference": "M-1"})

    def _drop(self) -> None:
        self.connection.shutdown(socket.SHUT_RDWR)

    def _hang(self) -> None:
        time.sleep(4)

    def _drip(self) -> None:
        """One byte after another, each well inside any time limit between two bytes."""
        for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 40\r\n\r\n":
            try:
                self.wfile.write(bytes([byte]))
                self.wfile.flush()
            except OSError:
                return
            time.sleep(0.1)

    def _flood(self) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            for _megabyte in range(50):
                self.wfile.write(b" " * 2**20)
        except OSError:
            return

    def _nonsense(self) -> None:
        self._answer(200, ["done"])

    moods: dict[str, Callable[["Handler"], None]] = {
        "drop": _drop,
        "hang": _hang,
        "deaf": _hang,
        "drip": _drip,
        "flood": _flood,
        "nonsense": _nonsense,
    }

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@pytest.fixture
def service(settings: Any) -> Iterator[Service]:
    server = Service()
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    settings.REFUND_GATEWAY, settings.REFUND_GATEWAY_SECRET = "http", SECRET
    settings.REFUND_GATEWAY_URL = f"http://127.0.0.1:{server.server_port}/"
    settings.REFUND_GATEWAY_TIMEOUT_SECONDS = 10
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def refund(world: World) -> Refund:
    order = world.order()
    return refunds.request(
        order=order, line_id=order.lines.get().pk, amount_fen=5000, key="remedy-1", funding="merchant", at=clock.now()
    )


def late(at: Clock) -> None:
    """What was called may be asked about again."""
    at.forward(seconds=21)


def left(order_id: int) -> tuple[int, int]:
    order = Order.objects.get(pk=order_id)
    return order.reserved_fen, order.refunded_fen


def test_honest_service_is_paid_once_and_signed_for(service: Service, refund: Refund) -> None:
    for _time in range(3):
        refunds.settle(refund.pk)
    refund.refresh_from_db()
    assert (refund.state, refund.gateway_reference, refund.attempts) == ("executed", "M-1", 1)
    assert (service.paid, service.posts, service.forged) == ({"remedy-1": 5000}, ["remedy-1"], 0)
    assert left(refund.order_id) == (0, 5000)


@pytest.mark.parametrize("mood", ["drop", "hang", "drip", "flood", "nonsense"])
def test_paid_but_the_answer_was_lost_is_asked_about_never_paid_again(
    service: Service, refund: Refund, settings: Any, mood: str, at: Clock
) -> None:
    service.mood, settings.REFUND_GATEWAY_TIMEOUT_SECONDS = mood, 1
    began = time.monotonic()
    assert refunds.settle(refund.pk).state == "unknown"
    assert time.monotonic() - began < 3.5
    assert left(refund.order_id) == (5000, 0)
    service.mood, settings.REFUND_GATEWAY_TIMEOUT_SECONDS = "honest", 10
    late(at)
    assert refunds.settle(refund.pk).state == "executed"
    assert (service.posts, service.paid) == (["remedy-1"], {"remedy-1": 5000})
    assert left(refund.order_id) == (0, 5000)


@pytest.mark.parametrize("mood", ["500", "429", "401"])
def test_service_in_trouble_is_asked_then_told_again_under_the_same_key(
    service: Service, refund: Refund, mood: str, at: Clock
) -> None:
    service.mood = mood
    assert refunds.settle(refund.pk).state == "unknown"
    late(at)
    if mood == "500":
        assert refunds.settle(refund.pk).state == "unknown"
        late(at)
    service.mood = "honest"
    assert refunds.settle(refund.pk).state == "pending"  # it never heard of the key
    assert refunds.settle(refund.pk).state == "executed"
    assert (service.posts, service.paid) == (["remedy-1", "remedy-1"], {"remedy-1": 5000})


@pytest.mark.parametrize(
    ("mood", "why"), [("422", "account closed"), ("404", "HTTP 404"), ("refused", "no such payment")]
)
def test_refusal_gives_the_reserve_back(service: Service, refund: Refund, mood: str, why: str) -> None:
    service.mood = mood
    refunds.settle(refund.pk)
    refund.refresh_from_db()
    assert (refund.state, refund.failure) == ("failed", why)
    assert left(refund.order_id) == (0, 0)


def test_nobody_asks_while_the_last_call_may_be_under_way(service: Service, refund: Refund, at: Clock) -> None:
    """Another process told the service a moment ago: asked now, it would not know the key, and be told twice."""
    at.forward(hours=1)
    Refund.objects.filter(pk=refund.pk).update(state="unknown", tried_at=at.moment, attempts=1)
    at.forward(seconds=19)
    assert refunds.settle(refund.pk).state == "unknown"
    assert service.asked == []
    at.forward(seconds=1)
    assert refunds.settle(refund.pk).state == "pending"
    assert service.asked == [refund.key]


def test_late_answer_that_the_key_was_never_seen_sends_nothing_again(refund: Refund, at: Clock) -> None:
    """Whoever asked was held up, and meanwhile somebody else sent it."""
    asked_at = at.moment
    sent_at = at.forward(minutes=5)
    Refund.objects.filter(pk=refund.pk).update(state="unknown", tried_at=sent_at, attempts=2)
    assert refunds._note(refund.pk, Answer(Result.ABSENT), asked_at=asked_at).state == "unknown"
    assert refunds._note(refund.pk, Answer(Result.ABSENT), asked_at=sent_at).state == "pending"


def test_slow_service_ends_the_round_and_the_next_begins_with_who_waited_longest(
    service: Service, world: World, settings: Any, at: Clock
) -> None:
    for number in range(3):
        order = world.order()
        line_id, key = order.lines.get().pk, f"slow-{number}"
        refunds.request(order=order, line_id=line_id, amount_fen=1, key=key, funding="merchant", at=at.moment)
    service.mood, settings.REFUND_GATEWAY_TIMEOUT_SECONDS = "hang", 0.5
    for sent in (["slow-0"], ["slow-0", "slow-1"], ["slow-0", "slow-1", "slow-2"]):
        assert execution.settle_open_refunds(seconds=0.1) == 0
        assert service.posts == sent
        late(at)
    assert service.asked == []


def test_error_of_asking_is_no_refusal(service: Service, refund: Refund, settings: Any, at: Clock) -> None:
    """A wrong secret while asking must not free the money for a second payment."""
    service.mood = "drop"
    refunds.settle(refund.pk)
    late(at)
    settings.REFUND_GATEWAY_SECRET = "another"
    assert refunds.settle(refund.pk).state == "unknown"
    assert (left(refund.order_id), service.forged) == ((5000, 0), 1)


def test_forged_call_is_told_apart(service: Service, refund: Refund, settings: Any) -> None:
    settings.REFUND_GATEWAY_SECRET = "another"
    assert HttpGateway().refund(refund).result == Result.UNKNOWN
    assert (service.paid, service.forged) == ({}, 1)


def test_signature_covers_method_path_moment_and_body(settings: Any) -> None:
    settings.REFUND_GATEWAY_SECRET = SECRET
    one = ("POST", "/refunds", b"{}", 1_800_000_000)
    others = [("PUT", *one[1:]), ("POST", "/refund", *one[2:]), (*one[:2], b"[]", one[3]), (*one[:3], 1_800_000_001)]
    assert sign(*one) == sign(*one)
    assert len({sign(*request) for request in (one, *others)}) == 5


def test_signature_is_as_the_page_for_programs_checks_it(settings: Any) -> None:
    settings.REFUND_GATEWAY_SECRET = SECRET
    code = (Path(settings.BASE_DIR) / "docs/api.md").read_text().partition("```python\n")[2].partition("```")[0]
    page: dict[str, Any] = {"hmac": hmac, "hashlib": hashlib}
    exec(code, page)
    given = sign("GET", "/pay/refunds/remedy-1", b"", 1_800_000_000)
    asked = {"secret": SECRET, "now": 1_800_000_100.0, "method": "GET", "path": "/pay/refunds/remedy-1", "body": b""}
    assert page["genuine"](given, **asked)
    assert not page["genuine"](given, **{**asked, "path": "/pay/refunds/remedy-2"})


def test_refused_remedy_is_paid_by_the_platform_once(world: World, at: Clock, service: Service) -> None:
    case = Stages(world, at).ruled()
    remedies.perform(actor=world.merchant, case_id=case.pk, remedy_id=step(case, "refund"))
    service.mood = "422"
    assert execution.settle_open_refunds() == 1
    service.mood = "honest"
    for _round in range(3):
        execution.settle_open_refunds()
    remedy = case.remedies.get()
    assert remedy.refund is not None
    assert (remedy.state, remedy.by_platform, remedy.refund.funding) == ("executed", True, "deposit")
    assert service.paid == {f"remedy-{remedy.pk}-2": 129_900}
    assert left(case.order_id) == (0, 129_900)


def test_worker_killed_between_answer_and_note_pays_once(world: World, at: Clock, service: Service) -> None:
    """The service was told and answered; the process died before it could write that down."""
    case = Stages(world, at).ruled()
    remedies.perform(actor=world.merchant, case_id=case.pk, remedy_id=step(case, "refund"))
    refund = Refund.objects.get()
    Refund.objects.filter(pk=refund.pk).update(state="unknown", attempts=1)
    assert HttpGateway().refund(refund).result == Result.DONE
    assert execution.settle_open_refunds() == 1
    assert execution.settle_open_refunds() == 0
    assert (service.posts, left(case.order_id)) == ([refund.key], (0, 129_900))
    assert stages.again(case).remedies.get().state == "executed"
