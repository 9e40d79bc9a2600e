"""Every kind of entry: kept whole, closed to the unknown, named on the screen."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from meldcode_plugin.rules import entries as e
from tests.rules.desk import SAMPLES, a

WITHOUT_FORM = (
    *(e.Signal, e.FollowUp, e.Correction, e.SignalAccepted, e.SignalMovedAway, e.SignalMovedHere),
    *(e.Approval, e.KinAtSchool, e.DestructionProposed),
)


def sample(kind):
    """The least that an entry of a kind can be."""
    if kind is e.Approval:
        return e.Approval(agrees="yes", role="D", about=SAMPLES[e.Signal]["bundle"], seen_seq=1)
    return a(kind)


@pytest.mark.parametrize("kind", e.KINDS)
def test_entry_comes_back_as_it_was_kept(kind):
    """Through bytes and back nothing is lost, and the class is the same."""
    payload = sample(kind)
    assert e.load(e.dump(payload)) == payload
    assert type(e.load(e.dump(payload))) is kind


@pytest.mark.parametrize("kind", e.KINDS)
def test_entry_can_not_be_changed_or_stretched(kind):
    """A field that nobody asked for is refused, and a kept entry is frozen."""
    payload = sample(kind)
    with pytest.raises(ValidationError):
        kind(**payload.model_dump() | {"extra": 1})
    with pytest.raises(ValidationError):
        payload.kind = "other"


def test_every_kind_has_its_own_name():
    """The name under which it is stored is its alone, and none is forgotten in the samples."""
    names = [kind.model_fields["kind"].default for kind in e.KINDS]
    assert len(set(names)) == len(names) == len(SAMPLES) + 1
    assert set(SAMPLES) | {e.Approval} == set(e.KINDS)


@pytest.mark.parametrize("kind", [kind for kind in e.KINDS if kind not in WITHOUT_FORM])
def test_every_field_of_a_step_has_its_dutch_label(kind):
    """Forms are made of these classes: a field without a title would have no label."""
    silent = {"kind", "v", "passed", "code_version"}
    assert [name for name, field in kind.model_fields.items() if name not in silent and not field.title] == []
    assert issubclass(kind, e.Step)


def test_unknown_kind_is_refused():
    """Bytes that are no entry never become one."""
    with pytest.raises(ValueError, match="kind"):
        e.load(b'{"kind": "gossip", "v": 1}')
