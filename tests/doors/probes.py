"""What somebody may try, to learn whether a child has a file; each probe is one question, asked in two worlds."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.doors.bodies import CALLED, CORRECTION, NOTE, SIGNAL
from tests.doors.house import House, picture

DOSSIER = "/meldcode/dossier/<uuid:case>"
ENTRY = f"{DOSSIER}/signaal/<uuid:entry>"
MINE = "/meldcode/mijn-signalen/<uuid:entry>"
PUPIL = "/meldcode/leerling/<path:pupil_id>/signaal"
SPOED = "/meldcode/leerling/<path:pupil_id>/spoed"
SENT_KEY = "5c0f4c2e-0000-4000-8000-00000000a001"
LONG = {"text": "x" * (2 * 1024 * 1024)}
CLOSING = {"reason": "geen_vermoeden", "explanation": "Het was een ongeluk.", "parents": "yes"}
MOVING = {"action": "move", "pupil": "2602", "reason": "Verkeerde leerling."}
ABOUT = SIGNAL | {"key": SENT_KEY}
GLASS = {"pupil": "2601", "reason": "De IB-er is ziek en er is haast."}
BROTHER = "/meldcode/dossier/<uuid:brother>"
PIECE = {"how_much": "some", "pieces": "{entry}", "as_what": "af", "question": "Wat?", "last_day": "2026-12-01"}
BARE_PERSON = {"subject-who": "Een meisje"}


@dataclass(frozen=True)
class Probe:
    """One question. ``writes``: a right act whose rows differ by nature, so only what is answered counts."""

    name: str
    method: str
    rule: str
    data: dict[str, Any] | None = None
    options: dict[str, Any] = field(default_factory=dict)
    writes: bool = False
    entitled: tuple[str, ...] = ()

    def ask(self, house: House, subject: str) -> Any:
        """Ask it as this subject, with a fresh body: a stream can be read once."""
        data = dict(self.data) if self.data is not None else None
        if data:
            data |= {name: house.ids[text[1:-1]] for name, text in data.items() if text[:1] == "{"}
        if data and "files" in data:
            data["files"] = (picture(), "foto.png")
        return house.ask(subject, self.method, house.path(self.rule), data, **self.options)


def _get(name: str, rule: str, **more: Any) -> Probe:
    entitled = more.pop("entitled", ())
    return Probe(name, more.pop("method", "GET"), rule, options=more, entitled=entitled)


def _post(name: str, rule: str, data: dict[str, Any] | None = None, **more: Any) -> Probe:
    writes, entitled = more.pop("writes", False), more.pop("entitled", ())
    return Probe(name, "POST", rule, data or {}, more, writes, entitled)


ROLES = ("af", "director", "excluded_ib", "parent_ib")
PROBES = (
    _get("dossier", DOSSIER),
    _get("dossier, head", DOSSIER, method="HEAD"),
    _get("dossier, options", DOSSIER, method="OPTIONS"),
    _get("dossier, put", DOSSIER, method="PUT"),
    _get("dossier, delete", DOSSIER, method="DELETE"),
    _get("dossier, if none match", DOSSIER, headers={"If-None-Match": "*"}),
    _get("dossier, if modified", DOSSIER, headers={"If-Modified-Since": "Mon, 23 Nov 2026 09:00:00 GMT"}),
    _get("dossier, range", DOSSIER, headers={"Range": "bytes=0-9"}),
    _get("dossier, as a script", DOSSIER, headers={"Sec-Fetch-Dest": "empty"}),
    _get("file", f"{DOSSIER}/bijlage/<uuid:attachment>"),
    _get("file, range", f"{DOSSIER}/bijlage/<uuid:attachment>", headers={"Range": "bytes=0-9"}),
    _get("take up by get", f"{DOSSIER}/oppakken"),
    _post("take up", f"{DOSSIER}/oppakken"),
    _post("take up, no token", f"{DOSSIER}/oppakken", csrf=None),
    _post("take up, foreign", f"{DOSSIER}/oppakken", headers={"Origin": "https://elders.example"}),
    _post("close", f"{DOSSIER}/sluiten", CLOSING),
    _post("close, empty", f"{DOSSIER}/sluiten"),
    _post("involved", f"{DOSSIER}/betrokken"),
    _post("follow up", f"{ENTRY}/vervolg", NOTE),
    _post("follow up, empty", f"{ENTRY}/vervolg"),
    _post("follow up, too large", f"{ENTRY}/vervolg", LONG),
    _post("correct", f"{ENTRY}/correctie", CORRECTION),
    _post("correct, empty", f"{ENTRY}/correctie"),
    _post("move", f"{ENTRY}/verplaatsen", MOVING),
    _post("move, empty", f"{ENTRY}/verplaatsen", {"action": "move"}),
    _post("move, search", f"{ENTRY}/verplaatsen", {"words": "Aya"}),
    _get("circle", f"{DOSSIER}/kring"),
    _post("take over", f"{DOSSIER}/kring/overnemen"),
    _post("hand over", f"{DOSSIER}/kring/overdragen", {"successor": "", "note": "Verlof."}),
    _post("deputy", f"{DOSSIER}/kring/vervanger", {"stand_in": ""}),
    _post("keep out", f"{DOSSIER}/kring/uitsluiten", {"outsider": "", "why": "Tante."}),
    _post("another's hand-over, yes", "/meldcode/overdracht/<uuid:offer>/aannemen"),
    _post("another's hand-over, no", "/meldcode/overdracht/<uuid:offer>/weigeren", {"reason": "Geen tijd."}),
    _post("another's hand-over, no reason", "/meldcode/overdracht/<uuid:offer>/weigeren"),
    _post("relative", f"{DOSSIER}/kring/familie-op-school", {"kin": "no"}),
    _post("share", f"{DOSSIER}/kring/delen", {"how_much": "all", "as_what": "af", "question": "Wat?"}),
    _post("share, empty", f"{DOSSIER}/kring/delen"),
    _post("withdraw", f"{DOSSIER}/kring/delen/<uuid:share>/intrekken"),
    _get("another's share", "/meldcode/gedeeld/<uuid:share>"),
    _get("another's share, a file", "/meldcode/gedeeld/<uuid:share>/bijlage/<uuid:attachment>"),
    _post("another's share, advice", "/meldcode/gedeeld/<uuid:share>/advies", {"advice": "Praat."}),
    _post("link", f"{DOSSIER}/kring/familie", {"sibling": ""}),
    _post("unlink", f"{DOSSIER}/kring/familie/<uuid:link>/los"),
    _get("brother", BROTHER),
    _get("brother, circle", f"{BROTHER}/kring"),
    _post("brother, link to the child", f"{BROTHER}/kring/familie", {"sibling": "{case}"}),
    _post("brother, unlink", f"{BROTHER}/kring/familie/<uuid:link>/los"),
    _post("brother, share of the child", f"{BROTHER}/kring/delen", PIECE),
    _post("brother, withdraw of the child", f"{BROTHER}/kring/delen/<uuid:share>/intrekken"),
    _get("to the register", f"{DOSSIER}/overnemen"),
    _post("break glass, search", "/meldcode/noodtoegang/zoek", {"words": "Aya"}),
    _post("break glass, no reason", "/meldcode/noodtoegang", {"pupil": "2601"}),
    _post("break glass", "/meldcode/noodtoegang", GLASS, entitled=("director", "board")),
    _get("for me", "/meldcode/gedeeld"),
    _get("without a handler", "/meldcode/noodtoegang"),
    _post("appoint", "/meldcode/noodtoegang/<uuid:case>/aanwijzen", {"person": ""}),
    _get("worklist", "/meldcode/werkvoorraad"),
    _get("worklist, next page", "/meldcode/werkvoorraad?bladzijde=1"),
    _get("planning", "/meldcode/termijnen"),
    _get("worklist, running", "/meldcode/werkvoorraad?lopend=1"),
    _get("worklist, closed", "/meldcode/werkvoorraad?gesloten=1"),
    _post("search the child", "/meldcode/werkvoorraad/zoek", {"words": "Aya"}),
    _post("search the family", "/meldcode/werkvoorraad/zoek", {"words": "Benali"}),
    _post("search one letter", "/meldcode/werkvoorraad/zoek", {"words": "A"}),
    _get("log", "/meldcode/logboek", entitled=("fg",)),
    _get("log, older", "/meldcode/logboek?voor=99999", entitled=("fg",)),
    _get("log, the child", "/meldcode/logboek?dossier=<uuid:case>", entitled=("fg",)),
    _get("log, the brother", "/meldcode/logboek?dossier=<uuid:brother>", entitled=("fg",)),
    _get("my signal", MINE),
    _get("my file", f"{MINE}/bijlage/<uuid:attachment>"),
    _post("my follow up", f"{MINE}/vervolg", NOTE),
    _post("my correction, empty", f"{MINE}/correctie"),
    _get("another's receipt", "/meldcode/vastgelegd/<uuid:receipt>"),
    _get("another's form", "/meldcode/signaal/<uuid:receipt>"),
    _post("another's key, a signal", "/meldcode/signaal/<uuid:receipt>", SIGNAL | BARE_PERSON, writes=True),
    _post("another's key, a draft", "/meldcode/concept/<uuid:receipt>", SIGNAL),
    _post("another's key, a file", "/meldcode/signaal/<uuid:receipt>/bijlage", {"files": ()}),
    _post("another's key, away", "/meldcode/concept/<uuid:receipt>/weg"),
    _get("people", "/meldcode/mensen"),
    _post("people, the child", "/meldcode/mensen/zoek", {"words": "Aya"}),
    _post("keep away", "/meldcode/mensen/uitsluiten", {"kept_away": "{mother}", "pupil": "2601", "reason": "Moeder."}),
    _get("people again", "/meldcode/mensen"),
    _post("reject what came by itself", "/meldcode/mensen/uitsluiting/<uuid:automatic>/afwijzen"),
    _post("confirm what came by itself", "/meldcode/mensen/uitsluiting/<uuid:automatic>/bevestigen"),
    _get("register", "/meldcode/register"),
    _get("sign in, back to the dossier", "/meldcode/aanmelden?terug=/meldcode/dossier/<uuid:case>"),
    _get("first page", "/meldcode/"),
    _get("form about the child", PUPIL),
    _get("form about the child, as a script", PUPIL, headers={"Sec-Fetch-Dest": "empty"}),
    _get("form about nobody", "/meldcode/leerling/0000/signaal"),
    _post("draft about the child", PUPIL, ABOUT | {"action": "keep"}),
    _post("signal about the child", PUPIL, ABOUT, writes=True),
    _post("the same once more", PUPIL, ABOUT, writes=True),
    _post("other words, same key", PUPIL, ABOUT | {"fact-text": "Anders."}, writes=True),
    _get("emergency about the child", SPOED),
    _post("emergency about the child, sent", SPOED, CALLED, writes=True),
    _get("receipt of the emergency", f"/meldcode/vastgelegd/{CALLED['key']}"),
    _get("receipt", f"/meldcode/vastgelegd/{SENT_KEY}"),
    _get("my signals", "/meldcode/mijn-signalen", entitled=()),
    _get("my drafts", "/meldcode/concepten"),
    _get("health", "/meldcode/healthz"),
    _get("ready", "/meldcode/readyz"),
    _get("static", "/meldcode/static/geen.css"),
)
