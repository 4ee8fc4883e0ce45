"""Facts for the platform about items on file: each true, each with its source, none of them a verdict."""

import io
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pypdf
import pytest
from django.utils import translation
from PIL import ExifTags, Image, PngImagePlugin
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from evidence import likeness, queries, receiving
from evidence.facts import Fact, facts
from evidence.models import Dossier, Item, Reading
from tests.evidence import samples
from tests.evidence.conftest import AT
from tests.evidence.test_clarity import lit, paper, scene
from tests.evidence.test_items import lodge


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def elsewhere(dossier: Dossier) -> Dossier:
    return Dossier.objects.create(subject="case:DC-2026-1001-0007", buyer=dossier.buyer, store=dossier.store)


def on_file_in(other: Dossier, buyer: User, data: bytes, name: str = "b.jpg") -> Item:
    item = receiving.receive(actor=buyer, dossier=other, side="buyer", upload=samples.upload(name, data), at=AT)
    return lodge(item)


def known(dossier: Dossier, *, bought_at: Any = AT) -> list[Fact]:
    """The facts about the only item on file."""
    rows = queries.exhibits(dossier, "platform")
    return facts(Dossier.objects.filter(pk=dossier.pk), rows, bought_at=bought_at)[rows[0].id]


def photo(image: Image.Image, quality: int = 90) -> bytes:
    return samples.encoded(image, "JPEG", quality=quality)


def test_same_bytes_in_another_case_are_named_with_it(
    take: Any, dossier: Dossier, elsewhere: Dossier, buyer: User
) -> None:
    lodge(take(data=photo(scene())))
    on_file_in(elsewhere, buyer, photo(scene()))
    assert known(dossier) == [
        Fact(
            "same_file_elsewhere",
            "The same file is in 1 other dispute: DC-2026-1001-0007",
            "SHA-256",
            ("DC-2026-1001-0007",),
        )
    ]


@pytest.mark.parametrize(
    "changed",
    [
        scene().resize((800, 600)),
        lit(scene(), 1.15),
        scene().crop((8, 6, 1592, 1194)),
        scene().convert("L").convert("RGB"),
    ],
    ids=["smaller", "brighter", "cropped", "grey"],
)
def test_nearly_the_same_picture_in_another_case_is_found(
    take: Any, dossier: Dossier, elsewhere: Dossier, buyer: User, changed: Image.Image
) -> None:
    lodge(take(data=photo(scene())))
    on_file_in(elsewhere, buyer, photo(changed, quality=60))
    (fact,) = known(dossier)
    assert (fact.code, fact.cases) == ("like_picture_elsewhere", ("DC-2026-1001-0007",))
    assert fact.source.endswith("of 64 bits differ")


def test_other_pictures_and_white_pages_are_not_alike(
    take: Any, dossier: Dossier, elsewhere: Dossier, buyer: User
) -> None:
    lodge(take(data=photo(paper())))
    on_file_in(elsewhere, buyer, photo(scene()))
    page = paper()
    page.paste((0, 0, 0), (100, 1510, 500, 1530))
    on_file_in(elsewhere, buyer, photo(page), "c.jpg")
    assert known(dossier) == []


def test_unsent_files_and_files_of_this_very_case_are_no_fact(
    take: Any, dossier: Dossier, elsewhere: Dossier, buyer: User
) -> None:
    lodge(take(data=photo(scene())))
    lodge(take(data=photo(scene(), 50), side="merchant"))
    receiving.receive(
        actor=buyer, dossier=elsewhere, side="buyer", upload=samples.upload("b.jpg", photo(scene())), at=AT
    )
    assert known(dossier) == []


def test_capture_before_the_purchase_is_a_fact_from_the_file(take: Any, dossier: Dossier) -> None:
    lodge(take(data=samples.camera_jpeg()))  # taken 1 November, 10:30 in Beijing
    bought = AT.replace(day=2)
    (fact,) = known(dossier, bought_at=bought)
    assert (fact.code, fact.source) == ("taken_before_purchase", "capture time in the file, order")
    assert known(dossier, bought_at=bought - timedelta(days=2)) == []


def test_late_item_is_a_fact_of_the_clock(take: Any, dossier: Dossier) -> None:
    lodge(take(data=photo(scene())), late=True)
    (fact,) = known(dossier)
    assert (fact.code, fact.source) == ("sent_late", "case clock")


