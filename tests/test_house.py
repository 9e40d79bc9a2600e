"""The house itself: its pages hold true, its lists match the tree, and every exception has a reason."""

from __future__ import annotations

import ast
import configparser
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path
from types import ModuleType

import pytest

from meldcode_plugin.settings import PREFIX, Settings

ROOT = Path(__file__).parent.parent
MADE = {"build", "dist", "node_modules", "_build", "__pycache__", "vendor"}
RUN = "python3 -m venv .venv && .venv/bin/pip install '.[demo]' && .venv/bin/meldcode demo"
TEST = "python3 -m venv .venv && .venv/bin/pip install tox && .venv/bin/tox"
LINES = 400
OURS = (
    "meldcode_plugin",
    "meldcode_migrations",
    "meldcode_memory",
    "meldcode_demo",
    "meldcode_oneroster",
    "meldcode_edexml",
    "meldcode_flaskhost",
    "meldcode_oneroster_csv",
)
COME_ALONG = {"click", "jinja2", "kombu", "markupsafe", "werkzeug"}
"""What flask and celery are made of, and hand on as their own."""
LANGUAGE_MODELS = {
    "anthropic",
    "cohere",
    "google-genai",
    "huggingface-hub",
    "langchain",
    "litellm",
    "mistralai",
    "openai",
}


def _files(*endings: str) -> Iterator[Path]:
    """Every file of the project itself, without what tools and others made."""
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [f for f in folders if f not in MADE and not f.endswith(".egg-info") and _is_kept(f)]
        yield from (Path(folder, name) for name in names if name.endswith(endings))


def _is_kept(folder: str) -> bool:
    return not folder.startswith(".") or folder == ".ci"


