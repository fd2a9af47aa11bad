"""Shows what an account says of its merchant, and the logo."""

import re

import asyncpg

from paydesk.db.connection import Connection, Database
from paydesk.merchants import store
from paydesk.merchants.model import Logo, MerchantRecord

_HASH = re.compile(r"[0-9a-f]{64}")


async def show_merchant(
    connection: Connection | asyncpg.Connection, account_id: int
) -> MerchantRecord:
    return await store.record(connection, account_id)


async def show_logo(db: Database, name: str) -> Logo | None:
    """The logo of this name, which is its hash; None where nobody has it any more."""
    return await store.logo(db, bytes.fromhex(name)) if _HASH.fullmatch(name) else None
