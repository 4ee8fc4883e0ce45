"""A 64-bit fingerprint of what a picture looks like (dHash): near-duplicates differ in few bits."""

GRID = (9, 8)
"""Width and height a picture is shrunk to, in grey."""
NEAR = 6
"""Two pictures whose fingerprints differ in at most so many of 64 bits are nearly the same."""
BANDS = 4
_EVERY_FOURTH = 0x1111_1111_1111_1111
_CLEAR = 3  # levels of 255: less is noise, or print so small that it is grey
_FEATURELESS = 12  # with fewer bits set (or unset), any two white pages would be alike


def fingerprint(levels: bytes) -> int | None:
    """One bit for each of 8 × 8 levels of the GRID clearly above its right neighbour; None where too few are."""
    places = [row * 9 + column for row in range(8) for column in range(8)]
    bits = [levels[place] > levels[place + 1] + _CLEAR for place in places]
    found = sum(bit << place for place, bit in enumerate(bits))
    return found if _FEATURELESS <= found.bit_count() <= 64 - _FEATURELESS else None


def bands(mark: int) -> tuple[int, ...]:
    """Four 16-bit keys, each of every fourth bit. Marks at most 3 bits apart share one for certain, most up to 6 do."""
    return tuple(_packed(mark >> band & _EVERY_FOURTH) for band in range(BANDS))


def _packed(spread: int) -> int:
    return sum((spread >> 4 * place & 1) << place for place in range(16))


def distance(one: int, other: int) -> int:
    """In how many of their 64 bits two fingerprints differ."""
    return ((one ^ other) & 0xFFFF_FFFF_FFFF_FFFF).bit_count()


def signed(mark: int) -> int:
    """The same 64 bits as a database stores them."""
    return mark - (1 << 64) if mark >> 63 else mark
