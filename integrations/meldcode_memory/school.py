"""The people of an invented Dutch primary school: two groups, their parents and the staff; data alone."""

from __future__ import annotations

from datetime import date

from meldcode_memory.source import plain
from meldcode_plugin.sis import Guardian, Pupil, StaffMember

SCHOOL_NAME = "Basisschool De Wilgenhof"
MAIL = "wilgenhof.example"
HOME = "thuis.example"
APOSTROPHE = "'"

STAFF = (
    StaffMember("mw-01", "Sanne de Boer", f"sanne@{MAIL}"),
    StaffMember("mw-02", "Joris Hendriks", f"joris@{MAIL}"),
    StaffMember("mw-03", "Noor el Amrani", f"noor@{MAIL}"),
    StaffMember("mw-04", "Marijke van Dam", f"marijke@{MAIL}"),
    StaffMember("mw-05", "Ruud Jansma", f"ruud@{MAIL}"),
    StaffMember("mw-06", "Femke Postma", f"femke@{MAIL}"),
    StaffMember("mw-07", "Hans Verbeek", f"hans@{MAIL}"),
    StaffMember("mw-08", "Piet Kuiper", f"piet@{MAIL}", active=False),
)
"""mw-03 is also the mother of Yassin in Groep 4; mw-08 no longer works here."""

_Row = tuple[str, str, str, tuple[str, ...], str]
"""Number, name, birth date, guardians as 'name/relation/custody', household: one household, brothers and sisters."""

_GROUP_4: tuple[_Row, ...] = (
    ("2601", "Aya Benali", "2019-01-14", ("Karima Benali/moeder/ja", "Omar Benali/vader/ja"), "benali"),
    ("2602", "Bram de Groot", "2018-11-02", ("Esther de Groot/moeder/ja",), "groot"),
    ("2603", "Daan Vermeulen", "2019-05-23", ("Kim Vermeulen/moeder/ja", "Bas Vermeulen/vader/ja"), "vermeulen"),
    ("2604", "Eva Smit", "2019-03-30", ("Linda Smit/moeder/ja", "Peter Bos/vader/nee"), "smit"),
    ("2605", "Fenna Dijkstra", "2018-12-19", ("Anna Dijkstra/moeder/ja", "Tjeerd Dijkstra/vader/ja"), "dijkstra"),
    ("2606", "Gijs van Leeuwen", "2019-07-08", ("Mark van Leeuwen/vader/ja",), "leeuwen"),
    ("2607", "Isa Öztürk", "2019-02-11", ("Elif Öztürk/moeder/ja", "Mehmet Öztürk/vader/ja"), "ozturk"),
    ("2608", "Jayden Pinas", "2018-10-27", ("Sharon Pinas/moeder/ja",), "pinas"),
    ("2609", "Lotte Mulder", "2019-04-16", ("Iris Mulder/moeder/ja", "Jeroen Mulder/vader/ja"), "mulder"),
    ("2610", "Mila Kowalska", "2019-06-05", ("Agnieszka Kowalska/moeder/ja",), "kowalska"),
    ("2611", "Noah Willems", "2019-08-21", ("Sofie Willems/moeder/ja", "Koen Willems/vader/ja"), "willems"),
    ("2612", "Pim van den Berg", "2018-11-29", ("Els van den Berg/pleegmoeder/nee",), "berg"),
    ("2613", "Saar Jacobs", "2019-01-31", ("Tess Jacobs/moeder/ja", "Anne Jacobs/moeder/ja"), "jacobs"),
    ("2614", "Thijs Peters", "2019-09-12", ("Monique Peters/moeder/ja", "Rob Peters/vader/ja"), "peters"),
    ("2615", "Yassin el Idrissi", "2019-03-04", ("Noor el Amrani/moeder/ja", "Samir el Idrissi/vader/ja"), "idrissi"),
)

_GROUP_7: tuple[_Row, ...] = (
    ("2301", "Adam Benali", "2016-02-08", ("Karima Benali/moeder/ja", "Omar Benali/vader/ja"), "benali"),
    ("2302", "Anouk Visser", "2015-11-17", ("Carla Visser/moeder/ja", "Ton Visser/vader/ja"), "visser"),
    ("2303", "Chloé Martens", "2016-06-26", ("Isabelle Martens/moeder/ja",), "martens"),
    ("2304", "Dex Bakker", "2015-12-09", ("Wendy Bakker/moeder/ja", "Ruben Bakker/vader/ja"), "bakker"),
    ("2305", "Defne Öztürk", "2016-01-20", ("Elif Öztürk/moeder/ja", "Mehmet Öztürk/vader/ja"), "ozturk"),
    ("2306", "Finn Vermeulen", "2016-05-03", ("Kim Vermeulen/moeder/ja", "Bas Vermeulen/vader/ja"), "vermeulen"),
    ("2307", "Hidde Dijkstra", "2016-08-15", ("Anna Dijkstra/moeder/ja", "Tjeerd Dijkstra/vader/ja"), "dijkstra"),
    ("2308", "Jet Kramer", "2015-10-06", ("Petra Kramer/moeder/ja", "Wim Kramer/vader/onbekend"), "kramer"),
    ("2309", "Kiana Pinas", "2016-03-13", ("Sharon Pinas/moeder/ja",), "pinas"),
    ("2310", "Luuk van Dijk", "2016-04-28", ("Hilde van Dijk/moeder/ja", "Maarten van Dijk/vader/ja"), "dijk"),
    ("2311", "Mees Scholten", "2015-12-30", ("Judith Scholten/moeder/ja",), "scholten"),
    ("2312", "Nina Hofman", "2016-07-19", ("Claudia Hofman/moeder/ja", "Erik Hofman/vader/ja"), "hofman"),
    ("2313", "Oscar Timmermans", "2016-09-01", ("Loes Timmermans/moeder/ja", "Frank Timmermans/vader/ja"), "timmer"),
    ("2314", "Roos 't Hart", "2016-02-22", ("Mirjam 't Hart/moeder/ja", "Henk 't Hart/vader/ja"), "hart"),
    ("2315", "Zeynep Kaya", "2015-11-25", ("Fatma Kaya/moeder/ja", "Ali Kaya/vader/ja"), "kaya"),
)

_CUSTODY = {"ja": True, "nee": False, "onbekend": None}
_STAFF_MAIL = {member.name: member.email for member in STAFF}


def _guardian(written: str) -> Guardian:
    name, relation, custody = written.split("/")
    mail = _STAFF_MAIL.get(name) or f"{plain(name).replace(' ', '.').replace(APOSTROPHE, '')}@{HOME}"
    return Guardian(name, mail, relation, _CUSTODY[custody])


def _pupil(row: _Row, group: str, households: dict[str, list[str]]) -> Pupil:
    number, name, born, guardians, household = row
    siblings = tuple(other for other in households[household] if other != number)
    return Pupil(
        number, name, date.fromisoformat(born), group, tuple(_guardian(one) for one in guardians), (), siblings
    )


def _pupils() -> tuple[Pupil, ...]:
    households: dict[str, list[str]] = {}
    for row in (*_GROUP_4, *_GROUP_7):
        households.setdefault(row[4], []).append(row[0])
    four = [_pupil(row, "Groep 4", households) for row in _GROUP_4]
    return (*four, *(_pupil(row, "Groep 7", households) for row in _GROUP_7))


PUPILS = _pupils()
