"""How a card is sealed at rest: under a key of its own, which a master key wraps.

Number, expiry and name are sealed together as one secret. They are only ever used together, so
one key, one nonce and one tag do, and the parts of two cards cannot be mixed.

The wrapped key is bound to account, card and master key's version, the secret to account and
card: nothing opens in another row, tenant or version, and a change of master key re-wraps a few
dozen bytes without touching the secret.
"""

import os
from dataclasses import dataclass

from paydesk.kit.sealing import Sealer
from paydesk.vault.master_keys import MasterKeys

_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A key under a version of the master key, as the database keeps it."""

    version: int
    wrapped: bytes


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed card as the database keeps it."""

    key: WrappedKey
    secret: bytes


class Envelope:
    """Seals and opens cards, new ones under the current one of its master keys."""

    def __init__(self, keys: MasterKeys) -> None:
        self.keys = keys

    async def seal(self, secret: bytes, *, account_id: int, card_id: str) -> Sealed:
        data_key = os.urandom(_KEY_BYTES)
        return Sealed(
            key=await self._wrap(data_key, account_id, card_id, "data_key"),
            secret=Sealer(data_key).seal(secret, _context(account_id, card_id, "card")),
        )

    async def open(self, sealed: Sealed, *, account_id: int, card_id: str) -> bytes:
        """The secret.

        Raises: SealBroken, for anything altered, moved or wrapped by another master key.
        """
        data_key = await self._unwrap(sealed.key, account_id, card_id, "data_key")
        return Sealer(data_key).open(sealed.secret, _context(account_id, card_id, "card"))

    async def rewrap(self, key: WrappedKey, *, account_id: int, card_id: str) -> WrappedKey:
        """A card's key under the current master key; its secret stays as it is.

        Raises: SealBroken.
        """
        data_key = await self._unwrap(key, account_id, card_id, "data_key")
        return await self._wrap(data_key, account_id, card_id, "data_key")

    async def wrap_key(self, key: bytes, purpose: str) -> WrappedKey:
        """A key of the vault's own, wrapped for its row in vault.keys."""
        return await self._wrap(key, purpose)

    async def unwrap_key(self, key: WrappedKey, purpose: str) -> bytes:
        """The key again.

        Raises: SealBroken, when another master key wrapped it.
        """
        return await self._unwrap(key, purpose)

    async def _wrap(self, key: bytes, *place: object) -> WrappedKey:
        # Held, because others may be put in their place while this waits.
        keys = self.keys
        context = _context(*place, keys.current)
        return WrappedKey(keys.current, await keys.wrap(key, version=keys.current, context=context))

    async def _unwrap(self, key: WrappedKey, *place: object) -> bytes:
        context = _context(*place, key.version)
        return await self.keys.unwrap(key.wrapped, version=key.version, context=context)


def _context(*parts: object) -> bytes:
    return "|".join(map(str, parts)).encode()
