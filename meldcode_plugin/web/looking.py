"""What helps somebody who types a signal: hints on wording, the list of signals, faults in the order of the page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from wtforms import Form, FormField

from meldcode_plugin.rules import catalogue as signs
from meldcode_plugin.rules import uploads, wording
from meldcode_plugin.rules.catalogue import SignList
from meldcode_plugin.services.drafts import TOLD
from meldcode_plugin.services.pupils import PupilCard
from meldcode_plugin.web.forms.signals import SIGN, SignalForm
from meldcode_plugin.web.words import say


@dataclass(frozen=True)
class SignsOfAge:
    """One list of the catalogue; ``fits`` when it is the list for this child's age."""

    list: SignList
    fits: bool


def catalogue(card: PupilCard | None, day: date) -> list[SignsOfAge]:
    """Return the list for the child's age first, then the others."""
    born = card.birth_date if card else None
    fitting = signs.lists_for(born, day)
    others = [one for one in signs.lists_for(None, day) if one not in fitting]
    return [SignsOfAge(one, fits=born is not None) for one in fitting] + [SignsOfAge(one, fits=False) for one in others]


def known(typed: Iterable[str]) -> tuple[str, ...]:
    """Return the ids of the ticked signs, in the order of the catalogue."""
    ticked = tuple(name.removeprefix(SIGN) for name in typed if name.startswith(SIGN))
    return tuple(item.id for item in signs.known(ticked))


def nudges(form: SignalForm) -> dict[str, list[str]]:
    """Return per field the hints on what was typed there."""
    found: dict[str, list[str]] = {}
    for kind, part in form.kinds().items():
        hints = wording.hints(kind, part.text.data or "") if part.on.data else []
        if hints:
            found[f"{kind.value}-text"] = [say(wording.SENTENCES[one.code]).format(word=one.word) for one in hints]
    return found


def first_words(fields: Mapping[str, str]) -> str:
    """Return the words by which the author of a draft knows it again."""
    return next((text for name, text in fields.items() if name.endswith(TOLD) and text.strip()), "")


def in_order(form: SignalForm, faults: Mapping[str, str]) -> dict[str, str]:
    """Return the faults in the order in which the page shows their fields."""
    places = {name: place for place, name in enumerate(_names(form))}
    return dict(sorted(faults.items(), key=lambda one: places.get(one[0], len(places))))


def _names(form: Form) -> Iterator[str]:
    yield "staff"
    for field in sorted(form, key=lambda one: one.name != "subject"):
        if field.name == "fact":
            yield "kinds"
        if field.name == "instrument":
            yield uploads.FIELD
        yield from _within(field.form, f"{field.name}-") if isinstance(field, FormField) else (field.name,)


def _within(form: Form, before: str) -> Iterator[str]:
    yield from (field.name if field.name.startswith(before) else before + field.name for field in form)
