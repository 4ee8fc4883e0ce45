"""Pictures that look like evidence: drawn, small, nobody's, and no two alike to whoever looks for copies."""

import io
import math
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from PIL import ExifTags, Image, ImageDraw, ImageFont

from core.clock import BEIJING
from evidence import likeness

SIZE, TAKEN = (880, 660), (640, 480)
PAGE = (794, 1123)
Draw = ImageDraw.ImageDraw
Colour = tuple[int, int, int]
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont

_FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
    "/System/Library/Fonts/PingFang.ttc",
    "/System/Library/Fonts/Hiragino Sans GB.ttc",
)
INK, GREY, PAPER = (44, 48, 56), (130, 136, 146), (252, 251, 248)
WALLS: Sequence[Colour] = ((214, 208, 198), (198, 206, 212), (222, 214, 204), (190, 198, 190), (206, 200, 214))
TABLES: Sequence[Colour] = ((150, 112, 78), (176, 146, 112), (120, 116, 112), (196, 188, 176), (132, 98, 72))
GOODS: Sequence[Colour] = ((206, 196, 178), (92, 128, 146), (178, 96, 76), (98, 124, 92), (226, 220, 208), (74, 78, 92))


@dataclass(frozen=True)
class File:
    """What somebody uploads."""

    name: str
    content: bytes
    media_type: str
    mark: int | None = None
    """A picture's fingerprint (``evidence.likeness``)."""


class Album:
    """The pictures of a world: none is nearly another by chance. Packing a picture may change a bit or two."""

    def __init__(self) -> None:
        self._marks: list[int] = []

    def add(self, file: File) -> bool:
        """Whether it is like none before it; it is kept then."""
        mark = file.mark
        if mark is None:
            return True
        if any(likeness.distance(mark, other) <= likeness.NEAR + 2 for other in self._marks):
            return False
        self._marks.append(mark)
        return True


@lru_cache(maxsize=16)
def font(size: int) -> Font | None:
    """A face with Chinese glyphs; None where the machine has none, and bars stand for the words."""
    found = next((path for path in _FONTS if Path(path).exists()), None)
    # The third face of Noto's collection is the simplified one.
    return ImageFont.truetype(found, size, index=2 if "Noto" in found else 0) if found else None


def write(draw: Draw, at: tuple[float, float], text: str, size: int = 22, fill: Colour = INK) -> float:
    """Put one line of text there; return its width in pixels."""
    face = font(size)
    if face is None:
        width = 0.62 * size * len(text)
        draw.rectangle((at[0], at[1] + size * 0.3, at[0] + width, at[1] + size * 0.9), fill=fill)
        return width
    draw.text(at, text, font=face, fill=fill)
    return float(draw.textlength(text, font=face))


def shade(colour: Colour, by: float) -> Colour:
    red, green, blue = (max(0, min(255, int(part * by))) for part in colour)
    return red, green, blue


# --- Scenes ----------------------------------------------------------------------------------------------------------
def room(dice: random.Random) -> Image.Image:
    """A table of boards before a wall of panels, in some light. No two rooms have the same ones."""
    wall, table = dice.choice(WALLS), dice.choice(TABLES)
    width, height = SIZE
    edge = int(height * dice.uniform(0.42, 0.66))
    image = lit(wall, dice.random() < 0.5).copy()
    draw = ImageDraw.Draw(image)
    for left, right in strips(dice, 50, 170):
        draw.rectangle((left, 0, right, edge), fill=shade(wall, dice.uniform(0.74, 1.1)))
    lean = dice.randint(-90, 90)
    for left, right in strips(dice, 60, 190):
        board = shade(table, dice.uniform(0.7, 1.16))
        draw.polygon(((left, edge), (right, edge), (right + lean, height), (left + lean, height)), fill=board)
    draw.line((0, edge, width, edge), fill=shade(table, 0.6), width=4)
    return image


def strips(dice: random.Random, narrow: int, wide: int) -> Iterator[tuple[int, int]]:
    """Left and right edges, side by side, beyond both sides of the scene."""
    left = -100
    while left < SIZE[0] + 100:
        right = left + dice.randint(narrow, wide)
        yield left, right
        left = right


