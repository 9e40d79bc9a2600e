"""Packages whose builder is killed at every point and at any moment: never lost, never half, always the same."""

from __future__ import annotations

import contextlib
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID, uuid4

import pytest

from meldcode_plugin.errors import AlreadyDone
from meldcode_plugin.services import packages, packages_build, packages_handover
from meldcode_plugin.services.packages_build import FAILPOINT
from meldcode_plugin.services.packages_handover import Channel
from meldcode_plugin.services.packages_papers import STEPS
from tests.faults.mailserver import MailServer
from tests.machine.figures import Figures
from tests.packing import SHORT, ask, case_with, look, result, seal_of, start_over
from tests.tasks.installation import Installation, installed
from tests.world import World, scaled

SEED = 20261125
POINTS = [
    f"{when} {step}" for step in STEPS for when in ("before", "kept", "after") if (when, step) != ("kept", "ready")
]
POINTS += ["one copy"]
"""Before, in and after each of the nine steps, and between two attachments."""
TIMES, RANDOM, BY_WORKER = scaled(1, 12), scaled(6, 200), scaled(1, 20)
LEASE_MINUTES = 3.0
NURSERY = '''
"""Builds what waits in children that may be killed: a line is a point, seconds until a kill, minutes ahead."""

import os
import signal
import sys
import time
from datetime import timedelta

import school
from meldcode_plugin.documents import report  # loaded once, for all children
from meldcode_plugin.services import packages_build

school.door.store.engine.dispose()
for line in sys.stdin:
    point, seconds, ahead = line.rstrip("\\n").split("|")
    child = os.fork()
    if child == 0:
        school.AHEAD = timedelta(minutes=float(ahead))
        os.environ["MELDCODE_FAILPOINT"] = point
        packages_build.sweep(school.door)
        os._exit(0)
    if float(seconds) > 0:
        time.sleep(float(seconds))
        os.kill(child, signal.SIGKILL)
    print(os.waitpid(child, 0)[1] & 127, flush=True)
'''


