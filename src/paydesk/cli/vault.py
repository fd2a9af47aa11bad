"""`paydesk vault rotate` and `retire`: another master key for a vault that goes on working.

The key file is written first, then the vault takes the key up, then it wraps the cards' keys
anew. Killed anywhere between, the command goes on where it was when it is run again.
"""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.progress import Progress

from paydesk.cli import data_folder
from paydesk.cli.faults import CommandFault
from paydesk.cli.terminal import Terminal
from paydesk.cli.vault_link import VaultLink
from paydesk.kit.private_files import write_private
from paydesk.settings import (
    key_versions_text,
    read_key_versions,
    read_settings,
    secret_file,
)

commands = typer.Typer(
    help="Change the master keys of the running vault. `paydesk vault` alone runs one.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)
Data = Annotated[Path, typer.Option("--data", help="The folder that keeps everything.")]
_DATA = Path("var/data")
# Cards kept while the first pass went by are met by the second.
_PASSES_MAX = 5


@commands.command()
def rotate(data: Data = _DATA) -> None:
    """Add a new master key and wrap every card's key under it. Resumes what was interrupted."""
    desk = _Desk.open(data)
    desk.rotate()


@commands.command()
def retire(data: Data = _DATA) -> None:
    """Remove the old master keys from the key file, once nothing is wrapped under them."""
    desk = _Desk.open(data)
    desk.retire()


@dataclass(frozen=True, slots=True)
class _KeyFile:
    """The file that the vault's master keys stand in."""

    path: Path

    def read(self) -> dict[int, bytes]:
        try:
            return read_key_versions(self.path.read_text())
        except (OSError, ValueError) as fault:
            raise CommandFault(f"{self.path} can't be read as vault keys: {fault}.") from fault

    def write(self, keys: dict[int, bytes]) -> None:
        # Whoever could read it before can read it after: the vault's user, not only ours.
        there = self.path.stat()
        owner = (there.st_uid, there.st_gid) if os.geteuid() == 0 else None
        write_private(self.path, f"{key_versions_text(keys)}\n", owner=owner)


@dataclass(frozen=True, slots=True)
class _Desk:
    """One run of a command: the vault, its key file if it has one, and the terminal."""

    vault: VaultLink
    file: _KeyFile | None
    terminal: Terminal

    @classmethod
    def open(cls, data: Path) -> "_Desk":
        settings, data = read_settings(), data.absolute()
        vault = VaultLink(settings, data)
        path = secret_file("vault_key") or data_folder.key_file(data, "vault_key")
        is_by_environment = settings.vault_key is not None and secret_file("vault_key") is None
        file = None if is_by_environment or not path.exists() else _KeyFile(path)
        return cls(vault, file, Terminal())

    def rotate(self) -> None:
        current = self._take_up()
        if not self._old_rows(current):
            if self.file is None:
                self._tell_by_hand(current)
                return
            current = self._add_version(self.file)
        count = self._rewrap(current)
        self.terminal.say(f"{count:,} keys are wrapped under version {current} now.")
        self.terminal.say("Make a backup of the keys, then remove the old: paydesk vault retire")

    def retire(self) -> None:
        current = self._take_up()
        status, answer = self.vault.ask("POST", "/keys/retire")
        if status == 409:
            used = {v: n for v, n in answer["rows"].items() if int(v) != current}
            told = ", ".join(f"{count:,} by version {version}" for version, count in used.items())
            raise CommandFault(
                f"Keys are still wrapped by old versions: {told}. Nothing was removed. "
                "Run: paydesk vault rotate"
            )
        if self.file is None:
            self.terminal.say(
                f"No card needs any version but {current}. Leave only that in PAYDESK_VAULT_KEY."
            )
            return
        keys = self.file.read()
        old = sorted(keys.keys() - {current})
        if not old:
            self.terminal.say(f"There is only version {current}: nothing to remove.")
            return
        self.file.write({current: keys[current]})
        self._take_up()
        gone = ", ".join(map(str, old))
        self.terminal.say(
            f"Removed from {self.file.path}: version {gone}. Version {current} stays."
        )
        self.terminal.say("Backups made before need the old keys: keep those with the backups.")

    def _take_up(self) -> int:
        """Has the vault read its keys again; the version it wraps under from now on."""
        status, answer = self.vault.ask("POST", "/keys/take-up")
        if status != 200:
            raise CommandFault(f"The vault does not take up its keys: {answer['why']}")
        current: int = answer["current"]
        return current

    def _add_version(self, file: _KeyFile) -> int:
        keys = file.read()
        version = max(keys) + 1
        file.write({**keys, version: secrets.token_bytes(32)})
        if self._take_up() != version:
            raise CommandFault(
                f"{file.path} has version {version} now, but the vault reads its keys elsewhere. "
                "Run this where the vault's settings are."
            )
        self.terminal.say(
            f"Version {version} is in {file.path}, and new cards are sealed under it."
        )
        return version

    def _rewrap(self, current: int) -> int:
        count = 0
        with Progress(console=Console(), disable=not Console().is_terminal) as progress:
            task = progress.add_task("Wrapping …", total=self._old_rows(current))
            for _ in range(_PASSES_MAX):
                after: list[Any] | None = None
                while True:
                    _, done = self.vault.ask("POST", "/keys/rewrap", {"after": after})
                    count += int(done["count"])
                    progress.update(task, completed=count)
                    after = done["after"]
                    if after is None:
                        break
                if not (left := self._old_rows(current)):
                    return count
        raise CommandFault(
            f"{left:,} keys stay under old versions: their rows were altered, and no key opens "
            "them. The vault's log names them (card_seal_broken)."
        )

    def _old_rows(self, current: int) -> int:
        _, answer = self.vault.ask("GET", "/keys")
        rows: dict[str, int] = answer["rows"]
        return sum(count for version, count in rows.items() if int(version) != current)

    def _tell_by_hand(self, current: int) -> None:
        self.terminal.say(
            f"The vault's keys come from its environment; version {current} is current. To add "
            f"another, put {current + 1}:KEY beside the old into PAYDESK_VAULT_KEY (1:OLD,2:NEW; "
            "`openssl rand -base64 32` makes a key), restart the vault, and run this again."
        )
