"""What API keys and secrets look like, and what is stored of them."""

import base64
import hashlib
import secrets
import zlib

import asyncpg

from paydesk.errors import Kind, Refusal
from paydesk.kit import ids
from paydesk.merchants import store

_SECRET_BYTES = 32


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