@lru_cache(maxsize=16)
def lit(wall: Colour, upside_down: bool) -> Image.Image:
    """A wall with light from above or below."""
    light = Image.linear_gradient("L").resize(SIZE)
    light = light.transpose(Image.Transpose.ROTATE_180) if upside_down else light
    return Image.composite(Image.new("RGB", SIZE, wall), Image.new("RGB", SIZE, shade(wall, 0.78)), light)


def photo(image: Image.Image, dice: random.Random) -> Image.Image:
    """The same as a phone would take it: a little crooked, a little soft, a little noisy."""
    angle, by = math.radians(dice.uniform(-2.2, 2.2)), (SIZE[0] - 48) / TAKEN[0]
    across, down = by * math.cos(angle), by * math.sin(angle)
    left = (SIZE[0] - across * TAKEN[0] - down * TAKEN[1]) / 2
    top = (SIZE[1] + down * TAKEN[0] - across * TAKEN[1]) / 2
    seen = (across, down, left, -down, across, top)
    cut = image.transform(TAKEN, Image.Transform.AFFINE, seen, Image.Resampling.BILINEAR, fillcolor=(90, 84, 78))
    x, y = dice.randint(0, 80), dice.randint(0, 60)
    return Image.blend(cut, grain().crop((x, y, x + TAKEN[0], y + TAKEN[1])), 0.035)


@lru_cache(maxsize=1)
def grain() -> Image.Image:
    return Image.effect_noise((TAKEN[0] + 80, TAKEN[1] + 60), 9).convert("RGB")


def shadow(draw: Draw, box: tuple[float, float, float, float]) -> None:
    draw.ellipse((box[0] - 26, box[3] - 22, box[2] + 26, box[3] + 26), fill=(70, 58, 48))


def goods(draw: Draw, shape: str, dice: random.Random) -> tuple[int, int, int, int]:
    """Draw one article in the middle; return the box it fills."""
    colour, x, y = dice.choice(GOODS), dice.randint(330, 470), dice.randint(500, 560)
    drawn = _SHAPES.get(shape, _parcel)
    return drawn(draw, x, y, colour, dice.uniform(0.86, 1.14))


def _lamp(draw: Draw, x: int, y: int, colour: Colour, by: float) -> tuple[int, int, int, int]:
    wide, tall = int(130 * by), int(360 * by)
    box = (x - wide, y - tall, x + wide, y)
    shadow(draw, box)
    draw.polygon(
        (
            (x - wide * 0.55, y - tall),
            (x + wide * 0.55, y - tall),
            (x + wide, y - tall * 0.55),
            (x - wide, y - tall * 0.55),
        ),
        fill=(238, 226, 196),
        outline=(206, 190, 152),
    )
    draw.rectangle((x - 8, y - tall * 0.55, x + 8, y - tall * 0.3), fill=(150, 132, 96))
    draw.ellipse(
        (x - wide * 0.62, y - tall * 0.36, x + wide * 0.62, y), fill=colour, outline=shade(colour, 0.7), width=3
    )
    draw.ellipse((x - wide * 0.4, y - tall * 0.32, x - wide * 0.12, y - tall * 0.12), fill=shade(colour, 1.18))
    return box


def _kettle(draw: Draw, x: int, y: int, colour: Colour, by: float) -> tuple[int, int, int, int]:
    wide, tall = int(140 * by), int(270 * by)
    box = (x - wide, y - tall, x + wide, y)
    shadow(draw, box)
    draw.arc(
        (x + wide * 0.3, y - tall * 0.9, x + wide * 1.5, y - tall * 0.1), 250, 110, fill=shade(colour, 0.6), width=22
    )
    draw.rounded_rectangle(
        (x - wide * 0.8, y - tall * 0.85, x + wide * 0.7, y), 40, fill=colour, outline=shade(colour, 0.7), width=3
    )
    draw.polygon(
        ((x - wide * 0.8, y - tall * 0.7), (x - wide * 1.25, y - tall * 0.85), (x - wide * 0.8, y - tall * 0.45)),
        fill=colour,
    )
    draw.ellipse((x - 34, y - tall, x + 30, y - tall * 0.78), fill=shade(colour, 0.6))
    return box


