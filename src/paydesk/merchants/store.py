"""All SQL of merchants, their accounts and keys."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from paydesk.db.connection import Connection, Database, Row
from paydesk.db.statement import Statement
from paydesk.kit import json
from paydesk.merchants.model import (
    Access,
    Account,
    CardGuard,
    GuardLevel,
    Key,
    KeyKind,
    Logo,
    MerchantAccount,
    MerchantRecord,
    Policies,
    Section,
)

AnyConnection = Connection | asyncpg.Connection

_WORKS = "k.revoked_at is null and (k.ends_at is null or k.ends_at > now())"
_OF_ACCOUNTS = "($1::int[] is null or k.account_id = any($1::int[]))"


@dataclass(frozen=True, slots=True)
class FoundKey:
    """A key that works, with its account. seconds_left is None for a key without an end."""

    account: Account
    secret_hash: bytes | None
    seconds_left: float | None


# Keys


async def key(db: Database, api_key: str, *, kind: KeyKind) -> FoundKey | None:
    """The key of this name and kind, if it works."""
    row = await db.row(
        f"""
        select k.id as key_id, k.secret_hash, k.sections, k.may_write, k.ends_at,
            extract(epoch from k.ends_at - now())::float8 as seconds_left,
            a.id, a.is_live, a.connector, coalesce(a.name, m.name) as name,
            a.allowed_origins, a.customization, a.unique_order_references, a.signed_forms_only,
            a.charge_if_unavailable, a.charge_if_not_enrolled, a.return_surplus,
            a.mail_payments, a.signed_receipts
        from api_keys k
        join accounts a on a.id = k.account_id
        join merchants m on m.id = a.merchant_id
        where k.api_key = $1 and k.kind = $2 and {_WORKS}
        """,
        api_key,
        kind,
    )
    if row is None:
        return None
    account = Account(
        id=row["id"],
        is_live=row["is_live"],
        merchant_name=row["name"],
        connector=row["connector"],
        key_id=row["key_id"],
        access=_access(row),
        policies=_policies(row),
        allowed_origins=frozenset(row["allowed_origins"]),
        customization=_object(row["customization"]) or {},
    )
    return FoundKey(account, row["secret_hash"], row["seconds_left"])


async def insert_key(
    connection: AnyConnection,
    account_id: int,
    *,
    api_key: str,
    secret_hash: bytes | None,
    kind: KeyKind,
    name: str,
    access: Access,
) -> None:
    await connection.execute(
        """
        insert into api_keys (account_id, api_key, secret_hash, kind, name, sections, may_write)
        values ($1, $2, $3, $4, $5, $6, $7)
        """,
        account_id,
        api_key,
        secret_hash,
        kind,
        name,
        None if access.sections is None else sorted(access.sections),
        access.may_write,
    )


_KEY_COLUMNS = """
    k.account_id, k.api_key, k.kind, k.name, k.sections, k.may_write, k.ends_at,
    k.created_at, k.revoked_at, a.is_live"""


async def end_key(
    connection: AnyConnection, account_ids: list[int] | None, api_key: str, *, overlap_hours: int
) -> tuple[int, Key] | None:
    """The working key of this name, with its account, after its end was set; an earlier end stays.

    Units: hours from now. account_ids None means any account, because a key's name is unique.
    """
    row = await connection.fetchrow(
        f"""
        update api_keys k set ends_at = least(k.ends_at, now() + $3::int * interval '1 hour')
        from accounts a
        where a.id = k.account_id and {_OF_ACCOUNTS} and k.api_key = $2 and {_WORKS}
        returning {_KEY_COLUMNS}
        """,
        account_ids,
        api_key,
        overlap_hours,
    )
    return None if row is None else (row["account_id"], _key(row))


async def revoke_key(
    connection: AnyConnection, account_ids: list[int] | None, api_key: str
) -> bool:
    """Whether there was such a key to revoke. account_ids None means any account."""
    done: bool = await connection.fetchval(
        f"""
        with revoked as (
            update api_keys k set revoked_at = now()
            where {_OF_ACCOUNTS} and k.api_key = $2 and {_WORKS}
            returning 1
        )
        select exists (select from revoked)
        """,
        account_ids,
        api_key,
    )
    return done


async def keys(connection: AnyConnection, account_ids: list[int]) -> list[Key]:
    rows = await connection.fetch(
        f"""
        select {_KEY_COLUMNS} from api_keys k join accounts a on a.id = k.account_id
        where k.account_id = any($1::int[]) order by k.id
        """,
        account_ids,
    )
    return [_key(row) for row in rows]


async def is_valid_key(connection: AnyConnection, *, api_key: str, secret_hash: bytes) -> bool:
    found: bool = await connection.fetchval(
        f"""
        select exists (
            select from api_keys k where k.api_key = $1 and k.secret_hash = $2 and {_WORKS}
        )
        """,
        api_key,
        secret_hash,
    )
    return found


# Merchants and their accounts


async def insert_merchant(connection: AnyConnection, *, merchant_id: str, name: str) -> None:
    await connection.execute("insert into merchants (id, name) values ($1, $2)", merchant_id, name)


async def insert_account(
    connection: AnyConnection,
    *,
    merchant_id: str,
    is_live: bool,
    webhook_secret: bytes,
    connector: str | None,
) -> int:
    number: int = await connection.fetchval(
        """
        insert into accounts (merchant_id, is_live, webhook_secret, connector)
        values ($1, $2, $3, $4) returning id
        """,
        merchant_id,
        is_live,
        webhook_secret,
        connector,
    )
    return number


async def accounts_to_open(connection: AnyConnection, merchant_id: str | None) -> list[Row]:
    """The accounts of this merchant, or of the first: id, is_live, webhook_secret, public_key.

    The secret is sealed; the public key is the first that works, None where there is none.
    """
    return await connection.fetch(
        f"""
        select id, is_live, webhook_secret, (
            select k.api_key from api_keys k
            where k.account_id = accounts.id and k.kind = 'public' and {_WORKS}
            order by k.id limit 1
        ) as public_key
        from accounts
        where merchant_id = coalesce($1, (select id from merchants order by id limit 1))
        order by is_live
        """,
        merchant_id,
    )


async def all_accounts(connection: AnyConnection) -> list[MerchantAccount]:
    rows = await connection.fetch(
        """
        select a.id, a.is_live, a.merchant_id, coalesce(a.name, m.name) as name
        from accounts a join merchants m on m.id = a.merchant_id
        order by a.merchant_id, a.is_live
        """
    )
    return [MerchantAccount(**row) for row in rows]


async def webhook_secrets(db: Database, account_id: int) -> tuple[bytes, ...]:
    """The account's webhook secrets, sealed: the newest last, before it the one it replaces."""
    row = await db.row(
        """
        select webhook_secret,
            case when old_webhook_secret_ends_at > now() then old_webhook_secret end as old
        from accounts where id = $1
        """,
        account_id,
    )
    assert row is not None, "accounts are never deleted"
    newest, old = row["webhook_secret"], row["old"]
    return (newest,) if old is None else (old, newest)


