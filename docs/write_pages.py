"""Writes the pages that the program itself knows best: who sees what, and every setting. Run it after a change."""

from __future__ import annotations

import ast
import inspect
import itertools
from pathlib import Path

from meldcode_plugin.rules.facts import ROLE_NAMES
from meldcode_plugin.rules.policy import GRANTS, Permission, Role
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


def _meanings() -> dict[str, str]:
    """Return the sentence that stands under each setting in its class."""
    body = ast.parse(inspect.getsource(Settings)).body[0].body  # type: ignore[attr-defined]  # a class statement
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


PAGES = {"who-sees-what.md": who_sees_what, "settings.md": settings}

if __name__ == "__main__":
    for name, page in PAGES.items():
        (HERE / name).write_text(page(), encoding="utf-8")
