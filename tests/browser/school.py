"""A school whose real application answers on loopback, with a dossier that holds every kind; it knows no page."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from uuid import UUID, uuid4

from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page
from werkzeug.serving import BaseWSGIServer, make_server

from meldcode_plugin import Meldcode
from meldcode_plugin.rules.entries import (
    Closed,
    Correction,
    Decision,
    DestructionProposed,
    Diagnosis,
    DirectorInformed,
    FollowUp,
    Instrument,
    Party,
    Signal,
    Source,
    Subject,
    TalkPreparation,
    TalkWaiver,
)
from meldcode_plugin.rules.facts import Role
from meldcode_plugin.services import (
    allegations,
    attachments,
    break_glass,
    cases,
    circle,
    destroying,
    drafts,
    family,
    packages_build,
    packages_handover,
    people,
    shares,
    signals,
    signins,
    steps,
)
from meldcode_plugin.services.allegations import NewAllegation
from meldcode_plugin.services.shares import NewShare
from meldcode_plugin.services.signins import Account
from meldcode_plugin.store.accesslog import Tag
from meldcode_plugin.store.models.packages import Package
from tests.doors.house import picture
from tests.packing import ask
from tests.world import ISSUER, World

WIDTHS = {"360": (360, 740, 1), "1280": (1280, 900, 1), "200%": (640, 450, 2)}
"""A phone, a desk, and a desk of 1280 by 900 zoomed to 200%: width, height, pixels per point."""
PEOPLE = ("teacher", "colleague", "ib", "af", "director", "board", "fg", "admin")


@dataclass
class School:
    """The application as a browser meets it. ``handles`` are the cookies of who is signed in."""

    world: World
    app: Flask
    server: BaseWSGIServer
    browser: Browser
    handles: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)
    contexts: list[BrowserContext] = field(default_factory=list)

    @property
    def address(self) -> str:
        """Where the school answers."""
        return f"http://localhost:{self.server.server_port}"

    def sign_in(self, who: str) -> str:
        """Sign somebody in with a real sign-in row and return the handle for the cookie."""
        person = getattr(self.world, who)
        moment = int(self.world.clock().timestamp())
        with self.app.extensions["meldcode"].system("sign-in") as work:
            handle = signins.start(work, Account(ISSUER, who, person.name, person.email, auth_time=moment))
        assert handle is not None
        return handle

    def open(self, path: str, who: str = "", width: str = "1280", *, scripts: bool = True) -> Page:
        """Open a page in a browser of its own, as somebody; ``path`` is filled with the ids of the school."""
        across, down, points = WIDTHS[width]
        context = self.browser.new_context(
            viewport={"width": across, "height": down},
            device_scale_factor=points,
            java_script_enabled=scripts,
            locale="nl-NL",
        )
        self.contexts.append(context)
        if who:
            self.handles[who] = self.handles.get(who) or self.sign_in(who)
            context.add_cookies([{"name": "meldcode", "value": self.handles[who], "url": self.address}])
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.goto(self.address + "/meldcode" + path.format(**self.ids))
        return page

    def close_all(self) -> None:
        """Close every browser window that was opened."""
        while self.contexts:
            self.contexts.pop().close()


def turn_to(page: Page, width: str) -> None:
    """Show a page that is open at another of the widths, as a window that is made smaller or zoomed does."""
    across, down, points = WIDTHS[width]
    screen = {"width": across, "height": down, "deviceScaleFactor": points, "mobile": False}
    page.context.new_cdp_session(page).send("Emulation.setDeviceMetricsOverride", screen)
    page.mouse.move(0, 0)  # what was pressed moved away from under it, and would change colour while axe looks
    assert [across, points] == page.evaluate("[window.innerWidth, window.devicePixelRatio]")
    page.evaluate("Promise.allSettled(document.getAnimations().map(({finished}) => finished))")


def start(world: World, browser: Browser) -> School:
    """Serve the application of a world on a free port of this machine."""
    app = Flask("meldcode_plugin", static_folder=None)
    server = make_server("localhost", 0, app, threaded=True)
    app.config |= {
        "MELDCODE_SCHOOL": "99ZZ00",
        "MELDCODE_PUBLIC_URL": f"http://localhost:{server.server_port}",
        "MELDCODE_DATABASE_URL": world.database.url,
        "MELDCODE_OIDC_ISSUER": ISSUER,
        "MELDCODE_OIDC_CLIENT_ID": "meldcode",
        "MELDCODE_OIDC_CLIENT_SECRET": "geheim",
        "MELDCODE_KEY_FILE": world.folder / "root.key",
        "MELDCODE_BLOB_DIR": world.folder / "blobs",
        "MELDCODE_BOARD_NAME": "mevrouw Stuur, bestuur",
        "MELDCODE_BOARD_PHONE": "06-12345678",
    }
    Meldcode().init_app(app, clock=world.clock)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return School(world, app, server, browser)


def stop(school: School) -> None:
    """Close the browser windows, the server and the databases."""
    school.close_all()
    school.server.shutdown()
    school.server.server_close()
    school.app.extensions["meldcode"].store.engine.dispose()
    school.world.store.engine.dispose()


# --- what is in it -------------------------------------------------------------------------------


def fill(school: School) -> None:
    """Put in what the pages can show: every kind, follow-ups, files, a draft, a proposal, the register."""
    world, key = school.world, uuid4()
    with attachments.receive(world.door, "tekening.png", picture()) as file, world.work(world.teacher) as work:
        attachments.keep(work, key, file)
    made = world.record(*_every_kind(key), key=key, mails=world.mails_of("2601"))
    case = world.case_of()
    with world.work(world.ib) as work:
        cases.accept(work, case)
    with world.work(world.teacher) as work:
        signals.follow_up(
            work, made.entry_ids[3], FollowUp(text="Opa is ziek.", status="uncertain", basis="Gesprek bij de deur")
        )
        signals.correct(work, made.entry_ids[0], Correction(text="Het was de rechterarm.", reason="Ik vergiste me."))
    world.record(world.signal("Vandaag weer heel moe.", acute=True), by=world.colleague)
    world.record(world.signal("Vaak zonder ontbijt."), about=world.other_pupil)
    world.record(
        world.signal("Een klein meisje huilt in de auto.", subject=Subject(who="Zusje van Aya", estimated_age="3")),
        no_pupil=True,
    )
    running = _running(world)
    school.ids |= {
        "receipt": str(key),
        "case": str(case),
        "fact": str(made.entry_ids[0]),
        "hypothesis": str(made.entry_ids[3]),
        "draft": str(_draft(world)),
        "running": str(running),
        "sheet": str(_sheet(world, running)),
    }
    school.ids |= _packages(world, case)
    _close_another(world)
    school.ids["going"] = _propose_to_destroy(world)
    school.ids["share"] = _surround(world, UUID(school.ids["running"]))
    school.ids["other_route"] = str(_other_route(world))
    with world.work(world.board) as work:
        break_glass.break_glass(work, "2604", "De IB-ers mogen hier niet bij en er is haast.")
    with world.work(world.director) as work:
        people.propose_role(work, world.colleague.person_id, Role.FG)
    with world.work(world.teacher) as work:
        day = date(2026, 11, 20)
        allegations.record(
            work,
            NewAllegation(key=uuid4(), sexual="no", informed="Ruud Jansma", informed_on=day, note="We spraken elkaar."),
        )


def _packages(world: World, case: UUID) -> dict[str, str]:
    """Make packages about Aya: one that waits, one that failed, one that is whole, and one of which a copy waits."""
    waits, failed, whole, handed = (ask(world, case, hidden_reporter=True, hidden_ground="Besproken.") for _ in "1234")
    for package in (whole, handed):
        packages_build.build(world.door, package)
    with world.work(world.ib) as work:
        packages_handover.prepare(work, case, handed, uuid4(), packages_handover.Channel.FORM, "Veilig Thuis")
    with world.system() as work:
        for package, state, hold in ((failed, "failed", None), (waits, "building", world.clock() + timedelta(days=9))):
            row = work.inner.get_one(Package, package)
            row.state, row.last_error, row.held_until = state, "no_space" if hold is None else "", hold
            work.note(Tag.PACKAGE_ENDED, case, package, action="U")
    return {"waits": str(waits), "failed": str(failed), "whole": str(whole), "handed": str(handed)}


def _draft(world: World) -> UUID:
    key = uuid4()
    typed = {"fact-on": "y", "fact-text": "Volgens mij heeft hij ADHD.", "fact-observed_on": "2026-11-23"}
    with world.work(world.teacher) as work:
        drafts.save(work, key, world.pupil, typed)
    return key


def _running(world: World) -> UUID:
    """Take Bram's case up, with people in it and two questions for the director."""
    case = world.case_of(world.other_pupil)
    reasons = "Het is nu niet veilig om thuis te praten."
    with world.work(world.ib) as work:
        cases.accept(work, case)
        for payload in (
            DirectorInformed(told_on=date(2026, 11, 20)),
            Party(name="Eva de Groot", relation="moeder", custody="yes"),
            TalkPreparation(goal="Samen kijken wat er thuis speelt.", interpreter="Nee"),
            TalkWaiver(stage="signalen", ground="veiligheid", whose_safety="van het kind", reasons=reasons),
            Decision(protect="no", report="yes", help="no", judgement="Hulp beschermt hem nu niet genoeg, vind ik."),
        ):
            steps.add(work, case, payload)
    return case