async def webhook_secret_of_key(connection: AnyConnection, api_key: str) -> bytes:
    """The newest webhook secret, sealed, of the account that a key opens."""
    sealed: bytes = await connection.fetchval(
        """
        select a.webhook_secret from accounts a join api_keys k on k.account_id = a.id
        where k.api_key = $1
        """,
        api_key,
    )
    return sealed


async def rotate_webhook_secret(
    connection: AnyConnection, account_id: int, *, secret: bytes, overlap_hours: int
) -> bool:
    """Puts a new secret in place; False where an earlier overlap lasts, and one is asked for."""
    done: bool | None = await connection.fetchval(
        """
        update accounts set
            old_webhook_secret = webhook_secret, webhook_secret = $2,
            old_webhook_secret_ends_at = now() + $3::int * interval '1 hour'
        where id = $1
            and ($3::int = 0 or coalesce(old_webhook_secret_ends_at <= now(), true))
        returning true
        """,
        account_id,
        secret,
        overlap_hours,
    )
    return done is not None


async def old_webhook_secret_ends_at(connection: AnyConnection, account_id: int) -> datetime | None:
    """Until when the secret before the newest goes on, None where it does not."""
    ends_at: datetime | None = await connection.fetchval(
        """
        select old_webhook_secret_ends_at from accounts
        where id = $1 and old_webhook_secret_ends_at > now()
        """,
        account_id,
    )
    return ends_at


_RECORD = """
select a.merchant_id, a.is_live, m.name as first_name, a.name,
    encode(a.logo_hash, 'hex') as logo, a.email, a.contact_number, a.legal_name,
    a.registration_number, a.is_vat_vendor, a.vat_number, a.address, a.allowed_origins,
    a.embed_origins, a.customization,
    a.unique_order_references, a.signed_forms_only, a.charge_if_unavailable,
    a.charge_if_not_enrolled, a.return_surplus, a.mail_payments, a.signed_receipts,
    a.redirect_wait_seconds, a.created_at, g.level as guard_level, g.since as guarded_since,
    g.until as guarded_until
from accounts a
join merchants m on m.id = a.merchant_id
left join guard_levels g on g.account_id = a.id and g.until > now()
where a.id = $1"""


