"""What every test may use: the machine room's servers and databases. It knows no room of the product."""

from __future__ import annotations

pytest_plugins = [
    "tests.machine.process",
    "tests.machine.sockets",
    "tests.machine.postgres",
    "tests.machine.databases",
    "tests.machine.broker",
    "tests.machine.browser",
    "tests.machine.post",
]
