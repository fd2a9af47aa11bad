"""The API as a command uses it: with the keys of DIR's own credentials.json, through the client."""

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from paydesk.cli.faults import CommandFault
from paydesk.kit.private_files import write_private

if TYPE_CHECKING:
    from paydesk_client import Paydesk, PaydeskError


@dataclass(frozen=True, slots=True)
class OpenAccount:
    """A client of one account, and where it calls."""

    client: "Paydesk"
    base_url: str


@contextlib.contextmanager
def open_account(data: Path, *, is_live: bool) -> Iterator[OpenAccount]:
    """The test or the live account of DIR.

    Raises: CommandFault, for whatever the block's calls raise.
    """
    # Late: it takes longer to load than the rest of the command line.
    from paydesk_client import NoAnswer, Paydesk, PaydeskError

    base_url, keys = _credentials(data)["base_url"], read_keys(data, is_live=is_live)
    # One repeat only: somebody waits at the terminal.
    with Paydesk(base_url, keys["api_key"], keys["api_secret"], retries=1) as client:
        try:
            yield OpenAccount(client, base_url)
        except NoAnswer as fault:
            raise CommandFault(
                f"{fault.message} Start it, or see whether it runs: paydesk serve --data {data}"
            ) from fault
        except PaydeskError as fault:
            raise CommandFault(_told(fault)) from fault


def read_keys(data: Path, *, is_live: bool) -> dict[str, str]:
    """The keys and the webhook secret of the test or the live account. Raises: CommandFault."""
    keys: dict[str, str] = _credentials(data)["live" if is_live else "test"]
    return keys


def keep_webhook_secret(data: Path, secret: str, *, is_live: bool) -> None:
    """Writes the account's new webhook secret where the one before stood."""
    credentials = _credentials(data)
    credentials["live" if is_live else "test"]["webhook_secret"] = secret
    write_private(data / "credentials.json", json.dumps(credentials, indent=2) + "\n")


def _credentials(data: Path) -> dict[str, Any]:
    path = data / "credentials.json"
    try:
        found: dict[str, Any] = json.loads(path.read_text())
    except (OSError, ValueError):
        raise CommandFault(
            f"There are no API keys in {path}. Name the data folder with --data, or make one: "
            "paydesk serve"
        ) from None
    return found


def _told(fault: "PaydeskError") -> str:
    named = [f"{path}: {one.message}" for path, one in fault.faults.items()]
    return "\n".join([f"Paydesk says no ({fault.code}). {fault.message}", *named])
