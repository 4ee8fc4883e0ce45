"""A case to take away: who gets what, and that anybody can check it without us."""

import hashlib
import io
import json
import random
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
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.test import Client

from accounts.models import AccessKey, User
from arbitration.bundle import exporting
from arbitration.bundle import verify as bundle_verify
from core import zips
from disputes import negotiation, settlement
from disputes.models import AfterSales, Case
from evidence.models import Item
from ledger import chain, heads, keys
from ledger.models import Entry
from tests import factories
from tests.conftest import Clock, World
from tests.evidence import samples
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
    held, unread, head = said.splitlines()
    assert re.fullmatch(r"OK 相符: \d+ files, \d+ ledger entries, \d+ originals as received\.", held)
    sealed = r"Not readable here: \d+ entries by the hash of their content, 0 that only hold their place\."
    assert re.fullmatch(sealed, unread)
    assert head == f"Head 1 of 2026-11-20T02:00:00.000000+00:00 is signed by {keys.public_key()}."
    assert sums_hold(folder)
    assert len((folder / "verify.py").read_text().splitlines()) <= 170


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


def with_files_before(world: World) -> tuple[Case, dict[str, Item]]:
    """A filed case; in its negotiation each side sent one photo."""
    case, sent = world.filed(), {}
    request = AfterSales.objects.get(line=case.line)
    for side, orientation in (("buyer", 1), ("merchant", 3)):
        actor = getattr(world, side)
        upload = samples.upload("裂纹.jpg", samples.camera_jpeg(orientation))
        sent[side] = negotiation.attach(actor=actor, after_sales_id=request.pk, upload=upload)
        negotiation.write(actor=actor, after_sales_id=request.pk, text="", attachments=[str(sent[side].pk)])
    return case, sent


@pytest.mark.parametrize(("reader", "own"), [("buyer", {"buyer"}), ("merchant", {"merchant"}),
                                             ("auditor", {"buyer", "merchant"})])  # fmt: skip
def test_files_sent_before_the_case_are_in_it_and_checked(
    world: World, tmp_path: Path, reader: str, own: set[str]
) -> None:
    case, sent = with_files_before(world)
    chain = f"after-sales-{AfterSales.objects.get().pk}"
    folder = unpacked(getattr(world, reader), case, tmp_path / "case")
    assert verified(folder, elsewhere=tmp_path)[0] == 0
    assert sums_hold(folder)
    said = [row for talk in json.loads((folder / "negotiation.json").read_text()) for row in talk["files"]]
    place = {side: f"files/{chain}-{side}-001" for side in sent}
    assert [(row["id"], row["name"], row["sha256"], row["original"], row["view"]) for row in said] == [
        (
            str(item.pk),
            "裂纹.jpg",
            item.sha256 if side in own else item.derivatives.get(variant="view").sha256,
            f"{place[side]}-original.jpg" if side in own else "",
            f"{place[side]}-view.webp",
        )
        for side, item in sent.items()
    ]
    for side, item in sent.items():
        original = folder / f"{place[side]}-original.jpg"
        assert original.exists() == (side in own)
        assert not original.exists() or original.read_bytes() == kept(item.sha256)
        assert b"SecretPhone" not in (folder / f"{place[side]}-view.webp").read_bytes()


def test_swapped_file_sent_before_the_case_is_refused(world: World, tmp_path: Path) -> None:
    case, _sent = with_files_before(world)
    folder = unpacked(world.buyer, case, tmp_path / "case")
    name = next(name for name in listing(folder) if name.startswith("files/after-sales") and "original" in name)
    forge(folder, name, "another picture")
    assert verified(folder, elsewhere=tmp_path) == (1, f"FAULT 不符: {name} is not the file that was received")


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


def ledger_lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "ledger/case.jsonl").read_text().splitlines()]


def test_side_does_not_learn_who_on_the_platform_acted_and_cannot_guess_it(world: World, tmp_path: Path) -> None:
    case = world.ruled()
    rows = ledger_lines(unpacked(world.buyer, case, tmp_path))
    told = {row["seq"]: json.loads(row["canonical"]) for row in rows if "canonical" in row}
    assert {text["verb"] for text in told.values()} >= {"admit", "take", "file"}
    assert {told[row["seq"]]["role"] for row in rows if "salt" in row} == {"buyer", "merchant", "system"}
    staff = [row for row in rows if row["seq"] in told and told[row["seq"]]["role"] == "arbiter"]
    assert staff
    assert all("actor" not in row and "salt" not in row and "actor" not in told[row["seq"]] for row in staff)
    for row in staff:
        guesses = [f"{salt}{pk}" for pk in range(5000) for salt in ("", ":", "None:")]
        assert told[row["seq"]]["author"] not in {hashlib.sha256(guess.encode()).hexdigest() for guess in guesses}


def test_what_a_side_may_not_read_is_there_by_the_hash_of_its_content(world: World, tmp_path: Path) -> None:
    case = world.deliberated()
    whole = ledger_lines(unpacked(world.auditor, case, tmp_path / "a"))
    rows = ledger_lines(unpacked(world.buyer, case, tmp_path / "b"))
    unread = [row for row in rows if "canonical" not in row]
    assert unread
    texts = {row["seq"]: row["canonical"] for row in whole if "canonical" in row}
    assert all(set(row) == {"seq", "prev_hash", "hash", "content"} for row in unread)
    for row in unread:
        assert row["content"] == hashlib.sha256(texts[row["seq"]].encode()).hexdigest()


