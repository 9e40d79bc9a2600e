"""A thousand acute reminders, due one after the other, minute by minute, through faults: none early and none late."""

from __future__ import annotations

import contextlib
import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage

import pytest
import sqlalchemy as sa

from meldcode_plugin.post import Known, Outbox, PostFailed
from meldcode_plugin.services import reminders
from meldcode_plugin.store.models.reminders import Reminder, ReminderMail
from tests.machine.figures import Figures
from tests.world import World, scaled

SEED = 20261128
SIGNALS = scaled(15, 170)
"""Each acute signal falls due six times, in the eight hours after it; that is twelve mails."""
HOURS, LATEST = 8, timedelta(minutes=15)
FAULTS = (Known.LATER, Known.AWAY, Known.UNKNOWN)
IN_A_ROW = 2
"""How often the dice may fail one mail: a server that refuses the same mail for ever is no storm."""


@dataclass(kw_only=True)
class Storm(Outbox):
    """A post that fails now and then, or dies; it keeps when each mail left."""

    world: World
    dice: random.Random = field(default_factory=lambda: random.Random(SEED))
    left: dict[str, list[datetime]] = field(default_factory=dict)
    failed: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)

    def send(self, message: EmailMessage) -> None:
        """Send it, mostly; or fail before or after it left, or die with it in hand."""
        number, number_of_mail = self.dice.random(), str(message["Message-ID"])
        if number > 0.10 or self.failed[number_of_mail] >= IN_A_ROW:
            self._leave(number_of_mail)
            return
        self.failed[number_of_mail] += 1
        if number < 0.02:
            self.counts["killed"] += 1
            raise KeyboardInterrupt
        fault = self.dice.choice(FAULTS)
        self.counts[fault.name.lower()] += 1
        if fault is Known.UNKNOWN and number < 0.06:
            self._leave(number_of_mail)
        raise PostFailed(fault, "storm")

    def _leave(self, number_of_mail: str) -> None:
        self.left.setdefault(number_of_mail, []).append(self.world.clock.moment)


@pytest.mark.timeout(900)
def test_no_reminder_is_early_and_none_is_late(world: World, figures: Figures):
    """A sweep a minute, of which some never run and some die: each mail leaves within 15 minutes of being due."""
    storm = Storm(world=world)
    cards = [world.card(str(2602 + number)) for number in range(8)]
    for minute in range(SIGNALS + HOURS * 60 + 30):
        if minute < SIGNALS:
            world.record(world.signal(acute=True), about=cards[minute % len(cards)])
        if storm.dice.random() < 0.05:
            storm.counts["minutes without a sweep"] += 1
        else:
            with contextlib.suppress(KeyboardInterrupt):
                reminders.sweep(world.door, post=storm)
        world.clock.forward(minutes=1)
    late = {key: storm.left[key][0] - due_at for key, due_at in _due(world).items() if key in storm.left}
    lost = len(_due(world)) - len(late)
    early = sum(by < timedelta(0) for by in late.values())
    too_late = sum(by > LATEST for by in late.values())
    again = sum(len(moments) - 1 for moments in storm.left.values())
    figures(
        f"reminders in time on {world.database.kind}: {SIGNALS * 6} reminders, {len(late)} mails; lost {lost}, "
        f"early {early}, more than 15 minutes late {too_late}, the latest {max(late.values())}, "
        f"doubled {again} (same Message-ID); "
        + ", ".join(f"{name} {number}" for name, number in sorted(storm.counts.items()))
        + f"; seed {SEED}"
    )
    assert (lost, early, too_late) == (0, 0, 0)
    assert again <= storm.counts["unknown"]
    assert len(late) == SIGNALS * 12


def _due(world: World) -> dict[str, datetime]:
    """Return when each mail was due, by its Message-ID; acute mails are one each."""
    found = sa.select(ReminderMail.message_id, Reminder.due_at).join(Reminder, Reminder.id == ReminderMail.reminder_id)
    with world.system() as work:
        return {f"<{message.hex}@localhost>": due_at for message, due_at in work.inner.execute(found)}
