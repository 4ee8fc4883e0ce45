"""``manage.py import_orders``."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from disputes.models import Order
from ledger.models import Entry
from tests.api.conftest import order_document
from tests.conftest import World


def run(path: Path | str) -> tuple[int, str, list[str]]:
    out, err = StringIO(), StringIO()
    try:
        call_command("import_orders", str(path), stdout=out, stderr=err)
        code = 0
    except SystemExit as ended:
        code = int(str(ended.code))
    return code, out.getvalue().strip(), err.getvalue().splitlines()


def lines(tmp_path: Path, *rows: bytes) -> Path:
    path = tmp_path / "orders.jsonl"
    path.write_bytes(b"\n".join(rows))
    return path


def one(world: World, number: str = "M-1001", **more: Any) -> bytes:
    return json.dumps(order_document(world, number, **more), ensure_ascii=False).encode()


def test_file_twice_changes_nothing(world: World, tmp_path: Path) -> None:
    path = lines(tmp_path, b"\xef\xbb\xbf" + one(world), b"", one(world, "M-1002"), b"")
    assert run(path) == (0, "2 new, 0 known, 0 failed", [])
    entries = Entry.objects.count()
    assert run(path) == (0, "0 new, 2 known, 0 failed", [])
    assert (Order.objects.count(), Entry.objects.count()) == (2, entries)
    assert Order.objects.get(number="M-1001").received_from == "integration:import"


def test_bad_lines_are_named_and_stop_nothing(world: World, tmp_path: Path) -> None:
    path = lines(
        tmp_path,
        b'{"number": "M-1001"',
        one(world, "M-1002"),
        b"\xff\xfe{}",
        b"[1, 2]",
        one(world, "M-1003", price_fen=-5),
        b'{"number": "' + b"9" * (2 * 1024 * 1024) + b'"}',
        one(world, "M-1004", amounts={"goods_fen": 129_900, "paid_fen": 1}),
        b'{"a": 1, "a": 2}',
        one(world, "M-1005"),
    )
    code, out, err = run(path)
    assert (code, out) == (1, "2 new, 0 known, 7 failed")
    assert [row.partition(":")[0] for row in err] == [f"line {number}" for number in (1, 3, 4, 5, 6, 7, 8)]
    assert "line_too_long" in err[4]
    assert "order_amounts_add_up" in err[5]
    assert sorted(Order.objects.values_list("number", flat=True)) == ["M-1002", "M-1005"]


LAMP = {"title": "台灯", "sku": "L", "quantity": 2, "price_fen": 100}
UNFIT: list[tuple[str, dict[str, Any]]] = [
    ("order_amounts_add_up", {"lines": [LAMP]}),
    ("order_amounts_add_up", {"amounts": {"goods_fen": 129_900, "freight_fen": 1, "paid_fen": 129_900}}),
    ("order_amounts_fixed", {"number": "M-1000", "lines": [{**LAMP, "quantity": 1299}]}),
    ("line_too_long", {"note": "9" * (2 * 1024 * 1024)}),
    ("buyer.email", {"buyer": {"email": "a" * 60 + "@" + ".".join(["b" * 60] * 4) + ".com"}}),
    ("lines", {"lines": [{"title": "a", "price_fen": 1}] * 501, "amounts": {"goods_fen": 501, "paid_fen": 501}}),
    ("logistics", {"logistics": [{"at": "2026-11-15T13:00:00+08:00", "code": "scanned", "text": "a"}] * 1001}),
    ("paid_at", {"paid_at": "0001-01-02T00:00:00Z"}),
    ("moments.completed_at", {"moments": {"completed_at": "9999-12-31T10:00:00Z"}}),
    ("moments.signed_at", {"moments": {"signed_at": "1999-12-31T23:59:59Z"}}),
    ("moments.promised_ship_at", {"moments": {"promised_ship_at": "2027-11-22T10:00:00+08:00"}}),
    ("logistics[0].at", {"logistics": [{"at": "9999-12-31T10:00:00Z", "code": "scanned", "text": "a"}]}),
]


@pytest.mark.parametrize(("rule", "change"), UNFIT)
def test_unfit_line_is_refused_by_its_rule_and_the_next_one_taken(
    world: World, tmp_path: Path, rule: str, change: dict[str, Any]
) -> None:
    run(lines(tmp_path, one(world, "M-1000")))
    bad = json.dumps(order_document(world, "M-1001") | change).encode()
    code, out, (said,) = run(lines(tmp_path, bad, one(world, "M-1002")))
    assert (code, out, rule in said) == (1, "1 new, 0 known, 1 failed", True)
    assert sorted(Order.objects.values_list("number", "paid_fen")) == [("M-1000", 129_900), ("M-1002", 129_900)]


def test_line_the_database_refuses_is_named_and_the_next_one_taken(world: World, tmp_path: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE UNIQUE INDEX odd_rule ON disputes_order (paid_fen)")
    path = lines(tmp_path, one(world, "M-1001"), one(world, "M-1002"), one(world, "M-1003", price_fen=5))
    code, out, (said,) = run(path)
    assert (code, out) == (1, "2 new, 0 known, 1 failed")
    assert said.startswith("line 2: the database refused it: ")
    assert sorted(Order.objects.values_list("number", flat=True)) == ["M-1001", "M-1003"]


def test_empty_file_is_nothing_to_do(world: World, tmp_path: Path) -> None:
    assert run(lines(tmp_path, b"")) == (0, "0 new, 0 known, 0 failed", [])


def test_missing_file_is_said(db: None, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No such file"):
        call_command("import_orders", str(tmp_path / "nowhere.jsonl"))


def test_changed_amounts_are_refused(world: World, tmp_path: Path) -> None:
    run(lines(tmp_path, one(world)))
    code, out, err = run(lines(tmp_path, one(world, price_fen=1)))
    assert (code, out, "order_amounts_fixed" in err[0]) == (1, "0 new, 0 known, 1 failed", True)
