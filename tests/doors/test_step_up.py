"""A sign-in that is not fresh is asked anew before a package is looked for: nobody learns whether there is one."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import uuid4

import pytest

from meldcode_plugin.web.sso import FRESH_SECONDS
from tests.doors.house import House, bare, heads, sign_in
from tests.doors.test_existence import RANDOM, listening

PACKAGE = "/meldcode/dossier/<uuid:case>/meldpakket/<uuid:package>"
HAND_OVER = f"{PACKAGE}/overdracht"
DOORS = (
    ("GET", HAND_OVER),
    ("POST", HAND_OVER),
    ("GET", f"{HAND_OVER}/<uuid:handover>/kopie"),
    ("GET", f"{HAND_OVER}/<uuid:handover>/bijlage-n"),
    ("POST", f"{HAND_OVER}/<uuid:handover>/wachtzin"),
)
DESTROY = ("POST", "/meldcode/dossier/<uuid:case>/vernietigen/besluiten")
FORM = {"channel": "persoonlijk", "receiver": "Veilig Thuis"}
LOOKED_FOR = ("meldcode_case", "meldcode_package", "meldcode_hand_over", "meldcode_attachment", "meldcode_entry")


@dataclass(frozen=True)
class Seen:
    """All that one question brought about."""

    status: int
    heads: list[tuple[str, str]]
    body: str
    tables: set[str]
    unsealed: int


def seen(house: House, method: str, rule: str, **other: str) -> Seen:
    """Ask as the IB-er, and return all that could tell whether it exists; an id that was sent along says nothing."""
    with listening(house, "ib") as ear:
        answer = house.ask("ib", method, house.path(rule, **other), FORM if method == "POST" else None)
    told = [(name, RANDOM.sub("id", text)) for name, text in heads(answer)]
    tables = {name for name in LOOKED_FOR for said in ear.statements if f"{name} " in f"{said} "}
    return Seen(answer.status_code, told, RANDOM.sub("id", bare(answer).decode(errors="replace")), tables, ear.unsealed)


def missing() -> dict[str, str]:
    """Ids of nothing at all."""
    return {name: str(uuid4()) for name in ("case", "package", "handover")}


@pytest.mark.parametrize(("method", "rule"), [*DOORS, DESTROY])
def test_a_fresh_sign_in_is_asked_before_any_look_up(house: House, method: str, rule: str):
    """Existing or made up: the same way to the sign-in page, and no table of the dossier was read."""
    house.back_to("running")
    house.handles["ib"] = sign_in(house, "ib", house.people["ib"])
    house.world.clock.forward(seconds=FRESH_SECONDS + 1)
    there, nowhere = seen(house, method, rule), seen(house, method, rule, **missing())
    assert there == nowhere
    assert (there.status, there.tables) == (303, set())
    assert "opnieuw=1" in dict(there.heads)["Location"]


@pytest.mark.parametrize(("method", "rule"), DOORS)
def test_after_it_the_package_is_looked_for(house: House, method: str, rule: str):
    """With a fresh sign-in the two differ: the test above is not deaf."""
    house.back_to("running")
    house.handles["ib"] = sign_in(house, "ib", house.people["ib"])
    there, nowhere = seen(house, method, rule), seen(house, method, rule, **missing())
    assert (there.status in (200, 409), nowhere.status) == (True, 404)
    assert "meldcode_package" in there.tables
