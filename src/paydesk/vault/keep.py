"""Keeps a card: checks what the payer typed, seals it, remembers the security code for a while."""

import secrets
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from paydesk.cards.brand import shown_bin
from paydesk.cards.entry import CardEntry, check_entry
from paydesk.cards.model import CardID, KeptCard
from paydesk.connectors.sandbox.numbers import is_test_number
from paydesk.kit import ids
from paydesk.vault import store
from paydesk.vault.fingerprint import fingerprint
from paydesk.vault.safe import Safe
from paydesk.vault.secret import CardSecret
from paydesk.vault.wire import KeepCommand


async def keep_card(safe: Safe, command: KeepCommand) -> KeptCard | Mapping[str, str]:
    """The kept card, or what is wrong with its fields.

    Raises: DatabaseAway; then nothing was kept.
    """
    entry = _checked(command)
    if not isinstance(entry, CardEntry):
        return entry
    card_id = CardID(ids.new("crd"))
    await store.add_card(
        safe.database,
        account_id=command.account_id,
        card_id=card_id,
        is_live=command.is_live,
        sealed=await safe.envelope.seal(
            CardSecret.of(entry).to_bytes(), account_id=command.account_id, card_id=card_id
        ),
    )
    safe.security_codes.put(card_id, entry.security_code)
    return KeptCard(
        id=card_id,
        brand=entry.brand.name,
        bin=shown_bin(entry.number),
        ending=entry.number[-4:],
        expire_month=entry.expire_month,
        expire_year=entry.expire_year,
        fingerprint=fingerprint(
            safe.fingerprint_key, account_id=command.account_id, number=entry.number
        ),
        token=secrets.token_hex(32),
        enrolment=safe.directories.look_up(command.connector, entry.number),
    )


def check_card(command: KeepCommand) -> Mapping[str, str]:
    """What is wrong with the card's fields; nothing is kept of them."""
    entry = _checked(command)
    return {} if isinstance(entry, CardEntry) else entry


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
