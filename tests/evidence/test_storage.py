"""Both kinds of store keep the same promises: every test runs on a folder and on a bucket of a real S3 server."""

import base64
import hashlib
import os
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from evidence.storage import PIECE, Bucket, Incoming, Measure, TooLarge, store

pytestmark = pytest.mark.usefixtures("any_store")
DATA = bytes(range(256)) * 4096 + b"the end"


def keep(data: bytes = DATA) -> Incoming:
    with store().receive(iter([data[:1000], data[1000:]]), limit=len(data)) as incoming:
        store().keep(incoming)
    return incoming


def test_bytes_are_kept_under_their_hash_and_read_back_whole() -> None:
    kept = keep()
    assert (kept.sha256, kept.size) == (hashlib.sha256(DATA).hexdigest(), len(DATA))
    assert store().has(kept.sha256)
    with store().open(kept.sha256) as file:
        assert file.read() == DATA
    again = store().rehash(kept.sha256)
    assert (again.sha256, again.size, again.sums) == (kept.sha256, kept.size, kept.sums)


@pytest.mark.parametrize(
    ("start", "length"),
    [(0, 1), (0, None), (10, 300_000), (len(DATA) - 7, 7), (len(DATA) - 7, 100), (5, 0), (len(DATA), 5), (77, None)],
)
def test_range_is_read_alone(start: int, length: int | None) -> None:
    kept = keep()
    with store().open(kept.sha256, start, length) as file:
        assert file.read() == DATA[start:][:length]


def test_range_is_read_in_small_bites() -> None:
    kept = keep()
    with store().open(kept.sha256, 5, 20) as file:
        assert [file.read(8), file.read(8), file.read(8), file.read(8)] == [DATA[5:13], DATA[13:21], DATA[21:25], b""]


def test_nothing_is_kept_until_it_is_told() -> None:
    with store().receive(iter([DATA]), limit=len(DATA)) as incoming:
        assert not store().has(incoming.sha256)
        assert incoming.path.read_bytes() == DATA
    assert not incoming.path.exists()
    assert list(store().kept()) == []


def test_one_byte_over_the_limit_leaves_nothing() -> None:
    with pytest.raises(TooLarge), store().receive(iter([b"12", b"34"]), limit=3):
        pass
    assert list(store().temporary.glob("incoming-*")) == []


def test_same_bytes_twice_are_kept_once_with_a_fresh_date() -> None:
    assert keep().sha256 == keep().sha256
    (sha256, kept_at), *others = store().kept()
    assert (sha256, others) == (hashlib.sha256(DATA).hexdigest(), [])
    assert abs(datetime.now(UTC) - kept_at) < timedelta(minutes=1)


def test_empty_and_absent_bytes() -> None:
    empty = keep(b"")
    with store().open(empty.sha256) as file:
        assert file.read() == b""
    absent = "0" * 64
    assert not store().has(absent)
    assert store().kept_at(absent) is None
    store().forget(absent)
    with pytest.raises(FileNotFoundError):
        store().open(absent)
    with pytest.raises(FileNotFoundError):
        store().rehash(absent)


def test_forgotten_bytes_are_gone() -> None:
    kept = keep()
    store().forget(kept.sha256)
    assert not store().has(kept.sha256)
    assert list(store().kept()) == []


def test_finished_file_is_copied_in(tmp_path: Path) -> None:
    made = tmp_path / "made"
    made.write_bytes(DATA)
    assert store().keep_file(made) == (hashlib.sha256(DATA).hexdigest(), len(DATA))
    assert made.read_bytes() == DATA


def leave(name: str, *, days: int) -> Path:
    """A file, or with a slash a room with one file, that has lain where bytes wait for so long."""
    path = store().temporary / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"half")
    place = path if path.parent == store().temporary else path.parent
    at = (datetime.now(UTC) - timedelta(days=days, minutes=1)).timestamp()
    os.utime(place, (at, at))
    return place


def test_what_a_killed_process_left_behind_goes_after_its_time() -> None:
    old = [leave("incoming-left", days=1), leave("room-left/view", days=1)]
    fresh = [leave("incoming-fresh", days=0), leave("room-fresh/view", days=0)]
    assert store().sweep_temporary(before=datetime.now(UTC) - timedelta(days=1)) == 2
    assert [path.exists() for path in (*old, *fresh)] == [False, False, True, True]
    assert store().sweep_temporary(before=datetime.now(UTC)) == 2


def test_room_lies_beside_what_waits_and_is_gone_with_all_that_is_in_it() -> None:
    with store().room() as room:
        (room / "view").write_bytes(b"made")
        assert room.parent == store().temporary
        assert room.stat().st_mode & 0o777 == 0o700
    assert not room.exists()


def test_bytes_on_their_way_to_a_bucket_wait_on_this_machine_in_its_own_folder(settings: Any) -> None:
    if isinstance(here := store(), Bucket):
        assert here.temporary == settings.VAR_DIR / "incoming"


def test_bucket_keeps_the_hash_beside_the_bytes_for_the_server_to_compare() -> None:
    kept, here = keep(), store()
    if isinstance(here, Bucket):
        found = here.client.head_object(Bucket=here.name, Key=here.key(kept.sha256), ChecksumMode="ENABLED")
        assert base64.b64decode(found["ChecksumSHA256"]).hex() == kept.sha256


def bites(data: bytes, size: int) -> Iterator[bytes]:
    return (data[at : at + size] for at in range(0, len(data), size))


@pytest.mark.parametrize("size", [1000, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE, len(DATA)])
def test_sums_do_not_depend_on_how_the_bytes_came(size: int) -> None:
    measure = Measure()
    for bite in bites(DATA, size):
        measure.feed(bite)
    aside = Measure()
    with aside.aside() as feed:
        for bite in bites(DATA, size):
            feed(bite)
    for taken in (measure, aside):
        assert taken.sums == "".join(f"{zlib.crc32(piece):08x}" for piece in bites(DATA, PIECE))
        assert (taken.size, taken.sha256) == (len(DATA), hashlib.sha256(DATA).hexdigest())
