"""How dates, ages, sizes and sentences read on the screen; it knows no case and no person."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from functools import cache, lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

from babel.dates import format_date
from babel.support import NullTranslations, Translations
from flask import current_app, g, request
from werkzeug.wrappers import Response

LANGUAGES = ("nl", "en")
COOKIE = "meldcode-taal"
YEAR = 365 * 24 * 3600
KIB = 1024


def language() -> str:
    """Return the language of this request: Dutch, unless the reader chose otherwise by a link."""
    chosen = request.args.get("taal") or request.cookies.get(COOKIE, "")
    return chosen if chosen in LANGUAGES else LANGUAGES[0]


def keep_language(response: Response) -> Response:
    """Remember the language that the reader chose with this request."""
    chosen = request.args.get("taal")
    if chosen in LANGUAGES:
        secure = request.is_secure
        response.set_cookie(COOKIE, chosen, max_age=YEAR, secure=secure, httponly=True, samesite="Lax")
    return response


@cache
def _catalogue(code: str) -> NullTranslations:
    return Translations.load(Path(__file__).parent.parent / "translations", [code], domain="meldcode")


def _words() -> NullTranslations:
    if "meldcode_words" not in g:
        g.meldcode_words = _catalogue(language())
    found: NullTranslations = g.meldcode_words
    return found


def say(sentence: str, **values: object) -> str:
    """Return the sentence in the reader's language; Dutch is the key, ``%(name)s`` takes a value."""
    found = _words().gettext(sentence) if sentence else ""
    return found % values if values else found


def say_many(one: str, many: str, number: int, **values: object) -> str:
    """Return the sentence for one or for many; ``%(number)s`` is the number."""
    return _words().ngettext(one, many, number) % (values | {"number": number})


def say_counted(sentence: str) -> str:
    """Return a sentence of the rules in the reader's language; a count in it is no part of the key."""
    found, count = say(sentence), re.search(r"\d+", sentence)
    if found != sentence or not count:
        return found
    return say(sentence.replace(count[0], "{n}", 1)).replace("{n}", count[0])


def _zone() -> ZoneInfo:
    if "meldcode_zone" not in g:
        g.meldcode_zone = ZoneInfo(current_app.extensions["meldcode"].settings.timezone)
    found: ZoneInfo = g.meldcode_zone
    return found


def day(value: date | datetime | None) -> str:
    """Return a date in words: 12 mei 2026."""
    if value is None:
        return ""
    local = value.astimezone(_zone()).date() if isinstance(value, datetime) else value
    return _written(local, "d MMMM y", language())


def short_day(value: date | datetime) -> str:
    """Return a date in short, for the margin: 12 mei 2026, 20 nov 2026."""
    local = value.astimezone(_zone()).date() if isinstance(value, datetime) else value
    return _written(local, "d MMM y", language())


@lru_cache(2048)
def _written(value: date, pattern: str, code: str) -> str:
    """Return a date in words; kept, since a dossier writes the same days again and again."""
    return format_date(value, pattern, locale=code)


def clock(value: datetime | time | None) -> str:
    """Return a time of the day: 10:42."""
    if value is None:
        return ""
    return f"{value.astimezone(_zone()) if isinstance(value, datetime) else value:%H:%M}"


def moment(value: datetime) -> str:
    """Return a date with its time: 12 mei 2026 om 10:42 uur."""
    return say("%(day)s om %(clock)s uur", day=day(value), clock=clock(value))


def age(born: date | None, today: date) -> str:
    """Return how old somebody is, in words; nothing when the birth date is not known."""
    if born is None:
        return ""
    years = today.year - born.year - ((today.month, today.day) < (born.month, born.day))
    return say("%(years)s jaar", years=years)


def group(name: str) -> str:
    """Return the name of a group: groep 5, also when the school calls it just 5."""
    return name if not name or not name[0].isdigit() else say("groep %(name)s", name=name)


def size(count: int) -> str:
    """Return the size of a file in words."""
    if count < KIB * KIB:
        return f"{max(1, round(count / KIB))} kB"
    return f"{count / KIB / KIB:.1f} MB".replace(".", "," if language() == "nl" else ".")


def today() -> date:
    """Return the date on the wall of the school."""
    store = current_app.extensions["meldcode"].store
    found: date = store.calendar.local_date(store.clock())
    return found


def names() -> dict[str, object]:
    """Return what every template may use to speak."""
    return {
        "_": say,
        "_n": say_many,
        "counted": say_counted,
        "day": day,
        "short_day": short_day,
        "clock": clock,
        "moment": moment,
        "age": age,
        "group": group,
        "size": size,
        "language": language(),
    }
