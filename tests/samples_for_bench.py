"""A photo and a film of an exact size, as a phone makes them."""

import io

from PIL import Image

from tests.evidence import videos


def photo(size: int) -> bytes:
    """A 12-megapixel JPEG, filled up with a comment."""
    out = io.BytesIO()
    Image.effect_noise((4000, 3000), 20).convert("RGB").save(out, "JPEG", quality=75)
    data = out.getvalue()
    assert len(data) < size - 70_000, len(data)
    comments, missing = b"", size - len(data)
    while missing:
        length = min(missing, 65_000) if missing - min(missing, 65_000) not in range(1, 5) else missing - 5
        comments += b"\xff\xfe" + (length - 2).to_bytes(2, "big") + b"x" * (length - 4)
        missing -= length
    return data[:2] + comments + data[2:]


def film(size: int) -> bytes:
    return videos.padded(videos.video(seconds=2), size)
