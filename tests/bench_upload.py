"""What uploads cost, on the real web server: ``dev.py bench upload``.

"End to end" is from the first byte sent to the answer that the file is received, sealed and on record: from then on it
survives a power cut. The check that follows is told apart (``ready_ms``).
"""

import hashlib
import http.client
import json
import os
import statistics
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from tests import servers

MIB = 1024 * 1024
ROUNDS = 15
TUS = {"Tus-Resumable": "1.0.0"}
Size = Callable[[int, float], int]
"""Bytes of the last piece (none yet: 0) and the seconds it took → bytes of the next."""


def uploads() -> list[dict[str, Any]]:
    """5 MB against a bare view; 100 MB against the disk; the server's memory during both and at 8 together."""
    from django.conf import settings

    folder = Path(settings.STORAGE_URL.removeprefix("file://"))
    folder.mkdir(parents=True, exist_ok=True)
    web = servers.Web(folder, settings.STORAGE_URL, application="tests.bench_wsgi")
    web.start()
    try:
        sender = Sender(web)
        for _connection in range(8):  # each thread of the server makes its own
            sender.small(sender.photo)
            sender.bare(sender.photo)
        sender.clear()
        return [_five(web, sender), *_hundred(web, sender, folder), _together(web, sender)]
    finally:
        web.stop()


class Sender:
    """A buyer with an open case, its key and its session."""

    def __init__(self, web: servers.Web) -> None:
        from accounts.models import AccessKey
        from disputes.models import Case
        from tests import benchdata, samples_for_bench

        self.web = web
        self.case = Case.objects.get(number=benchdata.RICH)
        self.key = AccessKey.issue(label="bench", user=self.case.buyer)[1]
        self.photo, self.film = samples_for_bench.photo(5 * MIB), samples_for_bench.film(100 * MIB)

    def ask(self, method: str, path: str, body: bytes, **headers: str) -> http.client.HTTPResponse:
        link = http.client.HTTPConnection("127.0.0.1", self.web.port, timeout=120)
        said = {"Authorization": f"Bearer {self.key}", **headers}
        link.request(method, path, body, {name.replace("_", "-"): value for name, value in said.items()})
        answer = link.getresponse()
        answer.read()
        assert answer.status < 300, (path, answer.status)
        return answer

    def begin(self, name: str, body: bytes, sent: bytes = b"") -> http.client.HTTPResponse:
        import base64

        said = {
            "Upload-Length": str(len(body)),
            "Upload-Metadata": f"filename {base64.b64encode(name.encode()).decode()}",
        }
        kind = {"Content-Type": "application/offset+octet-stream"} if sent else {}
        return self.ask("POST", f"/api/v1/cases/{self.case.number}/uploads/", sent, **TUS, **said, **kind)

    def small(self, body: bytes) -> None:
        self.begin("photo.jpg", body, body)

    def film_in(self, film: bytes, size: Size) -> None:
        """In pieces, one after the other."""
        offset = size(0, 0)
        start = time.perf_counter()
        begun, piece, took = self.begin("film.mp4", film, film[:offset]), offset, time.perf_counter() - start
        while offset < len(film):
            piece = size(piece, took)
            said = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
            sent = film[offset : offset + piece]
            took = _timed(partial(self.ask, "PATCH", begun.headers["Location"], sent, **TUS, **said))
            offset += piece

    def bare(self, body: bytes) -> None:
        self.ask("POST", "/bare/upload/", body, **{"Content-Type": "application/octet-stream"})

    def clear(self) -> None:
        """The files too: what the disk still does with them is no part of the next round."""
        from evidence.models import Item
        from evidence.storage import store

        items = Item.objects.filter(dossier=self.case.dossier, exhibit_no=None)
        for sha256 in set(items.values_list("sha256", flat=True)):
            store().forget(sha256)
        items.delete()


def marked(data: bytes, place: int, number: int) -> bytes:
    """Never the same bytes twice: what is kept already would be replaced."""
    mark = f"{number:016d}".encode()
    return data[:place] + mark + data[place + len(mark) :]


def _paired(ours: Callable[[], object], twin: Callable[[], object], round_: int) -> tuple[float, float]:
    """Seconds of both on a disk that has nothing else to write; they take turns in coming first."""
    acts = (ours, twin) if round_ % 2 else (twin, ours)
    took = {}
    for act in acts:
        os.sync()
        took[act] = _timed(act)
    return took[ours], took[twin]


