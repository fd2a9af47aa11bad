"""How a card is sealed at rest: under a key of its own, which the master key wraps.

Number, expiry and name are sealed together as one secret. They are only ever used together, so
one key, one nonce and one tag do, and the parts of two cards cannot be mixed.

The wrapped key is bound to account, card and master key's version, the secret to account and
card: nothing opens in another row, tenant or version, and a change of master key re-wraps a few
dozen bytes without touching the secret.
"""

import os
from dataclasses import dataclass

from paydesk.kit.sealing import Sealer

_KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed card as the database keeps it."""

    key_version: int
    wrapped_key: bytes
    secret: bytes


class Envelope:
    """Seals and opens cards under one version of the master key.

    Bounds: key is 32 bytes. Its random nonces stay safe for 2^32 cards.
    """

    def __init__(self, key: bytes, *, version: int = 1) -> None:
        self._master = Sealer(key)
        self.version = version

    def seal(self, secret: bytes, *, account_id: int, card_id: str) -> Sealed:
        data_key = os.urandom(_KEY_BYTES)
        context = _context(account_id, card_id, "data_key", self.version)
        return Sealed(
            key_version=self.version,
            wrapped_key=self._master.seal(data_key, context),
            secret=Sealer(data_key).seal(secret, _context(account_id, card_id, "card")),
        )

    def open(self, sealed: Sealed, *, account_id: int, card_id: str) -> bytes:
        """The secret.

        Raises: SealBroken, for anything altered, moved or wrapped by another master key.
        """
        context = _context(account_id, card_id, "data_key", sealed.key_version)
        data_key = self._master.open(sealed.wrapped_key, context)
        return Sealer(data_key).open(sealed.secret, _context(account_id, card_id, "card"))

    def wrap_key(self, key: bytes, purpose: str) -> bytes:
        """A key of the vault's own, wrapped for its row in vault.keys."""
        return self._master.seal(key, _context(purpose, self.version))

    def unwrap_key(self, wrapped: bytes, purpose: str) -> bytes:
        """The key again.

        Raises: SealBroken, when another master key wrapped it.
        """
        return self._master.open(wrapped, _context(purpose, self.version))


def _context(*parts: object) -> bytes:
    return "|".join(map(str, parts)).encode()
