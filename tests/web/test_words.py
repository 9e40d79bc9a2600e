"""How things read on the screen, and that English says all of what Dutch says."""

from __future__ import annotations

import ast
import inspect
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path
from types import ModuleType

import pytest
from babel.dates import format_date
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

import meldcode_plugin
from meldcode_plugin import errors
from meldcode_plugin.rules import catalogue, cautions, conditions, entries, filling, recording, wording, workflow
from meldcode_plugin.rules.dossier import body
from meldcode_plugin.services import cases, steps, training
from meldcode_plugin.store.accesslog import Tag
from meldcode_plugin.web import causes, words
from meldcode_plugin.web.forms import steps as forms
from meldcode_plugin.web.forms.training import COURSES
from meldcode_plugin.web.readings import EVENTS, NAMES
from tests.doors.house import House
from tests.rules.desk import a

PACKAGE = Path(meldcode_plugin.__file__).parent
ENGLISH = PACKAGE / "translations" / "en" / "LC_MESSAGES"


@pytest.mark.parametrize(
    ("born", "years"),
    [(date(2018, 11, 23), "8 jaar"), (date(2018, 11, 24), "7 jaar"), (date(2020, 2, 29), "6 jaar"), (None, "")],
)
def test_age_is_in_whole_years(dutch: None, born: date | None, years: str) -> None:
    """Somebody is a year older on the birthday itself, and without a birth date nothing is said."""
    assert years == words.speech().age(born, date(2026, 11, 23))


def test_moments_are_on_the_clock_of_the_school(dutch: None) -> None:
    """A moment in UTC reads as the time in the Netherlands, in summer and in winter."""
    assert words.speech().moment(datetime(2026, 7, 1, 22, 30, tzinfo=UTC)) == "2 juli 2026 om 00:30 uur"
    assert words.speech().moment(datetime(2026, 1, 5, 9, 5, tzinfo=UTC)) == "5 januari 2026 om 10:05 uur"
    assert words.clock(time(8, 15)) == "08:15"
    assert (words.speech().day(None), words.clock(None)) == ("", "")


def test_days_are_in_words_in_both_languages(house: House) -> None:
    """Every month has its name and its short name in Dutch and in English, as CLDR writes them."""
    days = [date(2026, month, 12) for month in range(1, 13)]
    for code in ("nl", "en"):
        with house.app.test_request_context(f"/meldcode/?taal={code}"):
            assert [words.speech().day(day) for day in days] == [format_date(day, "d MMMM y", code) for day in days]
            assert [words.short_day(day) for day in days] == [format_date(day, "d MMM y", code) for day in days]


@pytest.mark.parametrize(("count", "said"), [(0, "1 kB"), (700_000, "684 kB"), (26_214_400, "25,0 MB")])
def test_sizes_are_in_words(dutch: None, count: int, said: str) -> None:
    """The size of a file reads with a Dutch comma."""
    assert said == words.size(count)


@pytest.mark.parametrize(
    ("name", "said"), [("5", "groep 5"), ("Groep 5a", "Groep 5a"), ("Kikkers", "Kikkers"), ("", "")]
)
def test_groups_keep_their_own_name(dutch: None, name: str, said: str) -> None:
    """A bare number gets the word before it; a name is left alone."""
    assert said == words.speech().group(name)


def test_what_was_not_asked_for_is_not_read_back(dutch: None) -> None:
    """A dossier shows what somebody said; an answer that did not apply, or was left for later, is no line in it."""
    talk, weighed = forms.read_back(a(entries.Consultation)), forms.read_back(a(entries.Weighing))

    assert [
        label for label, value in (*talk, *weighed) if value in ("Niet van toepassing", "Nog niet beantwoord")
    ] == []
    assert "Intern begeleider" in dict(talk).values()
    assert dict(weighed)["2. Is er acute of structurele onveiligheid?"] == "Ja"


def test_typed_words_are_read_back_whatever_they_are(dutch: None) -> None:
    """Who types 'nvt' or 'open' in a field for words finds it in the dossier: only a choice can be left unsaid."""
    talk = a(entries.Consultation, outcome="nvt", question="open")
    assert {"nvt", "open"} <= {value for _, value in forms.read_back(talk)}


def test_english_has_every_sentence_of_the_pages() -> None:
    """Every sentence in a template or a page's code has its English."""
    assert sorted(set(_of_the_pages()) - _translated()) == []


def test_english_has_every_name_and_refusal() -> None:
    """Names of kinds, roles and events, refusals and the list of signs have their English too."""
    assert sorted(set(_of_the_rules()) - _translated()) == []


def test_english_has_every_question_of_the_steps() -> None:
    """Each form of a step has its English: its name, its button, its help, its questions and its answers."""
    found = set(_of_the_forms())

    assert sorted(found - _translated()) == []
    assert {"Gesprek met ouders", "3. Wat was de reactie van de ouder?", "Ik twijfel"} <= found


