"""What another site, a stale page or a script sends in somebody's name changes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from tests.doors.bodies import body_of, options_of
from tests.doors.house import House
from tests.doors.test_rights import LINES, Line
from tests.machine.figures import Figures

BARE = ("/meldcode/start", "/meldcode/backchannel-logout")
"""They look at no cookie: a forged request carries no right to begin with, and needs a signed token."""
NOWHERE = "/meldcode/<path:anything>"
WRITES = [
    line
    for line in LINES
    if line.method == "POST" and line.state in ("new", "running", "-") and line.rule not in (*BARE, NOWHERE)
]
FORGERIES: dict[str, dict[str, Any]] = {
    "no token": {"csrf": None},
    "a wrong token": {"csrf": "0" * 64},
    "a token of another sign-in": {"csrf": "another"},
    "another site by Origin": {"headers": {"Origin": "https://elders.example"}},
    "another site by Sec-Fetch-Site": {"headers": {"Sec-Fetch-Site": "cross-site"}},
    "a neighbour by Sec-Fetch-Site": {"headers": {"Sec-Fetch-Site": "same-site"}},
    "no origin at all": {"headers": {"Origin": "null"}},
}


def entitled(line: Line) -> str:
    """Return the first person for whom the sheet says that this works."""
    return next(who for who, status in line.answers.items() if status in ("200", "303", "409") and who != "anonymous")


@pytest.mark.parametrize("line", WRITES, ids=str)
def test_a_forged_request_changes_nothing(house: House, line: Line):
    """Each forgery of each form is refused, and no row of any table differs after it."""
    subject = entitled(line)
    state = "new" if line.state == "-" else line.state
    house.back_to(f"{state}-informed" if subject == "director_informed" else state)
    before = house.rows()
    for name, forgery in FORGERIES.items():
        options = options_of(line.rule) | dict(forgery)
        if options.get("csrf") == "another":
            options["csrf"] = house.csrf("colleague" if subject == "teacher" else "fg")
        answer = house.ask(subject, "POST", house.path(line.rule), body_of(line.rule, house), **options)
        assert answer.status_code == 403, name
    assert house.rows() == before


@pytest.mark.parametrize(
    "line", [line for line in LINES if line.method == "GET" and line.state in ("new", "-")], ids=str
)
def test_looking_changes_nothing_but_the_log(house: House, line: Line):
    """A page that is shown leaves only lines in the log; what it may leave beside that is named here."""
    house.back_to("new" if line.state == "-" else line.state)
    subjects = [who for who in line.answers if who != "director_informed"]
    before = house.rows()
    for subject in subjects:
        house.ask(subject, "GET", house.path(line.rule))
    after = house.rows()
    assert {name for name in after if after[name] != before[name]} <= LEAVES.get(line.rule, set())


LEAVES = {
    "/meldcode/aanmelden": {"meldcode_login_state"},  # a sign-in that goes to the provider is remembered
    "/meldcode/start/<handle>": {  # who it is for, or that it is over; who is not signed in goes to the provider
        "meldcode_launch",
        "meldcode_launch_person",
        "meldcode_login_state",
    },
    "/meldcode/dossier/<uuid:case>": {"meldcode_reminder"},  # the IB-er has seen it: no reminder is needed
    "/meldcode/dossier/<uuid:case>/meldpakket": {"meldcode_reminder"},  # idem
    "/meldcode/dossier/<uuid:case>/meldpakket/nieuw/<variant>": {"meldcode_reminder"},  # idem
    "/meldcode/dossier/<uuid:case>/stap/<name>": {"meldcode_reminder"},  # idem: the dossier stands beside the form
}


def test_the_count(figures: Figures):
    """The number of forgeries is printed."""
    figures(f"forgery: 0 of {len(WRITES) * len(FORGERIES)} accepted, {len(WRITES)} forms")
    assert len(WRITES) > 20
