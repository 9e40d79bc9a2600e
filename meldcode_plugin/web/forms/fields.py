"""The fields that forms are made of: they keep what was typed and say in Dutch what is wrong with it."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from wtforms import BooleanField, StringField, TextAreaField
from wtforms.fields import Field
from wtforms.validators import Length
from wtforms.widgets import DateInput, TimeInput

from meldcode_plugin.rules.entries import LONG, SHORT

NO_DAY = "Vul een datum in, bijvoorbeeld 12-05-2026."
NO_CLOCK = "Vul een tijd in, bijvoorbeeld 10:15."
TOO_LONG = "Dit is te lang. Maak het korter, of zet de rest in een bijlage."
DAYS = ("%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y", "%d.%m.%Y")
CLOCKS = ("%H:%M", "%H.%M", "%H:%M:%S")


def _plain(text: str | None) -> str:
    """Return what was typed with one kind of line end and without the spaces around it."""
    return (text or "").replace("\r\n", "\n").strip()


class Line(StringField):
    """One line of text."""

    def __init__(self, label: str = "", **more: Any) -> None:
        """Refuse what does not fit; the browser stops at the same length."""
        super().__init__(label, [Length(max=SHORT, message=TOO_LONG)], filters=[_plain], **more)


class Words(TextAreaField):
    """A piece of text. The browser does not cut it off: a pasted story would lose its end in silence."""

    def __init__(self, label: str = "", **more: Any) -> None:
        """Refuse what does not fit, with a sentence."""
        super().__init__(label, [Length(max=LONG, message=TOO_LONG)], filters=[_plain], **more)


class Choice(StringField):
    """One of a few. What is not in the list counts as no choice."""

    def __init__(self, label: str, options: list[tuple[str, str]], **more: Any) -> None:
        """Take the values with the words for them."""
        super().__init__(label, **more)
        self.options = options

    def picked(self) -> str:
        """Return the chosen value, or the default when it is none of the list."""
        known = {value for value, _ in self.options}
        return self.data if self.data in known else str(self.default or "")


class Tick(BooleanField):
    """A box to tick; missing means no."""


class _Typed(Field):
    """A field that reads a value from text, in more than one way of writing it."""

    formats: tuple[str, ...] = ()
    sentence = ""
    typed = ""

    def _value(self) -> str:
        return self.typed or (self._shown(self.data) if self.data else "")

    def _shown(self, value: Any) -> str:
        return str(value)

    def _read(self, found: datetime) -> Any:
        return found

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read what was typed; what can not be read stays as it is, with a sentence."""
        self.typed = (valuelist[0] if valuelist else "").strip()
        self.data = None
        if not self.typed:
            return
        for form in self.formats:
            try:
                # a date without a zone: it is read from the wall of the school
                self.data = self._read(datetime.strptime(self.typed, form))  # noqa: DTZ007  # see the line above
            except ValueError:
                continue
            return
        raise ValueError(self.sentence)


class Day(_Typed):
    """A date."""

    widget = DateInput()
    formats = DAYS
    sentence = NO_DAY
    data: date | None

    def _read(self, found: datetime) -> date:
        return found.date()

    def _shown(self, value: date) -> str:
        return value.isoformat()


class Clock(_Typed):
    """A time of the day."""

    widget = TimeInput()
    formats = CLOCKS
    sentence = NO_CLOCK
    data: time | None

    def _read(self, found: datetime) -> time:
        return found.time()

    def _shown(self, value: time) -> str:
        return f"{value:%H:%M}"
