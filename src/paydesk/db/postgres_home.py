"""Where does the embedded cluster live, and which user runs it?

PostgreSQL refuses to run as root, so root hands it to an unprivileged user that exists already.
That user must be able to reach the cluster and the programs: where the way is closed (a home
folder of mode 0700), both live under /var/lib/paydesk, and DIR/postgres is a file that says where.
"""

import os
import pwd
import secrets
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from paydesk.db.postgres_programs import PostgresFault, Programs
from paydesk.kit.private_files import write_private

_STATE = Path("/var/lib/paydesk")
_USERS = ("postgres", "nobody")  # Debian's own for the purpose; else the one that owns nothing


@dataclass(frozen=True, slots=True)
class Account:
    """The user that runs PostgreSQL, where it isn't the one that runs Paydesk."""

    name: str
    user: int
    group: int

    def popen(self) -> dict[str, Any]:
        """The arguments of `subprocess` that start a program as this user."""
        return {"user": self.user, "group": self.group, "extra_groups": ()}


@dataclass(frozen=True, slots=True)
class Home:
    """A cluster's folder: `data` is PostgreSQL's, `run` holds its socket."""

    folder: Path
    account: Account | None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def made_by(self) -> int | None:
        """The major version that made the cluster; None when there is none yet."""
        try:
            return int((self.data / "PG_VERSION").read_text())
        except FileNotFoundError:
            return None

    @property
    def owner(self) -> tuple[int, int] | None:
        return (self.account.user, self.account.group) if self.account else None

    def popen(self) -> dict[str, Any]:
        """The arguments of `subprocess` that start a program as the cluster's user."""
        # The caller's folder may be closed to that user, and PostgreSQL looks at it.
        return {"cwd": self.folder, **(self.account.popen() if self.account else {})}


def find_home(data: Path) -> Home | None:
    """The home that DIR already has; None before the first start.

    Raises: PostgresFault, when it belongs to another user or is out of reach.
    """
    place = data / "postgres"
    if not place.exists():
        return None
    folder = Path(place.read_text().strip()) if place.is_file() else place
    if not folder.is_dir():
        raise PostgresFault(f"{place} says that the database is in {folder}, which is missing.")
    owner = folder.stat().st_uid
    if os.geteuid() != 0:
        if owner != os.geteuid():
            raise PostgresFault(f"{folder} belongs to {_user_name(owner)}: start Paydesk as root.")
        return Home(folder, None)
    # root's own: its maker was stopped before it handed it over.
    account = _account(owner) if owner else _unprivileged()
    if not _can_reach(account, folder if owner else folder.parent):
        raise PostgresFault(
            f"The user {account.name}, who runs PostgreSQL, can't reach {folder}: "
            "one of the folders above it is closed. Open it (chmod o+x) or move the data."
        )
    return Home(folder, account)


def make_home(data: Path) -> Home:
    """The home of DIR, made if there is none.

    Raises: PostgresFault, as find_home.
    """
    home = find_home(data) or _new_home(data)
    if home.owner is not None and home.made_by is None:
        os.chown(home.folder, *home.owner)
    return home


def remove_home(data: Path) -> None:
    """Deletes the cluster of DIR with everything in it. It must not be running."""
    if home := find_home(data):
        # A server that was told to stop just now may still be taking its last files away.
        shutil.rmtree(home.folder, onerror=_unless_gone)
        (data / "postgres").unlink(missing_ok=True)


def _unless_gone(_delete: object, _path: str, fault: tuple[object, BaseException, object]) -> None:
    if not isinstance(fault[1], FileNotFoundError):
        raise fault[1]


def reachable_programs(programs: Programs, home: Home) -> Programs:
    """The programs themselves, or a copy under /var/lib/paydesk if the user can't reach them."""
    if home.account is None or _can_reach(home.account, programs.folder):
        return programs
    source, package = programs.folder.parent, programs.folder.parent.parent
    copy = _state() / f"postgresql-{programs.version}-{package.name}"
    if not copy.exists():
        draft = _state() / f"{copy.name}.{secrets.token_hex(4)}"
        _copy(source, draft / package.name / source.name)
        # A wheel's programs look for their libraries here, relative to themselves.
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.is_dir():
            _copy(libraries, draft / libraries.name)
        _open_to_all(draft)
        draft.rename(copy)  # whole or not at all
    folder = copy / package.name / source.name / "bin"
    return Programs(folder, programs.version, programs.is_wheel)


def _new_home(data: Path) -> Home:
    account = _unprivileged() if os.geteuid() == 0 else None
    if account is None or _can_reach(account, data):
        home = Home(data / "postgres", account)
        home.folder.mkdir(mode=0o700)
        return home
    home = Home(_state() / secrets.token_hex(8), account)
    home.folder.mkdir(mode=0o700)
    write_private(data / "postgres", f"{home.folder}\n")
    return home


def _unprivileged() -> Account:
    for name in _USERS:
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, found.pw_uid, found.pw_gid)
    raise PostgresFault(
        "PostgreSQL doesn't run as root, and there is neither a user postgres nor nobody. "
        "Start Paydesk as an ordinary user or set PAYDESK_DATABASE_URL."
    )


def _account(user: int) -> Account:
    try:
        found = pwd.getpwuid(user)
    except KeyError:
        return Account(str(user), user, user)
    return Account(found.pw_name, user, found.pw_gid)


def _user_name(user: int) -> str:
    return _account(user).name


def _state() -> Path:
    _STATE.mkdir(mode=0o711, parents=True, exist_ok=True)
    _STATE.chmod(0o711)
    return _STATE


def _can_reach(account: Account, folder: Path) -> bool:
    # Tried as that user: modes alone don't tell what access lists and mounts forbid.
    tried = subprocess.run(  # noqa: S603
        ["/bin/sh", "-c", 'test -x "$0"', folder.absolute()],
        cwd="/",
        check=False,
        **account.popen(),
    )
    return tried.returncode == 0


def _copy(source: Path, target: Path) -> None:
    shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns("include"))


def _open_to_all(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        if not path.is_symlink():
            is_program = path.is_dir() or path.parent.name == "bin"
            path.chmod(0o755 if is_program else 0o644)
