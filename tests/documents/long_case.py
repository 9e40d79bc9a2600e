"""A case of 200 signals, of every sort, some of them pages long."""

from __future__ import annotations

import random
import re
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from meldcode_plugin.rules import entries as e
from meldcode_plugin.rules.story import ordered
from tests.documents.cases import CHILD, IB, Builder, Case
from tests.documents.school_case import real

WORDS = re.findall(
    r"\w+",
    """
    de leerling zat aan tafel en keek naar buiten toen juf vroeg hoe het ging daarna vertelde zij dat het thuis onrustig
    is ontwikkelingsperspectief schoolmaatschappelijk werk gezinssituatie verantwoordelijkheid pauze gymles kringgesprek
    """,
)


def long(count: int = 200) -> Case:
    """A case of this many signals, of every sort, some of them pages long."""
    made = Builder(datetime(2025, 9, 1, 9, 0, tzinfo=UTC))
    dice = random.Random(7)
    base = real()
    for number in range(count):
        kind = dice.choice(list(e.SignalKind))
        words = " ".join(dice.choices(WORDS, k=600 if number % 50 == 7 else dice.randint(12, 70)))
        more: dict[str, Any] = {}
        if kind is e.SignalKind.THIRD_PARTY:
            more["source"] = e.Source(name="Mieke de Graaf", relation="oma", may_be_named="yes")
        if kind is e.SignalKind.DIAGNOSIS:
            more["diagnosis"] = e.Diagnosis(professional="J. Boswijk", profession="huisarts")
        noted = made.signal(kind, f"{words.capitalize()}.", days=1.5, direction=dice.choice(list(e.Direction)), **more)
        if kind is e.SignalKind.HYPOTHESIS:
            made.put(
                e.FollowUp,
                IB,
                0,
                noted,
                text="Nagevraagd bij moeder.",
                status=e.HypothesisStatus.UNCERTAIN,
                basis="Gesprek.",
            )
    rest = [one for one in base.story.entries if not isinstance(one.payload, (e.Signal, e.FollowUp, e.Correction))]
    start = len(made.entries)
    shifted = [one._replace(seq=start + at) for at, one in enumerate(rest, 1)]
    shifted = [one._replace(id=UUID(int=one.id.int + 500_000)) for one in shifted]
    return Case(
        ordered([*made.entries, *shifted], CHILD.birth_date),
        base.context,
        base.selection.model_copy(update={"files": {}}),
    )
