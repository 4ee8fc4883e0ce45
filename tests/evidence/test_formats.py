"""What becomes of each kind of file: stills, films, pages, conversations."""

import io
from typing import Any

import av
import pytest
from PIL import Image

from accounts.models import User
from core.errors import Refused
from evidence import checking, receiving, types
from evidence.models import Dossier, Item, State
from tests.evidence import samples, videos
from tests.evidence.conftest import AT, kept

H264 = videos.video(make="SecretPhone", location=videos.PLACE)


def checked(item: Item) -> Item:
    done = checking.check(item.pk)
    assert done is not None
    return done


def view_of(item: Item) -> bytes:
    return kept(item.derivatives.get(variant="view").sha256)


def opened(data: bytes) -> tuple[list[str], dict[str, str], int, tuple[int, int]]:
    """Codecs, what the container says beside, how the picture is turned, its size."""
    with av.open(io.BytesIO(data), "r") as found:
        frame = next(found.decode(video=0))
        said = {**found.metadata, **{key: value for stream in found.streams for key, value in stream.metadata.items()}}
        codecs = sorted(stream.codec_context.codec.canonical_name for stream in found.streams)
        return codecs, said, frame.rotation, (frame.width, frame.height)


@pytest.mark.parametrize("name", ["IMG_1.HEIC", "a.heif"])
def test_heic_becomes_an_upright_still_without_metadata(take: Any, name: str) -> None:
    data = samples.heic()
    assert b"SecretPhone" in data
    item = take(name, data)
    assert (item.media_type, item.kind, item.width, item.height) == ("image/heic", "photo", 640, 480)
    assert item.capture_at.isoformat() == "2026-11-01T10:30:00+08:00"
    view = view_of(item)
    image = Image.open(io.BytesIO(view)).convert("RGB")
    assert (image.size, len(image.getexif()), b"SecretPhone" in view) == ((640, 480), 0, False)
    assert item.derivatives.get(variant="thumb").size <= 25 * 1024


def test_gif_shows_its_first_frame(take: Any) -> None:
    item = take("a.gif", samples.gif())
    assert (item.media_type, item.width) == ("image/gif", 640)
    image = Image.open(io.BytesIO(view_of(item))).convert("RGB")
    assert getattr(image, "n_frames", 1) == 1
    left, right = image.getpixel((5, 5)), image.getpixel((630, 5))
    assert isinstance(left, tuple)
    assert isinstance(right, tuple)
    assert (left[0] > 128, right[2] > 128) == (True, True)


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.gif", samples.gif(501), "file_too_complex"),
        ("a.gif", samples.gif() + b"PK\x05\x06" + bytes(18), "file_has_hidden_content"),
        ("a.gif", samples.gif() + b"<script>", "file_has_hidden_content"),
        ("a.gif", samples.gif()[:-300], "file_unreadable"),
        ("a.heic", samples.heic()[:-200], "file_unreadable"),
        ("a.heic", samples.heic() + b"PK\x05\x06" + bytes(18), "file_unreadable"),
        ("a.heic", samples.jpeg(), "file_content_mismatch"),
        ("a.jpg", samples.heic(), "file_content_mismatch"),
        ("a.mp4", b"#EXTM3U\nhttp://127.0.0.1:9/x", "file_content_mismatch"),
        ("a.mp4", b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\n", "file_content_mismatch"),
        ("a.mp4", b"ffconcat version 1.0\nfile http://127.0.0.1:9/x", "file_content_mismatch"),
        ("a.webm", H264, "file_content_mismatch"),
        ("a.mov", samples.png(), "file_content_mismatch"),
        ("a.csv", b"<html><script>", "file_content_mismatch"),
        ("a.json", b"MZ\x90", "file_content_mismatch"),
        ("a.json", b"{not json", "file_unreadable"),
        ("a.json", b"[" * 100_000, "file_unreadable"),
    ],
)
def test_damaged_or_disguised_file_is_refused(take: Any, name: str, data: bytes, code: str) -> None:
    with pytest.raises(Refused) as refused:
        take(name, data)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("name", "form", "codec", "sound", "codecs", "said"),
    [
        ("a.mp4", "mp4", "libx264", "aac", ["aac", "h264"], {"make": "SecretPhone", "location": videos.PLACE}),
        ("a.mov", "mov", "libx264", "aac", ["aac", "h264"], {"com.apple.quicktime.location.ISO6709": videos.PLACE}),
        ("a.mp4", "mov", "mpeg4", "aac", ["aac", "h264"], {"location": videos.PLACE}),
        ("a.mov", "mov", "libx265", "", ["h264"], {"location": videos.PLACE}),
        ("a.webm", "webm", "libvpx", "libopus", ["opus", "vp8"], {"title": "SecretPhone"}),
        ("a.webm", "webm", "libvpx-vp9", "libopus", ["opus", "vp9"], {"title": "SecretPhone"}),
    ],
)
def test_video_gets_a_poster_and_a_copy_that_plays_without_what_the_phone_noted(
    take: Any, name: str, form: str, codec: str, sound: str, codecs: list[str], said: Any
) -> None:
    data = videos.video(form, codec, sound=sound, **said)
    assert any(value.encode() in data for value in said.values())
    waiting = take(name, data)
    assert (waiting.state, waiting.kind, waiting.derivatives.count()) == (State.INSPECTING, "video", 0)
    item = checked(waiting)
    assert (item.state, item.width, item.height, round(item.duration_ms or 0, -3)) == (State.READY, 320, 240, 1000)
    made = {row.variant: row for row in item.derivatives.all()}
    assert set(made) == {"thumb", "poster", "view"}
    assert made["thumb"].size <= 25 * 1024
    view = view_of(item)
    found, metadata, _turned, _size = opened(view)
    assert found == codecs
    assert made["view"].media_type == ("video/webm" if form == "webm" else "video/mp4")
    assert [word for word in ("SecretPhone", videos.PLACE) if word.encode() in view or word in metadata.values()] == []


