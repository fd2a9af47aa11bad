"""Which connectors there are: one line for each."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from paydesk.connectors.contract import Connector
from paydesk.connectors.sandbox import SandboxConnector


def connectors(sandbox_url: str | None) -> Mapping[str, Connector]:
    """The connectors that can be used with these settings, by name."""
    known: list[Connector] = []
    if sandbox_url:
        known.append(SandboxConnector(_origin(sandbox_url)))
    return {connector.manifest.name: connector for connector in known}


def _origin(url: str) -> str:
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
    return f"{parts.scheme}://{host}:{port}"
