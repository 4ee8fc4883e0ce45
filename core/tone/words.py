"""The reviewed lists, read once from ``zh.toml`` and ``en.toml``."""

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cache
from pathlib import Path


class Kind(StrEnum):
    """What a phrase does, the most serious first."""

    THREAT = "threat"
    INSULT = "insult"
    GUESS = "guess"
    SCORN = "scorn"
    SHOUTING = "shouting"
    MARKS = "marks"


HARMLESS = ""
"""In a list: this phrase means nothing, and shields what stands inside of it."""


@cache
def _list(language: str) -> Mapping[str, list[str]]:
    document: Mapping[str, list[str]] = tomllib.loads(Path(__file__).with_name(f"{language}.toml").read_text())
    return document


def _kinds(language: str, ending: str = "") -> dict[str, str]:
    """Word → kind, harmless ones included."""
    found = {word: str(kind) for kind in Kind for word in _list(language).get(f"{kind}{ending}", [])}
    return found | dict.fromkeys(_list(language)["harmless"], HARMLESS)


@cache
def chinese() -> Mapping[str, list[tuple[str, str]]]:
    """First character → (word, kind), the longest first."""
    kinds = _kinds("zh")
    kinds |= {word.replace("你", "你们"): kind for word, kind in kinds.items() if kind == Kind.THREAT}
    return by_first(sorted(kinds.items(), key=lambda pair: -len(pair[0])))


def by_first(pairs: Iterable[tuple[str, str]]) -> Mapping[str, list[tuple[str, str]]]:
    found = defaultdict(list)
    for word, kind in pairs:
        found[word[0]].append((word, kind))
    return dict(found)


@cache
def english() -> Mapping[str, str]:
    """Single word → kind."""
    return {word: kind for word, kind in _kinds("en").items() if kind}


@cache
def english_phrases() -> Mapping[str, str]:
    """Phrase → kind, harmless ones included."""
    return _kinds("en", "_phrases")


@cache
def folds() -> Mapping[str, str]:
    """Character → the one it is read as."""
    return {pair[0]: pair[1] for pair in _list("zh")["folds"]}
