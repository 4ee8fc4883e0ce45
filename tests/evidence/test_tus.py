"""Uploads that can be resumed: the protocol's every answer, a real client that is cut off, and who may."""

import base64
import hashlib
import io
import os
import socket
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from tusclient.client import TusClient
from tusclient.exceptions import TusCommunicationError

from accounts.models import AccessKey, User
from core import clock
from core.errors import Refused
from disputes.models import Case
from evidence import checking, uploads
from evidence.models import Item, State, Upload
from evidence.storage import store
from ledger.models import Entry
from tests import factories
from tests.conftest import World, build_world
from tests.evidence import samples, videos
from tests.evidence.conftest import kept
from tests.servers import Web

JPEG = samples.jpeg()


class Sender:
    """A program of one person that speaks tus through the test client."""

    def __init__(self, user: User, case: Case) -> None:
        self.secret = AccessKey.issue(label="phone", user=user)[1]
        self.place = f"/api/v1/cases/{case.number}/uploads/"

    def ask(self, method: str, path: str, body: bytes = b"", **headers: str) -> Any:
        said = {"Tus-Resumable": "1.0.0", "Authorization": f"Bearer {self.secret}"}
        said |= {name.replace("_", "-"): value for name, value in headers.items()}
        kind = said.pop("Content-Type", "application/offset+octet-stream")
        return Client().generic(method, path, body, content_type=kind, headers=said)

    def begin(self, length: int, name: str = "a.jpg", body: bytes = b"", **headers: str) -> Any:
        said = f"filename {base64.b64encode(name.encode()).decode()}"
        kind = {} if body else {"Content-Type": "application/x-nothing"}
        return self.ask(
            "POST", self.place, body, **{"Upload-Length": str(length), "Upload-Metadata": said, **kind, **headers}
        )

    def patch(self, path: str, offset: int, body: bytes, **headers: str) -> Any:
        return self.ask("PATCH", path, body, **{"Upload-Offset": str(offset), **headers})


@pytest.fixture
def case(world: World) -> Case:
    return factories.draft_case(world.buyer, world.merchant, world.order())


@pytest.fixture
def sender(world: World, case: Case) -> Sender:
    return Sender(world.buyer, case)


@pytest.fixture(autouse=True)
def _own_store(folder: Path) -> None:
    """The evidence tests' own folder."""


def waiting_files(folder: Path) -> list[Path]:
    return list((folder / "incoming").glob("*"))


def checksum(data: bytes, algorithm: str = "sha1") -> str:
    return f"{algorithm} {base64.b64encode(hashlib.new(algorithm, data).digest()).decode()}"


def test_upload_in_two_pieces_becomes_an_item(any_store: str, sender: Sender, case: Case) -> None:
    begun = sender.begin(len(JPEG))
    place = begun["Location"]
    assert (begun.status_code, begun["Upload-Offset"], begun["Tus-Resumable"]) == (201, "0", "1.0.0")
    first = sender.patch(place, 0, JPEG[:1000], **{"Upload-Checksum": checksum(JPEG[:1000])})
    assert (first.status_code, first["Upload-Offset"]) == (204, "1000")
    looked = sender.ask("HEAD", place)
    assert (looked["Upload-Offset"], looked["Upload-Length"], looked["Cache-Control"]) == (
        "1000",
        str(len(JPEG)),
        "no-store",
    )
    last = sender.patch(place, 1000, JPEG[1000:], **{"Upload-Checksum": checksum(JPEG[1000:], "sha256")})
    item = Item.objects.get()
    assert (last["Upload-Offset"], last["Upload-Item"]) == (str(len(JPEG)), str(item.pk))
    assert (item.state, item.sha256, item.original_name) == (
        State.INSPECTING,
        hashlib.sha256(JPEG).hexdigest(),
        "a.jpg",
    )
    assert kept(item.sha256) == JPEG
    assert sender.ask("HEAD", place)["Upload-Item"] == str(item.pk)
    assert checking.check(item.pk).state == State.READY  # type: ignore[union-attr]


def test_creation_may_carry_the_bytes(sender: Sender, folder: Path) -> None:
    answer = sender.begin(len(JPEG), body=JPEG, **{"Upload-Checksum": checksum(JPEG)})
    assert (answer.status_code, answer["Upload-Offset"]) == (201, str(len(JPEG)))
    assert answer["Upload-Item"] == str(Item.objects.get().pk)
    assert waiting_files(folder) == []


