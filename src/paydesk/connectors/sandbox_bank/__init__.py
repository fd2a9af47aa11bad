"""The connector to the sandbox bank, for test accounts."""

from paydesk.connectors.sandbox_bank.translate import SandboxBank

__all__ = ["SandboxBank"]
