"""The key that issuer and acquirer share, in a file beside their logs."""

import os
import secrets
from pathlib import Path

_BYTES = 32


def cavv_key(folder: Path) -> bytes:
    """The key in the folder's `cavv.key`, made at the first call."""
    path = folder / "cavv.key"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        draft = path.with_name("cavv.key.new")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(_BYTES))
        draft.replace(path)
    return path.read_bytes()
