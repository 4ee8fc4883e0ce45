#!/usr/bin/env python3
"""Checks this bundle offline, with Python's standard library alone:  python3 verify.py [folder]

1. Every file listed in SHA256SUMS is there and has that SHA-256, and there is no file besides
   (the same as: sha256sum -c SHA256SUMS).
2. Every entry in ledger/*.jsonl follows from the one before: its hash is the SHA-256 of the previous hash and its own
   text. Of an entry that the reader of this bundle may not read only the hashes are here, and of one by the platform's
   staff everything but its author: they hold their place.
3. Every original is the file whose receipt the ledger recorded, with the same SHA-256 and the same size.

Prints the first fault and exits with 1, or says what holds and exits with 0.
"""

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parent


def fail(words: str) -> None:
    print(f"FAULT 不符: {words}")
    sys.exit(1)


def sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while piece := file.read(1 << 18):
            digest.update(piece)
    return digest.hexdigest()


def check_files() -> int:
    listed = {}
    for line in (ROOT / "SHA256SUMS").read_text("utf-8").splitlines():
        wanted, _space, name = line.partition("  ")
        listed[name] = wanted
    for name, wanted in listed.items():
        path = ROOT / name
        if not path.is_file():
            fail(f"{name} is missing")
        if sha256_of(path) != wanted:
            fail(f"{name} is not the file that was exported")
    there = {path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*") if path.is_file()}
    if added := sorted(there - set(listed) - {"SHA256SUMS"}):
        fail(f"{added[0]} was added")
    return len(listed)


def check_chain(path: Path) -> list[dict[str, Any]]:
    """The entries that may be read, parsed."""
    previous, seq, found = "", 0, []
    for line in path.read_text("utf-8").splitlines():
        entry, seq = json.loads(line), seq + 1
        where = f"{path.name}, entry {seq}"
        if entry["seq"] != seq:
            fail(f"{where} is missing")
        if entry["prev_hash"] != previous:
            fail(f"{where} does not follow the entry before")
        if "canonical" in entry:
            text = entry["canonical"]
            if hashlib.sha256((previous + text).encode()).hexdigest() != entry["hash"]:
                fail(f"{where} was changed")
            found.append(json.loads(text))
            if found[-1]["seq"] != seq:
                fail(f"{where} stands in another entry's place")
        previous = entry["hash"]
    return found


def check_originals(entries: list[dict[str, Any]]) -> int:
    received = {row["facts"]["item"]: row["facts"] for row in entries if row["verb"] == "evidence_received"}
    count = 0
    for item in json.loads((ROOT / "evidence.json").read_text("utf-8")):
        if not item["original"]:
            continue
        path, facts = ROOT / item["original"], received.get(item["id"])
        if facts is None:
            fail(f"{item['original']}: the ledger has no entry that it was received")
        elif (facts["sha256"], facts["size"]) != (sha256_of(path), path.stat().st_size):
            fail(f"{item['original']} is not the file that was received")
        count += 1
    return count


def main() -> None:
    files = check_files()
    entries: list[dict[str, Any]] = []
    for path in sorted((ROOT / "ledger").glob("*.jsonl")):
        entries += check_chain(path)
    originals = check_originals(entries)
    print(f"OK 相符: {files} files, {len(entries)} ledger entries, {originals} originals as received.")


if __name__ == "__main__":
    main()
