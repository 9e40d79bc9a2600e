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


def step_form(page: str) -> tuple[str, dict[str, str]]:
    """Return where the form of a step is sent, and the key that goes along."""
    (path,) = re.findall(r'<form method="post" action="(/[^"]+/stap/[^"]+)"', page)
    return path, {"key": _key(page, path)}


def standing(house: House, case: str) -> list[str]:
    """Return the kinds of what stands in a dossier after it was taken up, with the notes under their signal."""
    with house.world.work(house.world.ib) as work:
        top = cases.dossier(work, UUID(case)).timeline
    found = [item.kind for one in top for item in (one, *one.under)]
    return [kind for kind in found if kind not in ("signal", "signal_accepted")]


def test_a_step_that_is_sent_twice_is_there_once(house: House, case: str) -> None:
    """Both answers lead to the dossier, and neither says that anything went wrong."""
    path, key = step_form(opened(house, f"{DOSSIER.format(case=case)}/stap/overleg"))
    found = [post(house, path, TALK | key)[:2] for _ in range(2)]
    assert [(303, DOSSIER.format(case=case))] * 2 == found
    assert ["consultation"] == standing(house, case)


def test_a_form_keeps_its_key(house: House, case: str) -> None:
    """Each way to a form leads to a new one; its address and what is sent keep the key, also through a fault."""
    path = f"{DOSSIER.format(case=case)}/stap/overleg"
    (_, key), (_, other) = (step_form(opened(house, path)) for _ in range(2))
    assert key != other
    found = [step_form(opened(house, f"{path}?key={key['key']}")), step_form(post(house, path, key)[2])]
    assert [(path, key)] * 2 == found


def test_other_words_are_kept_in_a_fresh_form(house: House, case: str) -> None:
    """The page says that it stands already and leads there; what was typed can be saved apart."""
    path, key = step_form(opened(house, f"{DOSSIER.format(case=case)}/stap/overleg"))
    post(house, path, TALK | key)
    status, _, page = post(house, path, TALK | key | {"advice": "Bel moeder eerst."})
    assert (status, "Dit formulier is al opgeslagen." in page, "Bel moeder eerst." in page) == (409, True, True)
    assert ["consultation"] == standing(house, case)
    assert post(house, path, TALK | step_form(page)[1] | {"advice": "Bel moeder eerst."})[0] == 303
    assert ["consultation"] * 2 == standing(house, case)


def test_a_weighing_with_its_file_sent_twice_is_there_once(house: House, case: str) -> None:
    """The file too; with another file the words wait in a fresh form, and the file with them."""
    path, key = step_form(opened(house, f"{DOSSIER.format(case=case)}/stap/wegen"))
    for _ in range(2):
        assert post(house, path, WEIGHED | key | {"attachment": (picture(), "lirik.png")})[0] == 303
    status, _, page = post(house, path, WEIGHED | key | {"attachment": (io.BytesIO(b"Uitslag: hoog."), "uitslag.txt")})
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
    (form,) = re.findall(rf'<form [^>]*action="{re.escape(path)}".*?</form>', page, re.DOTALL)
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


REGISTERED = {"sexual": "no", "informed": "De directeur", "informed_on": "2026-11-20", "confirmed": "y"}


def test_other_words_for_the_register_wait_in_a_fresh_form(house: House) -> None:
    """The other route, and a later line: what was typed stands in the page, and can be kept apart."""
    route, keep = "/meldcode/medewerker", REGISTERED | {"action": "keep"}
    key = _key(opened(house, route, "teacher"), route)
    for _ in range(2):
        assert post(house, route, keep | {"key": key}, "teacher")[0] == 303
    status, _, again = post(house, route, keep | {"key": key, "informed": "De voorzitter"}, "teacher")
    assert (status, 'value="De voorzitter"' in again, _key(again, route) != key) == (409, True, True)
    assert post(house, route, keep | {"key": _key(again, route), "informed": "De voorzitter"}, "teacher")[0] == 303

    page = opened(house, "/meldcode/register", "director")
    first, second = re.findall(r'action="(/meldcode/register/[^"]+/aanvullen)"', page)
    key, words = _key(page, first), REGISTERED | {"about": "inspector"}
    for _ in range(2):
        assert post(house, first, words | {"key": key}, "director")[0] == 303
    for path, more in ((first, {"informed": "De voorzitter"}), (second, {})):
        status, _, again = post(house, path, words | {"key": key} | more, "director")
        assert (status, _key(again, path) != key) == (409, True)
        assert post(house, path, words | {"key": _key(again, path)} | more, "director")[0] == 303
    assert opened(house, "/meldcode/register", "director").count('class="under"') == 3


def test_another_day_is_another_clock(house: House) -> None:
    """The same request twice is one clock; whoever goes back and sends another day is not left without one."""
    page = "/meldcode/termijnen"
    key = _key(opened(house, page, "director"), f"{page}/klok#klok")
    found = []
    for day in ("2026-11-19", "2026-11-19", "2026-11-20"):
        words = {"what": "data_breach", "day": day, "key": key}
        assert post(house, f"{page}/klok", words, "director")[0] == 303
        found.append(opened(house, page, "director").count("/gedaan"))
    assert found[0] == found[1] < found[2]


def test_another_choice_is_another_package(house: House, case: str) -> None:
    """The same choice twice leads to the same package; another one waits in the form, which can be sent again."""
    path = f"{DOSSIER.format(case=case)}/meldpakket/nieuw/advies"
    told = {"worry": "Zij is bang.", "question": "Wat nu?"}
    words = told | {"key": _key(opened(house, path), f"{path}#preview")}
    first, second = (_freeze(house, path, words) for _ in range(2))
    assert (303, first) == (first[0], second)
    status, _, again = _freeze(house, path, words | {"question": "Moet ik melden?"})
    key = _key(again, f"{path}#preview")
    assert (status, "Moet ik melden?</textarea>" in again, key != words["key"]) == (409, True, True)
    third = _freeze(house, path, told | {"question": "Moet ik melden?", "key": key})
    assert (303, True) == (third[0], third[1] != first[1])


def _freeze(house: House, path: str, words: dict[str, str]) -> tuple[int, str, str]:
    """Choose, look at the preview, and freeze what was shown."""
    shown = opened(house, path)
    goes = re.findall(r'name="goes" value="([^"]+)"', shown)
    preview = post(house, path, words | {"goes": goes, "action": "preview"})[2]
    (seen,) = re.findall(r'name="seen" value="([^"]+)"', preview)
    return post(house, path, words | {"goes": goes, "seen": seen, "action": "freeze"})


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


def test_the_other_language_is_of_this_very_page(house: House, case: str) -> None:
    """The switch keeps what the address asks; the answer to a form has none, since its words would be gone."""
    page = opened(house, f"{DOSSIER.format(case=case)}?bij={house.ids['entry']}")
    (address,) = re.findall(r'href="([^"]+)" lang="en"', page)
    assert address.startswith(f"?bij={house.ids['entry']}")
    assert address.endswith("taal=en")
    path = f"{DOSSIER.format(case=case)}/signaal/{house.ids['entry']}/vervolg"
    status, _, answer = post(house, path, {"key": _key(page, path), "text": ""})
    assert (status, 'lang="en"' in answer) == (422, False)
