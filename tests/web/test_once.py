"""Forms that are sent twice, as a browser without scripts does: the second lands where the first did."""

from __future__ import annotations

import io
import re
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID, uuid4

import pytest

from meldcode_plugin.services import cases, shares, signals
from meldcode_plugin.web.forms.steps import KINDS
from tests.doors.bodies import CALLED
from tests.doors.house import COOKIE, House, picture
from tests.web.test_step_files import WEIGHED

TALK = {"partner": "ib", "held_on": "2026-11-20", "persons": "Sanne", "question": "Wat nu?", "advice": "Praat."}
DOSSIER = "/meldcode/dossier/{case}"


def opened(house: House, path: str, who: str = "ib") -> str:
    """Return a page as it reads."""
    return unescape(house.ask(who, "GET", path).get_data(as_text=True))


def post(house: House, path: str, data: dict[str, Any], who: str = "ib") -> tuple[int, str, str]:
    """Send a form; return the status, where it leads, and the page."""
    kind = {"content_type": "multipart/form-data"} if "attachment" in data else {}
    answer = house.ask(who, "POST", path, data, **kind)
    return answer.status_code, answer.headers.get("Location", ""), unescape(answer.get_data(as_text=True))


def action(page: str) -> str:
    """Return where the form of a step is sent."""
    (found,) = re.findall(r'<form method="post" action="(/[^"]+/stap/[^"]+)"', page)
    return str(found)


def standing(house: House, case: str) -> list[str]:
    """Return the kinds of what stands in a dossier after it was taken up, with the notes under their signal."""
    with house.world.work(house.world.ib) as work:
        top = cases.dossier(work, UUID(case)).timeline
    found = [item.kind for one in top for item in (one, *one.under)]
    return [kind for kind in found if kind not in ("signal", "signal_accepted")]


def test_a_step_that_is_sent_twice_is_there_once(house: House, case: str) -> None:
    """Both answers lead to the dossier, and neither says that anything went wrong."""
    path = action(opened(house, f"{DOSSIER.format(case=case)}/stap/overleg"))
    found = [post(house, path, TALK)[:2] for _ in range(2)]
    assert [(303, DOSSIER.format(case=case))] * 2 == found
    assert ["consultation"] == standing(house, case)


def test_every_form_of_a_step_has_a_key_in_its_address(house: House, case: str) -> None:
    """Each link to a form leads to a new one; the form keeps its key through a fault, as the back button does."""
    links = re.findall(r'href="(/[^"]+/stap/[^"]+)"', opened(house, DOSSIER.format(case=case)))
    assert len(links) == len(set(links)) > len(KINDS) / 2
    path = f"{DOSSIER.format(case=case)}/stap/overleg"
    assert action(opened(house, path)) != action(opened(house, path))
    first = action(opened(house, path))
    assert first == action(opened(house, first)) == action(post(house, first, {"persons": "Sanne"})[2])


def test_other_words_are_kept_in_a_fresh_form(house: House, case: str) -> None:
    """The page says that it stands already and leads there; what was typed can be saved apart."""
    path = action(opened(house, f"{DOSSIER.format(case=case)}/stap/overleg"))
    post(house, path, TALK)
    status, _, page = post(house, path, TALK | {"advice": "Bel moeder eerst."})
    assert (status, "Dit formulier is al opgeslagen." in page, "Bel moeder eerst." in page) == (409, True, True)
    assert ["consultation"] == standing(house, case)
    assert post(house, action(page), TALK | {"advice": "Bel moeder eerst."})[0] == 303
    assert ["consultation"] * 2 == standing(house, case)


def test_a_weighing_with_its_file_sent_twice_is_there_once(house: House, case: str) -> None:
    """The file too; with another file the words wait in a fresh form, and the file with them."""
    path = action(opened(house, f"{DOSSIER.format(case=case)}/stap/wegen"))
    for _ in range(2):
        assert post(house, path, WEIGHED | {"attachment": (picture(), "lirik.png")})[0] == 303
    status, _, page = post(house, path, WEIGHED | {"attachment": (io.BytesIO(b"Uitslag: hoog."), "uitslag.txt")})
    assert (status, "<span>uitslag.txt</span>" in page, "<span>lirik.png</span>" in page) == (409, True, False)
    assert ["weighing"] == standing(house, case)
    assert opened(house, DOSSIER.format(case=case)).count(">lirik.png<") == 1


