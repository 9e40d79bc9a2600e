"""Posts that fail as a test tells them, and what tests of reminders ask of them; they know no server."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from email.message import EmailMessage

import sqlalchemy as sa

from meldcode_plugin.post import Known, Outbox, PostFailed
from meldcode_plugin.services import reminders
from meldcode_plugin.store.models.reminders import Reminder, ReminderMail
from tests.world import World


@dataclass(kw_only=True)
class Fails(Outbox):
    """A post that fails as it is told, and keeps what was tried."""

    known: Known | None = None
    tried: list[EmailMessage] = field(default_factory=list)

    def send(self, message: EmailMessage) -> None:
        """Fail, or keep the mail."""
        self.tried.append(message)
        if self.known is not None:
            raise PostFailed(self.known, "test")
        super().send(message)


class Killed(Outbox):
    """A post during which the process is told to stop."""

    def send(self, message: EmailMessage) -> None:
        """Stop, as after Ctrl-C: what was taken stays taken."""
        raise KeyboardInterrupt(message["Message-ID"])


@dataclass(kw_only=True)
class Hangs(Outbox):
    """A post that waits until it may go on, and then sends, or fails with ``fault``."""

    fault: Known | None = None
    reached: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)

    def send(self, message: EmailMessage) -> None:
        """Wait, then keep the mail or fail."""
        self.reached.set()
        self.go_on.wait(20)
        if self.fault is not None:
            raise PostFailed(self.fault, "test")
        super().send(message)


def sweep(world: World, post: Outbox, limit: int = reminders.LIMIT) -> reminders.Counts:
    """Sweep the world's school with this post."""
    return reminders.sweep(world.door, limit, post)


def to(post: Outbox) -> list[str]:
    """Return to whom mails went, sorted."""
    return sorted(mail["To"] for mail in post.sent)


def counted(world: World, table: type[Reminder | ReminderMail]) -> int:
    """Return the number of rows."""
    with world.system() as work:
        return work.inner.scalar(sa.select(sa.func.count()).select_from(table)) or 0
