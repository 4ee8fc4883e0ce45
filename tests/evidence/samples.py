"""Files that people and attackers send, made on the spot."""

import io
import struct
import zlib
from typing import Any

import pillow_heif
import pypdf
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import ExifTags, Image
from pypdf.generic import DictionaryObject, NameObject, TextStringObject

pillow_heif.register_heif_opener()
SHENZHEN = ((22.0, 32.0, 35.0), (114.0, 3.0, 28.0))


def picture(width: int = 640, height: int = 480) -> Image.Image:
    """Red left half, blue right half, so that turning shows."""
    image = Image.new("RGB", (width, height), (200, 30, 30))
    image.paste((30, 30, 200), (width // 2, 0, width, height))
    return image


def encoded(image: Image.Image, form: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def jpeg(width: int = 640, height: int = 480, **options: Any) -> bytes:
    return encoded(picture(width, height), "JPEG", **options)


def png(width: int = 640, height: int = 480) -> bytes:
    return encoded(picture(width, height), "PNG")


def webp() -> bytes:
    return encoded(picture(), "WEBP")


def camera_jpeg(orientation: int = 1) -> bytes:
    """As a phone writes it: where it was taken, when, with which device, and how it was held."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.Make] = "SecretPhone"
    exif.get_ifd(ExifTags.IFD.Exif).update(
        {ExifTags.Base.DateTimeOriginal: "2026:11:01 10:30:00", ExifTags.Base.BodySerialNumber: "SN-778899"}
    )
    exif.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: SHENZHEN[0], 3: "E", 4: SHENZHEN[1]})
    return jpeg(exif=exif)


def heic() -> bytes:
    """As an iPhone writes it: held upright, with the place, the moment and the device."""
    exif = Image.Exif()
    exif[ExifTags.Base.Make] = "SecretPhone"
    exif.get_ifd(ExifTags.IFD.Exif).update({ExifTags.Base.DateTimeOriginal: "2026:11:01 10:30:00"})
    exif.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: SHENZHEN[0], 3: "E", 4: SHENZHEN[1]})
    return encoded(picture(), "HEIF", quality=60, exif=exif.tobytes())


def gif(frames: int = 3) -> bytes:
    """The first frame is the picture, the others flicker."""
    others = [Image.new("L", (640, 480), grey) for grey in (255, 0)] * (frames // 2)
    return encoded(picture(), "GIF", save_all=True, append_images=others[: frames - 1], duration=50)


def bomb_png() -> bytes:
    """60,000 × 60,000 pixels in a few hundred bytes."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    data = zlib.compress(bytes(100_000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def pdf(pages: int = 1, **information: str) -> bytes:
    writer = pypdf.PdfWriter()
    for _page in range(pages):
        writer.add_blank_page(200, 300)
    writer.add_metadata({f"/{key}": value for key, value in information.items()})
    return written(writer)


def large_pdf(size: int) -> bytes:
    """One page, and as many bytes of comment before the end."""
    head, mark, tail = pdf().rpartition(b"startxref")
    return head + b"%" * (size - len(head + mark + tail) - 1) + b"\n" + mark + tail


def pdf_of_photo() -> bytes:
    """A scan: the camera's JPEG, metadata and all, as the page."""
    out = io.BytesIO()
    Image.open(io.BytesIO(jpeg())).save(out, "PDF")
    reader = pypdf.PdfReader(io.BytesIO(out.getvalue()))
    writer = pypdf.PdfWriter(clone_from=reader)
    resources: Any = writer.pages[0]["/Resources"]
    next(iter(resources["/XObject"].values())).get_object()._data = camera_jpeg()
    return written(writer)


def pdf_opening(action: str, **said: str) -> bytes:
    """A PDF that does something as soon as it is opened."""
    writer = pypdf.PdfWriter()
    writer.add_blank_page(200, 300)
    what = {NameObject("/S"): NameObject(action)} | {
        NameObject(f"/{key}"): TextStringObject(value) for key, value in said.items()
    }
    writer._root_object[NameObject("/OpenAction")] = writer._add_object(DictionaryObject(what))
    return written(writer)


def pdf_with_file() -> bytes:
    writer = pypdf.PdfWriter()
    writer.add_blank_page(200, 300)
    writer.add_attachment("bill.exe", b"MZ")
    return written(writer)


def pdf_locked() -> bytes:
    writer = pypdf.PdfWriter()
    writer.add_blank_page(200, 300)
    writer.encrypt("secret")
    return written(writer)


def written(writer: pypdf.PdfWriter) -> bytes:
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def upload(name: str, data: bytes) -> "SimpleUploadedFile":
    return SimpleUploadedFile(name, data)