def _phones(draw: Draw, x: int, y: int, colour: Colour, by: float) -> tuple[int, int, int, int]:
    wide, tall = int(170 * by), int(300 * by)
    box = (x - wide, y - tall, x + wide, y)
    shadow(draw, box)
    draw.arc((x - wide * 0.8, y - tall, x + wide * 0.8, y - tall * 0.1), 180, 0, fill=shade(colour, 0.7), width=26)
    for side in (-1, 1):
        left = x + side * wide * 0.78
        draw.rounded_rectangle(
            (left - 46, y - tall * 0.56, left + 46, y), 40, fill=colour, outline=shade(colour, 0.6), width=4
        )
    return box


def _coat(draw: Draw, x: int, y: int, colour: Colour, by: float) -> tuple[int, int, int, int]:
    wide, tall = int(190 * by), int(390 * by)
    box = (x - wide, y - tall, x + wide, y)
    body = ((x - wide * 0.45, y - tall), (x + wide * 0.45, y - tall), (x + wide * 0.6, y), (x - wide * 0.6, y))
    for side in (-1, 1):
        draw.polygon(
            (
                (x + side * wide * 0.4, y - tall),
                (x + side * wide, y - tall * 0.3),
                (x + side * wide * 0.7, y - tall * 0.22),
                (x + side * wide * 0.35, y - tall * 0.7),
            ),
            fill=shade(colour, 0.86),
        )
    draw.polygon(body, fill=colour, outline=shade(colour, 0.7))
    draw.line((x, y - tall * 0.95, x, y), fill=shade(colour, 0.6), width=4)
    for step in range(4):
        draw.ellipse(
            (x + 14, y - tall * (0.8 - step * 0.2), x + 26, y - tall * (0.8 - step * 0.2) + 12), fill=shade(colour, 0.5)
        )
    return box


def _chair(draw: Draw, x: int, y: int, colour: Colour, by: float) -> tuple[int, int, int, int]:
    wide, tall = int(140 * by), int(400 * by)
    box = (x - wide, y - tall, x + wide, y)
    shadow(draw, box)
    for leg in (-0.8, -0.5, 0.5, 0.8):
        draw.line((x + wide * leg * 0.8, y - tall * 0.42, x + wide * leg, y), fill=(96, 70, 48), width=14)
    draw.rounded_rectangle(
        (x - wide * 0.8, y - tall, x + wide * 0.8, y - tall * 0.5), 26, fill=colour, outline=shade(colour, 0.7), width=3
    )
    draw.rounded_rectangle((x - wide, y - tall * 0.5, x + wide, y - tall * 0.38), 18, fill=shade(colour, 0.85))
    return box


def _jar(draw: Draw, x: int, y: int, colour: Colour, by: float) -> tuple[int, int, int, int]:
    wide, tall = int(110 * by), int(250 * by)
    box = (x - wide, y - tall, x + wide, y)
    shadow(draw, box)
    draw.rounded_rectangle(
        (x - wide, y - tall * 0.86, x + wide, y), 34, fill=(222, 204, 168), outline=(170, 150, 116), width=3
    )
    draw.rounded_rectangle((x - wide * 0.9, y - tall, x + wide * 0.9, y - tall * 0.84), 12, fill=colour)
    draw.rectangle((x - wide * 0.7, y - tall * 0.62, x + wide * 0.7, y - tall * 0.24), fill=PAPER)
    return box


def _parcel(draw: Draw, x: int, y: int, colour: Colour, by: float) -> tuple[int, int, int, int]:
    wide, tall = int(210 * by), int(260 * by)
    box = (x - wide, y - tall, x + wide, y)
    shadow(draw, box)
    draw.rectangle(box, fill=(186, 146, 100), outline=(140, 104, 66), width=4)
    draw.polygon(
        ((box[0], box[1]), (box[0] + 70, box[1] - 70), (box[2] + 70, box[1] - 70), (box[2], box[1])),
        fill=(204, 166, 120),
    )
    draw.polygon(
        ((box[2], box[1]), (box[2] + 70, box[1] - 70), (box[2] + 70, box[3] - 70), (box[2], box[3])),
        fill=(160, 122, 82),
    )
    draw.rectangle((x - 26, box[1], x + 26, box[3]), fill=(214, 190, 140))
    return box


