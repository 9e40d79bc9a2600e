"""Reads an EDEXML file as a stream, within bounds, and refuses every DTD and entity; it knows no source."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import IO, Any, NoReturn
from xml.parsers import expat

from meldcode_plugin.errors import SourceUnavailable
from meldcode_plugin.sis import Fault, OtherId, Pupil, StaffMember
from meldcode_plugin.sis.files import People

FORMAT = "EDEXML"
MOST_BYTES = 256 * 1024 * 1024
MOST_ROWS = 50_000
MOST_TEXT = 4_000
DEEPEST = 40
CHUNK = 1 << 16
KEPT = frozenset(
    {
        "achternaam",
        "brincode",
        "dependancecode",
        "emailadres",
        "geboortedatum",
        "groep",
        "naam",
        "roepnaam",
        "voornamen",
        "voorvoegsel",
    }
)
"""All that is kept of a row. Not read: photo, sex, marks of identity, the last digits of the citizen service number."""
ROWS = frozenset({"school", "groep", "samengestelde_groep", "leerling", "leerkracht"})
ENCODINGS = frozenset({"utf-8", "utf-16", "us-ascii", "iso-8859-1", "iso-8859-15", "windows-1252"})


@dataclass
class Export(People):
    """One file, read whole."""

    brin: str = ""
    dependance: str = ""


@dataclass(slots=True)
class _Row:
    """One element that is being read: its attributes and the texts in it."""

    kind: str
    depth: int
    said: dict[str, str]


class _Reader:
    """Turns the parser's calls into rows. A row is made and forgotten: the tree is never held."""

    def __init__(self, *, eck_id_finds: bool) -> None:
        self.export = Export()
        self._eck_id_finds = eck_id_finds
        self._groups: dict[str, str] = {}
        self._group_of: dict[str, str] = {}
        self._depth, self._rows, self._length = 0, 0, 0
        self._row: _Row | None = None
        self._field, self._text = "", [""]

    def parser(self) -> Any:
        """Return a parser that calls us, and that takes no DTD, no entity and nothing from outside."""
        made = expat.ParserCreate()
        made.buffer_text = True
        made.XmlDeclHandler = _encoding
        made.StartDoctypeDeclHandler = _refuse_dtd
        made.EntityDeclHandler = _refuse_dtd
        made.ExternalEntityRefHandler = _refuse_dtd
        made.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)
        made.StartElementHandler, made.EndElementHandler = self._start, self._end
        made.CharacterDataHandler = self._characters
        return made

    def _start(self, name: str, said: dict[str, str]) -> None:
        local = _local(name)
        self._depth += 1
        if self._depth > DEEPEST:
            raise _wrong(Fault.NONSENSE, "the file is nested too deep: this is no EDEXML.")
        if self._row is None and local in ROWS:
            self._rows += 1
            if self._rows > MOST_ROWS:
                why = f"the file holds more than {MOST_ROWS} rows. Export one school."
                raise _wrong(Fault.TOO_MUCH, why)
            self._row = _Row(local, self._depth, {_local(key): value for key, value in said.items()})
        elif self._row is not None and self._depth == self._row.depth + 1 and local in KEPT:
            self._field, self._text, self._length = local, [], 0
            if key := said.get("key"):
                self._row.said[local] = key

    def _characters(self, text: str) -> None:
        if self._field:
            self._length += len(text)
            if self._length > MOST_TEXT:
                raise _wrong(Fault.TOO_MUCH, "a field is longer than any name: this is no EDEXML.")
            self._text.append(text)

    def _end(self, name: str) -> None:
        row, local = self._row, _local(name)
        if row is not None and self._field == local and self._depth == row.depth + 1:
            if text := "".join(self._text).strip():
                row.said.setdefault(local, text)
            self._field = ""
        elif row is not None and self._depth == row.depth:
            self._row = None
            self._take(row)
        self._depth -= 1

    def _take(self, row: _Row) -> None:
        said, key = row.said, row.said.get("key", "").strip()
        if row.kind == "school":
            self.export.brin, self.export.dependance = said.get("brincode", ""), said.get("dependancecode", "")
        elif not key:
            raise _wrong(Fault.NONSENSE, f"a {row.kind} without its key. Export again.")
        elif row.kind == "leerling":
            _once(self.export.pupils, key, row.kind)
            self.export.pupils[key] = _pupil(key, said, eck_id_finds=self._eck_id_finds)
            self._group_of[key] = said.get("groep", "")
        elif row.kind == "leerkracht":
            _once(self.export.staff, key, row.kind)
            self.export.staff[key] = StaffMember(key, _name(said), said.get("emailadres") or None)
        else:
            self._groups.setdefault(key, said.get("naam", ""))

    def done(self) -> Export:
        """Return all, each pupil with the name of the group that stands elsewhere in the file."""
        for key, pupil in self.export.pupils.items():
            if group := self._groups.get(self._group_of[key]):
                self.export.pupils[key] = Pupil(key, pupil.name, pupil.birth_date, group, (), pupil.other_ids)
        return self.export


