"""Senders that dawdle, lie about lengths, break off or send by the thousand, against the real web server."""

import base64
import http.client
import socket
import threading
import time
import uuid
from pathlib import Path
from typing import Any

import pytest

from accounts.models import AccessKey
from disputes.models import Case
from evidence.models import Item, Upload
from tests import factories
from tests.conftest import build_world
from tests.evidence import samples, videos
from tests.servers import Web

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True)]

BOUNDARY = "----part"


class Line:
    """Bytes on a bare connection to the server, as one buyer's program."""

    def __init__(self, web: Web, case: Case) -> None:
        self.web = web
        self.key = AccessKey.issue(label="line", user=case.buyer)[1]
        self.files, self.uploads = f"/api/v1/cases/{case.number}/files/", f"/api/v1/cases/{case.number}/uploads/"

    def head(self, path: str, *more: str, method: str = "POST") -> bytes:
        said = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Authorization: Bearer {self.key}", *more]
        return ("\r\n".join([*said, f"Idempotency-Key: {uuid.uuid4()}", "", ""])).encode()

    def say(self, *pieces: bytes, seconds: float = 30, shut: bool = False) -> bytes:
        """The answer's first line, empty where the server hung up without one."""
        with socket.create_connection(("127.0.0.1", self.web.port), timeout=seconds) as link:
            for piece in pieces:
                link.sendall(piece)
            if shut:
                link.shutdown(socket.SHUT_WR)
            try:
                return link.recv(4096).partition(b"\r\n")[0]
            except ConnectionResetError:
                return b""

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> http.client.HTTPResponse:
        link = http.client.HTTPConnection("127.0.0.1", self.web.port, timeout=60)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        link.request(method, path, body, {"Authorization": f"Bearer {self.key}", **named})
        answer = link.getresponse()
        answer.read()
        link.close()
        return answer


def multipart(*files: tuple[str, bytes]) -> bytes:
    parts = [
        f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'.encode()
        + data
        + b"\r\n"
        for name, data in files
    ]
    return b"".join([*parts, f"--{BOUNDARY}--\r\n".encode()])


KIND = f"Content-Type: multipart/form-data; boundary={BOUNDARY}"


@pytest.fixture
def line(web_process: Web) -> Line:
    world = build_world()
    return Line(web_process, factories.draft_case(world.buyer, world.merchant, world.order()))


def left_behind(web: Web, folder: Path) -> list[Path]:
    return [path for place in (web.temporary, folder / "incoming") if place.exists() for path in place.iterdir()]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> int:
    """For the web server that starts after it: seconds of silence it bears with."""
    monkeypatch.setenv("GONGDUAN_SILENT_SECONDS", "2")
    return 2


def test_silent_senders_are_cut_off_and_others_served(impatient: int, line: Line) -> None:
    """Half a head, and half a body, each eight times: more than there are threads. Two turns, and nobody waits more."""
    half = [line.head(line.files, KIND, "Content-Length: 9000") + b"--", line.head(line.files)[:40]]
    links = [socket.create_connection(("127.0.0.1", line.web.port)) for _number in range(16)]
    begun = time.monotonic()
    try:
        for number, link in enumerate(links):
            link.sendall(half[number % 2])
        answer = line.ask("GET", "/healthz")
        assert answer.status == 200
        waited = time.monotonic() - begun
        assert impatient <= waited < 10 * impatient
    finally:
        for link in links:
            link.close()


def test_lengths_that_are_not_true_get_an_answer_and_leave_nothing(line: Line, folder: Path) -> None:
    body = multipart(("a.jpg", samples.jpeg()))
    longer = line.say(line.head(line.files, KIND, f"Content-Length: {len(body)}") + body + b"more than was said")
    none = line.say(line.head(line.files, KIND) + body)
    words = multipart(("a.txt", b"word " * 1000))
    half = line.say(line.head(line.files, KIND, f"Content-Length: {len(words)}") + words[:2000], shut=True)
    cut = line.say(line.head(line.files, KIND, f"Content-Length: {3_000_000}") + body[:-40], shut=True)
    huge = line.say(line.head(line.files, KIND, "Content-Length: 99999999999"), body[:-40], shut=True)
    assert longer.split()[1] == b"201"
    assert none.split()[1] in {b"400", b"422"}
    assert {answer.split()[1] for answer in (half, cut, huge) if answer} <= {b"400", b"413"}
    assert Item.objects.count() == 1
    assert line.ask("GET", "/healthz").status == 200
    assert left_behind(line.web, folder) == []


def test_creation_that_broke_off_leaves_nothing_and_takes_no_place(line: Line, folder: Path) -> None:
    """Nobody learns the address of such an upload, so nobody could go on with it; one that came whole stays."""
    photo = samples.jpeg()
    tus = (
        "Tus-Resumable: 1.0.0",
        f"Upload-Length: {len(photo)}",
        f"Upload-Metadata: filename {base64.b64encode(b'a.jpg').decode()}",
        "Content-Type: application/offset+octet-stream",
    )
    cut = line.say(line.head(line.uploads, *tus, f"Content-Length: {len(photo)}") + photo[:-40], shut=True)
    assert {answer.split()[1] for answer in (cut,) if answer} <= {b"400"}
    assert (Upload.objects.count(), Item.objects.count(), left_behind(line.web, folder)) == (0, 0, [])
    first = line.say(line.head(line.uploads, *tus, "Content-Length: 100") + photo[:100])
    assert (first.split()[1], Upload.objects.get().offset) == (b"201", 100)


def test_ten_thousand_tiny_files_are_refused_early_and_leave_nothing(line: Line, folder: Path) -> None:
    body = multipart(*((f"{number}.txt", b"x") for number in range(10_000)))
    begun = time.monotonic()
    said = line.say(line.head(line.files, KIND, f"Content-Length: {len(body)}") + body)
    assert said.split()[1] in {b"400", b"413", b"422"}
    assert time.monotonic() - begun < 20
    name = base64.b64encode(b"a.txt").decode()
    tus: Any = {"Tus_Resumable": "1.0.0", "Upload_Length": "9", "Upload_Metadata": f"filename {name}"}
    answers = [line.ask("POST", line.uploads, **tus).status for _number in range(40)]
    assert answers == [201] * 30 + [422] * 10
    assert left_behind(line.web, folder) == []  # a file waits from its first byte on
    assert sum(path.stat().st_size for path in left_behind(line.web, folder)) == 0


def test_eight_large_uploads_together_need_little_memory(line: Line) -> None:
    film = videos.padded(videos.video(), 20 * 1024 * 1024)
    name = base64.b64encode(b"a.mp4").decode()
    said = {"Tus_Resumable": "1.0.0", "Upload_Length": str(len(film)), "Upload_Metadata": f"filename {name}"}
    said["Content_Type"] = "application/offset+octet-stream"
    line.ask("GET", "/healthz")
    idle, highest, statuses = line.web.memory_mb(), 0.0, list[Any]()
    senders = [
        threading.Thread(target=lambda: statuses.append(line.ask("POST", line.uploads, film, **said).status))
        for _number in range(8)
    ]
    for sender in senders:
        sender.start()
    while any(sender.is_alive() for sender in senders):
        highest = max(highest, line.web.memory_mb())
        time.sleep(0.05)
    assert statuses == [201] * 8
    assert highest - idle <= 64
    assert Item.objects.filter(state="inspecting").count() == 8
