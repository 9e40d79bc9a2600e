"""Every address, every role, every state against `rights.csv`, which a person wrote from the domain's rules."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import pytest

from tests.doors.bodies import body_of, options_of
from tests.doors.house import STATES, House, bare, heads
from tests.machine.figures import Figures

SHEET = Path(__file__).with_name("rights.csv")
NOT_SUBJECTS = ("rule", "method", "state", "why")
TO_SIGN_IN = ("302", "401")


@dataclass(frozen=True)
class Line:
    """One line of the sheet in one state: what each subject is answered."""

    rule: str
    method: str
    state: str
    answers: dict[str, str]

    def __str__(self) -> str:
        """Name the line as the test report shows it."""
        return f"{self.method} {self.rule} {self.state}"


def lines() -> Iterator[Line]:
    """Read the sheet; a line with more states counts once per state."""
    with SHEET.open() as file:
        for row in csv.DictReader(file):
            answers = {name: text for name, text in row.items() if name not in NOT_SUBJECTS}
            for state in row["state"].split("|"):
                yield Line(row["rule"], row["method"], state, answers)


LINES = list(lines())
SUBJECTS = tuple(LINES[0].answers)


@pytest.mark.parametrize("line", LINES, ids=str)
def test_every_answer_is_as_the_sheet_says(house: House, line: Line):
    """Whoever asks, gets exactly the answer that was written down by hand."""
    got = {subject: str(answered(house, line, subject)) for subject in SUBJECTS}
    deviations = [
        f"{who}: {line.answers[who]} is written, {got[who]} came" for who in SUBJECTS if got[who] != line.answers[who]
    ]
    assert deviations == []


def answered(house: House, line: Line, subject: str) -> int:
    """Ask in the right state; who is refused must be told exactly what a missing page tells."""
    state = "new" if line.state == "-" else line.state
    house.back_to(f"{state}-informed" if subject == "director_informed" else state)
    answer = house.ask(subject, line.method, house.path(line.rule), body_of(line.rule, house), **options_of(line.rule))
    if answer.status_code == 404:
        missing = house.ask(subject, line.method, f"/meldcode/dossier/{uuid4()}/bestaat-niet")
        assert (bare(missing), heads(missing)) == (bare(answer), heads(answer)), f"{subject} can tell"
    if answer.status_code in (302, 401) and subject in ("anonymous", "former"):
        text = answer.get_data(as_text=True)
        assert not any(word in text for word in ("Benali", "niet naar huis")), f"{subject} reads a name"
    return answer.status_code


def test_every_address_stands_in_the_sheet(house: House):
    """A new address breaks this test until somebody has written who may use it."""
    there = {
        (str(rule), method)
        for rule in house.app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    written = {(address(line.rule), line.method) for line in LINES}
    assert written == there


def address(rule: str) -> str:
    """Return the address as the application writes it; the sheet says which key or entry is meant."""
    return rule.replace("<uuid:receipt>", "<uuid:key>").replace("<uuid:decision>", "<uuid:entry>")


def test_every_cell_is_filled_in():
    """No empty cell and no unknown state: a forgotten subject is no permission."""
    for line in LINES:
        assert line.state in (*STATES, "-")
        assert all(text.isdigit() for text in line.answers.values()), str(line)


def test_every_dossier_line_names_every_state():
    """Of a page about a dossier each state is written down, destroyed too."""
    for rule, method in {(line.rule, line.method) for line in LINES if "<uuid:case>" in line.rule}:
        states = {line.state for line in LINES if (line.rule, line.method) == (rule, method)}
        assert set(STATES) == states, f"{method} {rule}"


def test_the_count(figures: Figures):
    """The number of cells is printed, so that a shrinking sheet is seen."""
    cells = len(LINES) * len(SUBJECTS)
    figures(f"rights: {cells} cells, {len(LINES)} lines, {len(SUBJECTS)} subjects")
    assert cells > 1500