def _five(web: servers.Web, sender: Sender) -> dict[str, Any]:
    from evidence import checking
    from evidence.models import Item

    took: dict[str, list[float]] = {"ours": [], "bare": [], "ready": []}
    for round_ in range(ROUNDS):
        photo = marked(sender.photo, 64, time.time_ns() % 10**16)  # in its comment
        ours, bare = _paired(partial(sender.small, photo), partial(sender.bare, photo), round_)
        item = Item.objects.filter(dossier=sender.case.dossier, state="inspecting").latest("received_at")
        took["ours"].append(ours)
        took["bare"].append(bare)
        took["ready"].append(_timed(partial(checking.check, item.pk)))
        sender.clear()
    medians = {name: statistics.median(values) for name, values in took.items()}
    return {
        "name": "5 MB item",
        "median_ms": round(medians["ours"] * 1000, 1),
        "bare_ms": round(medians["bare"] * 1000, 1),
        "ratio": round(medians["ours"] / medians["bare"], 2),
        "ready_ms": round(medians["ready"] * 1000, 1),
    }


def _as_the_page(last: int, took: float) -> int:
    """``static/js/upload.js``: what the line took in four seconds."""
    return round(min(128 * MIB, max(MIB // 4, last * 4 / took))) if last else MIB


WAYS: dict[str, Size] = {
    "100 MB at once": lambda *_: 100 * MIB,
    "100 MB as the page sends it": _as_the_page,
    "100 MB in pieces of 2 MB": lambda *_: 2 * MIB,
}


def _hundred(web: servers.Web, sender: Sender, folder: Path) -> list[dict[str, Any]]:
    rows = []
    for name, way in WAYS.items():
        idle = web.memory_mb()
        ours, disk = [], []
        with Peak(web) as peak:
            for round_ in range(5):
                film = marked(sender.film, len(sender.film) - 64, time.time_ns() % 10**16)  # in its filling
                took, plain = _paired(
                    partial(sender.film_in, film, way), partial(_write, folder / "plain", film), round_
                )
                ours.append(took)
                disk.append(plain)
                sender.clear()
        took, plain = statistics.median(ours), statistics.median(disk)
        rows.append(
            {
                "name": name,
                "mb_per_second": round(100 / took),
                "disk_mb_per_second": round(100 / plain),
                "rate": round(plain / took, 2),
                "memory_mb_above_idle": round(peak.highest - idle, 1),
            }
        )
    return rows


def _together(web: servers.Web, sender: Sender) -> dict[str, Any]:
    idle = web.memory_mb()
    with Peak(web) as peak:
        threads = [
            threading.Thread(target=sender.film_in, args=(sender.film, WAYS["100 MB at once"])) for _number in range(8)
        ]
        took = _timed(lambda: _all(threads))
    sender.clear()
    return {
        "name": "8 × 100 MB together",
        "mb_per_second": round(800 / took),
        "memory_mb_above_idle": round(peak.highest - idle, 1),
    }


def _all(threads: list[threading.Thread]) -> None:
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class Peak:
    """The highest memory of the server while the block runs, looked at every 20 ms."""

    def __init__(self, web: servers.Web) -> None:
        self.web, self.highest, self.over = web, 0.0, threading.Event()
        self.thread = threading.Thread(target=self._look)

    def _look(self) -> None:
        while not self.over.wait(0.02):
            self.highest = max(self.highest, self.web.memory_mb())

    def __enter__(self) -> "Peak":
        self.thread.start()
        return self

    def __exit__(self, *_raised: object) -> None:
        self.over.set()
        self.thread.join()


def _timed(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return time.perf_counter() - start


def _write(path: Path, data: bytes) -> None:
    """Write, SHA-256 and fsync: the least an upload can cost."""
    digest = hashlib.sha256()
    with path.open("wb") as file:
        for start in range(0, len(data), 256 * 1024):
            piece = data[start : start + 256 * 1024]
            file.write(piece)
            digest.update(piece)
        file.flush()
        os.fsync(file.fileno())
    path.unlink()


if __name__ == "__main__":
    print(json.dumps(uploads()))
