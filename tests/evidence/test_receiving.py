import hashlib
import io
import tempfile
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation
from PIL import Image

from core.errors import Refused
from evidence import names
from evidence.models import Derivative, Dossier, Item, State
from evidence.storage import store
from ledger.models import Entry
from tests.evidence import samples
from tests.evidence.conftest import AT, kept

MIB = 1024 * 1024
JPEG_AND = samples.jpeg()


def padded(data: bytes, size: int) -> bytes:
    return data + bytes(size - len(data))


BAD = [
    ("photo.jpg", b"", "file_empty"),
    ("note.txt", b"", "file_empty"),
    ("nothing", b"", "file_empty"),
    ("photo.jpg", b"MZ\x90\x00" + bytes(200), "file_content_mismatch"),
    ("photo.png", b"<!DOCTYPE html><script>alert(1)</script>", "file_content_mismatch"),
    ("photo.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "file_content_mismatch"),
    ("photo.jpg", samples.png(), "file_content_mismatch"),
    ("photo.jpg", b"%!PS-Adobe-3.0\n", "file_content_mismatch"),
    ("bill.pdf", JPEG_AND, "file_content_mismatch"),
    ("bill.pdf", b"PK\x03\x04" + bytes(100), "file_content_mismatch"),
    ("chat.txt", b"  <!doctype html><p>", "file_content_mismatch"),
    ("chat.txt", b"#EXTM3U\nhttp://127.0.0.1:9/a", "file_content_mismatch"),
    ("chat.txt", b"\x7fELF\x02\x01", "file_content_mismatch"),
    ("chat.txt", b"a" * 5000 + b"\0", "text_not_readable"),
    ("chat.txt", b"\xff\xfe\xfa", "text_not_readable"),
    ("drawing.svg", b"<svg/>", "file_type_refused"),
    ("page.html", b"<html>", "file_type_refused"),
    ("run.exe", b"MZ", "file_type_refused"),
    ("all.zip", b"PK\x03\x04", "file_type_refused"),
    ("photo.jpg.exe", JPEG_AND, "file_type_refused"),
    ("no-ending", b"just words", "file_type_refused"),
    ("photo.jpg", JPEG_AND[:2000], "file_unreadable"),
    ("photo.jpg", JPEG_AND[:-2], "file_unreadable"),
    ("photo.jpg", b"\xff\xd8\xff\xe0" + bytes(500), "file_unreadable"),
    ("photo.png", samples.png()[:400], "file_unreadable"),
    ("photo.png", samples.png()[:-12], "file_unreadable"),
    ("photo.webp", samples.webp()[:-40], "file_unreadable"),
    ("photo.png", samples.bomb_png(), "image_too_many_pixels"),
    ("photo.jpg", JPEG_AND + b"PK\x05\x06" + bytes(18), "file_has_hidden_content"),
    ("photo.jpg", JPEG_AND + b"<script>alert(1)</script>", "file_has_hidden_content"),
    ("photo.jpg", samples.jpeg(comment=b"<ScRiPt>alert(1)"), "file_has_hidden_content"),
    ("photo.png", samples.png() + b"<?php system('id');", "file_has_hidden_content"),
    ("photo.webp", samples.webp() + samples.pdf(), "file_has_hidden_content"),
    ("bill.pdf", samples.pdf()[:-60], "file_unreadable"),
    ("bill.pdf", b"%PDF-1.7\n%%EOF", "file_unreadable"),
    ("bill.pdf", samples.pdf(pages=201), "pdf_too_many_pages"),
    ("bill.pdf", samples.pdf_opening("/JavaScript", JS="app.alert(1)"), "pdf_active_content"),
    ("bill.pdf", samples.pdf_opening("/Launch", F="calc.exe"), "pdf_active_content"),
    ("bill.pdf", samples.pdf_with_file(), "pdf_embedded_files"),
    ("bill.pdf", samples.pdf_locked(), "pdf_encrypted"),
    ("bill.pdf", samples.pdf() + b"PK\x05\x06" + bytes(18), "file_has_hidden_content"),
]


@pytest.mark.parametrize(("name", "data", "code"), BAD, ids=lambda value: value if isinstance(value, str) else "")
def test_bad_file_is_refused_by_name_and_leaves_nothing(
    take: Any, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, data: bytes, code: str
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    (tmp_path / "tmp").mkdir()
    with pytest.raises(Refused) as refused:
        take(name, data)
    assert refused.value.code == code
    assert f"“{name}”" in refused.value.message
    assert refused.value.fields == {"files": [refused.value.message]}
    assert [path for path in folder.rglob("*") if path.is_file()] == []
    assert list((tmp_path / "tmp").iterdir()) == []
    assert Item.objects.count() == Derivative.objects.count() == Entry.objects.count() == 0


@pytest.mark.parametrize(
    ("name", "data", "limit"),
    [
        ("a.jpg", JPEG_AND, 10 * MIB),
        ("a.pdf", samples.pdf(), 20 * MIB),
        ("a.txt", b"word ", 2 * MIB),
    ],
)
def test_file_too_large_by_one_byte_is_refused_and_at_the_limit_taken(
    take: Any, name: str, data: bytes, limit: int
) -> None:
    if name == "a.pdf":
        head, mark, tail = data.rpartition(b"startxref")
        full = head + b"%" * (limit - len(data) - 1) + b"\n" + mark + tail
    else:
        full = data + b" " * (limit - len(data))
    assert len(full) == limit
    assert take(name, full).size == limit
    with pytest.raises(Refused) as refused:
        take(name, full + b" ")
    assert (refused.value.code, refused.value.status) == ("file_too_large", 413)


def test_refusal_names_the_file_in_chinese(take: Any) -> None:
    with translation.override("zh-hans"), pytest.raises(Refused) as refused:
        take("a.jpg", bytes(10 * MIB + 1))
    assert refused.value.message == "照片“a.jpg”超过 10 MB，未上传。"


def test_received_photo_is_measured_sealed_and_on_record(
    any_store: str, take: Any, dossier: Dossier, buyer: Any
) -> None:
    data = samples.camera_jpeg()
    item = take("包裹.JPG", data, slot="close_up", caption=" 外盒破损 ")
    digest = hashlib.sha256(data).hexdigest()
    assert kept(digest) == data
    assert store().rehash(digest).sha256 == digest
    assert (item.sha256, item.size, item.media_type, item.width, item.height) == (
        digest,
        len(data),
        "image/jpeg",
        640,
        480,
    )
    assert (item.state, item.kind, item.slot, item.caption) == (State.READY, "photo", "close_up", "外盒破损")
    assert (item.original_name, item.exhibit_no, item.disclosed_at) == ("包裹.JPG", None, None)
    assert item.capture_at.isoformat() == "2026-11-01T10:30:00+08:00"
    entry, inspected = Entry.objects.filter(subject=dossier.subject).order_by("seq")
    assert (inspected.verb, inspected.role, inspected.facts["verdict"]) == ("evidence_inspected", "system", "ready")
    assert {made["variant"] for made in inspected.facts["derived"]} == {"thumb", "view"}
    assert inspected.facts["tools"].startswith("pillow ")
    assert (entry.verb, entry.actor, entry.role, entry.audience) == ("evidence_received", buyer, "buyer", "buyer")
    assert {name: entry.facts[name] for name in ("item", "sha256", "size", "media_type")} == {
        "item": str(item.pk),
        "sha256": digest,
        "size": len(data),
        "media_type": "image/jpeg",
    }


@pytest.mark.parametrize("orientation", range(1, 9))
def test_derivatives_are_upright_and_say_nothing_of_the_camera(take: Any, orientation: int) -> None:
    data = samples.camera_jpeg(orientation)
    item = take("a.jpg", data)
    made = {row.variant: row for row in item.derivatives.all()}
    assert set(made) == {"thumb", "view"}
    upright = (640, 480) if orientation < 5 else (480, 640)
    assert (item.width, item.height) == (made["view"].width, made["view"].height) == upright
    for row in made.values():
        drawn = kept(row.sha256)
        image = Image.open(io.BytesIO(drawn))
        assert image.format == "WEBP"
        assert image.size == (row.width, row.height)
        assert len(image.getexif()) == 0
        assert b"SecretPhone" not in drawn
        assert b"SN-778899" not in drawn
        assert b"EXIF" not in drawn
    assert made["thumb"].size <= 25 * 1024
    view = Image.open(io.BytesIO(kept(made["view"].sha256))).convert("RGB")
    corner = view.getpixel((5, 5))
    assert isinstance(corner, tuple)
    assert (corner[0] > 128) == (orientation in (1, 4, 5, 6))
    assert kept(item.sha256) == data


def test_noisy_photo_still_gets_a_small_thumb(take: Any) -> None:
    noise = Image.effect_noise((1800, 1300), 120).convert("RGB")
    item = take("noise.jpg", samples.encoded(noise, "JPEG", quality=60))
    thumb = item.derivatives.get(variant="thumb")
    view = item.derivatives.get(variant="view")
    assert thumb.size <= 25 * 1024
    assert max(view.width, view.height) == 1600


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "I;16"])
def test_png_of_any_mode_is_drawn(take: Any, mode: str) -> None:
    image = Image.new("I;16", (40, 30), 40_000) if mode == "I;16" else samples.picture(40, 30).convert(mode)
    assert take("a.png", samples.encoded(image, "PNG")).derivatives.count() == 2