def read(file: IO[bytes], *, eck_id_finds: bool = False) -> Export:
    """Read an open file to its end. Raises `SourceUnavailable` with the reason, and then nothing of it counts."""
    reader = _Reader(eck_id_finds=eck_id_finds)
    parser, size = reader.parser(), 0
    with _said(file):
        while chunk := file.read(CHUNK):
            size += len(chunk)
            if size > MOST_BYTES:
                raise _wrong(Fault.TOO_MUCH, f"the file is larger than {MOST_BYTES >> 20} MiB. Export one school.")
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    return reader.done()


@contextmanager
def _said(file: IO[bytes]) -> Iterator[None]:
    """Say in our words what the parser found."""
    try:
        yield
    except expat.ExpatError as fault:
        if fault.code in ENCODING_CODES or (fault.code == TOKEN and not _is_utf8(file)):
            why = "the file is not in the encoding that it names, so names would be wrong. Export it as UTF-8."
            raise _wrong(Fault.ENCODING, why) from None
        why = f"the file breaks off or is no XML (line {fault.lineno}). Export again."
        raise _wrong(Fault.NONSENSE, why) from None
    except (LookupError, ValueError):
        raise _wrong(Fault.ENCODING, "the file names an unknown encoding. Export it as UTF-8.") from None


TOKEN = expat.errors.codes[expat.errors.XML_ERROR_INVALID_TOKEN]
ENCODING_CODES = tuple(
    expat.errors.codes[one]
    for one in (expat.errors.XML_ERROR_UNKNOWN_ENCODING, expat.errors.XML_ERROR_INCORRECT_ENCODING)
)


def _is_utf8(file: IO[bytes]) -> bool:
    try:
        file.seek(0)
        for line in file:
            line.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _encoding(_version: str, encoding: str | None, _standalone: int) -> None:
    if encoding and encoding.casefold() not in ENCODINGS:
        raise _wrong(Fault.ENCODING, "the file names an encoding that is not taken. Export it as UTF-8.")


def _refuse_dtd(*_: Any) -> NoReturn:
    why = "the file holds a DTD or an entity. EDEXML has none: somebody changed it. It is not read."
    raise _wrong(Fault.UNSAFE, why)


def _local(name: str) -> str:
    return name.rpartition(":")[2].casefold()


def _once(rows: dict[str, Any], key: str, kind: str) -> None:
    if key in rows:
        why = f"two of kind {kind} have the same key, so it is not sure who is who. Tell the supplier."
        raise _wrong(Fault.DUPLICATE, why)


def _name(said: dict[str, str]) -> str:
    first = said.get("roepnaam") or (said.get("voornamen") or "").partition(" ")[0]
    return " ".join(f"{first} {said.get('voorvoegsel', '')} {said.get('achternaam', '')}".split())


def _pupil(key: str, said: dict[str, str], *, eck_id_finds: bool) -> Pupil:
    """A pupil without guardians: EDEXML names none."""
    eck = said.get("eckid", "").strip()
    others = (OtherId("eckid", eck, stable=eck_id_finds),) if eck else ()
    return Pupil(key, _name(said), _day(said.get("geboortedatum", "")), None, (), others)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip()[:10])
    except ValueError:
        return None


def _wrong(code: Fault, why: str) -> SourceUnavailable:
    return SourceUnavailable(code=code, why=f"{FORMAT}: {why}")
