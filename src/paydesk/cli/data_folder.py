"""What lies in DIR, who may read it, and who is using it."""

import base64
import fcntl
import json
import os
import secrets
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from paydesk import limits
from paydesk.kit.private_files import write_private

KEYS = ("page_key", "sealing_key", "vault_key")
# Nothing is sealed with it: it needs no backup, and can be made anew.
SANDBOX_KEY = "sandbox_bank_key"


class DataFault(Exception):
    """DIR can't be used. The text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Running:
    """What a running `paydesk serve` tells others about itself.

    threeds_url is where directory servers tell results.
    """

    process: int
    port: int
    base_url: str
    vault_url: str
    sandbox_url: str
    threeds_url: str = ""  # a serve from before there were results says nothing of it


def open_data(data: Path) -> Path:
    """DIR as an absolute path, made if it is missing.

    Raises: DataFault, when it can't be made or written to.
    """
    data = data.absolute()
    # Root's database runs as another user, who must be able to pass through.
    mode = 0o711 if os.geteuid() == 0 else 0o700
    try:
        data.mkdir(parents=True, exist_ok=True)
        if data.stat().st_uid == os.geteuid():
            data.chmod(mode)
        for name in ("keys", "log", "run"):
            (data / name).mkdir(mode=0o700, exist_ok=True)
    except OSError as fault:
        raise DataFault(f"{data} can't be used: {fault.strerror}.") from fault
    return data


def lock(data: Path) -> BinaryIO:
    """Takes DIR for this process, until the file is closed or the process ends in any way.

    Raises: DataFault, when another serve has it.
    """
    file = (data / "run" / "serve.lock").open("ab")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        raise DataFault(f"Another paydesk serve is using {data}. Stop it first.") from None
    return file


def note_running(data: Path, running: Running) -> None:
    write_private(data / "run" / "serve.json", json.dumps(asdict(running)))


def find_running(data: Path) -> Running | None:
    """The serve that uses DIR at the moment, if any does."""
    try:
        lock(data).close()
    except DataFault:
        return Running(**json.loads((data / "run" / "serve.json").read_text()))
    return None


def key_file(data: Path, name: str) -> Path:
    return data / "keys" / f"{name.removesuffix('_key')}.key"


def make_keys(data: Path) -> None:
    """Makes the keys on the first start: 32 random bytes in base64 each.

    Raises: DataFault, when one went missing later: what it sealed can't be opened with a new one.
    """
    is_first = not (data / "credentials.json").exists()
    for name in (*KEYS, SANDBOX_KEY):
        path = key_file(data, name)
        if path.exists():
            continue
        if not is_first and name in KEYS:
            raise DataFault(f"{path} is missing; a new key can't open the old data. Restore it.")
        write_private(path, base64.b64encode(secrets.token_bytes(32)).decode() + "\n")


def read_key(data: Path, name: str) -> bytes:
    return base64.b64decode(key_file(data, name).read_text())


def open_log(data: Path) -> BinaryIO:
    """The file that all programs' logs go to, one JSON object a line."""
    path = data / "log" / "paydesk.log"
    if path.exists() and path.stat().st_size > limits.LOG_BYTES_MAX:
        path.replace(path.with_name("paydesk.log.1"))
    return path.open("ab")
