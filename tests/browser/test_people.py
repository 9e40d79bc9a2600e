"""Mensen en rollen: a role takes two people, an exclusion counts at once; the register is for the board."""

from __future__ import annotations

from playwright.sync_api import expect

from meldcode_plugin.services import people
from tests.browser.school import School


def test_a_role_takes_two_people(own_school: School) -> None:
    """The director proposes and can not confirm; the board confirms; the teacher is IB-er at once."""
    page = own_school.open("/mensen", "director")
    page.get_by_label("Wie?").select_option("Sanne de Boer")
    page.get_by_label("Welke rol?").select_option("Intern begeleider")
    page.get_by_role("button", name="Voorstellen").click()
    expect(page.get_by_text("Sanne de Boer: Intern begeleider")).to_be_visible()
    expect(page.get_by_role("button", name="Bevestigen")).to_have_count(0)

    board = own_school.open("/mensen", "board")
    board.get_by_role("button", name="Bevestigen Sanne de Boer").click()
    expect(board.get_by_text("Wacht op een tweede persoon")).to_have_count(0)
    teacher = own_school.open("/", "teacher")
    expect(teacher.get_by_role("heading", name="Werkvoorraad")).to_be_visible()


def test_roles_are_only_changed_after_a_fresh_sign_in(own_school: School) -> None:
    """Six minutes after signing in, the change is asked to sign in again first."""
    page = own_school.open("/mensen", "director")
    own_school.world.clock.forward(minutes=6)
    page.get_by_label("Wie?").select_option("Sanne de Boer")
    page.get_by_label("Welke rol?").select_option("Intern begeleider")
    page.get_by_role("button", name="Voorstellen").click()

    expect(page.get_by_text("Sanne de Boer: Intern begeleider")).to_have_count(0)
    assert "/aanmelden" in page.url


def test_somebody_is_kept_away_from_a_pupil(own_school: School) -> None:
    """The director keeps the IB-er away from Bram; the reason says about whom it is, and it can be lifted."""
    own_school.world.record(own_school.world.signal(), about=own_school.world.other_pupil)
    page = own_school.open("/mensen", "director")
    page.get_by_label("Naam van de leerling").fill("Bram")
    page.get_by_role("button", name="Leerling zoeken").click()
    page.get_by_label("Bram de Groot").check()
    page.get_by_label("Wie mag dit niet zien?").select_option("Marijke van Dam")
    page.get_by_role("button", name="Uitsluiten").click()
    expect(page.locator("#faults")).to_contain_text("Schrijf op waarom")
    page.get_by_label("Waarom?").fill("Zij is zijn tante.")
    page.get_by_role("button", name="Uitsluiten").click()
    expect(page.get_by_text("Bram de Groot: Zij is zijn tante.")).to_be_visible()

    ib = own_school.open("/werkvoorraad", "ib")
    expect(ib.get_by_role("link", name="Bram de Groot")).to_have_count(0)
    page.get_by_role("button", name="Klopt niet, opheffen uitsluiting van Marijke van Dam").click()
    ib.reload()
    expect(ib.get_by_role("link", name="Bram de Groot")).to_be_visible()


def test_what_who_left_was_writing_is_finished_by_an_ib_er(own_school: School) -> None:
    """A teacher types and leaves; the IB-er finds it among her drafts, reads who began it, and sends it."""
    world = own_school.world
    with world.work(world.director) as work:
        people.exclude(work, world.second_ib.person_id, world.pupil.id, "Familie.")
    page = own_school.open("/leerling/2601/signaal", "teacher")
    page.check("#fact-on")
    page.fill("#fact-text", "Zij schrok van een deur die dichtviel.")
    page.get_by_label("Waar was dat?").first.fill("in de gang")
    page.get_by_role("button", name="Opslaan als concept").click()
    expect(page.get_by_text("Concept bewaard om")).to_be_visible()
    boss = own_school.open("/mensen", "director")
    boss.get_by_label("Wie werkt hier niet meer?").select_option("Sanne de Boer")
    boss.get_by_role("button", name="Toegang weghalen").click()

    ib = own_school.open("/concepten", "ib", "360")
    expect(ib.get_by_text("Begonnen door Sanne de Boer, die hier niet meer werkt")).to_be_visible()
    ib.get_by_role("link", name="Aya Benali").click()
    expect(ib.get_by_text("Sanne de Boer begon dit signaal")).to_be_visible()
    ib.get_by_role("button", name="Versturen naar IB-er").click()
    expect(ib.get_by_role("heading", name="Je signaal is vastgelegd")).to_be_visible()
    ib.goto(own_school.address + "/meldcode/concepten")
    expect(ib.get_by_text("Er staan geen concepten.")).to_be_visible()


