"""What the other side can find out about an original it may not have: nothing, by whatever door it asks."""

import hashlib
import io
import itertools
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pypdf import PdfReader

from accounts.models import User
from arbitration import admission, assignment
from arbitration.bundle import exporting
from arbitration.reviews import new_items
from disputes import exhibits, filing
from disputes.models import Case
from evidence import items, redaction
from evidence.models import Item
from ledger.models import Entry
from tests import factories
from tests.conftest import World

PHONES = [f"1381234567{n}" for n in range(10)]
SIZE = 48_731


def chat(phone: str) -> bytes:
    said = f"买家 2026-11-20 10:00:00\n我的电话是{phone}，请联系\n".encode()
    return said + b"." * (SIZE - len(said) - 1) + b"\n"


def send(person: User, case: Case, phone: str) -> Item:
    upload = factories.upload("chat.txt", chat(phone), "text/plain")
    return exhibits.receive(actor=person, case_id=case.pk, upload=upload, kind="chat", slot="chat", caption="聊天记录")


def cover(person: User, item: Item) -> Item:
    start = chat(PHONES[8]).decode().index(PHONES[8])
    return redaction.redact(actor=person, item=item, spans=[(start, start + 11)], at=item.received_at)


def withhold(person: User, item: Item) -> Item:
    return items.restrict(actor=person, item=item, platform_only=True, reason="客户电话", at=item.received_at)


@pytest.fixture(params=[cover, withhold], ids=["covered", "for the platform alone"])
def case(world: World, request: pytest.FixtureRequest) -> Case:
    """An accepted case with one item of the buyer's whose telephone number the merchant must not learn."""
    draft = factories.draft_case(world.buyer, world.merchant, world.order())
    request.param(world.buyer, send(world.buyer, draft, PHONES[8]))
    claim = {"cause": "damaged", "remedy": "refund", "amount_fen": 1000, "missing_reason": "已经寄回"}
    told = {"what_happened": "外箱凹陷", "difference": "应当完好", "wanted": "退款"}
    made = filing.file(actor=world.buyer, case_id=draft.pk, **claim, **told)  # type: ignore[arg-type]
    assignment.take(actor=world.arbiter, case_id=made.pk)
    return admission.admit(actor=world.arbiter, case_id=made.pk)


def answers(client: Client, case: Case, reader: User) -> Iterator[str]:
    """Everything the reader is given about the case, by page, program and archive."""
    item = case.dossier.items.get(side="buyer")
    client.force_login(reader)
    number, api = case.number, f"/api/v1/cases/{case.number}"
    pages = [f"/disputes/{number}/", f"/orders/{case.order.number}/", "/notifications/"]
    acts = [f"/disputes/{number}/respond/"] if reader.staff_role == "" else []
    mine = [f"/files/{item.pk}/", f"/files/{item.pk}/view/", f"/files/{item.pk}/original/", f"/receipts/{item.pk}/"]
    mine += [f"/api/v1/receipts/{item.pk}/", f"{api}/files/{item.pk}/", f"{api}/files/{item.pk}/redaction/"]
    both = [f"{api}/", f"{api}/timeline/", f"{api}/rulings/"]
    for path in [*both, *mine, *acts, *(pages if reader.staff_role == "" else [])]:
        answer = client.get(path)
        assert path in mine or answer.status_code == 200, (path, answer.status_code)
        body = b"".join(answer.streaming_content) if answer.streaming else answer.content  # type: ignore[attr-defined]
        yield f"{path} {body.decode()} {dict(answer.headers)}"
    archive = zipfile.ZipFile(io.BytesIO(b"".join(exporting.export(actor=reader, number=case.number).stream())))
    for name in archive.namelist():
        data = archive.read(name)
        yield f"{name} {data.decode(errors='replace')}"
        if name.endswith(".pdf"):
            # Wrapped in its cell a hash is read in pieces.
            yield "".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages).replace("\n", "")


def facts(case: Case) -> dict[str, Any]:
    found: dict[str, Any] = Entry.objects.get(subject=case.subject, verb="evidence_received").facts
    return found


