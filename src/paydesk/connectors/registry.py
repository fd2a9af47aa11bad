"""Which connectors there are: one line for each."""

from collections.abc import Mapping

from paydesk.connectors.contract import Connector, origin_of
from paydesk.connectors.sandbox import SandboxConnector


def connectors(
    sandbox_url: str | None, directory_url: str | None = None
) -> Mapping[str, Connector]:
    """The connectors that can be used with these settings, by name.

    directory_url is where the sandbox's directory server takes AReqs.
    """
    known: list[Connector] = []
    if sandbox_url:
        known.append(SandboxConnector(origin_of(sandbox_url), directory_url))
    return {connector.manifest.name: connector for connector in known}
