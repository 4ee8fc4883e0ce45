"""Videos: opened by the one demuxer their bytes name, shown as a still and as a copy that browsers play.

Runs in the inspecting process. The copy holds one picture and one sound track and nothing else: no place, no device, no
data tracks. It is copied as it is where browsers play it so, and drawn again otherwise.
"""

import itertools
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from av.video.frame import VideoFrame
from PIL import Image

from evidence import clarity
from evidence.inspect_boxes import refuse_odd_boxes
from evidence.inspect_bytes import Bad
from evidence.inspect_image import VIEW, draw_thumb, made

MOST_SECONDS = 30 * 60
MOST_PIXELS = 4096 * 2304
MOST_STREAMS = 16
REDRAWN_SIDE = 1280
REDRAW_CPU_SECONDS = 60
"""When drawing again takes longer, the copy keeps the pictures as they came: fewer browsers play it."""
CUT_SHORT = 0.9
"""Less than this share of the announced length is a file cut short."""

_MP4 = {"picture": {"h264"}, "sound": {"aac", "mp3"}}
_WEBM = {"picture": {"vp8", "vp9", "av1"}, "sound": {"opus", "vorbis"}}
_PLAIN = {"yuv420p", "yuvj420p"}


class TooSlow(Exception):
    """Drawing again takes more time than there is."""


def look(path: Path, media_type: str, room: Path) -> dict[str, Any]:
    webm = media_type == "video/webm"
    if not webm:
        refuse_odd_boxes(path)
    with _opened(path, webm) as source:
        picture = _picture_of(source)
        seconds = _seconds(source, picture)
        still = _upright(_first_frame(source, picture))
        width, height = still.size
        still.thumbnail((VIEW, VIEW), Image.Resampling.LANCZOS)
        still.save(room / "poster", "WEBP", quality=80, method=2)
        derivatives = [draw_thumb(still, room), made("poster", still)]
    derivatives.append(_copy(path, webm, seconds, room))
    return {
        "width": width,
        "height": height,
        "duration_ms": round(seconds * 1000),
        "tools": f"pyav {av.__version__}, ffmpeg {av.ffmpeg_version_info}",
        "derivatives": derivatives,
        "reading": {"advice": clarity.advice_on_length(seconds)},
    }


def _opened(path: Path, webm: bool) -> Any:
    """The container. Read through a file object by a demuxer we chose: no protocol, no second file is ever opened."""
    return av.open(
        path.open("rb"),
        format="matroska" if webm else "mov",
        options={"enable_drefs": "0"} if not webm else {},
        buffer_size=1 << 20,
        io_open=_refuse_more_files,
    )


def _refuse_more_files(url: str, flags: int, options: dict[str, str]) -> Any:
    raise Bad("file_has_hidden_content")


def _picture_of(source: Any) -> Any:
    if len(source.streams) > MOST_STREAMS:
        raise Bad("file_too_complex")
    if not source.streams.video:
        raise Bad("video_without_picture")
    picture = source.streams.video[0]
    context = picture.codec_context
    if context is None or not context.width:
        raise Bad("video_without_picture")
    if context.width * context.height > MOST_PIXELS:
        raise Bad("video_too_many_pixels")
    context.thread_count = 1
    return picture


def _seconds(source: Any, picture: Any) -> float:
    """What the file announces; 0 where it announces nothing, as screen recordings of browsers do."""
    if source.duration:
        seconds = source.duration / av.time_base
    elif picture.duration:
        seconds = float(picture.duration * picture.time_base)
    else:
        seconds = 0.0
    if seconds > MOST_SECONDS:
        raise Bad("video_too_long")
    return float(seconds)


def _first_frame(source: Any, picture: Any) -> VideoFrame:
    """The first picture that decodes; a decoder that finds none has not accepted the file."""
    for packet in itertools.islice(source.demux(picture), 300):
        for frame in packet.decode():
            return frame  # type: ignore[no-any-return]
    raise Bad("file_unreadable")


def _upright(frame: VideoFrame) -> Image.Image:
    image: Image.Image = frame.to_image()  # type: ignore[no-untyped-call]
    return image.rotate(frame.rotation, expand=True) if frame.rotation else image


def _copy(path: Path, webm: bool, seconds: float, room: Path) -> dict[str, Any]:
    """The variant ``view``."""
    with _opened(path, webm) as source:
        picture = _picture_of(source)
        sound = source.streams.audio[0] if source.streams.audio else None
        if _plays(picture, sound, _WEBM):
            return _remuxed(source, picture, sound, room, "webm", seconds)
        if _plays(picture, sound, _MP4):
            return _remuxed(source, picture, sound, room, "mp4", seconds)
        try:
            return _redrawn(source, picture, sound, room, seconds)
        except TooSlow:
            pass
    with _opened(path, webm) as source:
        picture = _picture_of(source)
        sound = source.streams.audio[0] if source.streams.audio else None
        return _remuxed(source, picture, sound, room, "webm" if webm else "mp4", seconds)


