"""The settings that stand as examples on our pages work as written, and JSON that is wrong is named at the start."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from meldcode_plugin import sis
from meldcode_plugin.errors import SettingsWrong
from meldcode_plugin.settings import Settings
from tests.web.test_profiles import LEAST, TENANT

DOCS = Path(__file__).parents[2] / "docs"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
ENVIRONMENT = 'import json, os; print(json.dumps({k: v for k, v in os.environ.items() if k.startswith("MELDCODE_")}))'


def blocks(page: str, kind: str, word: str) -> list[str]:
    """Return the blocks of a kind on a page that hold a word."""
    found = BLOCK.findall((DOCS / page).read_text(encoding="utf-8"))
    return [text for language, text in found if language == kind and word in text]


@pytest.mark.parametrize("block", blocks("sign-in.md", "python", "MELDCODE_"))
def test_settings_of_each_provider_are_taken_as_they_stand(block: str):
    """What the page says for a provider is enough for it."""
    found: dict[str, Any] = {}
    exec(block.replace("<tenant id>", TENANT), {}, found)  # noqa: S102  # our own page
    assert found["MELDCODE_OIDC_PROFILE"] == Settings.from_mapping(LEAST | found).oidc_profile


@pytest.mark.parametrize("block", blocks("rosters.md", "sh", "MELDCODE_SOURCE"))
def test_a_roster_is_set_in_the_environment_as_it_stands(block: str):
    """A shell reads the lines of the page, and the adapter takes the JSON of which they are made."""
    words = ["sh", "-ec", f"set -a\n{block}\nexec \"$0\" -c '{ENVIRONMENT}'", sys.executable]
    done = subprocess.run(words, capture_output=True, text=True, check=True, env={})
    settings = Settings.from_mapping(LEAST | json.loads(done.stdout))
    assert {"school": "99AB"}.items() <= settings.source_options.items()
    assert sis.load(settings.source, settings.source_options)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{'path': 'x'}", "MELDCODE_SOURCE_OPTIONS: .*must be JSON.*line 1, column 2"),
        ('{"path": "x"', "MELDCODE_SOURCE_OPTIONS: .*must be JSON.*line 1, column 13"),
        ("", "MELDCODE_SOURCE_OPTIONS: .*must be JSON"),
        ('["path"]', "MELDCODE_SOURCE_OPTIONS: .*dictionary"),
        ('"path"', "MELDCODE_SOURCE_OPTIONS: .*dictionary"),
    ],
)
def test_json_that_is_wrong_is_named_with_its_place(text: str, said: str):
    """The start stops with the setting, an example and the place; what was given, a secret perhaps, is not in it."""
    with pytest.raises(SettingsWrong, match=said) as caught:
        Settings.from_mapping(LEAST | {"MELDCODE_SOURCE_OPTIONS": text})
    assert "'x'" not in str(caught.value)


def test_options_that_the_adapter_does_not_take_are_named():
    """JSON that is right, and means nothing to the adapter."""
    settings = Settings.from_mapping(LEAST | {"MELDCODE_SOURCE": "edexml", "MELDCODE_SOURCE_OPTIONS": '{"pad": "x"}'})
    with pytest.raises(SettingsWrong, match="MELDCODE_SOURCE_OPTIONS: edexml does not know pad"):
        sis.load(settings.source, settings.source_options)
