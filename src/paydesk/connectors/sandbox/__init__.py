"""The connector to the sandbox acquirer, for test accounts."""

from paydesk.connectors.sandbox.translate import SandboxConnector

__all__ = ["SandboxConnector"]
