"""Writes the pages that the program itself knows best: who sees what, the five steps, every setting."""

from __future__ import annotations

import ast
import inspect
import itertools
from pathlib import Path

from meldcode_plugin.rules.cautions import CAUTIONS
from meldcode_plugin.rules.conditions import Condition
from meldcode_plugin.rules.facts import ROLE_NAMES
from meldcode_plugin.rules.policy import GRANTS, Permission, Role
from meldcode_plugin.rules.terms import FIXED, REMINDER_NAMES, SECOND_LOOK, TABLE, Audience, Kind, Line, Rung
from meldcode_plugin.rules.weighing import TABLES, Outcome, Table
from meldcode_plugin.rules.workflow import AFTER_REPORT, GATES, OPEN, Action
from meldcode_plugin.settings import PREFIX, Settings

HERE = Path(__file__).parent

WHO_SEES_WHAT = """\
# Who sees what

Made from the table `GRANTS` in `meldcode_plugin/rules/policy.py` by `docs/write_pages.py`; do not change it here.
A dot means that the role may do it. Two more questions are asked each time, and each of them can only say no:

1. **Is the row there for this person?** `meldcode_plugin/store/visibility.py` decides in the database query itself. A
   teacher finds the own signals; a director finds a dossier from the moment that the intern begeleider has told them.
   What the query does not return does not exist: the answer is the same page as for an address that was never there.
2. **Is this person excluded from the dossier?** Own child, a relative, involved in another way: an exclusion beats
   every role.

Staff comes from the school's own sign-in. All other roles are appointed inside the plugin by two people.

{table}
"""

FIVE_STEPS = """\
# The five steps

Made from the tables in `meldcode_plugin/rules/` by `docs/write_pages.py`; do not change it here. The sentences are the
ones on the screen. R-numbers are the rules of the school's code; the suite prints which test proves which rule.

There is no staircase: anything can be written at any time, in any order. A dossier lists what is still missing. Only
four acts wait until it is there, and the page refuses them with the very sentences below. An emergency waits for
nothing: anyone may record it, and all else is asked afterwards (R58).

## What is asked in every dossier

{open}

## What is asked besides, once it is decided to report

{after}

## What waits, and for what

{gates}

## What gives pause and stops nothing

Whoever goes past a warning has that recorded with what they wrote.

{cautions}

## The weighing questions

A dossier keeps the version of the code under which it started (R61). Doubt about safety counts as unsafe.

{tables}
"""

SETTINGS = """\
# Settings

Made from `meldcode_plugin/settings.py` by `docs/write_pages.py`; do not change it here. In a Flask app they are keys of
`app.config`; beside another system they are environment variables, or lines in the Python file that
`MELDCODE_SETTINGS` names. All are checked at start; one that is wrong or missing stops the start and says what to do.

{table}
"""


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def who_sees_what() -> str:
    """Return the page docs/who-sees-what.md."""
    lines = [_row("", *(ROLE_NAMES[role] for role in Role)), _row("---", *(":-:" for _ in Role))]
    lines += [
        _row(permission.value, *("●" if role in GRANTS[permission] else "" for role in Role))
        for permission in Permission
    ]
    return WHO_SEES_WHAT.format(table="\n".join(lines))


ACTS = {
    Action.REPORT: "Report to Veilig Thuis (no emergency)",
    Action.HELP_ONLY: "Decide on help without a report",
    Action.CLOSE: "Close the dossier",
    Action.LATE_REPORT: "Report after help, or open the dossier again to do so",
}
ANSWERS = {"yes": "ja", "no": "nee", "doubt": "twijfel", "open": "nog open"}


def _asked(points: tuple[tuple[int, Condition], ...]) -> str:
    lines = [_row("step", "rule", "sentence"), _row("---", "---", "---")]
    lines += [_row(str(step), check.rule, check.sentence.replace("{n}", "…")) for step, check in points]
    return "\n".join(lines)


def _gates() -> str:
    parts = []
    for action, checks in GATES.items():
        lines = [f"- {check.sentence.replace('{n}', '…')} ({check.rule})" for check in checks]
        parts.append(f"**{ACTS[action]}**\n\n" + "\n".join(lines))
    return "\n\n".join(parts)