_SHAPES: dict[str, Callable[[Draw, int, int, Colour, float], tuple[int, int, int, int]]] = {
    "lamp": _lamp,
    "kettle": _kettle,
    "phones": _phones,
    "coat": _coat,
    "chair": _chair,
    "jar": _jar,
    "parcel": _parcel,
}


def crack(draw: Draw, box: tuple[int, int, int, int], dice: random.Random) -> None:
    """A crooked dark line through the lower half."""
    x, y = dice.uniform(box[0] + 40, box[2] - 40), box[3] - (box[3] - box[1]) * 0.34
    for _step in range(9):
        to = (x + dice.uniform(-16, 26), y + dice.uniform(4, 18))
        draw.line((x, y, *to), fill=(34, 28, 24), width=dice.choice((3, 4, 5)))
        x, y = to


def ring(draw: Draw, box: tuple[int, int, int, int], dice: random.Random) -> None:
    """What people draw around a fault before they upload the picture."""
    x, y = (box[0] + box[2]) / 2 + dice.uniform(-40, 40), box[3] - (box[3] - box[1]) * 0.26
    draw.ellipse((x - 74, y - 58, x + 74, y + 58), outline=(208, 44, 36), width=6)


# --- Photos ----------------------------------------------------------------------------------------------------------
def article(dice: random.Random, shape: str, *, fault: bool = True, close: bool = False) -> Image.Image:
    image = room(dice)
    draw = ImageDraw.Draw(image)
    box = goods(draw, shape, dice)
    if fault:
        crack(draw, box, dice)
        if dice.random() < 0.5:
            ring(draw, box, dice)
    if close:
        middle = ((box[0] + box[2]) // 2, int(box[3] - (box[3] - box[1]) * 0.3))
        image = image.crop((middle[0] - 220, middle[1] - 165, middle[0] + 220, middle[1] + 165)).resize(SIZE)
    return photo(image, dice)


def parcel(dice: random.Random, *, dented: bool = True, opened: bool = False) -> Image.Image:
    image = room(dice)
    draw = ImageDraw.Draw(image)
    box = _parcel(draw, dice.randint(380, 440), dice.randint(500, 540), GOODS[0], dice.uniform(0.9, 1.1))
    if opened:
        draw.rectangle((box[0] + 18, box[1] + 14, box[2] - 18, box[3] - 90), fill=(92, 70, 48))
        for _bubble in range(46):
            x, y = dice.randint(box[0] + 30, box[2] - 40), dice.randint(box[1] + 24, box[3] - 116)
            draw.ellipse((x, y, x + 20, y + 20), outline=(224, 228, 230), width=3)
    if dented:
        corner = (box[0], box[3])
        draw.polygon(
            ((corner[0], corner[1] - 120), (corner[0] + 110, corner[1]), (corner[0] + 30, corner[1] - 34)),
            fill=(104, 76, 48),
        )
        draw.line((corner[0] + 110, corner[1], corner[0] + 30, corner[1] - 34), fill=(70, 50, 32), width=4)
    _slip(draw, box[2] - 170, box[1] + 30, dice, small=True)
    return photo(image, dice)


def _slip(draw: Draw, x: float, y: float, dice: random.Random, *, small: bool = False) -> None:
    by = 0.5 if small else 1.5
    draw.rectangle((x, y, x + 240 * by, y + 160 * by), fill=PAPER, outline=GREY)
    _bars(draw, x + 14 * by, y + 14 * by, 200 * by, 46 * by, dice)
    for line in range(3):
        draw.rectangle(
            (x + 14 * by, y + (80 + line * 22) * by, x + dice.randint(120, 210) * by, y + (90 + line * 22) * by),
            fill=GREY,
        )


def _bars(draw: Draw, x: float, y: float, width: float, height: float, dice: random.Random) -> None:
    at = x
    while at < x + width:
        thick = dice.choice((1, 2, 3, 4))
        draw.rectangle((at, y, at + thick, y + height), fill=INK)
        at += thick + dice.choice((2, 3, 4))


def waybill(dice: random.Random, number: str, *, weight: str = "", signed: str = "") -> Image.Image:
    """A parcel label on the table, seen from above, as the hand held the phone."""
    image = room(dice)
    draw = ImageDraw.Draw(image)
    x, y = dice.randint(60, 220), dice.randint(40, 180)
    draw.rectangle((x, y, x + 600, y + 440), fill=PAPER, outline=GREY, width=2)
    write(draw, (x + 24, y + 16), "顺捷快运", 34)
    write(draw, (x + 430, y + 24), "代收 ¥0.00", 20, GREY)
    _bars(draw, x + 24, y + 80, 540, 90, dice)
    write(draw, (x + 150, y + 178), number, 26)
    draw.line((x, y + 224, x + 600, y + 224), fill=GREY, width=2)
    write(draw, (x + 24, y + 240), "收 林** 138****0916  云州市清河区枫林路 ** 号", 20)
    write(draw, (x + 24, y + 280), "寄 ** 店铺 仓库 400***0000", 20, GREY)
    draw.line((x, y + 322, x + 600, y + 322), fill=GREY, width=2)
    write(draw, (x + 24, y + 340), weight or f"重量 {dice.uniform(1.2, 4.8):.2f} kg   件数 1/1", 24)
    if signed:
        write(draw, (x + 24, y + 386), signed, 24, (40, 64, 140))
    return photo(image, dice)


@dataclass(frozen=True)
class Bubble:
    """One message on a phone's screen."""

    mine: bool
    lines: list[str]
    left: int
    top: int
    width: int
    height: int


SCREEN = (540, 900)
THEMES: Sequence[tuple[Colour, Colour, Colour, Colour, Colour]] = (
    ((236, 238, 241), (202, 228, 250), (255, 255, 255), (250, 250, 251), INK),
    ((24, 27, 33), (38, 92, 140), (58, 62, 72), (34, 37, 44), (236, 238, 242)),
    ((222, 231, 222), (170, 222, 150), (250, 252, 248), (206, 220, 206), INK),
    ((244, 236, 224), (250, 214, 150), (255, 252, 246), (248, 244, 236), INK),
)
"""Ground, own bubbles, the other's, head, ink."""


def bubbles(messages: Sequence[tuple[str, str]], wrap: int) -> Iterator[Bubble]:
    top = 104
    for who, text in messages:
        lines = [text[at : at + wrap] for at in range(0, len(text), wrap)]
        height, width = 24 + 32 * len(lines), 30 + 23 * max(map(len, lines))
        yield Bubble(who == "me", lines, SCREEN[0] - 84 - width if who == "me" else 84, top, width, height)
        top += height + 26


def screen_height(messages: Sequence[tuple[str, str]], wrap: int) -> int:
    last = list(bubbles(messages, wrap))[-1]
    return max(420, min(SCREEN[1], last.top + last.height + 56))


def chat(dice: random.Random, messages: Sequence[tuple[str, str]], wrap: int = 15) -> Image.Image:
    """A phone's screen with a conversation: (``me`` or ``them``, text), so many signs a line."""
    ground, own, theirs, head, ink = dice.choice(THEMES)
    image = Image.new("RGB", SCREEN, ground)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, SCREEN[0], 76), fill=head)
    write(draw, (210, 24), "商家客服", 24, ink)
    for said in bubbles(messages, wrap):
        place = SCREEN[0] - 68 if said.mine else 18
        draw.ellipse((place, said.top, place + 50, said.top + 50), fill=(70, 120, 170) if said.mine else (178, 120, 70))
        frame = (said.left, said.top, said.left + said.width, said.top + said.height)
        draw.rounded_rectangle(frame, 14, fill=own if said.mine else theirs)
        for number, line in enumerate(said.lines):
            write(draw, (said.left + 15, said.top + 11 + 32 * number), line, 22, ink)
    return image.crop((0, 0, SCREEN[0], screen_height(messages, wrap)))


