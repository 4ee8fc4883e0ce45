"""A case to take away: who gets what, and that anybody can check it without us."""

import hashlib
import io
import json
import re
import shutil
import subprocess
import sys
import tracemalloc
import zipfile
from pathlib import Path
from typing import Any

import pypdf
import pytest
from django.test import Client

from accounts.models import User
from arbitration.bundle import exporting
from core import zips
from disputes import settlement
from disputes.models import Case
from evidence.models import Item
from ledger import heads
from ledger.models import Entry
from tests import factories
from tests.conftest import Clock, World
from tests.evidence.conftest import kept
from tests.factories import START


def unpacked(actor: User, case: Case, folder: Path) -> Path:
    """The archive as a browser saves it, unpacked by another program's rules."""
    data = b"".join(exporting.export(actor=actor, number=case.number).stream())
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        archive.extractall(folder)
    return folder


def verified(folder: Path, *, elsewhere: Path) -> tuple[int, str]:
    """What the bundle's own script says, run by a bare Python that knows nothing of the project."""
    command = [sys.executable, "-I", "-S", str(folder / "verify.py")]
    done = subprocess.run(command, cwd=elsewhere, capture_output=True, text=True, env={}, check=False, timeout=60)
    assert done.stderr == ""
    return done.returncode, done.stdout.strip()


def sums_hold(folder: Path) -> bool:
    command = [shutil.which("sha256sum") or "sha256sum", "--check", "--quiet", "SHA256SUMS"]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False, timeout=60).returncode == 0


