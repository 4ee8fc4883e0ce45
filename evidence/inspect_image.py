"""Pictures: decoded to the end, measured, and redrawn upright without metadata. Runs in the inspecting process."""

import io
import math
import warnings
from pathlib import Path
from typing import Any

import PIL
import pillow_heif
from PIL import ExifTags, Image, ImageOps

from evidence import clarity, inspect_traces, likeness
from evidence.inspect_boxes import refuse_odd_boxes
from evidence.inspect_bytes import Bad, picture_end, refuse_hidden

FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP", "image/heic": "HEIF", "image/gif": "GIF"}
MOST_PIXELS = 50_000_000
MOST_FRAMES = 500
THUMB, THUMB_BYTES = 360, 15 * 1024
VIEW = 1600

Image.MAX_IMAGE_PIXELS = MOST_PIXELS
warnings.simplefilter("error", Image.DecompressionBombWarning)
pillow_heif.options.DECODE_THREADS = 1
pillow_heif.register_heif_opener(thumbnails=False)


def look(path: Path, media_type: str, room: Path) -> dict[str, Any]:
    data = path.read_bytes()
    if media_type == "image/heic":
        refuse_odd_boxes(path)
    else:
        refuse_hidden(data, picture_end(data, media_type))
    try:
        image = Image.open(io.BytesIO(data), formats=[FORMATS[media_type]])
    except (Image.DecompressionBombWarning, Image.DecompressionBombError):
        raise Bad("image_too_many_pixels") from None
    if image.width * image.height > MOST_PIXELS:
        raise Bad("image_too_many_pixels")
    if getattr(image, "n_frames", 1) > MOST_FRAMES:
        raise Bad("file_too_complex")
    if media_type == "image/png":
        image.verify()  # checks every chunk's sum, which decoding does not
        image = Image.open(io.BytesIO(data), formats=["PNG"])
    width, height, claimed = image.width, image.height, capture_at(image)
    traces = inspect_traces.of_picture(image)
    view = upright(image)
    if image.getexif().get(ExifTags.Base.Orientation, 1) >= 5:  # turned by a quarter
        width, height = height, width
    return {
        "width": width,
        "height": height,
        "capture_at": claimed,
        "tools": f"pillow {PIL.__version__}",
        "derivatives": [draw_thumb(view, room), draw_view(view, room)],
        "reading": {**traces, **read(view, width, height)},
    }


def read(view: Image.Image, width: int, height: int) -> dict[str, Any]:
    """How well it can be made out, and what it looks like."""
    grid = view.convert("L").resize(likeness.GRID, Image.Resampling.BOX)
    return {"advice": clarity.advice(view, width, height), "likeness": likeness.fingerprint(grid.tobytes())}


def upright(image: Image.Image) -> Image.Image:
    """The whole picture decoded, fitted into the view and turned as the camera was held, in plain RGB."""
    # JPEG decodes at a half, a quarter or an eighth where that is enough; every byte is still read.
    shrink = max(image.size) / VIEW
    image.draft("RGB", (math.ceil(image.width / shrink), math.ceil(image.height / shrink)))
    image.load()
    if "A" in image.getbands() or "transparency" in image.info:
        image = image.convert("RGBA")
    elif image.mode not in ("RGB", "L"):
        image = deep_grey(image).convert("RGB")
    exif = image.getexif()
    image.thumbnail((VIEW, VIEW), Image.Resampling.LANCZOS, reducing_gap=2.0)
    image.info.clear()
    image.info["exif"] = exif.tobytes() if ExifTags.Base.Orientation in exif else b""
    return ImageOps.exif_transpose(image)


def deep_grey(image: Image.Image) -> Image.Image:
    """16-bit grey scaled to 8 bits; other modes as they are."""
    if image.mode.startswith("I"):
        return image.convert("I").point(lambda level: level / 256).convert("L")
    return image


def draw_view(view: Image.Image, room: Path) -> dict[str, Any]:
    view.save(room / "view", "WEBP", quality=82, method=2, exif=b"", xmp=b"", icc_profile=b"")
    return made("view", view)


def draw_thumb(view: Image.Image, room: Path) -> dict[str, Any]:
    """Small enough for a grid of forty on a phone: quality gives way until it fits."""
    small = view.copy()
    small.thumbnail((THUMB, THUMB), Image.Resampling.LANCZOS)
    drawn = io.BytesIO()
    for quality in (78, 60, 42, 25, 10, 0):
        drawn = io.BytesIO()
        small.save(drawn, "WEBP", quality=quality, method=4, exif=b"", xmp=b"", icc_profile=b"")
        if drawn.tell() <= THUMB_BYTES:
            break
    (room / "thumb").write_bytes(drawn.getvalue())
    return made("thumb", small)


def made(variant: str, image: Image.Image) -> dict[str, Any]:
    return {"variant": variant, "media_type": "image/webp", "width": image.width, "height": image.height}


def capture_at(image: Image.Image) -> str:
    """DateTimeOriginal as ISO text, with its offset where the camera wrote one; empty where there is none."""
    camera = image.getexif().get_ifd(ExifTags.IFD.Exif)
    day, _space, time = str(camera.get(ExifTags.Base.DateTimeOriginal, "")).strip("\0 ").partition(" ")
    if not time:
        return ""
    return f"{day.replace(':', '-')}T{time}{camera.get(ExifTags.Base.OffsetTimeOriginal, '')}".strip("\0 ")
