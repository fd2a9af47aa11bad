"""The keys that programs share, in files beside the logs: issuer and acquirer, bank and shop.

Serve gives the bank the key that its other programs have, and this file is not made.
"""

import os
import secrets
from pathlib import Path

_BYTES = 32


def cavv_key(folder: Path) -> bytes:
    """The key in the folder's `cavv.key`, made at the first call."""
    return _key(folder / "cavv.key")


def bank_key(folder: Path) -> bytes:
    """The key in the folder's `bank.key` that notifications are signed with, made likewise."""
    return _key(folder / "bank.key")


def _key(path: Path) -> bytes:
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f"{path.name}.new")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(_BYTES))
        draft.replace(path)
    return path.read_bytes()
