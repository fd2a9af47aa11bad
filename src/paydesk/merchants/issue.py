"""Makes API keys, replaces them with an overlap, and ends them."""

from dataclasses import dataclass, field

import asyncpg

from paydesk.db.connection import Connection
from paydesk.errors import Kind, Refusal
from paydesk.merchants import store
from paydesk.merchants.keys import new_key, new_secret, secret_hash
from paydesk.merchants.model import Access, Key, KeyKind


class KeyMissing(Refusal):
    """There is no API key of this name that still works."""

    kind = Kind.MISSING


@dataclass(frozen=True, slots=True)
class IssuedKey:
    """A fresh key. The secret is shown here and never again; a public key has none."""

    api_key: str
    api_secret: str | None = field(repr=False)


async def create_key(
    connection: Connection | asyncpg.Connection,
    account_id: int,
    *,
    is_live: bool,
    kind: KeyKind = KeyKind.SECRET,
    name: str = "",
    access: Access | None = None,
) -> IssuedKey:
    """A key of the account that opens what access says, everything by default."""
    prefix = "key" if kind is KeyKind.SECRET else "public"
    api_key = new_key(prefix, is_live=is_live)
    secret = new_secret("secret", is_live=is_live) if kind is KeyKind.SECRET else None
    await store.insert_key(
        connection,
        account_id,
        api_key=api_key,
        secret_hash=None if secret is None else secret_hash(secret),
        kind=kind,
        name=name,
        access=access or Access(),
    )
    return IssuedKey(api_key, secret)


async def rotate_key(
    connection: Connection, account_ids: list[int] | None, api_key: str, *, overlap_hours: int
) -> IssuedKey:
    """A new key like this one; the old one works for the overlap and no longer.

    account_ids None means any account. Call it in a transaction. Raises: KeyMissing.
    """
    ended = await store.end_key(connection, account_ids, api_key, overlap_hours=overlap_hours)
    if ended is None:
        raise KeyMissing("key")
    account_id, key = ended
    access = Access(key.access.sections, key.access.may_write)
    return await create_key(
        connection, account_id, is_live=key.is_live, kind=key.kind, name=key.name, access=access
    )


async def revoke_key(connection: Connection, account_ids: list[int] | None, api_key: str) -> None:
    """Ends the key: all web processes refuse it within a second.

    account_ids None means any account. Raises: KeyMissing.
    """
    if not await store.revoke_key(connection, account_ids, api_key):
        raise KeyMissing("key")


async def list_keys(connection: Connection, account_ids: list[int]) -> list[Key]:
    """All keys of these accounts, oldest first, with those that have ended."""
    return await store.keys(connection, account_ids)