def _other_route(world: World) -> UUID:
    """Close a case because it is about a colleague: the director takes over what belongs in the register."""
    about = world.card("2606")
    world.record(world.signal("Hij zegt dat de trainer hem knijpt.", "child_statement"), about=about)
    case = world.case_of(about)
    with world.work(world.ib) as work:
        cases.accept(work, case)
        steps.close(work, case, Closed(reason="route_beroepskracht", explanation="Het gaat over een trainer."))
    return case


def _surround(world: World, case: UUID) -> str:
    """Choose a deputy, offer the case to the AF, and make one to which no IB-er may come."""
    with world.work(world.ib) as work:
        circle.set_deputy(work, case, world.second_ib.person_id)
        circle.hand_over(work, case, world.af.person_id, "Ik ga met verlof. Bel mij gerust.")
        new = NewShare(world.colleague.person_id, "zorgteam", "Wat zie jij in de gymles?", date(2026, 12, 1), None)
        shares.share(work, case, new)
        share = shares.of_case(work, case)[0].id
    aya = world.case_of()
    with world.work(world.ib) as work:
        family.link(work, case, aya)
    about = world.card("2604")
    world.record(world.signal("Zij huilt elke ochtend."), about=about)
    number = world.case_of(about)
    for viewer in (world.second_ib, world.excluded_ib, world.ib):
        with world.work(viewer) as work:
            people.exclude_self(work, number)
    return str(share)


