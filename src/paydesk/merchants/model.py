"""What a merchant's account is: one for tests, one for live money."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Account:
    """An account as the key that opened it shows it; kept in memory by web processes.

    connector names the acquirer, None until one is configured. key_id numbers the API key.
    """

    id: int
    is_live: bool
    merchant_name: str
    connector: str | None
    key_id: int
