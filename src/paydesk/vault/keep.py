"""Keeps a card: checks what the payer typed, seals it, remembers the security code for a while."""

import secrets
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from paydesk.cards.brand import brand_of, shown_bin
from paydesk.cards.entry import CardEntry, check_entry, check_security_code
from paydesk.cards.errors import CardMissing
from paydesk.cards.model import CardID, KeptCard
from paydesk.connectors.sandbox.numbers import is_test_number
from paydesk.kit import ids
from paydesk.vault import store
from paydesk.vault.fingerprint import fingerprint
from paydesk.vault.safe import Safe
from paydesk.vault.secret import CardSecret, open_secret
from paydesk.vault.wire import KeepCommand, UseCommand


async def keep_card(safe: Safe, command: KeepCommand) -> KeptCard | Mapping[str, str]:
    """The kept card, or what is wrong with its fields.

    Raises: DatabaseAway; then nothing was kept.
    """
    entry = _checked(command)
    if not isinstance(entry, CardEntry):
        return entry
    return await _keep(
        safe,
        CardSecret.of(entry),
        entry.security_code,
        account_id=command.account_id,
        is_live=command.is_live,
        connector=command.connector,
        may_be_saved=command.may_be_saved,
    )


async def use_card(safe: Safe, card_id: str, command: UseCommand) -> KeptCard | Mapping[str, str]:
    """A saved card, kept once more for one payment, or what is wrong with the security code.

    Under an id of its own, so that the code serves this payment and no other.
    Raises: CardMissing; DatabaseAway; then nothing was kept.
    """
    account_id = command.account_id
    row = await store.find_card(safe.database, account_id=account_id, card_id=card_id)
    if row is None:
        raise CardMissing
    secret = await open_secret(safe.envelope, row.sealed, account_id=account_id, card_id=card_id)
    code, rule = check_security_code(command.security_code, secret.number)
    if rule is not None:
        return {"security_code": rule}
    return await _keep(
        safe,
        secret,
        code,
        account_id=account_id,
        is_live=row.is_live,
        connector=command.connector,
    )


def check_card(command: KeepCommand) -> Mapping[str, str]:
    """What is wrong with the card's fields; nothing is kept of them."""
    entry = _checked(command)
    return {} if isinstance(entry, CardEntry) else entry


async def _keep(
    safe: Safe,
    secret: CardSecret,
    security_code: str,
    *,
    account_id: int,
    is_live: bool,
    connector: str,
    may_be_saved: bool = False,
) -> KeptCard:
    card_id = CardID(ids.new("crd"))
    await store.add_card(
        safe.database,
        account_id=account_id,
        card_id=card_id,
        is_live=is_live,
        sealed=await safe.envelope.seal(secret.to_bytes(), account_id=account_id, card_id=card_id),
        may_be_saved=may_be_saved,
    )
    safe.security_codes.put(card_id, security_code)
    brand = brand_of(secret.number)
    assert brand is not None, "it was checked when it was typed"
    return KeptCard(
        id=card_id,
        brand=brand.name,
        bin=shown_bin(secret.number),
        ending=secret.number[-4:],
        expire_month=secret.expire_month,
        expire_year=secret.expire_year,
        fingerprint=fingerprint(safe.fingerprint_key, account_id=account_id, number=secret.number),
        token=secrets.token_hex(32),
        enrolment=safe.directories.look_up(connector, secret.number),
    )


def _checked(command: KeepCommand) -> CardEntry | Mapping[str, str]:
    return check_entry(
        command.form,
        today=_latest_place_on_earth(datetime.now(UTC)),
        is_live=command.is_live,
        is_test_number=is_test_number,
    )


def _latest_place_on_earth(now: datetime) -> date:
    # A card is good until its month has ended everywhere, at UTC-12; the issuer knows better.
    return (now - timedelta(hours=12)).date()
