"""Encryption of small secrets at rest, under a versioned key that never enters the database."""

import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_NONCE_BYTES = 12


class SealBroken(Exception):
    """The sealed bytes were altered, moved, or sealed under another key."""


class Sealer:
    """Seals and opens secrets with AES-256-GCM.

    Shape: sealed bytes are one version byte, a 12-byte random nonce, ciphertext and tag.
    Bounds: the key is 32 bytes; a context binds the secret to its place (account and field), so
        that a sealed value copied elsewhere does not open there.

    >>> sealer = Sealer(bytes(32))
    >>> sealer.open(sealer.seal(b"secret", b"here"), b"here")
    b'secret'
    """

    VERSION = 1

    def __init__(self, key: bytes) -> None:
        self._cipher = AESGCM(key)

    def seal(self, secret: bytes, context: bytes) -> bytes:
        nonce = os.urandom(_NONCE_BYTES)
        return bytes([self.VERSION]) + nonce + self._cipher.encrypt(nonce, secret, context)

    def open(self, sealed: bytes, context: bytes) -> bytes:
        """The secret.

        Raises: SealBroken.
        """
        if sealed[:1] != bytes([self.VERSION]):
            raise SealBroken
        nonce, rest = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        try:
            return self._cipher.decrypt(nonce, rest, context)
        # ValueError: cut so short that the nonce is not whole.
        except (InvalidTag, ValueError) as broken:
            raise SealBroken from broken
