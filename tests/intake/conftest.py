"""The mark of the run that takes long when it is done whole."""

from __future__ import annotations

import pytest


def pytest_configure(config: pytest.Config) -> None:
    """Name the mark."""
    config.addinivalue_line(
        "markers", "intake: many signals at once while web workers are killed; MELD_SCALE=50 is 10,000"
    )