async def record(
    connection: AnyConnection, account_id: int, *, is_locked: bool = False
) -> MerchantRecord:
    """The account's record; locked until the transaction ends where it is to be changed."""
    row = await connection.fetchrow(_RECORD + (" for update of a" if is_locked else ""), account_id)
    assert row is not None, "accounts are never deleted"
    return MerchantRecord(
        merchant_id=row["merchant_id"],
        is_live=row["is_live"],
        first_name=row["first_name"],
        name=row["name"],
        logo=row["logo"],
        email=row["email"],
        contact_number=row["contact_number"],
        legal_name=row["legal_name"],
        registration_number=row["registration_number"],
        is_vat_vendor=row["is_vat_vendor"],
        vat_number=row["vat_number"],
        address=_object(row["address"]),
        allowed_origins=tuple(row["allowed_origins"]),
        embed_origins=tuple(row["embed_origins"]),
        customization=_object(row["customization"]) or {},
        policies=_policies(row),
        created_at=row["created_at"],
        redirect_wait_seconds=row["redirect_wait_seconds"],
        card_guard=CardGuard(
            GuardLevel(row["guard_level"] or 0), row["guarded_since"], row["guarded_until"]
        ),
    )


_SAVE_RECORD = Statement(
    """
    update accounts set
        name = :name,
        email = :email,
        contact_number = :contact_number,
        legal_name = :legal_name,
        registration_number = :registration_number,
        is_vat_vendor = :is_vat_vendor,
        vat_number = :vat_number,
        address = :address,
        allowed_origins = :allowed_origins,
        embed_origins = :embed_origins,
        customization = :customization,
        unique_order_references = :unique_order_references,
        signed_forms_only = :signed_forms_only,
        charge_if_unavailable = :charge_if_unavailable,
        charge_if_not_enrolled = :charge_if_not_enrolled,
        return_surplus = :return_surplus,
        mail_payments = :mail_payments,
        signed_receipts = :signed_receipts,
        redirect_wait_seconds = :redirect_wait_seconds
    where id = :account_id
    """
)


async def save_record(connection: Connection, account_id: int, changed: MerchantRecord) -> None:
    """Writes all of the record but its logo."""
    address = changed.address
    values = {
        "account_id": account_id,
        "name": changed.name,
        "email": changed.email,
        "contact_number": changed.contact_number,
        "legal_name": changed.legal_name,
        "registration_number": changed.registration_number,
        "is_vat_vendor": changed.is_vat_vendor,
        "vat_number": changed.vat_number,
        "address": None if address is None else json.write(address).decode(),
        "allowed_origins": list(changed.allowed_origins),
        "embed_origins": list(changed.embed_origins),
        "customization": json.write(changed.customization).decode(),
        "unique_order_references": changed.policies.unique_order_references,
        "signed_forms_only": changed.policies.signed_forms_only,
        "charge_if_unavailable": changed.policies.charge_if_unavailable,
        "charge_if_not_enrolled": changed.policies.charge_if_not_enrolled,
        "return_surplus": changed.policies.return_surplus,
        "mail_payments": changed.policies.mail_payments,
        "signed_receipts": changed.policies.signed_receipts,
        "redirect_wait_seconds": changed.redirect_wait_seconds,
    }
    await _SAVE_RECORD.run(connection, values)


async def save_logo(connection: AnyConnection, account_id: int, logo: Logo | None) -> None:
    await connection.execute(
        "update accounts set logo = $2, logo_media_type = $3 where id = $1",
        account_id,
        None if logo is None else logo.content,
        None if logo is None else logo.media_type,
    )


async def logo(db: Database, logo_hash: bytes) -> Logo | None:
    """The logo with this hash, whoever's it is: whoever may see a page may see its logo."""
    row = await db.row(
        "select logo_media_type, logo from accounts where logo_hash = $1 limit 1", logo_hash
    )
    return None if row is None else Logo(row["logo_media_type"], row["logo"])


def _key(row: Row) -> Key:
    return Key(
        api_key=row["api_key"],
        kind=KeyKind(row["kind"]),
        is_live=row["is_live"],
        name=row["name"],
        access=_access(row),
        created_at=row["created_at"],
        revoked_at=row["revoked_at"],
    )


def _access(row: Row) -> Access:
    sections = row["sections"]
    return Access(
        sections=None if sections is None else frozenset(map(Section, sections)),
        may_write=row["may_write"],
        ends_at=row["ends_at"],
    )


def _policies(row: Row) -> Policies:
    return Policies(
        unique_order_references=row["unique_order_references"],
        signed_forms_only=row["signed_forms_only"],
        charge_if_unavailable=row["charge_if_unavailable"],
        charge_if_not_enrolled=row["charge_if_not_enrolled"],
        return_surplus=row["return_surplus"],
        mail_payments=row["mail_payments"],
        signed_receipts=row["signed_receipts"],
    )


def _object(text: str | None) -> Mapping[str, Any] | None:
    return None if text is None else json.read_object(text.encode())
