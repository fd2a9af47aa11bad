"""Remembers the security code of a card kept before, when the payer has had to type it again."""

from collections.abc import Mapping

from paydesk.cards.entry import check_security_code
from paydesk.cards.errors import CardMissing
from paydesk.vault import store
from paydesk.vault.safe import Safe
from paydesk.vault.secret import open_secret
from paydesk.vault.wire import SecurityCodeCommand


async def remember_security_code(
    safe: Safe, card_id: str, command: SecurityCodeCommand
) -> Mapping[str, str]:
    """What is wrong with the code; nothing when it is remembered.

    Raises: CardMissing; DatabaseAway.
    """
    account_id = command.account_id
    row = await store.find_card(safe.database, account_id=account_id, card_id=card_id)
    if row is None:
        raise CardMissing
    card = await open_secret(safe.envelope, row.sealed, account_id=account_id, card_id=card_id)
    code, rule = check_security_code(command.security_code, card.number)
    if rule is not None:
        return {"security_code": rule}
    safe.security_codes.put(card_id, code)
    return {}
