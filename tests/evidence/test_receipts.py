"""The receipt of an item: what its side holds in its hands."""

import hashlib
import io
import uuid
from typing import Any

import pypdf
import pytest
from django.test import Client

from accounts.models import User
from evidence.receipts import receipt
from tests.evidence.conftest import kept


def test_receipt_says_enough_to_check_everything_by_hand(take: Any, buyer: User) -> None:
    item = take("照片.jpg")
    told = receipt(buyer, item.pk).document
    assert told["sha256"] == hashlib.sha256(kept(item.sha256)).hexdigest()
    assert hashlib.sha256(told["canonical"].encode()).hexdigest() == told["content"]
    assert hashlib.sha256((told["prev_hash"] + told["content"]).encode()).hexdigest() == told["hash"]
    assert (told["chain"], told["position"], told["name"]) == (item.dossier.subject, 1, "照片.jpg")
    assert item.sha256 in told["canonical"]


@pytest.mark.parametrize("form", ["", "receipt.json", "receipt.pdf"])
def test_receipt_is_its_own_sides_alone(
    take: Any, buyer: User, clerk: User, arbiter: User, client: Client, form: str
) -> None:
    item = take()
    path = f"/receipts/{item.pk}/{form}"
    found = {}
    for person in (buyer, clerk, arbiter):
        client.force_login(person)
        found[person] = client.get(path).status_code
    assert found == {buyer: 200, clerk: 404, arbiter: 404}
    client.logout()
    assert client.get(path).status_code == 404
    client.force_login(buyer)
    assert client.get(f"/receipts/{uuid.uuid4()}/{form}").status_code == 404
    assert client.get(f"/receipts/{item.pk}/receipt.exe").status_code == 404


def test_receipt_to_keep_names_hash_and_position(take: Any, buyer: User, client: Client) -> None:
    item = take()
    client.force_login(buyer)
    told = receipt(buyer, item.pk).document
    assert client.get(f"/receipts/{item.pk}/receipt.json").json() == told
    page = client.get(f"/receipts/{item.pk}/").content.decode()
    pdf = pypdf.PdfReader(io.BytesIO(client.get(f"/receipts/{item.pk}/receipt.pdf").content))
    text = "".join(sheet.extract_text() for sheet in pdf.pages).replace("\n", "")
    for shown in (page, text):
        assert item.sha256 in shown
        assert told["hash"] in shown
        assert f"{told['chain']} · 1" in shown
