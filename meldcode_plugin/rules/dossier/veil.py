"""Takes names out of texts: other pupils, hidden sources, colleagues; it knows names and words, no case.

A name is found in any case, with or without accents, over a line break, with an *s* behind it, and by its first
name or surname alone. A part of a name that a family member also has is left alone, or the paper would be about
nobody.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

PARTICLES = frozenset(
    re.findall(
        r"\w+",
        """
        van der den de het ten ter te el al la le les du des di da dos del bin ben ibn abu op aan in onder bij vd v d
        t s mevrouw meneer mevr dhr mw juf juffrouw meester mr drs dr ir oma opa tante oom vader moeder papa mama
        buurvrouw buurman buren buur zus broer vriend vriendin school leerkracht
        """,
    )
)
"""Parts of names, and words before them, that name nobody."""
ALSO_WORDS = frozenset(
    re.findall(
        r"\w+",
        """
        mei roos storm beer wolf bakker boer jong groot klein visser smit koning prins bos berg dijk veen linde lente
        fee rein wit zwart bruin rood haan kok post kuiper schaap vos vogel brand jaar dag noor pier stok kamp kraan
        wind appel bloem engel hart hof huis kerk laan meer molen peer pol schipper slot steen ster tak valk vis wal
        zomer winter lang kort blauw groen oude nieuwe sterk tim iris fleur mare may hope faith joy bas jet mees sam
        kind
        """,
    )
)
"""Names that are also words: found alone only with a capital."""
SHORTEST = 3
PHONE_DIGITS = 8
DIRECT = re.compile(
    r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+"  # mail
    r"|(?<!\d)(?:\+31|0031|0)[\s().-]*[1-9](?:[\s().-]*\d){7,8}(?!\d)"  # telephone
    r"|\b[1-9]\d{3}\s?[A-Za-z]{2}\b(?!\w)"  # postcode
    r"|(?<!\d)\d{9}(?!\d)"  # citizen service number
    r"|(?:https?://|www\.)\S+"
    r"|\b[A-Z][\w'\u2019-]+(?:straat|laan|weg|plein|hof|kade|gracht|dijk|singel|steeg|pad|plantsoen|dreef)\s+\d+"
    r"\s?[a-zA-Z]?\b"
)
"""What leads to somebody without a name."""
AWAY = "[weggelaten]"
INVISIBLE = re.compile("[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff]")


@dataclass(frozen=True)
class Hidden:
    """Somebody whose name stands nowhere: names and other ways to know them, and what stands there instead."""

    names: tuple[str, ...]
    instead: str
    traces: tuple[str, ...] = ()


def clean(text: str) -> str:
    """Return the text composed, without marks that nobody sees and that could split a name."""
    return INVISIBLE.sub("", unicodedata.normalize("NFC", text))


def folded(text: str) -> str:
    """Return the text without accents and capitals, letter for letter: its length stays."""
    if text.isascii():
        return text.lower()
    return "".join(_letter(one) for one in text)


@lru_cache(4096)
def _letter(one: str) -> str:
    base = unicodedata.normalize("NFD", one)[0].casefold()
    return base if len(base) == 1 else one


def parts_of(name: str) -> list[str]:
    """Return the parts of a name that can point at somebody."""
    found = re.findall(r"[^\W\d_]+", folded(clean(name)))
    return [part for part in found if part not in PARTICLES and len(part) > 1]


class Veil:
    """Replaces what is hidden, longest first. ``kept`` are names that must stay readable."""

    def __init__(self, hidden: Iterable[Hidden], kept: Iterable[str] = (), *, direct: bool = False) -> None:
        """Prepare the patterns; ``direct`` also takes out mail addresses, telephone numbers and postcodes."""
        self._kept = {part for name in kept for part in parts_of(name)}
        self._whole = {folded(clean(name)).strip() for name in kept}
        self._direct = direct
        found: dict[str, str] = {}
        for one in hidden:
            for pattern in self._patterns(one):
                found.setdefault(pattern, one.instead)
        longest = sorted(found.items(), key=lambda pair: (-len(pair[0]), pair[0]))
        self._instead = [instead for _, instead in longest]
        self._pattern = re.compile("|".join(f"({pattern})" for pattern, _ in longest)) if longest else None

    def __call__(self, text: str) -> str:
        """Return the text without what is hidden."""
        text = clean(text)
        if self._direct:
            text = DIRECT.sub(AWAY, text)
        if self._pattern is None:
            return text
        made, at = [], 0
        for match in self._pattern.finditer(folded(text)):
            if self._is_a_name(match.group(), text[match.start() : match.end()]):
                instead = self._instead[(match.lastindex or 1) - 1]
                made += [text[at : match.start()], _as_it_begins(instead, text[: match.start()])]
                at = match.end()
        return "".join((*made, text[at:]))

    def _is_a_name(self, low: str, typed: str) -> bool:
        """A short or ordinary word counts only with its capital."""
        return typed[0].isupper() or (low not in ALSO_WORDS and len(low) >= SHORTEST)

    def _patterns(self, one: Hidden) -> Iterator[str]:
        for name in one.names:
            pieces = re.findall(r"[^\W_]+", folded(clean(name)))
            if pieces and folded(clean(name)).strip() not in self._whole:
                yield _word(r"[\W_]+".join(map(re.escape, pieces)))
            yield from (_word(re.escape(part)) for part in parts_of(name) if part not in self._kept)
        for trace in one.traces:
            for piece in re.split(r"[,;/\n]", trace):
                yield from _trace(piece)


def _as_it_begins(instead: str, before: str) -> str:
    """A sentence begins with a capital, also with a word that stands for a name."""
    begins = re.search(r"(?:^|[.!?]\s)[\s\"'\u201c\u2018(]*$", before[-8:]) is not None
    return instead[:1].upper() + instead[1:] if begins else instead


def _word(pattern: str) -> str:
    """Match a name on its own; the *s* of possession may follow."""
    return rf"(?<!\w){pattern}(?=s?(?!\w)|['\u2019`]s(?!\w))"


def _trace(trace: str) -> Iterator[str]:
    """Match an address or a telephone number, however its digits are spaced."""
    digits = re.sub(r"\D", "", trace)
    if len(digits) >= PHONE_DIGITS:
        core = re.sub(r"^(?:0031|31|0)", "", digits)
        yield r"(?:(?:\+|00)31|0)?[\s().-]*" + r"[\s().-]*".join(core)
        return
    pieces = re.findall(r"[^\W_]+", folded(clean(trace)))
    if len("".join(pieces)) >= SHORTEST:
        yield _word(r"[\W_]+".join(map(re.escape, pieces)))


def strangers(texts: Iterable[str], known: Iterable[str]) -> list[str]:
    """Return words with a capital inside a sentence that are nobody's known name: somebody may look at them."""
    familiar = {part for name in known for part in parts_of(name)}
    found: dict[str, None] = {}
    for text in texts:
        for match in re.finditer(r"(?<=[a-z,] )[A-Z][^\W\d_]{2,}", text):
            if folded(match.group()) not in familiar:
                found[match.group()] = None
    return list(found)