def place_of(words: str, messages: Sequence[tuple[str, str]], wrap: int = 15) -> tuple[float, float, float, float]:
    """Where the line with these words stands: x, y, width, height in parts of the conversation's picture."""
    said, number = next(
        (said, number) for said in bubbles(messages, wrap) for number, line in enumerate(said.lines) if words in line
    )
    tall = screen_height(messages, wrap)
    return said.left / SCREEN[0], (said.top + 8 + 32 * number) / tall, said.width / SCREEN[0], 34 / tall


def listing(dice: random.Random, shape: str, title: str, lines: Sequence[str]) -> Image.Image:
    """A goods page as it stood when the order was placed."""
    image = Image.new("RGB", (600, 900), (255, 255, 255))
    head = room(dice)
    goods(ImageDraw.Draw(head), shape, dice)
    tall = dice.randint(380, 560)
    image.paste(head.resize((600, tall)), (0, 0))
    draw = ImageDraw.Draw(image)
    write(draw, (24, tall + 24), title[:22], 28)
    for number, line in enumerate(lines[:4]):
        top = tall + 68 + number * 46
        draw.ellipse((28, top + 10, 38, top + 20), fill=(190, 90, 50))
        write(draw, (52, top), line[:24], 22, (70, 74, 82))
    draw.rounded_rectangle((24, 820, 576, 876), 28, fill=(196, 92, 52))
    write(draw, (252, 832), "立即购买", 24, (255, 255, 255))
    return image