def _sheet(world: World, case: UUID) -> UUID:
    with world.work(world.ib) as work:
        return next(item.id for item in cases.dossier(work, case).timeline if item.kind == "talk_preparation")


def _close_another(world: World) -> None:
    world.record(world.signal("Een schram op de knie."), about=world.card("2603"))
    with world.work(world.ib) as work:
        ((_, line),) = cases.search(work, [world.card("2603")])
        assert line is not None
        cases.accept(work, line.id)
    world.close(line.id, explanation="Gevallen op het plein, dat zagen er drie.")


def _propose_to_destroy(world: World) -> str:
    """Destroy one closed dossier, and leave the proposal about another for a second person; return that one."""
    gone, going = (_closed_with_director(world, number) for number in ("2606", "2607"))
    wanted = DestructionProposed(basis="verzoek", reason="De ouders vragen erom, en niets houdt het tegen.")
    for case in (gone, going):
        with world.work(world.director) as work:
            destroying.propose(work, case, wanted)
    with world.work(world.ib) as work:
        proposal = destroying.page(work, gone).proposal
        assert proposal is not None
        destroying.destroy(work, gone, proposal.id)
    return str(going)


def _closed_with_director(world: World, pupil: str) -> UUID:
    world.record(world.signal("Een buil op het hoofd."), about=world.card(pupil))
    case = world.case_of(world.card(pupil))
    with world.work(world.ib) as work:
        cases.accept(work, case)
        steps.add(work, case, DirectorInformed(told_on=date(2026, 11, 20)))
    world.close(case)
    return case


def _every_kind(key: UUID) -> tuple[Signal, ...]:
    day = date(2026, 11, 20)
    return (
        Signal(
            bundle=key,
            signal_kind="fact",
            direction="supports",
            text="Blauwe plek van 3 cm op de linkerbovenarm.\n\nZij trok snel haar trui weer aan.",
            interpretation="Ik vraag me af of zij schrok omdat ik keek.",
            observed_on=day,
            observed_at=time(10, 15),
            place="gymzaal",
            present="de klas",
            catalogue=("s412-lichamelijk-01",),
            instrument=Instrument(name="Signalenlijst", version="2", filled_on=day, result="Niets bijzonders."),
        ),
        Signal(bundle=key, signal_kind="child_statement", text="Ik wil niet naar huis.", observed_on=day),
        Signal(
            bundle=key,
            signal_kind="third_party",
            text="Oma zegt dat het thuis onrustig is.",
            source=Source(
                relation="oma", shielded=True, why_shielded="Zij is bang voor ruzie.", contact="06", channel="telefoon"
            ),
        ),
        Signal(bundle=key, signal_kind="hypothesis", direction="neutral", text="Er is misschien ruzie thuis."),
        Signal(
            bundle=key,
            signal_kind="diagnosis",
            direction="contradicts",
            text="Een stollingsstoornis.",
            diagnosis=Diagnosis(professional="dr. Smit", profession="kinderarts", made_on=day, document="brief"),
        ),
    )