def _plays(picture: Any, sound: Any, family: dict[str, set[str]]) -> bool:
    context = picture.codec_context
    known = context.name.removeprefix("lib") in family["picture"] or context.codec.canonical_name in family["picture"]
    return known and context.pix_fmt in _PLAIN and (sound is None or _name(sound) in family["sound"])


def _name(stream: Any) -> str:
    return str(stream.codec_context.codec.canonical_name)


def _target(room: Path, form: str) -> Any:
    options = {"movflags": "+faststart", "fflags": "+bitexact"} if form == "mp4" else {"fflags": "+bitexact"}
    return av.open(str(room / "view"), "w", format=form, container_options=options)


def _remuxed(source: Any, picture: Any, sound: Any, room: Path, form: str, seconds: float) -> dict[str, Any]:
    """The same pictures and sounds in a new, empty container. Every packet is read, so a cut file shows."""
    last = 0.0
    with _target(room, form) as target:
        pairs = {}
        for stream in filter(None, (picture, sound)):
            made_stream = target.add_stream_from_template(stream)
            made_stream.metadata.clear()
            pairs[stream.index] = made_stream
        for packet in source.demux([stream for stream in (picture, sound) if stream is not None]):
            if packet.dts is None:
                continue
            if packet.stream.index == picture.index and packet.pts is not None:
                last = max(last, float(packet.pts * packet.time_base))
                _refuse_endless(last)
            packet.stream = pairs[packet.stream.index]
            target.mux(packet)
    _refuse_cut(last, seconds, picture)
    return _made_view(form, picture.codec_context)


def _redrawn(source: Any, picture: Any, sound: Any, room: Path, seconds: float) -> dict[str, Any]:
    """H.264 and AAC, upright, at most 1280 wide or high."""
    rate = min(Fraction(picture.average_rate or 30), Fraction(30))
    out: Any = None
    with _target(room, "mp4") as target:
        voice = target.add_stream("aac", rate=44_100) if sound is not None else None
        last, drawn_until = 0.0, -1.0
        for frame in _frames(source, picture, sound):
            if time.process_time() > REDRAW_CPU_SECONDS:
                raise TooSlow
            if not isinstance(frame, VideoFrame):
                frame.pts = None
                for packet in voice.encode(frame) if voice is not None else ():
                    target.mux(packet)
                continue
            last = max(last, frame.time or 0.0)
            _refuse_endless(last)
            if out is None:
                out = _h264(target, frame, rate)
            if (frame.time or 0.0) < drawn_until:
                continue
            drawn_until = (frame.time or 0.0) + float(1 / rate) * 0.9
            for packet in out.encode(_fitted(frame, out)):
                target.mux(packet)
        for stream in filter(None, (out, voice)):
            for packet in stream.encode():
                target.mux(packet)
    _refuse_cut(last, seconds, picture)
    return _made_view("mp4", out.codec_context)


def _frames(source: Any, picture: Any, sound: Any) -> Iterator[Any]:
    for packet in source.demux([stream for stream in (picture, sound) if stream is not None]):
        yield from packet.decode()


def _h264(target: Any, frame: VideoFrame, rate: Fraction) -> Any:
    turned = abs(frame.rotation) % 180 == 90
    width, height = (frame.height, frame.width) if turned else (frame.width, frame.height)
    scale = min(1.0, REDRAWN_SIDE / max(width, height))
    out = target.add_stream("libx264", rate=rate, options={"preset": "veryfast", "crf": "27", "threads": "1"})
    out.width, out.height = max(2, round(width * scale / 2) * 2), max(2, round(height * scale / 2) * 2)
    out.pix_fmt = "yuv420p"
    out.codec_context.time_base = Fraction(1, 90_000)
    return out


def _fitted(frame: VideoFrame, out: Any) -> VideoFrame:
    moment = frame.time or 0.0
    if frame.rotation:
        drawn = _upright(frame).resize((out.width, out.height))
        frame = VideoFrame.from_image(drawn)  # type: ignore[no-untyped-call]
    fitted: VideoFrame = frame.reformat(out.width, out.height, format="yuv420p")
    fitted.pts, fitted.time_base = round(moment * 90_000), Fraction(1, 90_000)
    return fitted


def _refuse_endless(seconds: float) -> None:
    if seconds > MOST_SECONDS:
        raise Bad("video_too_long")


def _refuse_cut(last: float, seconds: float, picture: Any) -> None:
    frame = float(1 / picture.average_rate) if picture.average_rate else 0.1
    if last + frame < seconds * CUT_SHORT - 0.5:
        raise Bad("file_unreadable")


def _made_view(form: str, context: Any) -> dict[str, Any]:
    return {"variant": "view", "media_type": f"video/{form}", "width": context.width, "height": context.height}
