"""Payloads: what may be in an entry, and that it comes back as it was written."""

from __future__ import annotations

import json
from datetime import date
from typing import Any, get_args
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from meldcode_plugin.rules import entries
from meldcode_plugin.rules.entries import (
    AnyPayload,
    Closed,
    Correction,
    DestructionProposed,
    FollowUp,
    KinAtSchool,
    Party,
    Payload,
    Reopened,
    Signal,
    SignalAccepted,
    SignalKind,
    SignalMovedAway,
    SignalMovedHere,
    Snoozed,
    TransferTalk,
)

SAMPLES: tuple[Payload, ...] = (
    Signal(bundle=uuid4(), signal_kind="fact", text="Blauwe plek."),
    FollowUp(text="Weg.", status="refuted", basis="gezien"),
    Correction(text="Rechts.", reason="Vergist."),
    SignalAccepted(),
    SignalMovedAway(reason="Verkeerd kind."),
    SignalMovedHere(reason="Verkeerd kind."),
    Closed(reason="ongegrond", explanation="Niets."),
    DestructionProposed(basis="bewaartermijn", left_on=date(2026, 7, 10), reason="De bewaartermijn is nu voorbij."),
)


@pytest.mark.parametrize("payload", SAMPLES, ids=lambda payload: payload.kind)
def test_payload_comes_back_as_it_was_written(payload: Payload):
    """Written and read, an entry is the same, kind and version with it."""
    data = entries.dump(payload)
    assert entries.load(data) == payload
    assert {"kind", "v"} <= set(json.loads(data))


def test_every_kind_of_step_1_is_tried():
    """No kind of entry of signals and their course is missing above; the steps have a test of their own."""
    rooms = ("entries.signals", "entries.course")
    first = {one for one in get_args(get_args(AnyPayload)[0]) if one.__module__.endswith(rooms)}
    assert {type(payload) for payload in SAMPLES} >= first - {KinAtSchool, Party, Reopened, Snoozed, TransferTalk}


@settings(deadline=None, database=None)
@given(st.text(min_size=1, max_size=200))
def test_any_words_survive(text: str):
    """Words in any script come back letter for letter, but for spaces at the ends."""
    try:
        signal = Signal(bundle=uuid4(), signal_kind="fact", text=text)
    except ValidationError:
        return
    assert entries.load(entries.dump(signal)) == signal


@pytest.mark.parametrize(
    "fields",
    [
        {"text": ""},
        {"text": "  \n "},
        {"text": "x" * 20_001},
        {"signal_kind": "gerucht"},
        {"direction": "erg"},
        {"extra": 1},
        {"v": 2},
        {"kind": "closed"},
        {"place": "x" * 301},
        {"diagnosis": {"professional": "", "profession": "arts"}},
        {"instrument": {"name": " "}},
        {"subject": {"who": ""}},
        {"source": {"heard": "misschien"}},
    ],
)
def test_signal_that_is_not_right_does_not_exist(fields: dict[str, Any]):
    """R4, R9, R12, R13: empty, too long, of an unknown kind or with an unknown field: refused."""
    with pytest.raises(ValidationError):
        Signal.model_validate({"bundle": uuid4(), "signal_kind": "fact", "text": "x"} | fields)


@pytest.mark.parametrize("name", ["text", "signal_kind", "acute"])
def test_signal_can_not_be_changed(name: str):
    """R4, R6: once made, no field of a signal can be set, its kind least of all."""
    with pytest.raises(ValidationError):
        setattr(SAMPLES[0], name, "x")


@pytest.mark.parametrize("data", [b"", b"{}", b'{"kind":"rumour"}', b'{"kind":"signal_accepted","v":1,"x":2}', b"\xff"])
def test_strange_bytes_are_refused(data: bytes):
    """Bytes that hold no entry raise a validation error and nothing else."""
    with pytest.raises(ValidationError):
        entries.load(data)


def test_errors_repeat_no_words():
    """An error about what somebody typed never holds what they typed."""
    with pytest.raises(ValidationError) as refused:
        Signal.model_validate({"bundle": uuid4(), "signal_kind": "geheim", "text": "geheim", "extra": "geheim"})
    assert "geheim" not in str(refused.value)


def test_hypothesis_is_called_so():
    """R5: the name of a hypothesis is the word itself, in capitals."""
    assert entries.KIND_NAMES[SignalKind.HYPOTHESIS] == "HYPOTHESE"
    assert set(entries.KIND_NAMES) == set(SignalKind)