@pytest.mark.parametrize(("token", "status"), [("a" * 32, 201), ("", 403)])
def test_page_sends_the_bytes_with_its_session_and_token(
    world: World, sender: Sender, folder: Path, token: str, status: int
) -> None:
    page = Client(enforce_csrf_checks=True)
    page.force_login(world.buyer)
    page.cookies["csrftoken"] = "a" * 32
    said = {"Upload-Length": str(len(JPEG)), "Upload-Metadata": f"filename {base64.b64encode(b'a.jpg').decode()}"}
    headers = {"Tus-Resumable": "1.0.0", "X-CSRFToken": token, **said}
    answer = page.generic("POST", sender.place, JPEG, content_type="application/offset+octet-stream", headers=headers)
    kept_bytes = [kept(item.sha256) for item in Item.objects.all()]
    assert (answer.status_code, kept_bytes) == (status, [JPEG] if token else [])


def test_creation_may_carry_the_first_bytes(sender: Sender) -> None:
    begun = sender.begin(len(JPEG), body=JPEG[:1000])
    assert (begun.status_code, begun["Upload-Offset"], Upload.objects.get().offset) == (201, "1000", 1000)
    sender.patch(begun["Location"], 1000, JPEG[1000:])
    assert kept(Item.objects.get().sha256) == JPEG