def _said(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _setup() -> configparser.ConfigParser:
    parser = configparser.ConfigParser(comment_prefixes=("#",))
    parser.read(ROOT / "setup.cfg")
    return parser


def _names(block: str) -> set[str]:
    """The names of packages in a list of requirements."""
    wanted = (re.match(r"[\w.-]+", line) for line in block.splitlines() if line and not line.startswith("#"))
    return {match[0].lower().replace("_", "-") for match in wanted if match}


def test_every_link_in_the_pages_resolves():
    """A link to a file in README, docs and changelog leads to a file."""
    broken = [
        f"{_said(page)}: {target}"
        for page in _files(".md")
        for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", page.read_text(encoding="utf-8"))
        if not re.match(r"[a-z]+:", target) and not (page.parent / target).exists()
    ]
    assert broken == []


def test_no_file_is_too_long():
    """A file of more than 400 lines asks for another room; a step of the schema is a list, and stays as it ran."""
    long = {
        _said(path): lines
        for path in _files(".py", ".html", ".css", ".js", ".md", ".cfg", ".ini", ".toml")
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LINES and path.parent.name != "versions"
    }
    assert long == {}


def test_every_python_file_opens_with_its_sentence():
    """A file says what it is for; an empty one has nothing to say."""
    silent = [
        _said(path)
        for path in _files(".py")
        if path.read_text(encoding="utf-8").strip()
        and not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert silent == []


def test_no_file_names_a_place_on_somebodys_machine():
    """Paths of one machine have no meaning on another."""
    place = re.compile(r"(?<![\w.~/-])/(home|root|work|Users)/")
    named = [
        f"{_said(path)}: {line.strip()}"
        for path in _files(".py", ".html", ".md", ".cfg", ".ini", ".toml", ".yaml", ".js", ".css", ".txt", "run")
        for line in path.read_text(encoding="utf-8").splitlines()
        if place.search(line) and path != Path(__file__)
    ]
    assert named == []


def test_every_rule_that_is_off_has_its_reason():
    """In ruff.toml each rule that is switched off carries a comment."""
    off = [line for line in (ROOT / "ruff.toml").read_text().splitlines() if re.match(r'\s+"[A-Z]+\d*",', line)]
    assert off
    assert [line for line in off if "# " not in line] == []


def test_every_exception_in_the_code_has_its_reason():
    """After noqa, type: ignore and no cover come the rule and, on the same line, why."""
    mark = re.compile(r"# (?:noqa|type: ignore|pragma: no cover)(.*)")
    bare = [
        f"{_said(path)}:{number}"
        for path in _files(".py")
        if path != Path(__file__)
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if (found := mark.search(line)) and not re.search(r"(#| -| —) ?\w.{3,}", found[1])
    ]
    assert bare == []


def test_no_test_is_skipped_in_silence():
    """What is missing fails with the line to type; nothing is skipped or expected to fail."""
    skipped = re.compile(r"pytest\.(skip|importorskip|xfail)|mark\.(skip|skipif|xfail)")
    found = [
        _said(path)
        for path in _files(".py")
        if path != Path(__file__) and "tests" in path.parts and skipped.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []


@pytest.mark.parametrize("name", ["who-sees-what.md", "the-five-steps.md", "settings.md", "reminders.md"])
def test_page_is_what_the_program_says(name: str):
    """The pages that the program writes are up to date; `python docs/write_pages.py` mends it."""
    assert (ROOT / "docs" / name).read_text(encoding="utf-8") == _write_pages().PAGES[name]()


def test_every_setting_is_documented():
    """No MELDCODE_ key works without standing in docs/settings.md."""
    page = (ROOT / "docs/settings.md").read_text(encoding="utf-8")
    assert [name for name in Settings.model_fields if f"`{PREFIX}{name.upper()}`" not in page] == []


def test_fragments_are_named_as_the_changelog_needs():
    """A fragment of another name or type would be left out of the changelog in silence."""
    fragments = [path.name for path in (ROOT / "changelog.d").iterdir() if not path.name.startswith(".")]
    named = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\.(security|added|changed|fixed)\.md")
    assert [name for name in fragments if not named.fullmatch(name)] == []


def test_every_package_is_installed():
    """The list in setup.cfg holds every package of the tree, no more and no fewer."""
    folders = {"meldcode_plugin": "meldcode_plugin", "migrations": "meldcode_migrations"}
    folders |= {_said(path): path.name for path in (ROOT / "integrations").iterdir() if (path / "__init__.py").exists()}
    in_tree = {
        ".".join((name, *made.parent.relative_to(ROOT / folder).parts))
        for folder, name in folders.items()
        for made in (ROOT / folder).rglob("__init__.py")
        if not MADE & set(made.parts)
    }
    assert set(_setup()["options"]["packages"].split()) == in_tree


def test_every_entry_point_leads_somewhere():
    """Each command and adapter that setup.cfg promises can be loaded."""
    promised = [line for block in _setup()["options.entry_points"].values() for line in block.split("\n") if line]
    loaded = {line: metadata.EntryPoint(*line.split(" = "), group="meldcode").load() for line in promised}
    assert [line for line, found in loaded.items() if not callable(found)] == []


def test_the_wheel_carries_every_file_that_a_page_needs(wheel: zipfile.ZipFile):
    """Templates, pictures, texts and data are in what a school installs."""
    kept = set(wheel.namelist())
    needed = {
        str(path.relative_to(ROOT))
        for folder in ("templates", "static", "translations", "rules/data", "documents/templates", "documents/type")
        for path in (ROOT / "meldcode_plugin" / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert needed - kept == set()
    assert any(name.startswith("meldcode_migrations/versions/") for name in kept)


def test_every_import_is_a_declared_dependency():
    """What the code imports is asked for in setup.cfg; what comes along by chance may stay away tomorrow."""
    options, extras = _setup()["options"], _setup()["options.extras_require"]
    declared = _names(options["install_requires"]) | _names(extras["demo"]) | COME_ALONG
    owners = metadata.packages_distributions()
    missing = {
        f"{_said(path)}: {name}"
        for room in ("meldcode_plugin", "integrations", "migrations")
        for path in _files(".py")
        if path.is_relative_to(ROOT / room)
        for name in _imported(path)
        if name not in sys.stdlib_module_names | {"_typeshed"}
        and name not in OURS
        and not declared & {owner.lower().replace("_", "-") for owner in owners.get(name, [name])}
    }
    assert missing == set()


def test_no_language_model_is_asked():
    """No word of a dossier can reach a language model: no client of one is among all that is installed for a run."""
    pinned = _names((ROOT / "tests/constraints.txt").read_text())
    assert pinned & LANGUAGE_MODELS == set()


def test_pages_ask_nothing_of_strangers():
    """Scripts, styles, fonts and pictures come from this server; a link may lead elsewhere."""
    asked = re.compile(
        r"""(?:<(?:script|img|link|iframe)\b[^>]*(?:src|href)=["']|url\(["']?|@import\s+["'])(?:https?:)?//"""
    )
    found = [
        _said(path)
        for folder in ("meldcode_plugin", "integrations")
        for path in _files(".html", ".css", ".js")
        if path.is_relative_to(ROOT / folder) and asked.search(path.read_text(encoding="utf-8"))
    ]
    assert found == []


def test_the_two_commands_are_in_the_readme_and_in_ci():
    """README gives each command on one line, and .ci/run types the second one exactly."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    ci = ROOT / ".ci/run"
    assert (readme.count(RUN), readme.count(TEST)) == (1, 1)
    assert TEST in ci.read_text().splitlines()
    assert os.access(ci, os.X_OK)


def test_pyproject_names_the_builder_and_nothing_else():
    """All metadata is in setup.cfg."""
    text = (ROOT / "pyproject.toml").read_text()
    assert (list(tomllib.loads(text)), len(text.splitlines())) == (["build-system"], 3)


def _imported(path: Path) -> set[str]:
    """The top-level names that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module.split(".")[0])
    return found


def _write_pages() -> ModuleType:
    spec = importlib.util.spec_from_file_location("write_pages", ROOT / "docs/write_pages.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel that pip would make, built from a copy so that nothing is left in the tree."""
    tree, out = tmp_path_factory.mktemp("tree"), tmp_path_factory.mktemp("wheel")
    for name in ("meldcode_plugin", "integrations", "migrations"):
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("setup.cfg", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tree / name)
    build = f"from setuptools import build_meta; build_meta.build_wheel({str(out)!r})"
    done = subprocess.run([sys.executable, "-c", build], cwd=tree, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return zipfile.ZipFile(next(out.glob("*.whl")))