NOTE, MENDED = {"text": "Weer gezien."}, {"text": "Links.", "reason": "Ik vergiste me."}


@pytest.mark.parametrize("who", ["ib", "reporter"])
@pytest.mark.parametrize(("name", "words"), [("vervolg", NOTE), ("correctie", MENDED)])
def test_a_note_that_is_sent_twice_is_there_once(
    house: House, case: str, who: str, name: str, words: dict[str, str]
) -> None:
    """In a dossier and under one's own signal; other words stay in the form, which can be sent again."""
    entry = house.ids["entry"]
    page = f"{DOSSIER.format(case=case)}?bij={entry}" if who == "ib" else f"/meldcode/mijn-signalen/{entry}"
    path = f"{page.partition('?')[0]}/signaal/{entry}/{name}" if who == "ib" else f"{page}/{name}"
    key = _key(opened(house, page, who), path)
    first, second = (post(house, path, words | {"key": key}, who) for _ in range(2))
    assert (303, first) == (first[0], second)
    status, _, again = post(house, path, words | {"key": key, "text": "Iets anders."}, who)
    assert (status, "Dit formulier is al opgeslagen." in again, ">\nIets anders.</textarea>" in again) == (
        409,
        True,
        True,
    )
    assert len(standing(house, case)) == 1
    assert post(house, path, words | {"key": _key(again, path), "text": "Iets anders."}, who)[0] == 303
    assert len(standing(house, case)) == 2


def _key(page: str, path: str) -> str:
    (form,) = re.findall(rf'<form method="post" action="{re.escape(path)}".*?</form>', page, re.DOTALL)
    (key,) = re.findall(r'name="key" value="([^"]+)"', form)
    return str(key)


def test_advice_that_is_sent_twice_is_there_once(house: House, case: str) -> None:
    """Who reads along lands on the same page; other words stay in the form."""
    reader = house.people["teacher"]
    with house.world.work(house.world.ib) as work:
        until = house.world.clock().date()
        shares.share(work, UUID(case), shares.NewShare(reader.person_id, "zorgteam", "Wat zie jij?", until, None))
    with house.world.work(reader) as work:
        page = f"/meldcode/gedeeld/{shares.with_me(work)[0].id}"
    key = _key(opened(house, page, "teacher"), f"{page}/advies")
    for _ in range(2):
        assert post(house, f"{page}/advies", {"key": key, "advice": "Praat."}, "teacher")[:2] == (303, page)
    status, _, again = post(house, f"{page}/advies", {"key": key, "advice": "Bel."}, "teacher")
    assert (status, ">\nBel.</textarea>" in again, _key(again, f"{page}/advies") != key) == (409, True, True)
    assert ["consultation"] == standing(house, case)


@pytest.mark.parametrize("form", ["/meldcode/leerling/2602/spoed", "/meldcode/spoed"])
def test_whom_somebody_called_stands_once(house: House, form: str):
    """The form stands at an address with a key, so that after the back button it is still the same form (R58)."""
    keyed = house.path(f"{form}?key={(key := uuid4())}")
    found = []
    for _ in range(2):
        assert f'name="key" value="{key}"' in opened(house, keyed, "teacher")
        found.append(post(house, form, CALLED | {"key": str(key)}, "teacher")[:2])
    assert [(303, f"/meldcode/vastgelegd/{key}")] * 2 == found
    with house.world.work(house.people["teacher"]) as work:
        assert len(signals.mine(work)) == 1


@pytest.mark.parametrize("form", ["/meldcode/leerling/2602/signaal", "/meldcode/spoed"])
def test_a_form_opened_without_a_key_keeps_what_was_asked_with_it(house: House, form: str):
    """The language that somebody chose, say; and a key that is none does not send anybody round in circles."""
    cookie = {"Cookie": f"{COOKIE}={house.handles['teacher']}"}
    client = house.app.test_client(use_cookies=False)
    answer = client.get(f"{form}?taal=en&a=%2F", headers=cookie)
    asked = parse_qs(urlsplit(answer.location).query)
    assert (303, form, ["en"], ["/"]) == (answer.status_code, urlsplit(answer.location).path, asked["taal"], asked["a"])
    assert UUID(asked["key"][0])
    assert '<html lang="en">' in client.get(answer.location, headers=cookie).get_data(as_text=True)
    assert 200 == client.get(f"{form}?key=x", headers=cookie).status_code