def listing(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


PAPERS = {
    "case.json", "case.pdf", "negotiation.json", "evidence.json", "heads.json", "verify.py", "README.txt", "SHA256SUMS",
    "ledger/case.jsonl", "ledger/order.jsonl",
}  # fmt: skip


@pytest.mark.parametrize("reader", ["buyer", "merchant", "arbiter", "supervisor", "auditor"])
def test_bundle_checks_itself_outside_the_project(world: World, tmp_path: Path, reader: str) -> None:
    case = world.ruled()
    heads.sign(at=START)
    folder = unpacked(getattr(world, reader), case, tmp_path / "case")
    code, said = verified(folder, elsewhere=tmp_path)
    assert code == 0, said
    assert re.fullmatch(r"OK 相符: \d+ files, \d+ ledger entries, \d+ originals as received\.", said)
    assert sums_hold(folder)
    assert len((folder / "verify.py").read_text().splitlines()) <= 120


def test_each_side_gets_its_own_originals_and_the_views_of_both(world: World, tmp_path: Path) -> None:
    case = world.ruled()
    numbers = {side: [f"{item.exhibit_no:03}" for item in case.dossier.items.filter(side=side)] for side in
               ("buyer", "merchant")}  # fmt: skip
    views = {f"files/{side}-{number}-view.webp" for side in numbers for number in numbers[side]}
    originals = {
        side: {f"files/{side}-{number}-original.jpg" for number in numbers[side]} for side in ("buyer", "merchant")
    }
    assert listing(unpacked(world.buyer, case, tmp_path / "b")) == PAPERS | views | originals["buyer"]
    assert listing(unpacked(world.merchant, case, tmp_path / "m")) == PAPERS | views | originals["merchant"]
    everything = PAPERS | views | originals["buyer"] | originals["merchant"]
    assert listing(unpacked(world.auditor, case, tmp_path / "a")) == everything
    item = case.dossier.items.get(side="merchant", exhibit_no=1)
    assert (tmp_path / "m/files/merchant-001-original.jpg").read_bytes() == kept(item.sha256)


def test_item_for_the_platform_alone_is_named_to_the_other_side_and_nothing_more(world: World, tmp_path: Path) -> None:
    case = world.ruled()
    item = case.dossier.items.get(side="merchant", exhibit_no=1)
    Item.objects.filter(pk=item.pk).update(platform_only=True, platform_only_reason="客户电话")
    folder = unpacked(world.buyer, case, tmp_path)
    assert not [name for name in listing(folder) if "merchant-001" in name]
    row = next(row for row in json.loads((folder / "evidence.json").read_text()) if row["id"] == str(item.pk))
    assert (row["withheld"], row["original"], row["view"], row["caption"]) == (True, "", "", "")
    everything = b"".join(path.read_bytes() for path in folder.rglob("*") if path.suffix != ".webp" and path.is_file())
    assert item.caption.encode() not in everything
    assert "客户电话".encode() not in everything


def test_offer_that_was_not_accepted_stays_between_the_sides(world: World, at: Clock, tmp_path: Path) -> None:
    case = world.admitted()
    settlement.offer(
        actor=world.merchant, case_id=case.pk, amount_fen=12_345, conditions="私下条件", perform_days=3, valid_hours=24
    )
    parties = (unpacked(world.buyer, case, tmp_path / "b") / "case.json").read_text()
    assert "私下条件" in parties
    folder = unpacked(world.arbiter, case, tmp_path / "a")
    told = "".join((folder / name).read_text() for name in ("case.json", "ledger/case.jsonl"))
    assert "私下条件" not in told
    assert "12345" not in told
    assert verified(folder, elsewhere=tmp_path)[0] == 0


def test_side_does_not_learn_who_on_the_platform_acted(world: World, tmp_path: Path) -> None:
    case = world.ruled()
    lines = [json.loads(line) for line in
             (unpacked(world.buyer, case, tmp_path) / "ledger/case.jsonl").read_text().splitlines()]  # fmt: skip
    texts = [json.loads(line["canonical"]) for line in lines if "canonical" in line]
    assert {text["role"] for text in texts} == {"buyer", "merchant", "system"}
    shown = [line["shown"] for line in lines if "shown" in line]
    assert {text["verb"] for text in shown} >= {"admit", "take"}
    assert all("actor" not in text for text in shown)


def test_export_is_recorded_each_time_for_its_own_side_and_the_platform(world: World, tmp_path: Path) -> None:
    case = world.ruled()
    for actor in (world.buyer, world.buyer, world.arbiter):
        exporting.export(actor=actor, number=case.number)
    rows = Entry.objects.filter(subject=case.subject, verb="evidence_exported").order_by("seq")
    assert [(row.actor, row.audience) for row in rows] == [
        (world.buyer, "buyer"),
        (world.buyer, "buyer"),
        (world.arbiter, "platform"),
    ]


@pytest.mark.parametrize("name", ["administrator", "other_buyer", "other_merchant"])
def test_stranger_gets_nothing(world: World, name: str) -> None:
    case = world.filed()
    with pytest.raises(Case.DoesNotExist):
        exporting.export(actor=getattr(world, name), number=case.number)
    assert not Entry.objects.filter(verb="evidence_exported").exists()


def files_of(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_one_flipped_byte_anywhere_is_refused(world: World, tmp_path: Path) -> None:
    folder = unpacked(world.buyer, world.ruled(), tmp_path / "case")
    for path in files_of(folder):
        if path.name == "verify.py":  # whoever changes the judge is caught by sha256sum
            continue
        own = path.read_bytes()
        at = len(own) // 2
        path.write_bytes(own[:at] + bytes([own[at] ^ 1]) + own[at + 1 :])
        code, said = verified(folder, elsewhere=tmp_path)
        assert (code, said.startswith("FAULT 不符: ")) == (1, True), path
        assert not sums_hold(folder) or path.name == "SHA256SUMS"
        path.write_bytes(own)
    assert verified(folder, elsewhere=tmp_path)[0] == 0


def forge(folder: Path, name: str, text: str) -> None:
    """Change a file and make its sum anew, as a careful forger would."""
    (folder / name).write_text(text)
    sums = folder / "SHA256SUMS"
    digest = hashlib.sha256(text.encode()).hexdigest()
    sums.write_text(re.sub(rf"^[0-9a-f]{{64}}  {re.escape(name)}$", f"{digest}  {name}", sums.read_text(), flags=re.M))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda lines: [*lines[:2], *lines[3:]], "case.jsonl, entry 3 is missing"),
        (lambda lines: [lines[1], lines[0], *lines[2:]], "case.jsonl, entry 1 is missing"),
        (lambda lines: [lines[0].replace(r"\"role\"", r"\"Role\""), *lines[1:]], "case.jsonl, entry 1 was changed"),
    ],
)
def test_forged_ledger_with_new_sums_is_refused(world: World, tmp_path: Path, change: Any, said: str) -> None:
    folder = unpacked(world.buyer, world.ruled(), tmp_path / "case")
    lines = (folder / "ledger/case.jsonl").read_text().splitlines()
    forge(folder, "ledger/case.jsonl", "\n".join(change(lines)) + "\n")
    assert verified(folder, elsewhere=tmp_path) == (1, f"FAULT 不符: {said}")


