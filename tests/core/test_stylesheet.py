"""The stylesheet styles what the product draws, and nothing else: it has no class or colour that nobody says."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
CSS = re.sub(r"/\*.*?\*/", "", (ROOT / "static/css/app.css").read_text(), flags=re.DOTALL)
HOLE = re.compile(r"\{\{.*?\}\}|\$?\{[^{}%]*\}|(?<=-)\{%.*?%\}")
QUOTED = re.compile(r'"([^"]*)"|\'([^\']*)\'|`([^`]*)`')


def in_template(source: str) -> Iterator[str]:
    """The value of each ``class``, and the quoted words of tags, which name classes for other templates and tags."""
    yield from re.findall(r'class="((?:\{%.*?%\}|\{\{.*?\}\}|[^"{])*)"', source)
    yield from re.findall(r"block body_class %\}(.*?)\{%", source)
    for tag in re.findall(r"\{[%{].*?[%}]\}", source):
        yield from ("".join(found) for found in QUOTED.findall(tag))


def in_code(source: str) -> Iterator[str]:
    yield from ("".join(found) for found in QUOTED.findall(source))
    yield from re.findall(r'class="([^"]*)"', source)


@cache
def said() -> tuple[set[str], tuple[str, ...]]:
    """Whole words, and how those begin that end in a value: ``chip--`` of ``chip--{{ tone }}``."""
    texts = [text for path in (ROOT / "templates").rglob("*.html") for text in in_template(path.read_text())]
    scripts = list((ROOT / "static/js").glob("*.js"))
    drawn = [path for path in ROOT.glob("*/**/*.py") if "tests" not in path.parts and "class=" in path.read_text()]
    texts += [text for path in scripts + drawn for text in in_code(path.read_text())]
    words = {word for text in texts for word in re.findall(r"[\w*-]+", re.sub(r"\{%.*?%\}", " ", HOLE.sub("* ", text)))}
    return words, tuple(word[:-1] for word in words if re.fullmatch(r"[\w-]+(?:--|-)\*", word))


def test_every_class_is_drawn_by_a_template_a_tag_or_a_script() -> None:
    words, beginnings = said()
    selectors = re.sub(r"\{[^{}]*\}", "{}", CSS)
    classes = set(re.findall(r"\.(-?[A-Za-z_][\w-]*)", selectors))
    assert sorted(name for name in classes if name not in words and not name.startswith(beginnings)) == []


def test_every_variable_is_used() -> None:
    names = set(re.findall(r"[{;\s](--[\w-]+)\s*:", CSS))
    assert sorted(name for name in names if f"var({name}" not in CSS) == []
