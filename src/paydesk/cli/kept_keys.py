"""The file that keeps a backup's keys, apart from its data: who has both has everything."""

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from paydesk.cli import data_folder
from paydesk.cli.data_folder import DataFault
from paydesk.kit.private_files import write_private
from paydesk.settings import Settings, key_versions_text, read_key_versions

_FORMAT = "paydesk_keys_1"  # told in the file, so that a later form can be told from it


@dataclass(frozen=True, slots=True)
class KeptKeys:
    """The keys of an installation by name, and what its credentials.json says.

    Shape: a key is the text that its file holds and its setting takes; the vault's may be several.
    """

    keys: dict[str, str] = field(repr=False)
    credentials: dict[str, Any] | None = field(repr=False)

    def write(self, path: Path) -> None:
        """Writes them with mode 0600."""
        kept = {_FORMAT: self.keys, "credentials": self.credentials}
        write_private(path, json.dumps(kept, indent=2) + "\n")

    def put_into(self, data: Path) -> None:
        """Puts them where serve looks for them."""
        for name, key in self.keys.items():
            write_private(data_folder.key_file(data, name), f"{key}\n")
        if self.credentials is not None:
            write_private(data / "credentials.json", json.dumps(self.credentials, indent=2) + "\n")


def keys_in_use(settings: Settings, data: Path) -> KeptKeys:
    """The keys that serve works with: those of the settings, else those of DIR.

    Raises: DataFault, where one is missing.
    """
    keys = {}
    for name in data_folder.KEYS:
        path = data_folder.key_file(data, name)
        given = _given(settings, name)
        if given is None and not path.exists():
            raise DataFault(f"{path} is missing: is {data} the data folder of a Paydesk?")
        keys[name] = given or path.read_text().strip()
    path = data / "credentials.json"
    return KeptKeys(keys, json.loads(path.read_text()) if path.exists() else None)


def read_keys(path: Path) -> KeptKeys:
    """The keys in a file that `paydesk backup --keys` wrote.

    Raises: DataFault.
    """
    try:
        kept = json.loads(path.read_text())
        keys = {name: kept[_FORMAT][name] for name in data_folder.KEYS}
        for key in keys.values():
            read_key_versions(key)
        return KeptKeys(keys, kept["credentials"])
    except OSError as fault:
        raise DataFault(f"{path} can't be read: {fault.strerror}.") from fault
    except (ValueError, LookupError, TypeError, AttributeError) as fault:
        raise DataFault(f"{path} is not a file that paydesk backup --keys wrote.") from fault


def keys_of_settings(settings: Settings) -> KeptKeys | None:
    """The keys, where the settings name them all."""
    keys = {name: key for name in data_folder.KEYS if (key := _given(settings, name))}
    return KeptKeys(keys, None) if keys.keys() == set(data_folder.KEYS) else None


def _given(settings: Settings, name: str) -> str | None:
    """The key's text, where the settings name it."""
    key = getattr(settings, name)
    return None if key is None else key_versions_text(key if name == "vault_key" else {1: key})
