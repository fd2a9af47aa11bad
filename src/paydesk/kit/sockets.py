"""Where a program's unix sockets stand: their paths are short by law of the system."""

import os
import re
import tempfile
from pathlib import Path

from paydesk import limits

# A comma or a space would have to be quoted differently in every program's settings.
_PLAIN = re.compile(r"[A-Za-z0-9/_.+-]+")


def socket_folder(wished: Path, *, owner: tuple[int, int] | None = None) -> Path:
    """The wished folder, made if missing, or a short one under /tmp where its path is too long.

    The folder is closed to other users. The same wish gets the same short folder again, as long
    as it stands: the wished folder keeps its name in the file `moved`.
    """
    _make(wished, owner)
    if len(os.fsencode(wished)) <= limits.SOCKET_PATH_BYTES_MAX and _PLAIN.fullmatch(str(wished)):
        return wished
    note = wished / "moved"
    if note.exists() and _is_ours(short := Path(note.read_text()), wished):
        return short
    # A random name, because /tmp belongs to everybody and a fixed one could be taken before us.
    short = Path(tempfile.mkdtemp(prefix="paydesk-", dir="/tmp"))
    _make(short, owner)
    note.write_text(str(short))
    return short


def socket_path(url: str) -> str:
    """The path in `unix:/path`.

    Raises: ValueError, whose text says what an address looks like.

    >>> socket_path("unix:/run/paydesk/vault.sock")
    '/run/paydesk/vault.sock'
    """
    path = url.removeprefix("unix:")
    if (
        path == url
        or not path.startswith("/")
        or len(path.encode()) > limits.VAULT_SOCKET_PATH_BYTES_MAX
    ):
        raise ValueError("a socket's address such as unix:/run/paydesk/vault.sock")
    return path


def _make(folder: Path, owner: tuple[int, int] | None) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if owner is not None:
        os.chown(folder, *owner)


def _is_ours(short: Path, wished: Path) -> bool:
    return short.is_dir() and not short.is_symlink() and short.stat().st_uid == wished.stat().st_uid
