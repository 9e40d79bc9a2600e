"""What a list of dossiers and a dossier say line by line, put into words here: a page has hundreds of lines."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import NamedTuple
from uuid import UUID

from meldcode_plugin.rules.entries import DIRECTION_NAMES, KIND_NAMES, Signal
from meldcode_plugin.rules.facts import STATE_NAMES
from meldcode_plugin.services.cases import CaseLine, Dossier, Item
from meldcode_plugin.web.readings import EVENTS
from meldcode_plugin.web.words import speech

FEW = 24
"""So many signals stand in the contents of a dossier one by one; of more, the months."""


class Line(NamedTuple):
    """One entry of the timeline with the day in its margin and, of a signal, who recorded it.

    ``before``: the entry above it.
    """

    item: Item
    id: str
    day: str
    told: str
    before: Item | None


def standing() -> Callable[[CaseLine], str]:
    """Return what says of a dossier in a list where it stands: the group, the state and when it last changed."""
    spoken = speech()
    states, moved = spoken.spoken(STATE_NAMES), spoken.say("laatst veranderd op %(moment)s")

    def told(line: CaseLine) -> str:
        group = f"{spoken.group(line.pupil.group)} · " if line.pupil and line.pupil.group else ""
        return f"{group}{states[line.state]} · {moved % {'moment': spoken.moment(line.moved_at)}}"

    return told


def news() -> Callable[[int], str]:
    """Return what says how many new messages wait in a dossier of a list; most have one."""
    spoken = speech()
    return cache(lambda number: spoken.say_many("%(number)s nieuw bericht", "%(number)s nieuwe berichten", number))


def lines(shown: Dossier) -> list[Line]:
    """Return the entries in the order in which they were recorded."""
    spoken = speech()
    day_of, moment, before, found = spoken.short_day, spoken.moment, None, []
    by = spoken.say("vastgelegd door %(name)s, %(moment)s")
    told = {direction: f"{name} · {by}" for direction, name in spoken.spoken(DIRECTION_NAMES).items()}
    for item in shown.timeline:
        words, at = item.content, item.recorded_at
        day, text = (words.observed_on, told[words.direction]) if isinstance(words, Signal) else (None, by)
        text %= {"name": item.author, "moment": moment(at)}
        found.append(Line(item, str(item.id), day_of(day or at), text, before))
        before = item
    return found


def contents(shown: Dossier) -> list[tuple[str, UUID]]:
    """Return the words of each link in the contents, and the signal that it leads to."""
    spoken, found = speech(), [(item, item.content) for item in shown.timeline if isinstance(item.content, Signal)]
    if len(found) <= FEW:
        kinds, day_of = spoken.spoken(KIND_NAMES), spoken.short_day
        days = ((item.id, day_of(words.observed_on or item.recorded_at), words) for item, words in found)
        return [(f"{day}: {kinds[words.signal_kind]}", entry_id) for entry_id, day, words in days]
    months: dict[str, list[UUID]] = {}
    for item, _ in found:
        months.setdefault(spoken.month(item.recorded_at), []).append(item.id)
    return [
        (
            spoken.say_many("%(month)s: %(number)s signaal", "%(month)s: %(number)s signalen", len(ids), month=name),
            ids[0],
        )
        for name, ids in months.items()
    ]


def readers(shown: Dossier) -> list[tuple[str, str, str]]:
    """Return when, who and what: the lines of the access log about this dossier, newest first."""
    spoken = speech()
    events, moment = spoken.spoken(EVENTS), spoken.moment
    return [(moment(one.at), one.name, events.get(one.event, one.event)) for one in shown.readers]