def test_cmyk_jpeg_and_webp_are_drawn(take: Any) -> None:
    assert take("a.jpg", samples.encoded(samples.picture().convert("CMYK"), "JPEG")).width == 640
    assert take("a.webp", samples.webp()).media_type == "image/webp"


def test_phone_data_behind_the_picture_is_no_reason_to_refuse(take: Any) -> None:
    assert take("motion.jpg", samples.jpeg() + b"\0\0\0\x18ftypmp42" + bytes(4000)).state == State.READY


def test_pasted_picture_without_ending_goes_by_its_bytes(take: Any) -> None:
    assert take("blob", samples.png()).media_type == "image/png"


def test_pdf_gets_a_page_picture_and_a_copy_without_metadata(take: Any) -> None:
    item = take("bill.pdf", samples.pdf(pages=3, Author="Zhang San", Title="Private"))
    assert (item.kind, item.pages) == ("document", 3)
    made = {row.variant: row for row in item.derivatives.all()}
    assert made["thumb"].media_type == "image/webp"
    copy = kept(made["view"].sha256)
    assert made["view"].media_type == "application/pdf"
    assert b"Zhang" not in copy
    assert b"Private" not in copy


def test_pdf_copy_drops_what_the_camera_wrote_into_its_pictures(take: Any) -> None:
    data = samples.pdf_of_photo()
    assert b"SecretPhone" in data
    item = take("scan.pdf", data)
    copy = kept(item.derivatives.get(variant="view").sha256)
    assert b"SecretPhone" not in copy
    assert b"SN-778899" not in copy
    assert b"/DCTDecode" in copy


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_text_is_shown_as_utf8_without_unseen_characters(take: Any, encoding: str) -> None:
    item = take("chat.txt", "买家:还没收到\r\n商家:\u202e已发货".encode(encoding))
    view = item.derivatives.get()
    assert (item.kind, view.variant, view.media_type) == ("chat", "view", "text/plain")
    assert kept(view.sha256).decode() == "买家:还没收到\n商家:已发货"


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("../../etc/passwd.jpg", "passwd.jpg"),
        ("..\\..\\boot.jpg", "boot.jpg"),
        ("gpj\u202egnp.jpg", "gpjgnp.jpg"),
        ("a\0b.jpg", "ab.jpg"),
        ("a\r\nSet-Cookie: x.jpg", "aSet-Cookie: x.jpg"),
        ("📦👨‍👩‍👧.jpg", "📦👨‍👩‍👧.jpg"),
        ('"><script>.jpg', '"><script>.jpg'),
        ("收据 .jpg", "收据 .jpg"),
        (".jpg", "jpg"),
        ("", "file"),
        ("x" * 300 + ".jpg", "x" * 195 + "….jpg"),
    ],
)
def test_hostile_name_is_made_safe_to_show(sent: str, shown: str) -> None:
    assert names.safe(sent) == shown


def test_items_limit_counts_one_side_alone(take: Any, dossier: Dossier) -> None:
    first = take()
    Item.objects.bulk_create(
        Item(
            dossier=dossier,
            side="buyer",
            uploader=first.uploader,
            kind="photo",
            original_name=f"{number}.jpg",
            sha256=first.sha256,
            size=first.size,
            media_type=first.media_type,
            received_at=AT,
        )
        for number in range(29)
    )
    with pytest.raises(Refused) as refused:
        take()
    assert refused.value.code == "items_limit"
    assert take(side="merchant").position == 0


def test_same_bytes_twice_are_kept_once_with_two_custody_entries(take: Any, folder: Path, dossier: Dossier) -> None:
    one, two = take(), take(side="merchant")
    assert one.sha256 == two.sha256
    assert len(list(folder.glob(f"??/??/{one.sha256}"))) == 1
    assert Entry.objects.filter(subject=dossier.subject, verb="evidence_received").count() == 2
