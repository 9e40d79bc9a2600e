"""Every column of every table is sent along on every form: what was not asked is not stored (T2)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa

from meldcode_plugin.store.base import Base
from tests.doors.bodies import body_of, options_of
from tests.doors.house import House
from tests.doors.test_forgery import WRITES, entitled
from tests.doors.test_rights import Line

ASKED = {"key", "acute", "kind", "role", "action", "text", "reason", "person", "pupil", "words", "note"}
"""Names of columns that are also questions of a form: there they are meant."""
COLUMNS = sorted({column.name for table in Base.metadata.tables.values() for column in table.c} - ASKED)
RANDOM = ("id", "key", "seq", "at", "sealed", "mac", "hash", "index", "wrapped", "blob", "refers_to", "salt")
"""Parts of the names of columns whose value differs every time; what is sealed differs too."""


def hostile(house: House) -> dict[str, str]:
    """Return a value for every column: another school, another person, more rights, a closed case."""
    values = dict.fromkeys(COLUMNS, "1")
    values |= {name: str(uuid4()) for name in COLUMNS if name == "id" or name.endswith("_id")}
    values |= {"school_id": str(house.world.other_school_id), "author_id": str(house.world.fg.person_id)}
    values |= {"person_id": str(house.world.fg.person_id), "owner_id": str(house.world.fg.person_id)}
    values |= {"state": "closed", "roles": "D,B,IB", "waits": "0", "active": "1", "board_only": "0"}
    return values | {f"fact-{name}": value for name, value in values.items()}


@pytest.mark.parametrize("line", WRITES, ids=str)
def test_more_fields_store_nothing_more(house: House, line: Line):
    """The rows after the form with every column are those after the form alone."""
    subject = entitled(line)
    state = "new" if line.state == "-" else line.state
    name = f"{state}-informed" if subject == "director_informed" else state
    outcomes = []
    for more in ({}, hostile(house)):
        house.back_to(name)
        body = more | body_of(line.rule, house)
        answer = house.ask(subject, "POST", house.path(line.rule), body, **options_of(line.rule))
        outcomes.append((answer.status_code, clear(house), owners(house)))
    assert outcomes[1] == outcomes[0]


def clear(house: House) -> dict[str, list[tuple[Any, ...]]]:
    """Return all rows without the columns that are random every time."""
    return _select(house, lambda name: not any(part in name for part in RANDOM))


def owners(house: House) -> dict[str, list[tuple[Any, ...]]]:
    """Return which schools and people the rows name."""
    return _select(house, lambda name: name in ("school_id", "person_id", "author_id", "recorded_by", "owner_id"))


def _select(house: House, wanted: Any) -> dict[str, list[tuple[Any, ...]]]:
    engine = house.world.peek()
    found = {}
    with engine.connect() as connection:
        for name, table in Base.metadata.tables.items():
            columns = [c for c in table.c if wanted(c.name) and not isinstance(c.type, sa.LargeBinary)]
            if columns and name != "meldcode_sign_in":
                found[name] = sorted(map(tuple, connection.execute(sa.select(*columns))), key=repr)
    engine.dispose()
    return found