@pytest.mark.parametrize(
    ("length", "body", "headers", "status", "code"),
    [
        (10, b"567", {"Upload-Checksum": checksum(b"568")}, 460, "upload_checksum_right"),
        (10, b"01234567890", {}, 413, "upload_longer_than_said"),
        (400, b"MZ" + bytes(398), {}, 422, "file_content_mismatch"),
    ],
)
def test_creation_whose_bytes_are_refused_leaves_nothing(
    sender: Sender, folder: Path, length: int, body: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    answer = sender.begin(length, body=body, **headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert (Upload.objects.count(), Item.objects.count()) == (0, 0)
    assert not folder.exists() or waiting_files(folder) == []


def test_pieces_are_hashed_as_they_are_on_the_disk(sender: Sender) -> None:
    """An upload whose bytes were lost begins again with others, and only those count."""
    other = JPEG[:900] + b"other" + JPEG[905:]
    place = sender.begin(len(JPEG))["Location"]
    sender.patch(place, 0, JPEG[:1000])
    uploads.path_of(Upload.objects.get()).unlink()
    assert sender.patch(place, 1000, JPEG[1000:]).status_code == 409
    assert sender.patch(place, 0, other[:1000])["Upload-Offset"] == "1000"
    sender.patch(place, 1000, other[1000:])
    item = Item.objects.get()
    assert item.sha256 == hashlib.sha256(other).hexdigest()
    assert kept(item.sha256) == other


def test_last_piece_hashes_the_earlier_ones_whatever_their_length(sender: Sender) -> None:
    """From 2 MB on a second thread hashes; the earlier pieces are more than it lets wait."""
    film = samples.large_pdf(6 * 1024 * 1024)
    place, at = sender.begin(len(film), name="a.pdf")["Location"], 0
    for piece in (100, 3 * 1024 * 1024 + 7, len(film)):
        sender.patch(place, at, film[at : at + piece])
        at += piece
    item = Item.objects.get()
    assert (item.size, item.sha256) == (len(film), hashlib.sha256(film).hexdigest())
    assert store().rehash(item.sha256).sums == Entry.objects.get(verb="evidence_received").facts["sums"]


def test_whole_file_and_piece_cost_so_many_queries(
    sender: Sender, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Key, case; then locks, room, item, lock, chain, entry, upload in a transaction."""
    locks = 2 if connection.vendor == "postgresql" else 0
    with django_assert_num_queries(9 + locks):
        sender.begin(len(JPEG), body=JPEG)
    place = sender.begin(len(JPEG))["Location"]
    with django_assert_num_queries(4):  # key, upload with its case, upload once it is held, its offset
        sender.patch(place, 0, JPEG[:1000])


def test_server_says_what_it_offers(sender: Sender) -> None:
    answer = sender.ask("OPTIONS", sender.place)
    assert (answer.status_code, answer["Tus-Version"], answer["Tus-Max-Size"]) == (204, "1.0.0", str(200 * 1024 * 1024))
    assert answer["Tus-Extension"] == "creation,creation-with-upload,checksum,termination,expiration"
    assert answer["Tus-Checksum-Algorithm"] == "sha1,sha256"


@pytest.mark.parametrize(
    ("length", "name", "headers", "status", "code"),
    [
        (200 * 1024 * 1024 + 1, "a.mp4", {}, 413, "file_too_large"),
        (10 * 1024 * 1024 + 1, "a.jpg", {}, 413, "file_too_large"),
        (0, "a.jpg", {}, 422, "file_empty"),
        (9, "a.exe", {}, 422, "file_type_refused"),
        (9, "a.jpg", {"Tus-Resumable": "0.9"}, 412, "tus_version"),
        (9, "a.jpg", {"Upload-Length": "-1"}, 400, "tus_header"),
        (9, "a.jpg", {"Upload-Length": "²"}, 400, "tus_header"),
        (9, "a.jpg", {"Upload-Metadata": "filename ###"}, 400, "tus_header"),
        (9, "a.jpg", {"Upload-Metadata": ""}, 422, "invalid"),
        (9, "a.jpg", {"Upload-Checksum": "md5 AAAA"}, 400, "tus_header"),
    ],
)
def test_upload_that_cannot_be_is_refused_at_once(
    sender: Sender, folder: Path, length: int, name: str, headers: Any, status: int, code: str
) -> None:
    answer = sender.begin(length, name, **headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert Upload.objects.count() == 0
    assert not folder.exists() or waiting_files(folder) == []


@pytest.mark.parametrize(
    ("offset", "body", "headers", "status", "code"),
    [
        (6, b"6789", {}, 409, "upload_offset_current"),
        (4, b"4567", {}, 409, "upload_offset_current"),
        (5, b"567890", {}, 413, "upload_longer_than_said"),
        (5, b"567", {"Upload-Checksum": checksum(b"568")}, 460, "upload_checksum_right"),
        (5, b"567", {"Content-Type": "text/plain"}, 415, "tus_bytes"),
        (5, b"567", {"Upload-Offset": "x"}, 400, "tus_header"),
    ],
)
def test_bytes_that_do_not_fit_change_nothing(
    sender: Sender, offset: int, body: bytes, headers: dict[str, str], status: int, code: str
) -> None:
    place = sender.begin(10)["Location"]
    sender.patch(place, 0, b"01234")
    answer = sender.patch(place, offset, body, **headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (status, code)
    assert sender.ask("HEAD", place)["Upload-Offset"] == "5"
    assert uploads.path_of(Upload.objects.get()).read_bytes() == b"01234"


def test_upload_within_length_is_held_by_the_database(sender: Sender) -> None:
    sender.begin(10)
    with pytest.raises(IntegrityError, match="upload_within_length"), transaction.atomic():
        Upload.objects.update(offset=11)


def test_upload_busy_takes_bytes_from_one_sender_at_a_time(sender: Sender) -> None:
    place = sender.begin(10)["Location"]
    with uploads._held(Upload.objects.get()):
        answer = sender.patch(place, 0, b"01")
    assert (answer.status_code, answer.json()["error"]["code"]) == (423, "upload_busy")


def test_whole_that_is_not_what_its_name_says_takes_its_upload_with_it(sender: Sender, folder: Path) -> None:
    place = sender.begin(400)["Location"]
    answer = sender.patch(place, 0, b"MZ" + bytes(398))
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "file_content_mismatch")
    assert (Upload.objects.count(), Item.objects.count(), waiting_files(folder)) == (0, 0, [])
    assert sender.ask("HEAD", place).status_code == 404


def test_upload_over_takes_nothing_more(sender: Sender, folder: Path) -> None:
    place = sender.begin(10)["Location"]
    upload = Upload.objects.get()
    assert sender.ask("DELETE", place).status_code == 204
    assert [sender.ask("HEAD", place).status_code, sender.patch(place, 0, b"0").status_code] == [404, 404]
    assert (Upload.objects.count(), waiting_files(folder)) == (0, [])
    with pytest.raises(Refused) as refused:
        uploads.append(upload=upload, offset=0, pieces=[b"0"], at=clock.now())
    assert (refused.value.code, refused.value.status, waiting_files(folder)) == ("upload_over", 410, [])


def test_strangers_and_the_other_side_find_nothing(world: World, case: Case, sender: Sender) -> None:
    place = sender.begin(10)["Location"]
    for person in (world.merchant, world.other_buyer, world.arbiter, world.administrator):
        other = Sender(person, case)
        answers = [other.ask("HEAD", place), other.patch(place, 0, b"0"), other.ask("DELETE", place)]
        assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert Sender(world.other_buyer, case).begin(10).status_code == 404
    assert Upload.objects.get().offset == 0


def test_uploads_under_way_count_as_items(sender: Sender, folder: Path) -> None:
    for _number in range(30):
        assert sender.begin(10).status_code == 201
    for body in (b"", b"01"):
        refused = sender.begin(10, body=body)
        assert (refused.status_code, refused.json()["error"]["code"]) == (422, "items_limit")
    assert (Upload.objects.count(), waiting_files(folder)) == (30, [])


def test_items_limit_holds_for_a_file_sent_with_its_creation(sender: Sender, folder: Path) -> None:
    for _number in range(30):
        sender.begin(len(JPEG), body=JPEG)
    refused = sender.begin(len(JPEG), body=JPEG)
    assert (refused.status_code, refused.json()["error"]["code"]) == (422, "items_limit")
    assert (Upload.objects.count(), Item.objects.count(), waiting_files(folder)) == (30, 30, [])


def test_stale_uploads_go_with_their_files(sender: Sender, folder: Path) -> None:
    for _number in range(2):
        sender.patch(sender.begin(10)["Location"], 0, b"01")
    assert uploads.sweep(at=clock.now() + timedelta(hours=23)) == 0
    stray = folder / "incoming" / "partial-of-nobody"
    stray.touch()
    os.utime(stray, (0, 0))
    assert uploads.sweep(at=clock.now() + timedelta(hours=25)) == 3
    assert (Upload.objects.count(), waiting_files(folder)) == (0, [])


def test_upload_killed_before_its_end_is_sent_on_from_what_counts(sender: Sender) -> None:
    place = sender.begin(len(JPEG))["Location"]
    sender.patch(place, 0, JPEG[:500])
    uploads.path_of(Upload.objects.get()).write_bytes(JPEG)  # all were written, none of the last was answered
    assert sender.ask("HEAD", place)["Upload-Offset"] == "500"
    sender.patch(place, 500, JPEG[500:])
    assert Item.objects.get().sha256 == hashlib.sha256(JPEG).hexdigest()


def test_lost_waiting_file_begins_again_and_unflushed_bytes_do_not_count(sender: Sender) -> None:
    place = sender.begin(10)["Location"]
    sender.patch(place, 0, b"01234")
    path = uploads.path_of(Upload.objects.get())
    path.write_bytes(b"01234XX")  # written, but the row does not say so
    assert sender.patch(place, 5, b"56")["Upload-Offset"] == "7"
    assert path.read_bytes() == b"0123456"
    path.unlink()
    assert sender.patch(place, 7, b"789").json()["error"]["code"] == "upload_offset_current"
    assert sender.ask("HEAD", place)["Upload-Offset"] == "0"


# --- a real client, a real server -------------------------------------------------------------------------------------
@pytest.fixture
def live(web_process: Web) -> tuple[Web, TusClient, Case]:
    world = build_world()
    case = factories.draft_case(world.buyer, world.merchant, world.order())
    secret = AccessKey.issue(label="phone", user=world.buyer)[1]
    place = f"{web_process.url}/api/v1/cases/{case.number}/uploads/"
    return web_process, TusClient(place, headers={"Authorization": f"Bearer {secret}"}), case


@pytest.mark.slow
def test_tus_client_cut_at_sixty_per_cent_resumes_to_the_same_hash(
    live: tuple[Web, TusClient, Case],
) -> None:
    web, client, _case = live
    film = videos.padded(videos.video(seconds=2), 3 * 1024 * 1024)
    said = {"filename": "拆箱.mp4", "caption": "拆箱", "slot": "outer_box"}
    sent: dict[str, Any] = {"file_stream": io.BytesIO(film), "upload_checksum": True}
    first = client.uploader(chunk_size=256 * 1024, metadata=said, **sent)
    first.upload(stop_at=len(film) * 6 // 10)
    _cut_off(web, client, str(first.url), film, first.offset)
    web.stop()
    web.start()
    second = client.uploader(chunk_size=512 * 1024, url=first.url, **sent)
    assert first.offset < second.offset < len(film)
    second.upload()
    item = Item.objects.get()
    assert item.sha256 == hashlib.sha256(film).hexdigest()
    assert (item.original_name, item.caption, item.slot) == ("拆箱.mp4", "拆箱", "outer_box")
    done = checking.check(item.pk)
    assert done is not None
    assert (done.state, done.duration_ms) == (State.READY, 2000)
    with pytest.raises(TusCommunicationError):
        TusClient(client.url, headers={"Authorization": "Bearer nobody"}).uploader(**sent).upload()


def _cut_off(web: Web, client: TusClient, url: str, data: bytes, offset: int) -> None:
    """The connection breaks in the middle of a piece of which no sum was said."""
    head = (
        f"PATCH {url.removeprefix(web.url)} HTTP/1.1\r\nHost: 127.0.0.1\r\nTus-Resumable: 1.0.0\r\n"
        f"Authorization: {client.headers['Authorization']}\r\nUpload-Offset: {offset}\r\n"
        f"Content-Type: application/offset+octet-stream\r\nContent-Length: {len(data) - offset}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", web.port)) as link:
        link.sendall(head.encode() + data[offset : offset + 300_000])
        link.shutdown(socket.SHUT_WR)
        for _tenth in range(200):  # of a second, until the server has noticed and kept what came
            if Upload.objects.get().offset > offset:
                break
            time.sleep(0.1)
