"""What the uploader is advised, on drawn pictures: sharp, blurred, dark, glaring, tiny."""

import random
from typing import Any

import pytest
from django.utils import translation
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter

from evidence import advice, clarity, queries
from evidence.clarity import advice as advised
from evidence.models import Dossier
from tests.evidence import samples
from tests.evidence.test_items import lodge


def scene(width: int = 1600, height: int = 1200) -> Image.Image:
    """Sixty shapes of many colours on grey, as a good lens draws them."""
    dice, image = random.Random(1), Image.new("RGB", (width, height), (180, 170, 160))
    draw = ImageDraw.Draw(image)
    for _shape in range(60):
        left, top = dice.randrange(width), dice.randrange(height)
        box = (left, top, left + dice.randrange(30, 300), top + dice.randrange(30, 300))
        colour = (dice.randrange(20, 230), dice.randrange(20, 230), dice.randrange(20, 230))
        (draw.ellipse if dice.random() < 0.5 else draw.rectangle)(box, fill=colour)
    return image.filter(ImageFilter.GaussianBlur(0.7))


def paper() -> Image.Image:
    """White, with lines of small print."""
    image = Image.new("RGB", (1200, 1600), "white")
    draw = ImageDraw.Draw(image)
    for line in range(100, 1500, 40):
        draw.text((100, line), "Order 12345: the lamp arrived broken. " * 3, fill="black")
    return image


def blurred(image: Image.Image, radius: float) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(radius))


def lit(image: Image.Image, factor: float) -> Image.Image:
    return ImageEnhance.Brightness(image).enhance(factor)


def before_soft_background() -> Image.Image:
    image = blurred(scene(), 15)
    image.paste(scene().crop((600, 400, 1000, 800)), (600, 400))
    return image


PICTURES: dict[str, tuple[Image.Image, list[str]]] = {
    "sharp": (scene(), []),
    "a little soft": (blurred(scene(), 1.5), []),
    "sharp before a soft background": (before_soft_background(), []),
    "blurred": (blurred(scene(), 5), ["blurred"]),
    "shaken": (blurred(scene(), 15), ["blurred"]),
    "in the shade": (lit(scene(), 0.5), []),
    "dark": (lit(scene(), 0.2), ["too_dark"]),
    "glaring": (Image.blend(scene(), Image.new("RGB", (1600, 1200), "white"), 0.85), ["too_bright"]),
    "white paper with print": (paper(), []),
    "tiny": (scene(320, 240), ["too_small"]),
    "one colour": (Image.new("RGB", (900, 900), (90, 120, 90)), ["blurred"]),
    "a strip of one pixel": (Image.new("RGB", (900, 1), (90, 120, 90)), ["blurred"]),
}


@pytest.mark.parametrize("name", PICTURES)
def test_advice_on_a_drawn_picture(name: str) -> None:
    image, expected = PICTURES[name]
    assert advised(image, *image.size) == expected


def test_size_advice_is_about_the_picture_taken_not_the_copy_measured() -> None:
    assert advised(scene(400, 300), 4000, 3000) == []


@pytest.mark.parametrize(("seconds", "codes"), [(2.9, ["too_short"]), (3, []), (180, []), (181, ["too_long"])])
def test_advice_on_the_length_of_a_film(seconds: float, codes: list[str]) -> None:
    assert clarity.advice_on_length(seconds) == codes


def test_every_code_has_its_sentence() -> None:
    known = {code for _image, codes in PICTURES.values() for code in codes}
    assert known <= set(advice.WORDS)
    with translation.override("en"):
        assert advice.sentences(["too_dark", "new"]) == ["The picture is dark. One taken in more light is stronger."]


def test_advice_is_for_the_uploader_before_lodging_and_for_nobody_else(take: Any, dossier: Dossier) -> None:
    item = take("dark.jpg", samples.encoded(lit(scene(), 0.2), "JPEG", quality=90))
    assert [row.advice for row in queries.drafts(dossier, "buyer")] == [("too_dark",)]
    lodge(item)
    seen = [queries.exhibits(dossier, viewer)[0].advice for viewer in ("buyer", "merchant", "platform")]
    assert seen == [(), (), ()]