@pytest.mark.parametrize("what", ["content", "salt", "actor"])
def test_forged_content_or_author_with_new_sums_is_refused(world: World, tmp_path: Path, what: str) -> None:
    folder = unpacked(world.buyer, world.deliberated(), tmp_path / "case")
    rows = ledger_lines(folder)
    row = next(row for row in rows if (what in row if what != "content" else "canonical" not in row))
    row[what] = 0 if what == "actor" else "0" * len(row[what])
    forge(folder, "ledger/case.jsonl", "".join(f"{json.dumps(row)}\n" for row in rows))
    fault = "was changed" if what == "content" else "names another author"
    assert verified(folder, elsewhere=tmp_path) == (1, f"FAULT 不符: case.jsonl, entry {row['seq']} {fault}")


def test_entries_of_the_first_form_are_checked_as_they_were_hashed(world: World, tmp_path: Path) -> None:
    """As ``ledger.queries.lines`` gives what was recorded before entries had a salt."""
    folder = unpacked(world.buyer, world.admitted(), tmp_path / "case")
    rows, previous = list[dict[str, Any]](), ""
    for seq in (1, 2, 3):
        entry = Entry(subject="order:1", seq=seq, at=START, verb="x", role="buyer", actor=world.buyer)
        entry.prev_hash = previous
        row = {"seq": seq, "prev_hash": previous, "hash": (previous := chain.link(entry))}
        rows.append(row if seq == 2 else row | {"canonical": chain.canonical(entry).decode()})
    forge(folder, "ledger/order.jsonl", "".join(f"{json.dumps(row)}\n" for row in rows))
    code, said = verified(folder, elsewhere=tmp_path)
    assert (code, said.splitlines()[1].endswith("1 that only hold their place.")) == (0, True)
    rows[2]["canonical"] = rows[2]["canonical"].replace('"x"', '"y"')
    forge(folder, "ledger/order.jsonl", "".join(f"{json.dumps(row)}\n" for row in rows))
    assert verified(folder, elsewhere=tmp_path) == (1, "FAULT 不符: order.jsonl, entry 3 was changed")


def signed_by_somebody_else(head: dict[str, str]) -> dict[str, str]:
    return head | {"public_key": Ed25519PrivateKey.generate().public_key().public_bytes_raw().hex()}


@pytest.mark.parametrize(
    "change",
    [
        lambda head: head | {"document": head["document"].replace('"number":1', '"number":2')},
        lambda head: head | {"signature": head["signature"][:-2] + f"{int(head['signature'][-2:], 16) ^ 1:02x}"},
        lambda head: head | {"signature": "00" + head["signature"][2:]},
        lambda head: head | {"signature": head["signature"][:64] + (L + int.from_bytes(
            bytes.fromhex(head["signature"])[32:], "little")).to_bytes(32, "little").hex()},
        lambda head: head | {"signature": ""},
        lambda head: head | {"public_key": "ff" * 32},
        signed_by_somebody_else,
    ],
)  # fmt: skip
def test_head_that_its_key_did_not_sign_is_refused(world: World, tmp_path: Path, change: Any) -> None:
    heads.sign(at=START)
    folder = unpacked(world.buyer, world.filed(), tmp_path / "case")
    (head,) = json.loads((folder / "heads.json").read_text())
    forge(folder, "heads.json", json.dumps([change(head)]))
    assert verified(folder, elsewhere=tmp_path) == (1, "FAULT 不符: heads.json is not signed by the key it names")


L = 2**252 + 27742317777372353535851937790883648493


def test_signatures_are_checked_as_the_cryptography_library_checks_them() -> None:
    by = random.Random(11)
    for _number in range(6):
        key = Ed25519PrivateKey.from_private_bytes(by.randbytes(32))
        text, public = by.randbytes(by.randrange(200)), key.public_key().public_bytes_raw()
        signature = key.sign(text)
        at, bit = by.randrange(64), 1 << by.randrange(8)
        forged = signature[:at] + bytes([signature[at] ^ bit]) + signature[at + 1 :]
        assert bundle_verify.fits(signature, text, public)
        assert not fitting(forged, text, public)
        assert not fitting(signature, text + b".", public)


def fitting(signature: bytes, text: bytes, key: bytes) -> bool:
    try:
        return bundle_verify.fits(signature, text, key)
    except ValueError:
        return False


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


def test_program_takes_the_archive_again_with_the_same_key_and_it_is_recorded_once(world: World) -> None:
    case = world.admitted()
    key = AccessKey.issue(label="erp", user=world.buyer)[1]

    def taken(idempotency_key: str) -> tuple[bytes, str | None]:
        headers = {"authorization": f"Bearer {key}", "idempotency-key": idempotency_key}
        answer: Any = Client().post(
            f"/api/v1/cases/{case.number}/bundle/", content_type="application/json", headers=headers
        )
        assert answer.status_code == 200
        return b"".join(answer.streaming_content), answer.headers.get("Idempotent-Replayed")

    answers = [taken(name) for name in ("one", "one", "two")]
    assert all(zipfile.ZipFile(io.BytesIO(data)).testzip() is None for data, _replayed in answers)
    assert [replayed for _data, replayed in answers] == [None, "true", None]
    assert Entry.objects.filter(subject=case.subject, verb="evidence_exported").count() == 2
    refused = Client().post(f"/api/v1/cases/{case.number}/bundle/", headers={"authorization": f"Bearer {key}"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "idempotency_key_required")
