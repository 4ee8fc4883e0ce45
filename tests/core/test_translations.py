"""Every sentence of the code and the templates stands in the Chinese catalogue, translated, and nothing else does."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import allauth
import django
import polib
import pytest
from django.utils.translation.template import templatize

ROOT = Path(__file__).parents[2]
CATALOGUE = ROOT / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
ROOMS = ("core", "accounts", "ledger", "rulebook", "evidence", "disputes", "arbitration", "notices", "config")
# How many leading arguments of each call are not the sentence (its context), and how many are (singular, plural).
CALLS = {"": (0, 1), "n": (0, 2), "p": (1, 1), "np": (1, 2)}
NAMES = {f"{prefix}gettext{lazy}": shape for prefix, shape in CALLS.items() for lazy in ("", "_lazy", "_noop")} | {
    "_": CALLS[""]
}
PLACES = re.compile(r"%\(\w+\)[sd]|%%|\{\w+\}")

Key = tuple[str, str]
"""Context (empty: none) and sentence."""


def keys_of(call: ast.Call, names: dict[str, str]) -> Iterator[Key]:
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    shape = NAMES.get(names.get(name, name))
    if shape is None:
        return
    before, count = shape
    texts = [argument.value for argument in call.args[: before + count] if isinstance(argument, ast.Constant)]
    if len(texts) == before + count and all(isinstance(text, str) for text in texts):
        yield (str(texts[0]) if before else "", str(texts[before]))


def in_python(source: str) -> Iterator[Key]:
    nodes = list(ast.walk(ast.parse(source)))
    imported = [alias for node in nodes if isinstance(node, ast.ImportFrom) for alias in node.names]
    names = {alias.asname: alias.name for alias in imported if alias.asname}
    for node in nodes:
        if isinstance(node, ast.Call):
            yield from keys_of(node, names)


def in_template(source: str) -> Iterator[Key]:
    """What Django's own extraction leaves of a template: calls among blanked-out text."""
    text = templatize(source)
    for start in re.finditer(r"\b(?:_|n?p?gettext)\(", text):
        for end in re.finditer(r"\)", text[start.start() :]):
            try:
                found = ast.parse(text[start.start() : start.start() + end.end()], mode="eval").body
            except SyntaxError:
                continue
            if isinstance(found, ast.Call):
                yield from keys_of(found, {})
            break


@cache
def sentences() -> dict[Key, str]:
    """Every sentence with the first file that says it."""
    found: dict[Key, str] = {}
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            for key in in_python(path.read_text()):
                found.setdefault(key, str(path.relative_to(ROOT)))
    for path in sorted((ROOT / "templates").rglob("*.html")) + sorted((ROOT / "templates").rglob("*.txt")):
        for key in in_template(path.read_text()):
            found.setdefault(key, str(path.relative_to(ROOT)))
    return found


@cache
def libraries() -> set[Key]:
    """What Django and the sign-in library say themselves: the catalogue may say it in our own words."""
    found = set()
    for package in (django, allauth):
        for path in Path(str(package.__file__)).parent.rglob("locale/zh_Hans/LC_MESSAGES/django.mo"):
            found |= {(entry.msgctxt or "", entry.msgid) for entry in polib.mofile(str(path))}
    return found


@cache
def catalogue() -> dict[Key, polib.POEntry]:
    return {(entry.msgctxt or "", entry.msgid): entry for entry in polib.pofile(str(CATALOGUE))}


def test_every_sentence_stands_in_the_catalogue() -> None:
    assert {key: place for key, place in sentences().items() if key not in catalogue()} == {}


def test_catalogue_holds_only_what_is_said_and_each_once() -> None:
    entries = polib.pofile(str(CATALOGUE))
    keys = [(entry.msgctxt or "", entry.msgid) for entry in entries]
    assert sorted({key for key in keys if keys.count(key) > 1}) == []
    assert sorted(set(keys) - set(sentences()) - libraries()) == []
    assert [entry.msgid for entry in entries if entry.obsolete or entry.fuzzy] == []


@pytest.mark.parametrize("plural", [False, True])
def test_every_sentence_is_translated_with_the_same_places(plural: bool) -> None:
    wrong = []
    for entry in catalogue().values():
        if bool(entry.msgid_plural) is not plural:
            continue
        said = entry.msgstr_plural[0] if plural else entry.msgstr
        wanted = set(PLACES.findall(entry.msgid_plural or entry.msgid))
        if not said or set(PLACES.findall(said)) != wanted:
            wrong.append((entry.msgid, said))
    assert wrong == []
