"""One spelling for many: what people do to a word so that a list does not find it is undone here.

Every step is one pass, and remembers where each character was typed.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from core.tone import words

HAN = "\u4e00-\u9fff"
# What people put between the characters of a word; never what ends or parts a sentence.
_BETWEEN = r"[ \t·•.*\-_~+|/^#@&¥]{1,3}"
_FILLING = re.compile(f"(?<=[{HAN}]){_BETWEEN}(?=[{HAN}a-z])|(?<=[a-z]){_BETWEEN}(?=[{HAN}])")

_LATIN = re.compile(r"[a-z0-9@$](?:[a-z0-9@$!*#'._-]*[a-z0-9@$])?")
_SPELLED = re.compile(r"(?<![a-z0-9])[a-z0-9](?:[ .*_-]{1,2}[a-z0-9]){3,30}(?![a-z0-9])")
_LEET = [str.maketrans(f"03457@$!{one}", f"oeastasi{letter}") for one, letter in (("1", "i"), ("1", "l"))]
_LONGEST = 30
"""No listed word, however it is dressed up, is longer."""


@dataclass(frozen=True)
class Folded:
    """``text`` in one spelling; ``places[i]`` is where its character i was typed."""

    text: str
    places: list[int]

    def typed(self, start: int, end: int) -> tuple[int, int]:
        """Where ``text[start:end]`` was typed."""
        return self.places[start], self.places[end - 1] + 1


def fold(typed: str) -> Folded:
    """Small letters, no full width, no character without width, traditional characters of the lists simplified."""
    simple = words.folds()
    pairs = [
        (simple.get(char, char), place)
        for place, raw in enumerate(typed)
        for char in unicodedata.normalize("NFKC", raw).casefold()
        if unicodedata.category(char) not in {"Cf", "Mn"}
    ]
    text = "".join(char for char, _place in pairs).replace("’", "'")
    return Folded(text, [place for _char, place in pairs])


def squeeze(folded: Folded) -> Folded:
    """Without what stands between Chinese characters."""
    kept: list[str] = []
    places: list[int] = []
    at = 0
    for filling in [*_FILLING.finditer(folded.text), None]:
        end = filling.start() if filling else len(folded.text)
        kept.append(folded.text[at:end])
        places += folded.places[at:end]
        at = filling.end() if filling else end
    return Folded("".join(kept), places)


def latin(text: str) -> Iterator[tuple[int, int, set[str]]]:
    """(start, end, spellings to look up) of every word in Latin letters, and of every word that is spelled out."""
    for match in _LATIN.finditer(text):
        if len(match[0]) <= _LONGEST:
            yield match.start(), match.end(), spellings(match[0])
    for match in _SPELLED.finditer(text):
        joined = re.sub("[ .*_-]", "", match[0])
        yield match.start(), match.end(), {joined} | {joined.translate(table) for table in _LEET}


def spellings(word: str) -> set[str]:
    """``1d1ooot`` → idiot, among others. Short words are left alone, since A55 is a telephone."""
    found = {word, *re.split("[*#'._-]", word)}
    joined = re.sub("[*#'._-]", "", word)
    if len(joined) >= 4:
        found |= {joined, *(joined.translate(table) for table in _LEET)}
        found |= {re.sub(r"(.)\1{2,}", times, one) for one in list(found) for times in (r"\1", r"\1\1")}
    return found


def masked(word: str, known: Mapping[str, str]) -> str:
    """What ``known`` says of the word that ``f**k`` hides; empty where too little of it is left."""
    if "*" not in word or sum(char.isalpha() for char in word) < 2:
        return ""
    shape = re.compile(re.sub(r"\\\*", "[a-z]", re.escape(word[:_LONGEST])))
    return next((kind for one, kind in known.items() if len(one) == len(word) and shape.fullmatch(one)), "")
