"""API keys: made here, stored as hashes only, and recognised from memory."""

import base64
import hashlib
import hmac
import secrets
import zlib

import asyncpg

from paydesk.db.connection import Database
from paydesk.errors import Kind, Refusal
from paydesk.kit import ids
from paydesk.merchants import store
from paydesk.merchants.model import Account

_SECRET_BYTES = 32
_CACHED_MAX = 10_000


class KeyInvalid(Refusal):
    """The API key or secret is not valid. Check both, and that they are sent with HTTP Basic."""

    kind = Kind.UNAUTHENTICATED


def new_secret(kind: str, *, is_live: bool) -> str:
    """A fresh 256-bit secret such as `secret_test_…`, with a checksum that leak scanners can test.

    Shape: kind, mode, 52 base32 letters, 7 base32 letters of the CRC-32 of all before.
    """
    random = base64.b32encode(secrets.token_bytes(_SECRET_BYTES)).decode().rstrip("=").lower()
    text = f"{kind}_{'live' if is_live else 'test'}_{random}"
    check = zlib.crc32(text.encode()).to_bytes(4)
    return text + base64.b32encode(check).decode().rstrip("=").lower()


def new_key(kind: str, *, is_live: bool) -> str:
    """A fresh name for a key, such as `key_test_…`. It is no secret."""
    unique = ids.new(kind).removeprefix(f"{kind}_")
    return f"{kind}_{'live' if is_live else 'test'}_{unique}"


def secret_hash(secret: str) -> bytes:
    """What is stored of a secret. It has 256 random bits, so a plain hash can't be searched."""
    return hashlib.sha256(secret.encode()).digest()


async def is_valid_key(connection: asyncpg.Connection, *, api_key: str, secret: str) -> bool:
    return await store.is_valid_key(connection, api_key=api_key, secret_hash=secret_hash(secret))


class KeyRing:
    """Recognises `Authorization: Basic` headers.

    Known ones are kept in memory, under a hash of the header. `forget` empties it: call it at
    every notice on the channel `paydesk_accounts`.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._known: dict[bytes, Account] = {}
        self._forgotten = 0

    def forget(self) -> None:
        self._known.clear()
        self._forgotten += 1

    async def authenticate(self, authorization: str | None) -> Account:
        """The account that the header's key and secret open.

        Raises: KeyInvalid, DatabaseAway.
        """
        header = hashlib.sha256((authorization or "").encode("utf-8", "replace")).digest()
        known = self._known.get(header)
        return known if known is not None else await self._look_up(authorization or "", header)

    async def _look_up(self, authorization: str, header: bytes) -> Account:
        forgotten = self._forgotten
        api_key, secret = _basic(authorization)
        found = await store.key(self._db, api_key)
        if found is None or not hmac.compare_digest(found.secret_hash, secret_hash(secret)):
            raise KeyInvalid("authorization")
        # A revoke that arrived while we asked must not be overlooked.
        if forgotten == self._forgotten:
            if len(self._known) >= _CACHED_MAX:
                self._known.clear()
            self._known[header] = found.account
        return found.account


def _basic(authorization: str) -> tuple[str, str]:
    scheme, _, encoded = authorization.partition(" ")
    try:
        if scheme.lower() != "basic":
            raise KeyInvalid("authorization")
        text = base64.b64decode(encoded.strip(), validate=True).decode()
    except ValueError as broken:  # not base64, not UTF-8, or not even ASCII
        raise KeyInvalid("authorization") from broken
    api_key, colon, secret = text.partition(":")
    if not colon or "\0" in text:
        raise KeyInvalid("authorization")
    return api_key, secret
