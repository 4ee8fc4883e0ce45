"""``hints(text)``: what in a text will weaken it, why, and a sentence to fill in instead."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from core.tone import patterns, words
from core.tone.folding import Folded, fold, latin, masked, squeeze
from core.tone.words import Kind

QUOTED = 2
"""How many phrases a hint quotes."""
_LONGEST_QUOTE = 24

Hit = tuple[Kind, Folded, int, int]
"""A phrase of a kind: where in which spelling of the text."""


@dataclass(frozen=True)
class Hint:
    """``phrases`` as they were typed."""

    kind: Kind
    phrases: tuple[str, ...]

    @property
    def why(self) -> str:
        """The phrases, and what they do to the text; in the reader's language."""
        between = pgettext("between two quoted phrases", "”, “")
        return _why(self.kind, len(self.phrases)) % {"phrases": between.join(self.phrases)}

    @property
    def frame(self) -> str:
        """A sentence with gaps, to be filled in instead."""
        return _frame(self.kind)


def hints(typed: str) -> list[Hint]:
    """At most one hint a kind, the most serious first; the time grows with the length of the text and no faster."""
    folded = fold(typed)
    quiet = _quiet(folded, len(typed))
    found: dict[Kind, list[str]] = {}
    for kind, source, start, end in _hits(typed, folded):
        first, last = source.typed(start, end)
        phrases = found.setdefault(kind, [])
        if len(phrases) == QUOTED or quiet[first] or quiet[last - 1]:
            continue
        phrase = _as_quoted(typed[first:last])
        before = source.text[max(0, start - patterns.LOOK_BACK) : start]
        if phrase not in phrases and patterns.meant(kind, before, source.text[start:end]):
            phrases.append(phrase)
    return [Hint(kind, tuple(found[kind])) for kind in Kind if found.get(kind)]


def _quiet(folded: Folded, length: int) -> bytearray:
    """For each character typed: whether it stands in a quotation or in a harmless phrase."""
    quiet = bytearray(length)
    harmless = (match.span() for match in patterns.HARMLESS_PHRASES.finditer(folded.text))
    for span in (*patterns.quoted(folded.text), *harmless):
        start, end = folded.typed(*span)
        quiet[start:end] = b"\1" * (end - start)
    return quiet


def _hits(typed: str, folded: Folded) -> Iterator[Hit]:
    squeezed = squeeze(folded)
    for kind, start, end in _chinese(squeezed.text):
        yield kind, squeezed, start, end
    for kind, start, end in _english(folded.text):
        yield kind, folded, start, end
    for kind, ways in patterns.BY_KIND:
        yield from ((kind, squeezed, *match.span()) for way in ways for match in way.finditer(squeezed.text))
    as_typed = Folded(typed, list(range(len(typed))))
    yield from ((Kind.SHOUTING, as_typed, *match.span()) for match in patterns.shouted(typed))


def _chinese(text: str) -> Iterator[tuple[Kind, int, int]]:
    """The longest word at each place; harmless ones are stepped over."""
    starts = words.chinese()
    free = 0
    for place, char in enumerate(text):
        if place < free or char not in starts:
            continue
        word, kind = next((pair for pair in starts[char] if text.startswith(pair[0], place)), ("", ""))
        free = place + len(word)
        if kind:
            yield Kind(kind), place, free


def _english(text: str) -> Iterator[tuple[Kind, int, int]]:
    known = words.english()
    for start, end, spellings in latin(text):
        kind = next((known[one] for one in sorted(spellings) if one in known), "") or masked(text[start:end], known)
        if kind:
            yield Kind(kind), start, end
    for kind, way in patterns.PHRASES:
        yield from ((kind, *match.span()) for match in way.finditer(text))


def _as_quoted(phrase: str) -> str:
    plain = " ".join(phrase.split())
    return plain if len(plain) <= _LONGEST_QUOTE else f"{plain[:_LONGEST_QUOTE].rstrip()}…"


def _why(kind: Kind, n: int) -> str:
    if kind == Kind.THREAT:
        return ngettext(
            "“%(phrases)s” reads as a threat. What you ask for, and by when, is more convincing.",
            "“%(phrases)s” read as threats. What you ask for, and by when, is more convincing.",
            n,
        )
    if kind == Kind.INSULT:
        return ngettext(
            "“%(phrases)s” judges a person. Saying what was said or done is more convincing.",
            "“%(phrases)s” judge a person. Saying what was said or done is more convincing.",
            n,
        )
    if kind == Kind.GUESS:
        return ngettext(
            "“%(phrases)s” puts a guess as a fact. What you saw, and what follows from it, is more convincing.",
            "“%(phrases)s” put a guess as a fact. What you saw, and what follows from it, is more convincing.",
            n,
        )
    if kind == Kind.SCORN:
        return ngettext(
            "“%(phrases)s” is a verdict without facts. Saying what is wrong, and since when, is more convincing.",
            "“%(phrases)s” are verdicts without facts. Saying what is wrong, and since when, is more convincing.",
            n,
        )
    if kind == Kind.SHOUTING:
        return ngettext(
            "“%(phrases)s”: a sentence in capitals reads as shouting. In small letters it is more convincing.",
            "“%(phrases)s”: sentences in capitals read as shouting. In small letters they are more convincing.",
            n,
        )
    return ngettext(
        "“%(phrases)s” carries a feeling, not a fact. One full stop is more convincing.",
        "“%(phrases)s” carry a feeling, not a fact. One full stop is more convincing.",
        n,
    )


def _frame(kind: Kind) -> str:
    frames = {
        Kind.THREAT: _("I ask for … by … (date). If we do not agree, I leave it to the platform."),
        Kind.INSULT: _("On … (date) I was told “…”, or this was done: …. The result was …."),
        Kind.GUESS: _("I saw …. I conclude that …, because …."),
        Kind.SCORN: _("I received …, noticed on … (date). Promised was …."),
    }
    return frames.get(kind) or _("What matters most is: ….")
