"""How dates, ages, sizes and sentences read on the screen; it knows no case and no person."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache, cached_property
from gettext import NullTranslations, translation
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from flask import current_app, g, request
from werkzeug.wrappers import Response

from meldcode_plugin.rules.dossier.parts import MONTHS

LANGUAGES = ("nl", "en")
COOKIE = "meldcode-taal"
YEAR = 365 * 24 * 3600
KIB = 1024
SHORT_MONTHS = ("jan", "feb", "mrt", "apr", "mei", "jun", "jul", "aug", "sep", "okt", "nov", "dec")
Key = TypeVar("Key")


def language() -> str:
    """Return the language of this request: Dutch, unless the reader chose otherwise by a link."""
    chosen = request.args.get("taal") or request.cookies.get(COOKIE, "")
    return chosen if chosen in LANGUAGES else LANGUAGES[0]


def switched(code: str) -> str:
    """Return the address of this very page in another language, with all else that it asks."""
    asked = [(name, value) for name, value in request.args.items(multi=True) if name != "taal"]
    return f"?{urlencode([*asked, ('taal', code)])}"


def keep_language(response: Response) -> Response:
    """Remember the language that the reader chose with this request."""
    chosen = request.args.get("taal")
    if chosen in LANGUAGES:
        secure = request.is_secure
        response.set_cookie(COOKIE, chosen, max_age=YEAR, secure=secure, httponly=True, samesite="Lax")
    return response


@dataclass(frozen=True)
class Speech:
    """One language and the clock of one school. A page says a thousand things: nothing is looked up twice."""

    code: str
    zone: ZoneInfo
    words: NullTranslations

    def say(self, sentence: str, **values: object) -> str:
        """Return the sentence in this language; Dutch is the key, ``%(name)s`` takes a value."""
        found = self.words.gettext(sentence) if sentence else ""
        return found % values if values else found

    def say_many(self, one: str, many: str, number: int, **values: object) -> str:
        """Return the sentence for one or for many; ``%(number)s`` is the number."""
        return self.words.ngettext(one, many, number) % (values | {"number": number})

    def say_counted(self, sentence: str) -> str:
        """Return a sentence of the rules in this language; a count in it is no part of the key."""
        found, count = self.say(sentence), re.search(r"\d+", sentence)
        if found != sentence or not count:
            return found
        return self.say(sentence.replace(count[0], "{n}", 1)).replace("{n}", count[0])

    @cached_property
    def _months(self) -> tuple[str, ...]:
        return tuple(self.say(name) for name in MONTHS)

    @cached_property
    def _short_months(self) -> tuple[str, ...]:
        return tuple(self.say(name) for name in SHORT_MONTHS)

    @cached_property
    def _moment(self) -> str:
        return self.say("%(day)s om %(clock)s uur")

    def spoken(self, names: Mapping[Key, str]) -> dict[Key, str]:
        """Return the same names in this language."""
        return {key: self.say(name) for key, name in names.items()}

    def day(self, value: date | datetime | None) -> str:
        """Return a date in words: 12 mei 2026."""
        return "" if value is None else _written(self._local(value), self._months)

    def short_day(self, value: date | datetime) -> str:
        """Return a date in short, for the margin: 12 mei 2026, 20 nov 2026."""
        return _written(self._local(value), self._short_months)

    def month(self, value: datetime) -> str:
        """Return a month in words: mei 2026."""
        day = self._local(value)
        return f"{self._months[day.month - 1]} {day.year}"

    def _local(self, value: date | datetime) -> date:
        return value.astimezone(self.zone).date() if isinstance(value, datetime) else value

    def clock(self, value: datetime | time | None) -> str:
        """Return a time of the day: 10:42."""
        if value is None:
            return ""
        local = value.astimezone(self.zone) if isinstance(value, datetime) else value
        return f"{local.hour:02}:{local.minute:02}"

    def moment(self, value: datetime) -> str:
        """Return a date with its time: 12 mei 2026 om 10:42 uur."""
        local = value.astimezone(self.zone)
        day, clock = _written(local, self._months), f"{local.hour:02}:{local.minute:02}"
        return self._moment % {"day": day, "clock": clock}

    def age(self, born: date | None, today: date) -> str:
        """Return how old somebody is, in words; nothing when the birth date is not known."""
        if born is None:
            return ""
        years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
        return self.say("%(years)s jaar", years=years)

    def group(self, name: str) -> str:
        """Return the name of a group: groep 5, also when the school calls it just 5."""
        return name if not name or not name[0].isdigit() else self.say("groep %(name)s", name=name)

    def size(self, count: int) -> str:
        """Return the size of a file in words."""
        if count < KIB * KIB:
            return f"{max(1, round(count / KIB))} kB"
        return f"{count / KIB / KIB:.1f} MB".replace(".", "," if self.code == "nl" else ".")


def _written(day: date, months: tuple[str, ...]) -> str:
    return f"{day.day} {months[day.month - 1]} {day.year}"


@cache
def _speech(code: str, timezone: str) -> Speech:
    words = translation("meldcode", Path(__file__).parent.parent / "translations", [code], fallback=True)
    return Speech(code, ZoneInfo(timezone), words)


def speech() -> Speech:
    """Return the language of this request, on the clock of the school."""
    if "meldcode_speech" not in g:
        g.meldcode_speech = _speech(language(), current_app.extensions["meldcode"].settings.timezone)
    found: Speech = g.meldcode_speech
    return found


def say(sentence: str, **values: object) -> str:
    """Return the sentence in the reader's language; see `Speech.say`."""
    return speech().say(sentence, **values)


def short_day(value: date | datetime) -> str:
    """Return a date in short: 12 mei 2026, 20 nov 2026."""
    return speech().short_day(value)


def clock(value: datetime | time | None) -> str:
    """Return a time of the day: 10:42."""
    return speech().clock(value)


def size(count: int) -> str:
    """Return the size of a file in words."""
    return speech().size(count)


def today() -> date:
    """Return the date on the wall of the school."""
    store = current_app.extensions["meldcode"].store
    found: date = store.calendar.local_date(store.clock())
    return found


def names() -> dict[str, object]:
    """Return what every template may use to speak."""
    spoken = speech()
    return {
        "_": spoken.say,
        "_n": spoken.say_many,
        "spoken": spoken.spoken,
        "counted": spoken.say_counted,
        "day": spoken.day,
        "short_day": spoken.short_day,
        "clock": spoken.clock,
        "moment": spoken.moment,
        "age": spoken.age,
        "group": spoken.group,
        "size": spoken.size,
        "language": spoken.code,
        "switched": switched,
    }