def edited_jpeg() -> bytes:
    exif = Image.Exif()
    exif[ExifTags.Base.Software] = "Adobe Photoshop 25.0 (Macintosh)"
    return samples.encoded(scene(), "JPEG", exif=exif)


def edited_xmp() -> bytes:
    packet = b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:Description xmp:CreatorTool="GIMP 2.10"/></x:xmpmeta>'
    return samples.encoded(scene(), "JPEG", xmp=packet)


def edited_png() -> bytes:
    said = PngImagePlugin.PngInfo()
    said.add_text("Software", "Snapseed 2.0")
    return samples.encoded(scene(), "PNG", pnginfo=said)


def edited_pdf() -> bytes:
    return samples.pdf(Producer="Foxit PDF Editor 12")


@pytest.mark.parametrize(
    ("name", "data", "software", "source"),
    [
        ("a.jpg", edited_jpeg(), "Adobe Photoshop 25.0 (Macintosh)", "EXIF Software"),
        ("b.jpg", edited_xmp(), "GIMP 2.10", "XMP CreatorTool"),
        ("c.png", edited_png(), "Snapseed 2.0", "PNG Software"),
        ("d.pdf", edited_pdf(), "Foxit PDF Editor 12", "PDF Producer"),
    ],
)
def test_editing_software_is_named_with_where_the_file_says_it(
    take: Any, dossier: Dossier, name: str, data: bytes, software: str, source: str
) -> None:
    lodge(take(name, data))
    assert known(dossier) == [Fact("editing_software", f"The file names the program “{software}”", source)]


def test_firmware_of_a_phone_is_no_editing_software(take: Any, dossier: Dossier) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Software], exif[ExifTags.Base.Make], exif[ExifTags.Base.Model] = "17.1.2", "Acme", "Acme One"
    lodge(take(data=samples.encoded(scene(), "JPEG", exif=exif)))
    assert known(dossier) == []
    read = Reading.objects.get()
    assert (read.device, read.software) == ("Acme One", "17.1.2")


def test_what_a_file_names_is_made_safe_to_show(take: Any) -> None:
    exif = Image.Exif()
    exif[ExifTags.Base.Software] = "Photo\x00sh\u202eop" + "x" * 500
    take(data=samples.encoded(scene(), "JPEG", exif=exif))
    read = Reading.objects.get().software
    assert read.isprintable()
    assert len(read) <= 100


def test_other_side_gets_neither_device_nor_software(take: Any, dossier: Dossier) -> None:
    lodge(take(data=edited_jpeg()))
    seen = {
        viewer: (row.software != "", row.likeness is not None)
        for viewer in ("buyer", "merchant", "platform")
        for row in queries.exhibits(dossier, viewer)
    }
    assert seen == {"buyer": (True, True), "merchant": (False, False), "platform": (True, True)}


@pytest.mark.parametrize("more", [0, 6])
def test_facts_cost_two_queries_for_few_and_many(
    take: Any, dossier: Dossier, more: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(1 + more):
        lodge(take(data=photo(scene(800 + number, 600))))
    rows = queries.exhibits(dossier, "platform")
    with django_assert_num_queries(2):
        assert len(facts(Dossier.objects.filter(pk=dossier.pk), rows, bought_at=AT)) == 1 + more
    with django_assert_num_queries(0):
        assert facts(Dossier.objects.filter(pk=dossier.pk), [], bought_at=AT) == {}


def test_keys_are_shared_by_all_marks_up_to_three_bits_apart() -> None:
    mark = 0xC3A5_0F1E_D2B4_8796
    for places in [(0, 1, 2), (5, 21, 63), (4, 8, 12)]:
        other = mark
        for place in places:
            other ^= 1 << place
        assert likeness.distance(mark, other) == 3
        assert set(enumerate(likeness.bands(mark))) & set(enumerate(likeness.bands(other)))


def test_mark_is_the_same_after_the_database(take: Any) -> None:
    take(data=photo(scene()))
    read = Reading.objects.get()
    assert read.likeness is not None
    assert [read.band_0, read.band_1, read.band_2, read.band_3] == list(likeness.bands(read.likeness))
    assert likeness.distance(read.likeness, likeness.signed(read.likeness & (1 << 64) - 1)) == 0


def test_document_without_information_has_no_traces(take: Any) -> None:
    writer, out = pypdf.PdfWriter(), io.BytesIO()
    writer.add_blank_page(200, 300)
    writer.metadata = None
    writer.write(out)
    take("a.pdf", out.getvalue())
    assert (Reading.objects.get().software, Reading.objects.get().likeness) == ("", None)
