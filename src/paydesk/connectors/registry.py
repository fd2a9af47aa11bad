"""Which connectors there are: one line for each."""

from collections.abc import Mapping

from paydesk.connectors.contract import Bank, Connector, origin_of
from paydesk.connectors.sandbox import SandboxConnector
from paydesk.connectors.sandbox_bank import SandboxBank


def connectors(
    sandbox_url: str | None, directory_url: str | None = None
) -> Mapping[str, Connector]:
    """The connectors to acquirers of cards that can be used with these settings, by name.

    directory_url is where the sandbox's directory server takes AReqs.
    """
    known: list[Connector] = []
    if sandbox_url:
        known.append(SandboxConnector(origin_of(sandbox_url), directory_url))
    return {connector.manifest.name: connector for connector in known}


def bank_modes() -> Mapping[str, bool]:
    """Whether each bank that there is a connector to moves real money, by its name."""
    known = banks("http://127.0.0.1:1", b"-")  # where they are does not matter for that
    return {name: bank.manifest.is_live for name, bank in known.items()}


def banks(sandbox_bank_url: str | None, sandbox_bank_key: bytes | None) -> Mapping[str, Bank]:
    """The connectors to banks that can be used with these settings, by name."""
    known: list[Bank] = []
    if sandbox_bank_url and sandbox_bank_key:
        known.append(SandboxBank(origin_of(sandbox_bank_url), sandbox_bank_key))
    return {bank.manifest.name: bank for bank in known}
