"""Signed heads: what anybody can check, what is signed when, and what a killed signing leaves behind."""

import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import boto3
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from django.test import Client

from accounts.actors import CLOCK
from core import clock
from core.outside import outside
from ledger import heads, keys
from ledger.models import SignedHead
from ledger.recording import record

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def entry(subject: str) -> str:
    return record(subject=subject, verb="x", actor=CLOCK, role="system", at=NOON).hash


def test_head_is_signed_over_the_ends_of_all_chains() -> None:
    entry("case:1")
    ends = {"case:1": (2, entry("case:1")), "order:1": (1, entry("order:1"))}
    head = heads.sign(at=NOON)
    lines = "".join(f"{name}\t{seq}\t{last}\n" for name, (seq, last) in sorted(ends.items())).encode()
    digest = hashlib.sha256(lines).hexdigest()
    assert json.loads(head.signed["document"]) == {
        "form": 1,
        "number": 1,
        "at": "2026-03-01T12:00:00.000000+00:00",
        "previous": "",
        "grown": 2,
        "grown_sha256": digest,
        "chains": 2,
        "chains_sha256": digest,
    }
    key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(keys.public_key()))
    key.verify(bytes.fromhex(head.signed["signature"]), head.signed["document"].encode())
    with pytest.raises(InvalidSignature):
        key.verify(bytes.fromhex(head.signed["signature"]), head.signed["document"].encode() + b" ")
    signed = heads.read()
    assert (signed.ends, signed.number, signed.digest, signed.problems) == (ends, 1, head.sha256, [])


def test_next_head_lists_only_what_grew_and_follows_the_first(settings: Any) -> None:
    entry("case:1"), entry("case:2")
    first = heads.sign(at=NOON)
    grown = {"case:2": (2, entry("case:2"))}
    document = json.loads(heads.sign(at=NOON).signed["document"])
    assert (document["previous"], document["grown"], document["chains"]) == (first.sha256, 1, 2)
    listed = Path(urlsplit(settings.HEADS_URL).path) / f"chains-{document['grown_sha256']}.txt"
    assert listed.read_text() == "".join(f"{name}\t{seq}\t{last}\n" for name, (seq, last) in grown.items())
    assert heads.read().problems == []


def test_head_is_signed_once_a_day() -> None:
    entry("case:1")
    with clock.frozen(NOON):
        assert heads.sign_when_due() is not None
        assert heads.sign_when_due() is None
    with clock.frozen(NOON + timedelta(hours=23, minutes=59)):
        assert heads.sign_when_due() is None
    with clock.frozen(NOON + timedelta(days=1)):
        assert heads.sign_when_due() is not None


def test_signing_killed_before_its_row_neither_stops_the_next_nor_looks_like_an_old_copy() -> None:
    entry("case:1")
    heads.sign(at=NOON)
    SignedHead.objects.all().delete()
    assert heads.read().problems == []
    assert heads.sign(at=NOON).number == 2
    assert heads.read().problems == []


def test_head_signed_by_somebody_else_is_not_believed(settings: Any) -> None:
    entry("case:1")
    heads.sign(at=NOON)
    settings.HEADS_KEY = "c29tZWJvZHkgZWxzZSBzaWducyB0aGVzZSBoZWFkcyE="
    assert [(bad.number, bad.reason) for bad in heads.read().problems] == [(1, "unreadable: nobody we know signed it")]


def test_head_of_a_former_key_is_believed(settings: Any) -> None:
    entry("case:1")
    heads.sign(at=NOON)
    settings.HEADS_FORMER_KEYS = [keys.public_key()]
    settings.HEADS_KEY = "c29tZWJvZHkgZWxzZSBzaWducyB0aGVzZSBoZWFkcyE="
    assert heads.read().problems == []


def test_machine_without_a_given_key_makes_one_that_only_it_reads(settings: Any, tmp_path: Path) -> None:
    settings.HEADS_KEY, settings.VAR_DIR = "", tmp_path
    public = keys.public_key()
    assert (tmp_path / "heads.key").stat().st_mode & 0o777 == 0o600
    keys._key.cache_clear()
    assert keys.public_key() == public


def test_heads_in_a_bucket_are_written_once_and_read_back(
    settings: Any, s3_endpoint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    boto3.client("s3", endpoint_url=s3_endpoint, region_name="us-east-1").create_bucket(Bucket="heads")
    settings.HEADS_URL = f"s3://heads?endpoint={s3_endpoint}&region=us-east-1"
    entry("case:1")
    heads.sign(at=NOON)
    assert (heads.read().number, heads.read().problems) == (1, [])
    with pytest.raises(FileExistsError):
        outside(settings.HEADS_URL).put("head-000001.json", b"other")
    with pytest.raises(FileNotFoundError):
        outside(settings.HEADS_URL).open("head-000009.json")


def test_anybody_may_read_the_key_and_the_heads(client: Client) -> None:
    entry("case:1")
    head = heads.sign(at=NOON)
    answer = client.get("/api/v1/ledger/heads/").json()
    assert answer == {
        "public_key": keys.public_key(),
        "heads": [{"number": 1, "at": "2026-03-01T12:00:00Z", **head.signed}],
    }
