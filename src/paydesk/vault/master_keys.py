"""Who wraps the cards' data keys? Versioned master keys, which the database never sees."""

from collections.abc import Mapping
from typing import Protocol

from paydesk.kit.sealing import SealBroken, Sealer


class MasterKeys(Protocol):
    """Master keys by version: what an adapter for a key management service implements.

    A version is a whole number from 1 to limits.MASTER_KEY_VERSION_MAX and names the same key for
    ever. New data keys are wrapped under `current`, the highest. Wrapping and unwrapping may go
    over a network, and so are awaited; whatever else such a call raises ends the request in 500
    with nothing sent. A context is bound to what is wrapped (a service's "associated data" or
    "encryption context"): it opens under the same bytes only.
    """

    @property
    def versions(self) -> frozenset[int]: ...

    @property
    def current(self) -> int: ...

    async def wrap(self, key: bytes, *, version: int, context: bytes) -> bytes: ...

    async def unwrap(self, wrapped: bytes, *, version: int, context: bytes) -> bytes:
        """The key again.

        Raises: SealBroken, for what was altered, moved or wrapped by another key, and for a
            version that is not there.
        """
        ...


class KeyRing:
    """Master keys held in memory, as PAYDESK_VAULT_KEY gives them.

    Bounds: at least one key, of 32 bytes each. Random nonces stay safe for 2^32 cards a version.
    """

    def __init__(self, keys: Mapping[int, bytes]) -> None:
        self._sealers = {version: Sealer(key) for version, key in keys.items()}
        self.versions = frozenset(keys)
        self.current = max(keys)

    async def wrap(self, key: bytes, *, version: int, context: bytes) -> bytes:
        return self._sealers[version].seal(key, context)

    async def unwrap(self, wrapped: bytes, *, version: int, context: bytes) -> bytes:
        sealer = self._sealers.get(version)
        if sealer is None:
            raise SealBroken
        return sealer.open(wrapped, context)
