"""How well an item can be made out: advice for its uploader, never a verdict. Runs in the inspecting process."""

from PIL import Image, ImageFilter, ImageOps, ImageStat

MEASURED = 800  # longest side, in pixels, at which sharpness and light are measured
TILES = 6
SHARP = 60.0  # variance of the Laplacian in the sharpest tile; text and edges are far above it
DARK_MEAN, DARK_BRIGHTEST = 45, 140
BRIGHT_MEAN, BRIGHT_DARKEST = 225, 160
SMALL = 800
SHORT_SECONDS, LONG_SECONDS = 3, 180
_LAPLACIAN = ImageFilter.Kernel((3, 3), (0, 1, 0, 1, -4, 1, 0, 1, 0), scale=1, offset=128)


def advice(picture: Image.Image, width: int, height: int) -> list[str]:
    """What would make the picture stronger: ``too_small``, ``too_dark``, ``too_bright``, ``blurred``; at most 4 codes.

    ``picture`` is upright and may be smaller than the ``width`` × ``height`` it was taken with.
    """
    grey = picture.convert("L")
    grey.thumbnail((MEASURED, MEASURED), Image.Resampling.BOX)
    found = ["too_small"] if max(width, height) < SMALL else []
    mean, darkest, brightest = light(grey)
    if mean < DARK_MEAN and brightest < DARK_BRIGHTEST:
        found.append("too_dark")
    elif mean > BRIGHT_MEAN and darkest > BRIGHT_DARKEST:
        found.append("too_bright")
    if sharpness(grey) < SHARP:
        found.append("blurred")
    return found


def advice_on_length(seconds: float) -> list[str]:
    """``too_short`` or ``too_long``: how a film is best watched by somebody with many cases."""
    return ["too_short"] if seconds < SHORT_SECONDS else ["too_long"] if seconds > LONG_SECONDS else []


def light(grey: Image.Image) -> tuple[float, int, int]:
    """Mean level, and the levels that all but 1 % of the pixels are above and below."""
    histogram = grey.histogram()
    tail = sum(histogram) / 100
    return ImageStat.Stat(grey).mean[0], _level(histogram, tail), 255 - _level(histogram[::-1], tail)


def _level(histogram: list[int], tail: float) -> int:
    count = 0
    for level, pixels in enumerate(histogram):
        count += pixels
        if count > tail:
            return level
    return len(histogram) - 1


def sharpness(grey: Image.Image) -> float:
    """Variance of the Laplacian in the sharpest of 36 tiles, contrast evened out first.

    By tiles, because a sharp thing before a soft background is a sharp picture.
    """
    if min(grey.size) < TILES + 2:
        return 0.0
    across, down = ((side - 2) // TILES for side in grey.size)
    edges = ImageOps.autocontrast(grey, cutoff=1).filter(_LAPLACIAN)
    corners = [(1 + across * column, 1 + down * row) for column in range(TILES) for row in range(TILES)]
    tiles = (edges.crop((left, top, left + across, top + down)) for left, top in corners)
    return max(ImageStat.Stat(tile).var[0] for tile in tiles)
