"""What every test may use: the machine room's servers and databases, and a small world with people in it."""

from __future__ import annotations

pytest_plugins = [
    "tests.machine.sockets",
    "tests.machine.figures",
    "tests.machine.statements",
    "tests.machine.postgres",
    "tests.machine.databases",
    "tests.machine.broker",
    "tests.machine.browser",
    "tests.machine.post",
    "tests.world",
    "tests.provider.fixtures",
]
