"""Looks at the words of a signal and gives hints; never a block, and the words stay as they were typed (R4, R9)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from meldcode_plugin.rules.entries import SignalKind


class HintCode(StrEnum):
    """What a hint is about."""

    GUESS = "guess"
    DIAGNOSIS = "diagnosis"
    HANDLE_WITH_CARE = "handle_with_care"


SENTENCES = {
    HintCode.GUESS: "“{word}” klinkt als een vermoeden. Weet je het niet zeker? Zet het dan bij hypothese.",
    HintCode.DIAGNOSIS: "“{word}” klinkt als een diagnose. Schrijf op wat je zag. "
    "Stelde een bevoegde professional dit vast? Zet het dan bij diagnose.",
    HintCode.HANDLE_WITH_CARE: "Leg dit niet vast. Een bericht van Handle with Care mag niet in een dossier.",
}


@dataclass(frozen=True)
class Hint:
    """One hint: what it is about, the sentence for the screen, the words that it is about."""

    code: HintCode
    sentence: str
    word: str


def _words(*patterns: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])(?:{'|'.join(patterns)})(?![\w])", re.IGNORECASE)


_GUESS = _words(
    r"ik (?:denk|vermoed|vrees|gok|betwijfel)",
    r"(?:denk|vermoed|vrees|gok) ik",
    r"ik (?:geloof|vind|verwacht|voel) dat",
    r"geloof ik",
    r"ik neem aan|neem ik aan|ik ga ervan uit|ga ik ervan uit",
    r"ik heb (?:\w+ )?(?:het (?:gevoel|idee|vermoeden)|de indruk|een (?:\w+ )?(?:gevoel|vermoeden))",
    r"heb ik (?:\w+ )?(?:het (?:gevoel|idee|vermoeden)|de indruk|een (?:\w+ )?(?:gevoel|vermoeden))",
    r"mijn (?:onderbuik)?gevoel zegt",
    r"volgens mij|mijns inziens|naar mijn (?:mening|idee|gevoel)|voor mijn gevoel|als je het mij vraagt",
    r"waarschijnlijk|vermoedelijk|wellicht|misschien|blijkbaar|kennelijk|ongetwijfeld|mogelijkerwijs",
    r"vast wel|vast en zeker|zal wel|zullen wel|moet (?:haast )?wel(?= \w+ zijn| door)",
    r"(?:het )?zou (?:best |goed |heel goed |ook )?kunnen(?= dat| zijn)|het kan zijn dat|het kan haast niet anders",
    r"het schijnt|schijn(?:t|en) te (?:zijn|hebben|worden)",
    r"(?<!zo )mogelijk(?= (?:(?:is|was|heeft|had|wordt|werd) \w|door\b|geslagen|mishandeld|misbruikt|verwaarloosd))",
    r"(?:lijkt|lijken|leek|leken) (?:wel |net |het )?(?:alsof|of)",
    r"(?<!een )(?<!de )(?:lijkt|lijken|leek|leken)"
    r"(?! (?:(?:wel |net |het )?(?:alsof|of)|(?:sprekend |erg |veel |precies )?op)\b)"
    r"(?!(?: (?!om\b)\w+){0,5} te\b)(?= \w)",
)
"""Not: *lijkt op zijn vader*, *leek te vallen*, *een leek*, *zo snel mogelijk*, *de zon schijnt*."""
_DIAGNOSIS = _words(
    r"adhd|pdd-?nos|ptss|lvb|autisme|autist(?:isch)?(?:e|en)?|autismespectrum\w*|asperger",
    r"(?-i:ADD|ASS|ODD|FAS|GTS|OCD|MCDD)",
    r"trauma(?:'s)?|(?:ge)?traumatiseerd(?:e)?|traumatische (?:stress|ervaring(?:en)?)",
    r"\w*depressie(?:s|f|ve)?|manisch|bipolair|burn-?out|psycho(?:se|ses|tisch|tische|paat)|schizofre(?:en|ne|nie)",
    r"\w*stoornis(?:sen)?|hechtingsprobl(?:eem|emen|ematiek)|onveilig gehecht|\w*syndroom|\w*fobie|borderline\w*",
    r"narcis(?:t|ten|me|tisch|tische)|anorexia|boulimia|dyslexie|dyslectisch|dyscalculie|tourette",
    r"(?:licht )?verstandelijk(?:e)? beperk(?:t|te|ing)|zwakbegaafd(?:e)?",
    r"(?:\w*-)?\w*verslaafd(?:e)?|alcoholist(?:en|e)?|alcoholisme",
)
_HANDLE_WITH_CARE = re.compile(r"(?<!\w)(?:handle[\s-]*with[\s-]*care|(?-i:H[Ww]C))(?!\w)", re.IGNORECASE)
_QUOTED = re.compile(
    r"\"[^\"]{1,1000}\"|[“„][^”“„]{1,1000}[”“]"
    r"|\u2018[^\u2019]{1,1000}\u2019(?!\w)|(?<!\w)'[^'\n]{2,1000}'(?!\w)"
)


def hints(kind: SignalKind, text: str) -> list[Hint]:
    """Return hints on what was typed, in the order in which the words stand there; each word once.

    Guesses and diagnoses are looked for in facts alone: another kind may hold them. What stands between
    quotation marks is what somebody said and is left alone.
    """
    found = [(match, HintCode.HANDLE_WITH_CARE) for match in _HANDLE_WITH_CARE.finditer(text)]
    if kind is SignalKind.FACT:
        own = _QUOTED.sub(lambda quote: " " * len(quote.group()), text)
        found += [(match, HintCode.GUESS) for match in _GUESS.finditer(own)]
        found += [(match, HintCode.DIAGNOSIS) for match in _DIAGNOSIS.finditer(own)]
    found.sort(key=lambda one: one[0].start())
    once: dict[tuple[HintCode, str], Hint] = {}
    for match, code in found:
        once.setdefault((code, match.group().lower()), _hint(code, match.group().strip()))
    return list(once.values())


def _hint(code: HintCode, word: str) -> Hint:
    return Hint(code, SENTENCES[code].format(word=word), word)