class Nursery:
    """A process that builds in children of its own; each call moves the clock past the lease of the one before."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        """Take a process that waits for lines."""
        self._process, self._ahead = process, 0.0

    def build(self, point: str = "", seconds: float = 0) -> int:
        """Let a child build what waits; return the signal that ended it, 0 when it ended by itself."""
        self._ahead += LEASE_MINUTES
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{point}|{seconds}|{self._ahead}\n")
        self._process.stdin.flush()
        return int(self._process.stdout.readline())


def test_killed_at_every_point(world: World, nursery: Nursery, figures: Figures):
    """Killed before, in and after each step: the next one builds the same package, and till then it is not ready."""
    case, package, whole = made(world)
    counts: Counter[str] = Counter()
    for point in POINTS * TIMES:
        start_over(world, package)
        counts["kills"] += nursery.build(point) == 9
        left = look(world, case, package)
        counts["half"] += left.state == "ready" and (result(left), seal_of(world, package)) != whole
        nursery.build()
        after = look(world, case, package)
        counts["lost"] += after.state != "ready"
        counts["other hash"] += (result(after), seal_of(world, package)) != whole
    figures(f"package killed at {len(POINTS)} points, {TIMES} times each, on {world.database.kind}: {told(counts)}")
    assert counts == Counter(kills=len(POINTS) * TIMES)


def test_killed_at_any_moment(world: World, nursery: Nursery, figures: Figures):
    """Killed again and again at random: in the end the same package, and what was recorded stayed recorded.

    Five deaths without a step stop it for a person, who tries again: that is counted, and nothing is lost by it.
    """
    case, package, whole = made(world)
    counts: Counter[str] = Counter()
    dice = random.Random(SEED)
    start_over(world, package)
    began = time.monotonic()
    nursery.build()
    longest = time.monotonic() - began
    start_over(world, package)
    while counts["kills"] < RANDOM:
        before = look(world, case, package)
        counts["kills"] += nursery.build(seconds=dice.uniform(0.02, longest)) == 9
        after = look(world, case, package)
        counts["steps undone"] += len(after.done) < len(before.done)
        if after.state == "failed":
            counts["tried again by hand"] += after.error == "interrupted"
            again(world, case, package)
        if after.state == "ready":
            counts["finished between"] += 1
            counts["other hash"] += (result(after), seal_of(world, package)) != whole
            start_over(world, package)
    nursery.build()
    if look(world, case, package).state == "failed":
        again(world, case, package)
        nursery.build()
    figures(f"package killed at random moments on {world.database.kind}: {told(counts)}; seed {SEED}")
    assert (result(look(world, case, package)), seal_of(world, package)) == whole
    assert (counts["other hash"], counts["steps undone"]) == (0, 0)


def test_a_killed_worker_of_celery_loses_nothing(world: World, school: Installation, figures: Figures):
    """The process in which a real worker builds is killed at a point: the sweep of another builds the same package."""
    case, package, whole = made(world)
    wrong = 0
    for number in range(BY_WORKER):
        start_over(world, package)
        point = POINTS[(7 * number + 4) % len(POINTS)]
        ahead = 2 * LEASE_MINUTES * number
        with school.worker(**{FAILPOINT: point, "AHEAD": str(ahead)}):
            school.celery.send_task("meldcode.packages.build", [str(package)])
            waited(lambda: "SIGKILL" in school.log())
        with school.sweep(ahead=ahead + LEASE_MINUTES) as process:
            assert process.wait(120) == 0, school.log("sweep.log")
        wrong += (result(look(world, case, package)), seal_of(world, package)) != whole
    figures(f"package of a killed Celery worker on {world.database.kind}: {BY_WORKER} kills, lost or other {wrong}")
    assert wrong == 0


@pytest.mark.parametrize("world", ["sqlite"], indirect=True)
def test_a_package_is_built_by_its_hint(world: World, school: Installation):
    """Asked for on a page, a worker builds it without any beat or sweep."""
    case = case_with(world)
    world.door = school.door
    with school.worker():
        package = ask(world, case)
        waited(lambda: look(world, case, package).state == "ready")
    assert look(world, case, package).state == "ready"


def test_many_presses_are_one_hand_over(world: World, figures: Figures):
    """Eight people press the button at once: one hand-over is prepared, one pass-phrase is shown."""
    case, package, _ = made(world)
    key, shown, told_no = uuid4(), [], []

    def press(mine: UUID) -> None:
        try:
            with world.work(world.ib) as work:
                words = packages_handover.prepare(work, case, package, mine, Channel.HAND, "Veilig Thuis")
            shown.append(words)
        except AlreadyDone:
            told_no.append(mine)

    threads = [
        threading.Thread(target=press, args=(mine,)) for mine in (key, key, key, key, *(uuid4() for _ in "1234"))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with world.work(world.ib) as work:
        rows = packages_handover.lines(work, case, package)
    figures(f"eight presses at once on {world.database.kind}: {len(rows)} hand-over")
    assert (len(rows), len([words for words in shown if words])) == (1, 1)


def made(world: World) -> tuple[UUID, UUID, tuple[object, bytes | None]]:
    """Build a package undisturbed; returns its case, its id and what it came to."""
    case = case_with(world, (SHORT, SHORT * 50), signals=2)
    package = ask(world, case)
    packages_build.build(world.door, package)
    shown = look(world, case, package)
    assert shown.state == "ready"
    return case, package, (result(shown), seal_of(world, package))


def again(world: World, case: UUID, package: UUID) -> None:
    """Press *Opnieuw proberen*."""
    with world.work(world.ib) as work:
        packages.retry(work, case, package)


def told(counts: Counter[str]) -> str:
    """Return counts on a line; what did not happen is named too."""
    names = dict.fromkeys(("kills", "lost", "half", "other hash"), 0) | counts
    return ", ".join(f"{name} {number}" for name, number in names.items())


def waited(wanted) -> None:
    """Wait until something is so, for a minute at most."""
    pause = threading.Event()
    for _ in range(600):
        if wanted():
            return
        pause.wait(0.1)


@pytest.fixture
def nursery(world: World, school: Installation) -> Iterator[Nursery]:
    """A process with the school in it that builds in children."""
    path = school.folder / "nursery.py"
    path.write_text(NURSERY)
    names = {"PYTHONPATH": f"{school.folder}:{Path.cwd()}", "PATH": "/usr/bin:/bin"}
    with (
        (school.folder / "nursery.log").open("wb") as log,
        subprocess.Popen(
            [sys.executable, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=names,
        ) as process,
    ):
        yield Nursery(process)
        with contextlib.suppress(OSError):
            process.stdin.close()
        process.wait(20)


@pytest.fixture
def school(world: World, tmp_path: Path, mailserver: MailServer, broker_url: str) -> Iterator[Installation]:
    """The world's school with a broker."""
    with installed(world, tmp_path / "school", mailserver.port, broker_url) as school:
        yield school
