"""Videos that phones, browsers and attackers send, made on the spot."""

import io
from fractions import Fraction
from typing import Any

import av
from av.audio.frame import AudioFrame
from av.video.frame import VideoFrame

from tests.evidence.samples import picture

PLACE = "+22.5431+114.0579/"


def video(
    form: str = "mp4",
    codec: str = "libx264",
    *,
    seconds: float = 1.0,
    size: tuple[int, int] = (320, 240),
    rate: int = 10,
    sound: str = "aac",
    turned: int = 0,
    **metadata: str,
) -> bytes:
    """Red left half, blue right half; ``turned``: degrees, as a phone held upright writes it."""
    out = io.BytesIO()
    with av.open(out, "w", format=form, options={"movflags": "use_metadata_tags"} if form != "webm" else {}) as target:
        target.metadata.update(metadata)
        stream: Any = target.add_stream(codec, rate=rate)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        if turned:
            stream.set_display_rotation(turned)
        voice: Any = target.add_stream(sound, rate=48_000) if sound else None
        drawn: Any = VideoFrame.from_image(picture(*size))  # type: ignore[no-untyped-call]
        still = drawn.reformat(format="yuv420p")
        for number in range(round(seconds * rate)):
            still.pts, still.time_base = number, Fraction(1, rate)
            for packet in stream.encode(still):
                target.mux(packet)
        if voice is not None:
            for number in range(round(seconds * 48_000 / 960)):
                target.mux(voice.encode(_silence(voice, number)))
        for last in filter(None, (stream, voice)):
            target.mux(last.encode())
    return out.getvalue()


def _silence(voice: Any, number: int) -> AudioFrame:
    frame = AudioFrame(format="s16", layout="stereo", samples=960)
    for plane in frame.planes:
        plane.update(bytes(plane.buffer_size))
    frame.sample_rate, frame.pts, frame.time_base = 48_000, number * 960, Fraction(1, 48_000)
    return frame


def sound_only() -> bytes:
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as target:
        voice: Any = target.add_stream("aac", rate=48_000)
        for number in range(50):
            target.mux(voice.encode(_silence(voice, number)))
        target.mux(voice.encode())
    return out.getvalue()


def padded(data: bytes, size: int) -> bytes:
    """As long as wanted, by a box that players skip."""
    rest = size - len(data)
    return data + rest.to_bytes(4, "big") + b"free" + bytes(rest - 8)
