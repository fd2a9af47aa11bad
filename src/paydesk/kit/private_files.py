"""Files that only their owner may read."""

import os
from pathlib import Path


def write_private(path: Path, text: str, *, owner: tuple[int, int] | None = None) -> None:
    """Writes the file whole or not at all, with mode 0600.

    >>> from tempfile import mkdtemp
    >>> path = Path(mkdtemp()) / "secret"
    >>> write_private(path, "x")
    >>> oct(path.stat().st_mode)
    '0o100600'
    """
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(descriptor)
    if owner is not None:
        os.chown(draft, *owner)
    draft.replace(path)
    # Or else a power cut could bring the old file back, without the key that is in use by then.
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