def test_swapped_original_with_new_sums_is_refused(world: World, tmp_path: Path) -> None:
    folder = unpacked(world.buyer, world.ruled(), tmp_path / "case")
    name = "files/buyer-001-original.jpg"
    forge(folder, name, "another picture")
    assert verified(folder, elsewhere=tmp_path) == (1, f"FAULT 不符: {name} is not the file that was received")


def test_added_or_missing_file_is_refused(world: World, tmp_path: Path) -> None:
    folder = unpacked(world.buyer, world.ruled(), tmp_path / "case")
    (folder / "extra.txt").write_text("x")
    assert verified(folder, elsewhere=tmp_path) == (1, "FAULT 不符: extra.txt was added")
    (folder / "extra.txt").unlink()
    (folder / "case.pdf").unlink()
    assert verified(folder, elsewhere=tmp_path) == (1, "FAULT 不符: case.pdf is missing")


def test_pdf_reads_in_chinese(world: World, tmp_path: Path) -> None:
    case = world.ruled()
    folder = unpacked(world.buyer, case, tmp_path)
    text = "".join(page.extract_text() for page in pypdf.PdfReader(folder / "case.pdf").pages).replace("\n", "")
    for words in (
        case.number,
        "手作陶瓷台灯",
        "退回商品并全额退款",
        "商品出厂检验合格",
        "收到时是否已经破损",
        "与承运人记录一致",
    ):
        assert words in text, words
    assert world.merchant.email not in text


def test_names_are_made_here_never_taken_from_a_sender(world: World, tmp_path: Path) -> None:
    case = world.admitted()
    factories.add_item(world.merchant, case, text="../../etc/passwd")
    names = listing(unpacked(world.buyer, case, tmp_path))
    assert all(re.fullmatch(r"(files/(buyer|merchant)-\d{3}-(original|view)\.\w+|[\w./]+)", name) for name in names)
    assert not [name for name in names if ".." in name]


def test_archive_is_never_in_memory() -> None:
    piece = bytes(256 * 1024)
    tracemalloc.start()
    sent = sum(map(len, zips.stream([("large", (piece for _n in range(800)), 800 * len(piece))], at=START)))
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sent > 800 * len(piece)
    assert peak < 4 * 1024 * 1024


def test_page_hands_out_the_archive(world: World, client: Client) -> None:
    case = world.admitted()
    client.force_login(world.buyer)
    page = client.get(f"/cases/{case.number}/bundle/")
    assert page.status_code == 200
    assert not Entry.objects.filter(verb="evidence_exported").exists()
    answer = client.post(f"/cases/{case.number}/bundle/")
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{case.number}.zip"'
    assert "no-store" in answer.headers["Cache-Control"]
    data = b"".join(answer.streaming_content)  # type: ignore[attr-defined]
    assert zipfile.ZipFile(io.BytesIO(data)).testzip() is None