def test_the_register_keeps_only_what_is_confirmed(own_school: School) -> None:
    """Nothing is kept without the tick; then the board reads it, and the director does not when it is grave."""
    page = own_school.open("/medewerker", "teacher", scripts=False)
    page.get_by_label("Ja").check()
    page.get_by_role("button", name="Verder").click()
    page.get_by_label("Wie heb je geïnformeerd?").fill("Bea Stuur, bestuur")
    page.get_by_label("Wanneer deed je dat?").fill("2026-11-23")
    page.get_by_label("Verslag van dat gesprek").fill("Ik vertelde wat ik zag.")
    page.get_by_role("button", name="Bewaren in het register").click()
    expect(page.locator("#faults")).to_contain_text("Zet een vinkje")
    expect(own_school.open("/register", "board").get_by_text("Er staat niets in het register")).to_be_visible()
    page.get_by_label("Ja, bewaar dit in het register").check()
    page.get_by_role("button", name="Bewaren in het register").click()

    expect(page.get_by_text("Het staat in het register.")).to_be_visible()
    expect(own_school.open("/register", "board").get_by_text("Ik vertelde wat ik zag.")).to_be_visible()
    expect(own_school.open("/register", "director").get_by_text("Ik vertelde wat ik zag.")).to_have_count(0)


def test_the_log_says_in_words_who_read_what(own_school: School) -> None:
    """The FG reads who did what, without the name of a child."""
    own_school.world.record(own_school.world.signal(), about=own_school.world.other_pupil)
    page = own_school.open("/logboek", "fg")

    expect(page.get_by_text("legde een signaal vast")).to_be_visible()
    expect(page.get_by_text("Bram")).to_have_count(0)


def test_a_list_in_the_log_leads_to_all_about_one_dossier(own_school: School) -> None:
    """A list is one line; from a dossier in it the FG comes to all about that dossier, and back to everything."""
    for about in (own_school.world.pupil, own_school.world.other_pupil):
        own_school.world.record(about=about)
    listed = own_school.open("/werkvoorraad", "ib").locator("ul.lines a.what")
    expect(listed).to_have_count(2)
    page = own_school.open("/logboek", "fg", "360")
    page.get_by_text("2 dossiers").click()
    page.locator("details[open]").get_by_role("link").first.click()
    expect(page.get_by_text("Alleen wat over dossier")).to_be_visible()
    expect(page.get_by_text("zag dossiers in een lijst")).to_have_count(1)
    expect(page.get_by_text("legde een signaal vast")).to_have_count(1)
    page.get_by_role("link", name="Alles tonen").click()
    expect(page.get_by_text("legde een signaal vast")).to_have_count(2)


def test_english_stays_chosen(own_school: School) -> None:
    """Dutch comes first whatever the browser asks; who chooses English keeps it."""
    page = own_school.open("/mijn-signalen", "teacher")
    expect(page.get_by_role("heading", name="Mijn signalen")).to_be_visible()
    page.get_by_role("link", name="English").click()
    expect(page.get_by_role("heading", name="My signals")).to_be_visible()
    page.goto(own_school.address + "/meldcode/concepten")
    expect(page.get_by_role("heading", name="Drafts")).to_be_visible()
    assert page.evaluate("document.documentElement.lang") == "en"
