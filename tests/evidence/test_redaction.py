"""Covering: before lodging, by the own side, burnt in; nobody else is ever given what lies under it."""

import io
from pathlib import Path
from typing import Any

import pypdf
import pypdfium2  # type: ignore[import-untyped]
import pytest
from django.test import Client
from PIL import Image, ImageDraw
from reportlab.pdfgen.canvas import Canvas

from accounts.models import User
from core.errors import Refused
from evidence import items, keeping, queries, redaction
from evidence.models import Derivative, Dossier, Item, Redaction, State
from evidence.redaction import Box
from ledger.models import Entry
from tests.evidence import samples
from tests.evidence.conftest import AT, kept
from tests.evidence.test_items import lodge

SECRET = (250, 220, 0)
"""The colour of what must not be seen."""


def with_secret(width: int = 1200, height: int = 800) -> Image.Image:
    image = samples.picture(width, height)
    ImageDraw.Draw(image).rectangle((width // 4, height // 4, width // 2, height // 2), fill=SECRET)
    return image


OVER_SECRET = Box(x=0.24, y=0.24, width=0.28, height=0.28)


def cover(item: Item, *boxes: Box, **more: Any) -> Item:
    return redaction.redact(actor=item.uploader, item=item, boxes=boxes, at=AT, **more)


def shown(item: Item, variant: str = "view") -> Image.Image:
    return Image.open(io.BytesIO(kept(item.derivatives.get(variant=variant).sha256))).convert("RGB")


def yellow(image: Image.Image) -> int:
    """How many pixels are about as yellow as the secret."""
    levels = image.tobytes()
    pixels = zip(levels[::3], levels[1::3], levels[2::3], strict=True)
    return sum(red > 180 and green > 150 and blue < 110 for red, green, blue in pixels)


@pytest.mark.parametrize("name", ["a.jpg", "a.png", "a.webp", "a.heic", "a.gif"])
def test_boxes_are_burnt_into_all_that_others_are_given(take: Any, name: str) -> None:
    form = {"jpg": "JPEG", "png": "PNG", "webp": "WEBP", "heic": "HEIF", "gif": "GIF"}[name[2:]]
    item = take(name, samples.encoded(with_secret(), form))
    assert (yellow(shown(item)) > 0, yellow(shown(item, "thumb")) > 0) == (True, True)
    sealed = item.sha256
    item = cover(item, OVER_SECRET)
    assert (yellow(shown(item)), yellow(shown(item, "thumb"))) == (0, 0)
    assert shown(item).getpixel((400, 300)) == (0, 0, 0)
    assert (item.sha256, sealed) == (sealed, Item.objects.get().sha256)
    assert yellow(Image.open(io.BytesIO(kept(sealed))).convert("RGB")) > 0


def test_boxes_lie_where_they_were_drawn_on_a_turned_picture(take: Any) -> None:
    item = take(data=samples.camera_jpeg(orientation=6))  # held upright: red is on top of blue
    top = cover(item, Box(x=0, y=0, width=1, height=0.5))
    width, height = shown(top).size
    halves = [shown(top).crop((0, y, width, y + height // 2)).resize((1, 1)).tobytes() for y in (0, height // 2)]
    assert (width < height, halves[0], halves[1][2] > 150) == (True, bytes(3), True)


def pdf_with_words() -> bytes:
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(400, 600))
    for page in (1, 2):
        canvas.setFillColorRGB(1, 0.86, 0)
        canvas.rect(100, 300, 100, 100, stroke=0, fill=1)
        canvas.setFillColorRGB(0, 0, 0)
        canvas.drawString(100, 340, f"13800138000 on page {page}")
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def test_covered_pdf_has_no_text_left_under_its_boxes_on_any_page(take: Any) -> None:
    item = cover(take("a.pdf", pdf_with_words()), Box(x=0, y=0, width=1, height=1, page=2))
    data = kept(item.derivatives.get(variant="view").sha256)
    reader = pypdf.PdfReader(io.BytesIO(data))
    assert [page.extract_text() for page in reader.pages] == ["", ""]
    assert b"13800138000" not in data
    sizes = [[round(side) for side in page.mediabox[2:]] for page in reader.pages]
    assert sizes == [[400, 600], [400, 600]]
    drawn = [page.render(scale=1).to_pil().convert("RGB") for page in pypdfium2.PdfDocument(data)]
    assert (yellow(drawn[0]) > 0, yellow(drawn[1])) == (True, 0)
    assert yellow(shown(item, "thumb")) > 0


def test_covered_text_has_blocks_where_the_number_was(take: Any) -> None:
    item = take("chat.txt", "林晓: 电话13800138000\n好".encode())
    start = redaction.suggestions(redaction.clear_text(item))[0].start
    item = cover(item, spans=[(start, start + 11)], words=["林晓"])
    assert kept(item.derivatives.get().sha256).decode() == "██: 电话███████████\n好"
    assert redaction.clear_text(item) == "林晓: 电话13800138000\n好"
    assert Redaction.objects.get().spans == [[0, 2], [6, 17]]


def test_covering_again_starts_from_the_clear_copy_and_none_uncovers(take: Any) -> None:
    item = take(data=samples.encoded(with_secret(), "JPEG"))
    before = {row.variant: row.sha256 for row in item.derivatives.all()}
    cover(item, Box(x=0, y=0, width=0.1, height=0.1))
    cover(item, OVER_SECRET)
    assert [box["x"] for box in Redaction.objects.get().boxes] == [0.24]
    assert shown(item).getpixel((20, 20)) != (0, 0, 0)
    assert {row.variant for row in Derivative.every.all()} == {"view", "thumb", "own-view", "own-thumb"}
    cover(item)
    assert {row.variant: row.sha256 for row in Derivative.every.all()} == before
    assert not Redaction.objects.exists()


def test_clear_copies_are_for_the_own_side_alone(
    client: Client, take: Any, dossier: Dossier, buyer: User, clerk: User, arbiter: User
) -> None:
    item = cover(take(data=samples.encoded(with_secret(), "JPEG")), OVER_SECRET)

    def seen(person: User, variant: str) -> int:
        client.force_login(person)
        answer = client.get(f"/files/{item.pk}/{variant}/")
        answer.getvalue()
        return answer.status_code

    assert [seen(person, "own-view") for person in (buyer, clerk, arbiter)] == [200, 404, 404]
    lodge(item)
    assert [seen(person, "own-view") for person in (buyer, clerk, arbiter)] == [200, 404, 404]
    assert [seen(person, "view") for person in (buyer, clerk, arbiter)] == [200, 200, 200]
    assert [seen(person, "original") for person in (buyer, clerk, arbiter)] == [200, 404, 200]
    assert Entry.objects.filter(verb="evidence_original_viewed").count() == 1
    assert {
        row.covered for viewer in ("buyer", "merchant", "platform") for row in queries.exhibits(dossier, viewer)
    } == {1}
    assert all("own-" not in str(row) for row in queries.exhibits(dossier, "merchant"))


def test_clear_copies_are_bytes_that_somebody_names(take: Any) -> None:
    cover(take(data=samples.encoded(with_secret(), "JPEG")), OVER_SECRET)
    assert all(keeping.named(row.sha256) for row in Derivative.every.all())


def test_covering_is_on_record_for_its_side_without_what_was_covered(take: Any) -> None:
    item = cover(take("a.txt", b"call 13800138000"), words=["13800138000"])
    entry = Entry.objects.get(verb="evidence_redacted")
    assert (entry.audience, entry.facts["places"], entry.facts["item"]) == ("buyer", 1, str(item.pk))
    assert "13800138000" not in str(entry.facts)


TEXT = b"call 13800138000"


@pytest.mark.parametrize(
    ("name", "data", "asked", "code"),
    [
        ("a.jpg", None, {"boxes": [Box(0.9, 0.9, 0.5, 0)]}, "redaction_inside"),
        ("a.jpg", None, {"boxes": [Box(1.2, 0, 0.5, 0.5)]}, "redaction_inside"),
        ("a.jpg", None, {"boxes": [Box(0, 0, 0.5, 0.5, page=2)]}, "redaction_inside"),
        ("a.pdf", samples.pdf(2), {"boxes": [Box(0, 0, 0.5, 0.5, page=3)]}, "redaction_inside"),
        ("a.jpg", None, {"boxes": [Box(0, 0, 0.5, 0.5)] * 101}, "redaction_at_most"),
        ("a.jpg", None, {"words": ["x"]}, "redaction_fits_kind"),
        ("a.txt", TEXT, {"boxes": [Box(0, 0, 1, 1)]}, "redaction_fits_kind"),
        ("a.txt", TEXT, {"spans": [(5, 99)]}, "redaction_inside"),
        ("a.txt", TEXT, {"spans": [(5, 5)]}, "redaction_inside"),
        ("a.txt", TEXT, {"words": ["nowhere"]}, "redaction_words_found"),
    ],
)
def test_what_cannot_be_covered_is_refused_and_changes_nothing(
    take: Any, name: str, data: bytes | None, asked: dict[str, Any], code: str
) -> None:
    item = take(name, data)
    before = list(Derivative.every.order_by("variant").values())
    with pytest.raises(Refused) as refused:
        redaction.redact(actor=item.uploader, item=item, at=AT, **asked)
    assert refused.value.code == code
    assert list(Derivative.every.order_by("variant").values()) == before


def test_box_is_cut_to_the_picture(take: Any) -> None:
    cover(take(), Box(x=-0.5, y=0.9, width=1, height=5))
    assert Redaction.objects.get().boxes == [{"x": 0.0, "y": 0.9, "width": 0.5, "height": 0.1, "page": 1}]


def test_evidence_sealed_before_covering_is_refused(take: Any) -> None:
    item = lodge(take())
    with pytest.raises(Refused) as refused:
        cover(item, OVER_SECRET)
    assert refused.value.code == "evidence_sealed"


def test_evidence_not_ready_is_not_covered(take: Any) -> None:
    item = take()
    Item.objects.filter(pk=item.pk).update(state=State.INSPECTING)
    with pytest.raises(Refused) as refused:
        cover(item, OVER_SECRET)
    assert refused.value.code == "evidence_not_ready"


def test_nothing_stays_in_the_incoming_folder(take: Any, folder: Path) -> None:
    cover(take("a.pdf", pdf_with_words()), Box(x=0, y=0, width=1, height=0.5))
    assert list((folder / "incoming").iterdir()) == []


def test_platform_only_needs_reason_and_hides_all_but_that_it_exists(take: Any, dossier: Dossier, buyer: User) -> None:
    item = take(caption="身份证正面", slot="id")
    with pytest.raises(Refused) as refused:
        items.restrict(actor=buyer, item=item, platform_only=True, reason="  ", at=AT)
    assert refused.value.code == "platform_only_needs_reason"
    lodge(items.restrict(actor=buyer, item=item, platform_only=True, reason="含身份证号", at=AT))
    (other,) = queries.exhibits(dossier, "merchant")
    assert (other.withheld, other.platform_only_reason, other.caption, other.thumb_url) == (True, "", "", "")
    assert queries.exhibits(dossier, "platform")[0].platform_only_reason == "含身份证号"


def test_reason_unseen_is_refused_and_a_shared_item_has_none(take: Any, buyer: User) -> None:
    item = take()
    with pytest.raises(Refused) as refused:
        items.restrict(actor=buyer, item=item, platform_only=True, reason="a\u202eb", at=AT)
    assert refused.value.code == "reason_unseen"
    items.restrict(actor=buyer, item=item, platform_only=True, reason="含身份证号", at=AT)
    again = items.restrict(actor=buyer, item=item, platform_only=False, reason="含身份证号", at=AT)
    assert (again.platform_only, again.platform_only_reason) == (False, "")