@pytest.mark.parametrize("module", [cautions, conditions, filling, workflow, cases, steps, training])
def test_english_has_every_refusal_of_the_steps(module: ModuleType) -> None:
    """What is still missing, what is refused and what gives pause has its English."""
    found = set(_sentences_in(module))

    assert sorted(found - _translated()) == []
    assert found


def test_english_has_a_refusal_without_its_way_out_too() -> None:
    """After an emergency the same sentences are read without the advice to choose it."""
    hurried = [said for said in _sentences_in(conditions) if said.endswith(conditions.HURRY)]

    assert sorted({said.removesuffix(conditions.HURRY) for said in hurried} - _translated()) == []
    assert hurried


def test_english_has_every_reason_why_somebody_did_not_come_in() -> None:
    """What the page says when a sign-in was refused has its English."""
    assert sorted({said for both in causes.CAUSES.values() for said in both} - _translated()) == []


def test_a_count_is_no_part_of_the_sentence(house: House) -> None:
    """A refusal with a number in it reads in English whatever the number is, and in Dutch as it was said."""
    said = "Na de spoedmelding missen er nog 12 dingen. Maak die eerst af."
    english = "After the emergency report 12 things are still missing. Finish those first."
    with house.app.test_request_context("/meldcode/?taal=en"):
        assert words.speech().say_counted(said) == english
    with house.app.test_request_context("/meldcode/"):
        assert words.speech().say_counted(said) == said


def test_every_value_stays_in_the_english_sentence() -> None:
    """A translation takes the same values as its Dutch sentence."""
    english = _english()
    wrong = [one.id for one in english if one.id and any(one.check(english))]

    assert wrong == []


def test_the_compiled_words_are_those_of_the_text_file() -> None:
    """The file that is read at run time was made from the file that people edit."""
    made = io.BytesIO()
    write_mo(made, _english())

    assert made.getvalue() == (ENGLISH / "meldcode.mo").read_bytes()


def _english():  # the type is Babel's own
    with (ENGLISH / "meldcode.po").open("rb") as text:
        return read_po(text, locale="en", domain="meldcode")


def _translated() -> set[str]:
    return {one.id if isinstance(one.id, str) else one.id[0] for one in _english() if one.id and one.string}


def _of_the_pages() -> Iterator[str]:
    spoken = {"_": None, "_n": (1, 2), "say": None, "say_many": (1, 2)}
    for path in (*PACKAGE.glob("templates/meldcode/**/*.html"), *PACKAGE.glob("web/**/*.py")):
        method = "python" if path.suffix == ".py" else "jinja2.ext:babel_extract"
        if "mail" not in path.parts:
            with path.open("rb") as source:
                for _, message, _, _ in extract(method, source, keywords=spoken):
                    yield message if isinstance(message, str) else message[0]


def _of_the_rules() -> Iterator[str]:
    yield from (str(text) for names in NAMES.values() if isinstance(names, dict) for text in names.values())
    yield from (text for name, text in vars(recording).items() if name.isupper() and isinstance(text, str))
    yield from (kind.sentence for kind in vars(errors).values() if hasattr(kind, "sentence"))
    yield from wording.SENTENCES.values()
    yield from COURSES.values()
    yield from (body.OWN_LEFT, *body.SIDES, *(place.words for place in body.Place))
    for one in catalogue.catalogue().lists.values():
        yield one.label
        yield from (item.text for item in one.items)
        yield from (label for label, _ in one.groups())


def _of_the_forms() -> Iterator[str]:
    yield from (forms.MISSING, forms.CHOOSE, forms.TOO_SHORT)
    yield from (label for label in forms.WORDS.values() if label)
    for kind in forms.KINDS.values():
        yield from (text for text in (kind.name, kind.button, kind.help) if text)
    for payload in (*(kind.payload for kind in forms.KINDS.values()), entries.Approval, entries.Closed):
        for field in payload.model_fields.values():
            more = field.json_schema_extra
            missing = more.get("missing") if isinstance(more, dict) else None
            yield from (str(text) for text in (field.title, field.description, missing) if text)
    for form in forms.FORMS.values():
        for field in form():
            yield from (label for _, label in getattr(field, "options", ()))


def _sentences_in(module: ModuleType) -> Iterator[str]:
    """Return what reads as a sentence; the sentences that explain the program stand alone on their lines."""
    tree = ast.parse(inspect.getsource(module))
    explains = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in explains:
            text = node.value
            if " " in text and text[0].isupper() and text[-1] in ".?":
                yield text


@pytest.fixture
def dutch(house: House) -> Iterator[None]:
    """A request of a reader who chose nothing."""
    with house.app.test_request_context("/meldcode/"):
        yield


def test_every_line_of_the_log_reads_as_a_sentence() -> None:
    """No kind of line shows its own name to who reads the log."""
    assert {tag.value for tag in Tag} - set(EVENTS) == set()
