#!/usr/bin/env python3
"""Checks this bundle offline, with Python's standard library alone:  python3 verify.py [folder]

1. Every file listed in SHA256SUMS is there and has that SHA-256, and there is no file besides
   (the same as: sha256sum -c SHA256SUMS).
2. Every entry in ledger/*.jsonl follows from the one before: its hash is the SHA-256 of the previous hash and of its
   content's SHA-256. Of an entry that the reader of this bundle may not read, the content is here by that hash alone;
   of one by the platform's staff the author is, the rest is here to be read. Entries of the first form have one hash
   over the previous one and their text: not being readable, they only hold their place.
3. Every original, of an exhibit or of a file sent before the case, is the file whose receipt the ledger recorded, with
   the same SHA-256 and the same size.
4. The last daily head in heads.json is signed by the key it names (Ed25519, RFC 8032).

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


def read(name: str) -> Any:
    return json.loads((ROOT / name).read_text("utf-8"))


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


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


def check_chain(path: Path) -> tuple[list[dict[str, Any]], int, int]:
    """The entries that may be read, how many are here by the hash of their content, how many only hold their place."""
    previous, found, sealed, placed, contents = "", list[dict[str, Any]](), 0, 0, set[str]()
    for seq, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        entry, where = json.loads(line), f"{path.name}, entry {seq}"
        if entry["seq"] != seq:
            fail(f"{where} is missing")
        if entry["prev_hash"] != previous:
            fail(f"{where} does not follow the entry before")
        text, covered = entry.get("canonical"), entry.get("content")
        told = json.loads(text) if text else {}
        if text:
            covered = text if told["form"] == 1 else sha256(text)
        if covered and sha256(previous + covered) != entry["hash"]:
            fail(f"{where} was changed")
        if text and told["seq"] != seq:
            fail(f"{where} stands in another entry's place")
        if "salt" in entry and sha256(f"{entry['salt']}:{entry['actor']}") != told["author"]:
            fail(f"{where} names another author")
        items = told["facts"].get("items", [told["facts"]]) if told.get("verb", "").startswith("evidence_") else []
        if any(item.get("received", "") not in {"", *contents} for item in items):
            fail(f"{where} is about an item that was not received")
        contents.add(str(covered))
        found += [told] if text else []
        sealed, placed = sealed + bool(covered and not text), placed + (not covered)
        previous = entry["hash"]
    return found, sealed, placed


def check_originals(entries: list[dict[str, Any]]) -> int:
    received = {row["facts"]["item"]: row["facts"] for row in entries if row["verb"] == "evidence_received"}
    sent = [file for talk in read("negotiation.json") for file in talk["files"]]
    originals = [item for item in [*read("evidence.json"), *sent] if item["original"]]
    for item in originals:
        path, facts = ROOT / item["original"], received.get(item["id"])
        if facts is None:
            fail(f"{item['original']}: the ledger has no entry that it was received")
        elif (facts["sha256"], facts["size"]) != (sha256_of(path), path.stat().st_size):
            fail(f"{item['original']} is not the file that was received")
    return len(originals)


P, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P


def point(data: bytes) -> tuple[int, int]:
    if len(data) != 32:
        raise ValueError("no point")
    y, odd = int.from_bytes(data, "little") % 2**255, data[31] >> 7
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if x * x % P != square:
        x = x * pow(2, (P - 1) // 4, P) % P
    if x * x % P != square:
        raise ValueError("no point of the curve")
    return (P - x if x % 2 != odd else x), y


def add(a: tuple[int, int], b: tuple[int, int]) -> tuple[int, int]:
    product = D * a[0] * a[1] * b[0] * b[1]
    x = (a[0] * b[1] + a[1] * b[0]) * pow(1 + product, -1, P)
    y = (a[1] * b[1] + a[0] * b[0]) * pow(1 - product, -1, P)
    return x % P, y % P


def times(factor: int, a: tuple[int, int]) -> tuple[int, int]:
    found = (0, 1)
    while factor:
        found = add(found, a) if factor % 2 else found
        a, factor = add(a, a), factor // 2
    return found


def fits(signature: bytes, text: bytes, key: bytes) -> bool:
    """Whether the holder of ``key`` signed ``text``."""
    base, scalar = point((4 * pow(5, -1, P) % P).to_bytes(32, "little")), int.from_bytes(signature[32:], "little")
    mark = int.from_bytes(hashlib.sha512(signature[:32] + key + text).digest(), "little") % ORDER
    return scalar < ORDER and times(scalar, base) == add(point(signature[:32]), times(mark, point(key)))


def check_heads() -> str:
    for head in read("heads.json"):
        try:
            right = fits(bytes.fromhex(head["signature"]), head["document"].encode(), bytes.fromhex(head["public_key"]))
        except ValueError:
            right = False
        if not right:
            fail("heads.json is not signed by the key it names")
        document = json.loads(head["document"])
        return f"Head {document['number']} of {document['at']} is signed by {head['public_key']}."
    return "No head was signed yet."


def main() -> None:
    files = check_files()
    chains = [check_chain(path) for path in sorted((ROOT / "ledger").glob("*.jsonl"))]
    entries = [entry for found, _sealed, _placed in chains for entry in found]
    sealed, placed = sum(chain[1] for chain in chains), sum(chain[2] for chain in chains)
    originals, heads = check_originals(entries), check_heads()
    print(f"OK 相符: {files} files, {len(entries)} ledger entries, {originals} originals as received.")
    print(f"Not readable here: {sealed} entries by the hash of their content, {placed} that only hold their place.")
    print(heads)


if __name__ == "__main__":
    main()