def sheet(title: str, rows: Sequence[tuple[str, str]], stamp: str = "") -> Image.Image:
    """A page of paper with a table, and a round stamp."""
    image = Image.new("RGB", PAGE, (255, 255, 255))
    draw = ImageDraw.Draw(image)
    write(draw, (PAGE[0] / 2 - 18 * len(title), 90), title, 36)
    draw.line((90, 156, PAGE[0] - 90, 156), fill=INK, width=3)
    for number, (name, value) in enumerate(rows):
        top = 190 + number * 62
        draw.rectangle((90, top, PAGE[0] - 90, top + 62), outline=GREY)
        draw.line((300, top, 300, top + 62), fill=GREY)
        write(draw, (108, top + 17), name, 22)
        write(draw, (318, top + 17), value[:20], 22)
    if stamp:
        x, y = PAGE[0] - 250, 230 + len(rows) * 62
        draw.ellipse((x - 80, y, x + 90, y + 170), outline=(206, 58, 48), width=5)
        write(draw, (x - 62, y + 70), stamp[:7], 20, (206, 58, 48))
    return image


# --- As files --------------------------------------------------------------------------------------------------------
def jpeg(image: Image.Image, name: str, *, taken_at: datetime | None = None) -> File:
    """A JPEG of at most 40 KB, with the moment a camera would have noted."""
    exif = Image.Exif()
    if taken_at is not None:
        local = taken_at.astimezone(BEIJING)
        exif.get_ifd(ExifTags.IFD.Exif).update(
            {ExifTags.Base.DateTimeOriginal: f"{local:%Y:%m:%d %H:%M:%S}", ExifTags.Base.OffsetTimeOriginal: "+08:00"}
        )
    out = io.BytesIO()
    for quality in (74, 62, 50, 38):
        out = io.BytesIO()
        image.save(out, "JPEG", quality=quality, exif=exif.tobytes() if taken_at is not None else b"")
        if out.tell() <= 40 * 1024:
            break
    return File(name, out.getvalue(), "image/jpeg", mark_of(image))


def png(image: Image.Image, name: str) -> File:
    """A screen's picture, in few colours."""
    out = io.BytesIO()
    image.quantize(48, Image.Quantize.FASTOCTREE).save(out, "PNG", optimize=True)
    return File(name, out.getvalue(), "image/png", mark_of(image))


def mark_of(image: Image.Image) -> int | None:
    return likeness.fingerprint(image.convert("L").resize(likeness.GRID, Image.Resampling.BOX).tobytes())


def pdf(image: Image.Image, name: str) -> File:
    out = io.BytesIO()
    image.save(out, "PDF", resolution=96, quality=55)
    return File(name, out.getvalue(), "application/pdf")


def text(lines: Sequence[str], name: str) -> File:
    return File(name, "\n".join(lines).encode(), "text/plain")