@pytest.mark.parametrize("codec", ["libx264", "mpeg4"])
def test_video_held_upright_stays_upright(take: Any, codec: str) -> None:
    item = checked(take("a.mov", videos.video("mov", codec, turned=90)))
    assert (item.width, item.height) == (240, 320)
    poster = Image.open(io.BytesIO(kept(item.derivatives.get(variant="poster").sha256))).convert("RGB")
    top, bottom = poster.getpixel((120, 5)), poster.getpixel((120, 315))
    assert isinstance(top, tuple)
    assert isinstance(bottom, tuple)
    _codecs, _said, turned, size = opened(view_of(item))
    # A quarter turn to the left: what was on the right is on top.
    assert (top[2] > 128, bottom[0] > 128) == (True, True)
    assert (turned, size) in [(90, (320, 240)), (0, (240, 320))]


def test_large_video_is_drawn_smaller(take: Any) -> None:
    item = checked(take("a.mp4", videos.video(codec="mpeg4", size=(1920, 1080), seconds=0.3)))
    view = item.derivatives.get(variant="view")
    assert (item.width, item.height, view.width, view.height) == (1920, 1080, 1280, 720)


def cut(data: bytes, share: float) -> bytes:
    """Cut as a lost connection cuts; what stood first is kept."""
    return data[: int(len(data) * share)]


@pytest.mark.parametrize(
    ("name", "data", "code"),
    [
        ("a.mp4", cut(H264, 0.5), "file_unreadable"),
        ("a.mp4", H264[:40], "file_unreadable"),
        ("a.mp4", H264[:32] + bytes(5000), "file_unreadable"),
        ("a.mp4", H264 + b"PK\x05\x06" + bytes(18), "file_unreadable"),
        ("a.mp4", H264 + b"\0\0\0\x1efree" + b"PK\x05\x06" + bytes(18), "file_has_hidden_content"),
        ("a.webm", cut(videos.video("webm", "libvpx", sound="libopus", seconds=4), 0.4), "file_unreadable"),
        ("a.webm", b"\x1aE\xdf\xa3\x9fB\x86\x81\x01webm" + bytes(500), "file_unreadable"),
        ("a.mp4", videos.video(seconds=1801, rate=1, sound="", size=(32, 32)), "video_too_long"),
        ("a.mp4", videos.video(codec="mpeg4", size=(7680, 4320), seconds=0.1, sound=""), "video_too_many_pixels"),
        ("a.mp4", videos.sound_only(), "video_without_picture"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_bad_video_is_refused_with_a_reason(take: Any, name: str, data: bytes, code: str) -> None:
    item = checked(take(name, data))
    assert (item.state, item.refused_code, item.derivatives.count()) == (State.REFUSED, code, 0)


def test_pdf_shows_its_first_pages_as_pictures(take: Any) -> None:
    item = take("bill.pdf", samples.pdf(pages=10))
    made = {row.variant: row.media_type for row in item.derivatives.all()}
    assert made == {f"page-{number}": "image/webp" for number in range(1, 9)} | {
        "thumb": "image/webp",
        "view": "application/pdf",
    }


@pytest.mark.parametrize(
    ("name", "data", "view"),
    [
        (
            "chat.csv",
            '时间,发送人,内容\n2026-11-20 14:03,林晓,还没收到\n2026-11-20 14:05,客服,"今天发\n请放心"\n',
            "林晓 2026-11-20 14:03\n    还没收到\n\n客服 2026-11-20 14:05\n    今天发\n    请放心\n",
        ),
        ("chat.json", '[{"sender": "Lin", "time": 1795154602, "text": "hi"}]', "Lin 2026-11-20 14:03:22\n    hi\n"),
        ("notes.json", '{"a":1}', '{\n  "a": 1\n}'),
        ("table.csv", "a,b\n1,2\n", "a,b\n1,2\n"),
    ],
)
def test_chat_export_is_read_as_a_transcript_and_other_tables_as_they_are(
    take: Any, name: str, data: str, view: str
) -> None:
    item = take(name, data.encode())
    made = item.derivatives.get()
    assert (item.kind, made.variant, made.media_type) == ("chat", "view", "text/plain")
    assert kept(made.sha256).decode() == view


@pytest.mark.parametrize("taken", types.TAKEN, ids=lambda taken: str(taken.label))
def test_file_over_the_limit_of_its_type_is_refused_before_it_is_read(
    dossier: Dossier, buyer: User, taken: types.Type
) -> None:
    upload = samples.upload(f"a{taken.suffixes[0]}", b"x")
    upload.size = taken.limit + 1
    with pytest.raises(Refused) as refused:
        receiving.receive(actor=buyer, dossier=dossier, side="buyer", upload=upload, at=AT)
    assert (refused.value.code, refused.value.status) == ("file_too_large", 413)