def test_covered_text_cannot_be_found_by_trying(case: Case, world: World, client: Client) -> None:
    told = "\n".join(answers(client, case, world.merchant))
    hashes = set(re.findall(r"[0-9a-f]{64}", told))
    assert len(hashes) > 10
    assert hashes.isdisjoint(hashlib.sha256(chat(phone)).hexdigest() for phone in PHONES)
    assert not re.search(rf"(?<!\d){SIZE}(?!\d)", told)
    assert facts(case)["sums"] not in told
    assert not [phone for phone in PHONES if phone in told]


def test_commitment_of_the_original_is_salted(case: Case, world: World, client: Client) -> None:
    """One level up the same: the text of the received entry is guessable but for its author's salted hash."""
    told = "\n".join(answers(client, case, world.merchant))
    entry = Entry.objects.get(subject=case.subject, verb="evidence_received")
    lodged = Entry.objects.get(subject=case.subject, verb="evidence_disclosed")
    assert entry.salt is not None
    assert entry.salt.hex not in told
    assert set(lodged.facts["items"][0]) == {"item", "exhibit_no", "received"}
    assert lodged.facts["items"][0]["received"] in told
    whole = "\n".join(answers(client, case, world.auditor))
    assert json.dumps({"content": lodged.facts["items"][0]["received"]})[1:-1] in whole


def test_own_side_and_the_platform_see_the_originals_hash(case: Case, world: World, client: Client) -> None:
    original = hashlib.sha256(chat(PHONES[8])).hexdigest()
    for reader in (world.buyer, world.arbiter, world.auditor):
        client.force_login(reader)
        shown = client.get(f"/api/v1/cases/{case.number}/").json()["exhibits"]
        assert [(row["sha256"], row["size"]) for row in shown] == [(original, SIZE)]


def test_offering_a_guess_as_new_evidence_tells_nothing(case: Case, world: World) -> None:
    """The right number and a wrong one are answered alike: the merchant does not have these bytes on file."""
    guesses = [send(world.merchant, case, phone) for phone in PHONES[7:9]]
    assert new_items(case, "merchant", [str(item.pk) for item in guesses]) == guesses
    again = send(world.buyer, case, PHONES[8])
    assert new_items(case, "buyer", [str(again.pk)]) == []


def test_bundle_shows_that_what_was_lodged_was_received(case: Case, world: World, tmp_path: Path) -> None:
    """Its script finds the content that a custody entry names among the entries before it, and misses a wrong one."""
    archive = zipfile.ZipFile(io.BytesIO(b"".join(exporting.export(actor=world.merchant, number=case.number).stream())))
    tmp_path = tmp_path / "case"
    archive.extractall(tmp_path)
    script = [sys.executable, "-I", str(tmp_path / "verify.py")]
    assert subprocess.run(script, capture_output=True, check=False).returncode == 0
    chain = [json.loads(line) for line in (tmp_path / "ledger/case.jsonl").read_text().splitlines()]
    place = next(n for n, row in enumerate(chain) if '"evidence_disclosed"' in row.get("canonical", ""))
    text = json.loads(chain[place]["canonical"])
    text["facts"]["items"][0]["received"] = "0" * 64
    chain[place]["canonical"] = json.dumps(text, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    chain[place]["content"] = hashlib.sha256(chain[place]["canonical"].encode()).hexdigest()
    for before, row in itertools.pairwise([{"hash": ""}, *chain]):
        row["prev_hash"] = before["hash"]
        row["hash"] = hashlib.sha256((row["prev_hash"] + row["content"]).encode()).hexdigest()
    lines = "".join(f"{json.dumps(row, ensure_ascii=False)}\n" for row in chain).encode()
    (tmp_path / "ledger/case.jsonl").write_bytes(lines)
    sums = (tmp_path / "SHA256SUMS").read_text().splitlines()
    new = f"{hashlib.sha256(lines).hexdigest()}  ledger/case.jsonl"
    sums = [new if line.endswith("  ledger/case.jsonl") else line for line in sums]
    (tmp_path / "SHA256SUMS").write_text("\n".join(sums) + "\n")
    answer = subprocess.run(script, capture_output=True, check=False, text=True)
    said = f"FAULT 不符: case.jsonl, entry {place + 1} is about an item that was not received\n"
    assert (answer.returncode, answer.stdout) == (1, said)
