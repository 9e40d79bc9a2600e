"""A `StudentSource` that asks functions of the host and believes nothing but plain data; it knows no model."""

from __future__ import annotations

import importlib
import logging
from collections.abc import Callable
from typing import Any

from meldcode_plugin.errors import SourceUnavailable
from meldcode_plugin.sis import Fault, Finding, Pupil, Roster, StaffMember, plain

log = logging.getLogger(__name__)


class HostSource:
    """Asks the host each time: its database is near. Whatever a function raises becomes `SourceUnavailable`."""

    def __init__(self, functions: dict[str, Any]) -> None:
        """Keep the functions or their names."""
        self._functions = functions

    def pupil(self, pupil_id: str) -> Pupil | None:
        """Return the pupil of whom the host says that it has this very id, or None."""
        found = self._ask("pupil", pupil_id) if pupil_id else None
        if found is None:
            return None
        one = _only(found, Pupil, "pupil")
        return one if one.id == pupil_id else None

    def search(self, words: str, limit: int = 20) -> list[Pupil]:
        """Return what the host finds, at most ``limit``; nothing for no words, whatever the host would say."""
        if not plain(words) or limit < 1:
            return []
        return _all(self._ask("search", words, limit), Pupil, "search")[:limit]

    def staff(self) -> list[StaffMember]:
        """Return everybody who works at the school."""
        return _all(self._ask("staff"), StaffMember, "staff")

    def roster(self) -> Roster:
        """Return everybody; a host that gave no function ``pupils`` raises `SourceUnavailable`."""
        if "pupils" not in self._functions:
            why = "Host: no function for the option pupils, so the daily comparison can not be made."
            raise SourceUnavailable(code=Fault.NO_LIST, why=why)
        pupils = _all(self._ask("pupils"), Pupil, "pupils")
        if len({one.id for one in pupils}) != len(pupils):
            raise SourceUnavailable(code=Fault.DUPLICATE, why="Host: pupils() gives two pupils with the same id.")
        if not pupils:
            raise SourceUnavailable(code=Fault.EMPTY, why="Host: pupils() gives nobody. Let it give all pupils.")
        return Roster(tuple(pupils), tuple(self.staff()))

    def check(self) -> list[Finding]:
        """Ask an id that nobody has and, when the host can tell, everybody and one pupil alone."""
        findings = []
        for ask in (self._nobody_found, self._pupils_found):
            try:
                findings.append(ask())
            except SourceUnavailable as fault:
                findings.append(Finding(ok=fault.code == Fault.NO_LIST, text=fault.why))
        return findings

    def _nobody_found(self) -> Finding:
        if self.pupil("no-such-pupil") is not None:
            return Finding(ok=False, text="pupil() gives a pupil for an id that nobody has. It must give None.")
        return Finding(ok=True, text="An id that nobody has gives nobody.")

    def _pupils_found(self) -> Finding:
        pupils = self.roster().pupils
        alone = self.pupil(pupils[0].id)
        there = "there" if alone else "not there"
        return Finding(alone is not None, f"{len(pupils)} pupils; one of them, asked alone, is {there}.")

    def _ask(self, name: str, *given: object) -> Any:
        """Call a function of the host. What it raises is logged by its kind alone: its words may name a child."""
        try:
            return self._found(name)(*given)
        except Exception as fault:  # noqa: BLE001  # whatever the host does wrong, a teacher can still record
            log.warning("The host's function for %s failed: %s", name, type(fault).__name__)
            why = f"Host: the function for {name} raised {type(fault).__name__}. See the log of the app."
            raise SourceUnavailable(code=Fault.HOST, why=why) from None

    def _found(self, name: str) -> Callable[..., Any]:
        function = self._functions[name]
        if not callable(function):
            module, _, attribute = str(function).partition(":")
            function = self._functions[name] = getattr(importlib.import_module(module), attribute)
        called: Callable[..., Any] = function
        return called


def _all(found: Any, kind: type[Any], name: str) -> list[Any]:
    try:
        return [_only(one, kind, name) for one in found]
    except TypeError:
        raise _no_data(kind, name) from None


def _only(found: Any, kind: type[Any], name: str) -> Any:
    if not isinstance(found, kind) or not isinstance(found.id, str) or not found.id:
        raise _no_data(kind, name)
    return found


def _no_data(kind: type[Any], name: str) -> SourceUnavailable:
    why = f"Host: the function for {name} must give {kind.__name__} of meldcode_plugin.sis, with an id that is text."
    return SourceUnavailable(code=Fault.HOST, why=why)