def _table(table: Table) -> str:
    head = f"**Version {table.version}: {table.name}**"
    if not table.questions:
        return f"{head}\n\nNo questions: the two decisions are taken on risk, nature and severity alone."
    lines = [_row("question", *(outcome.value for outcome in Outcome)), _row("---", *("---" for _ in Outcome))]
    for question in table.questions:
        sent = [[ANSWERS[a] for a, to in question.sends.items() if to is outcome] for outcome in Outcome]
        lines.append(_row(question.text, *(" of ".join(answers) for answers in sent)))
    return f"{head}\n\n" + "\n".join(lines)


def the_five_steps() -> str:
    """Return the page docs/the-five-steps.md."""
    warned = [_row("rule", "sentence"), _row("---", "---"), *(_row(one.rule, one.sentence) for one in CAUTIONS)]
    return FIVE_STEPS.format(
        open=_asked(OPEN),
        after=_asked(AFTER_REPORT),
        gates=_gates(),
        cautions="\n".join(warned),
        tables="\n\n".join(map(_table, TABLES.values())),
    )


def _meanings() -> dict[str, str]:
    """Return the sentence that stands under each setting in its class."""
    body = ast.parse(inspect.getsource(Settings)).body[0].body  # type: ignore[attr-defined]  # source of a class: one class
    return {
        named.target.id: " ".join(said.value.value.replace("``", "`").split())
        for named, said in itertools.pairwise(body)
        if isinstance(named, ast.AnnAssign) and isinstance(said, ast.Expr) and isinstance(said.value, ast.Constant)
    }


def _default(name: str) -> str:
    field = Settings.model_fields[name]
    if field.is_required():
        return "must be set"
    value = field.get_default(call_default_factory=True)
    if isinstance(value, tuple):
        value = ",".join(value)
    return "not set" if value in (None, "", {}) else f"`{value}`"


def settings() -> str:
    """Return the page docs/settings.md."""
    meanings = _meanings()
    lines = [_row("key", "meaning", "when left out"), _row("---", "---", "---")]
    lines += [_row(f"`{PREFIX}{name.upper()}`", meanings[name], _default(name)) for name in Settings.model_fields]
    return SETTINGS.format(table="\n".join(lines))


REMINDERS = """# Reminders and terms

Made from `meldcode_plugin/rules/terms.py` by `docs/write_pages.py`; do not change it here.

A reminder only tells: it never closes, reports or moves anything on. Who takes part in a case is skipped: then the next
one up the chain is told. Days at school skip weekends, breaks and the days of `MELDCODE_OWN_DAYS`; hours and plain days
wait for nothing. All mails say the same, and name nobody.

{table}

A school sets another first term with `MELDCODE_TERMS`: `{{"talk_held": 5, "vt_feedback": 5}}`. The terms above it
move along. A term that is fixed stays as it is.
"""
TOLD = {
    Audience.OWNER: "owner, or the IB-ers",
    Audience.DEPUTY: "deputy, or the aandachtsfunctionaris",
    Audience.DIRECTOR: "director",
    Audience.BOARD: "board",
    Audience.FG: "functionaris gegevensbescherming",
    Audience.ADMIN: "IT-beheerder",
    Audience.AUTHOR: "who wrote it",
}


def _term(line: Line, rung: Rung) -> str:
    if line.months:
        later = f", and {rung.after} {line.unit.value}" if rung.after else ""
        return f"{line.months} months after the last{later}: {TOLD[rung.audience]}"
    return f"{rung.after} {line.unit.value}: {TOLD[rung.audience]}" if rung.after else f"at once: {TOLD[rung.audience]}"


def _again(kind: Kind, line: Line) -> str:
    if kind is Kind.AFTER_CLOSING:
        return f"once more, {SECOND_LOOK} months later"
    return f"every {line.every} days" if line.every else ""


def reminders() -> str:
    """Return the page docs/reminders.md."""
    lines = [_row("name", "what is asked", "who, and after how long", "again"), _row("---", "---", "---", "---")]
    for kind, line in TABLE.items():
        name = f"`{kind}`" + (" (fixed)" if kind in FIXED else "")
        told = "<br>".join(_term(line, rung) for rung in line.rungs)
        lines.append(_row(name, REMINDER_NAMES[kind], told, _again(kind, line)))
    return REMINDERS.format(table="\n".join(lines))


PAGES = {
    "who-sees-what.md": who_sees_what,
    "the-five-steps.md": the_five_steps,
    "settings.md": settings,
    "reminders.md": reminders,
}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (HERE / name).write_text(page(), encoding="utf-8")
