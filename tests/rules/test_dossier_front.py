"""What the first blocks of a report, the list of files and an open hypothesis say, block by block of the domain."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from meldcode_plugin.rules import entries as e
from meldcode_plugin.rules.dossier import FileCard, Variant
from tests.documents.cases import CHILD, CHOSEN, DIRECTOR, MADE, SCHOOL, STAFF, Builder, emergency
from tests.documents.school_case import real
from tests.rules.papers import FACT, GUESS, lines, made, papers_of, words


def _fields(papers, number: str) -> dict[str, str]:
    return {field.name: field.value for field in papers.main.block(number).fields}


def test_cover_and_reporter_name_the_school_and_how_to_reach_it():
    """Blocks 1 and 2: BRIN, which Veilig Thuis, telephone, who reports, a second contact, and that it is open."""
    papers = made(Builder())
    assert (_fields(papers, "1")["BRIN"], _fields(papers, "1")["Veilig Thuis"]) == (SCHOOL.brin, SCHOOL.region)
    reporter = _fields(papers, "2")
    assert reporter["Telefoon"] == SCHOOL.phone
    assert reporter["Melder"].startswith("Hanneke Oosterbaan, intern begeleider, bereikbaar: ")
    assert reporter["Tweede contact"].startswith(STAFF[DIRECTOR].name)
    assert reporter["Mag het gezin weten wie meldt"] == "ja"
    hidden = CHOSEN.model_copy(update={"hidden_reporter": True, "hidden_ground": "Besproken."})
    assert _fields(made(Builder(), chosen=hidden), "2")["Mag het gezin weten wie meldt"] == "nee"


def test_child_is_told_with_all_that_is_known():
    """Block 3 holds each field of the domain."""
    assert list(_fields(made(Builder()), "3").values()) == [
        CHILD.name,
        "2 maart 2018 (8 jaar)",
        "meisje",
        CHILD.address,
        "groep 5",
        "22 augustus 2022",
        "Nederlands",
    ]


@pytest.mark.rule("R1")
@pytest.mark.rule("R2")
def test_who_is_suspected_or_a_victim_is_told_as_a_suspicion():
    """Block 4: birth date, address and telephone apart; what is thought of somebody is called a suspicion."""
    case = Builder()
    case.put(e.Party, name="Ilse", relation="moeder", custody="yes", part="victim", born_on=date(1988, 4, 1))
    case.put(
        e.Party, name="Ruud", relation="stiefvader", custody="no", part="suspected", address="Dijk 1", contact="06"
    )
    case.put(e.Party, name="Oma", relation="oma", custody="unknown")
    table = made(case).main.block("4").tables[0]
    assert table.head == ("Naam", "Relatie", "Gezag", "Geboren", "Adres", "Bereikbaar", "Vermoeden")
    assert table.rows == (
        ("Ilse", "moeder", "ja", "1 april 1988", "", "", "zou zelf slachtoffer zijn (VERMOEDEN)"),
        ("Ruud", "stiefvader", "nee", "", "Dijk 1", "06", "zou het doen (VERMOEDEN)"),
        ("Oma", "oma", "niet bekend", "", "", "", ""),
    )
    copied = made(case, Variant.PARENTS).main.block("4").tables[0]
    assert {len(row) for row in (copied.head, *copied.rows)} == {3}
    assert "VERMOEDEN" not in words(made(case, Variant.PARENTS).main)


def test_secret_home_of_a_parent_is_in_the_annex_alone():
    """The address is hidden as well as the telephone, also where a signal names it."""
    case = Builder()
    party = case.put(e.Party, address="Schuilstraat 9", contact="06 55 55 55 55")
    case.signal(FACT, "Zij wonen nu aan de Schuilstraat 9.")
    papers = made(case, chosen=CHOSEN.model_copy(update={"secret_parties": frozenset({party})}))
    assert "Schuilstraat" not in words(papers.main)
    assert papers.main.block("4").tables[0].rows[0][4:6] == ("geheim adres, staat alleen in bijlage N",) * 2
    assert "Schuilstraat 9" in words(papers.annex)
    assert "Schuilstraat" not in words(made(case, Variant.ADVICE).main)


def test_course_says_of_what_was_not_done_why():
    """Block 7: a child that was not spoken with the reason; a step of which nothing is on paper; an emergency."""
    case = Builder()
    case.put(e.ChildConversation, why="Het kind is vier.")
    rows = made(case).main.block("7").tables[0].rows
    assert [row[3] for row in rows] == [
        "niet gedaan; er is geen reden opgeschreven",
        "niet gedaan; er is geen reden opgeschreven",
        "geen gesprek met het kind: Het kind is vier.",
        "niet gedaan; er is geen reden opgeschreven",
        "niet gedaan; er is geen reden opgeschreven",
    ]
    case.put(e.ChildConversation, useful="yes", held_on=date(2026, 9, 14), verbatim="Ik ben bang.")
    assert made(case).main.block("7").tables[0].rows[3][3] == "gesprek met het kind"
    assert papers_of(emergency()).main.block("7").tables[0].rows[-1][3] == "nog niet gedaan: dit is een spoedmelding"


@pytest.mark.rule("R6")
def test_open_hypothesis_says_that_it_is_open():
    """Block 9 has a status at each: open until somebody wrote what became of it."""
    case = Builder()
    guess = case.signal(GUESS, "misschien is er ruzie")
    assert lines(made(case), "9")[0].notes == ("Uitkomst: nog open.",)
    case.put(e.FollowUp, refers_to=guess)
    assert [note[:7] for note in lines(made(case), "9")[0].notes] == ["Vervolg"]


@pytest.mark.rule("R40")
def test_help_block_says_whether_help_is_enough():
    """Block 15 tells the answer that led to the report, and where its reason stands."""
    papers = papers_of(real())
    assert _fields(papers, "15")["Beschermt hulp genoeg"] == "nee; waarom: zie blok 21"
    assert "Naar mijn oordeel" in words(papers.main.block("21"))
    case = Builder()
    decided = case.put(e.Decision)
    left = CHOSEN.model_copy(update={"left_out": {decided: "Al bekend."}})
    assert "Beschermt hulp genoeg" in _fields(made(case), "15")
    assert "Beschermt hulp genoeg" not in _fields(made(case, chosen=left), "15")


@pytest.mark.rule("R33")
def test_answers_to_the_questions_have_their_reason():
    """Block 14: what the answers rest on stands with them."""
    case = Builder()
    case.put(e.Weighing, answers_why="De plekken komen terug.")
    (record,) = made(case).main.block("14").records
    assert {one.name: one.value for one in record.fields}["Waarop deze antwoorden steunen"] == "De plekken komen terug."


def test_list_of_files_says_whether_parents_know():
    """Block 20: yes, no, or that nobody said it."""
    case = Builder()
    noted = case.signal(FACT, "een plek")
    cards = tuple(FileCard(UUID(int=at), noted, f"{at}.pdf", 1, MADE.date(), "ab") for at in (1, 2, 3))
    known = {cards[0].id: "yes", cards[1].id: "no"}
    along = CHOSEN.model_copy(update={"files": dict.fromkeys((one.id for one in cards), "x"), "files_known": known})
    table = made(case, chosen=along, files=cards).main.block("20").tables[0]
    assert table.head[5] == "Weten ouders ervan"
    assert [row[5] for row in table.rows] == ["ja", "nee", "niet bekend"]
