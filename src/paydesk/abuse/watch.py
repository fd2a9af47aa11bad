"""Watches attempts to pay with a card: judges each before anybody is asked, and learns from it.

One statement is all that most honest payers' attempts cost. What failed is counted where it is
settled, and may raise its merchant's level at once, in the same transaction.
"""

from dataclasses import replace
from typing import Protocol

import structlog

from paydesk import notifications
from paydesk.abuse import store
from paydesk.abuse.judge import judge, level_everywhere, level_of
from paydesk.abuse.keys import Guard
from paydesk.abuse.model import Outcome, Verdict
from paydesk.cards import KeptCard
from paydesk.connectors.contract import DeclineReason
from paydesk.db.connection import Connection
from paydesk.merchants import GuardLevel
from paydesk.transactions import Transaction

log = structlog.get_logger()

# A payer has left the bank's step: most of them have changed their mind. Where a level is raised,
# testers can't go on from there, and then it counts.
_LEFT = frozenset({DeclineReason.CANCELLED_BY_PAYER, DeclineReason.EXPIRED})
# These tell of a merchant, an acquirer or an issuer, and nothing of who pays.
_NOBODYS_FAULT = frozenset(
    {
        DeclineReason.AUTHENTICATION_UNAVAILABLE,
        DeclineReason.CONFIGURATION,
        DeclineReason.DUPLICATE,
        DeclineReason.INVALID_REQUEST,
        DeclineReason.ISSUER_UNAVAILABLE,
        DeclineReason.PROVIDER_UNAVAILABLE,
        DeclineReason.RATE_LIMITED,
    }
)


class Paid(Protocol):
    """The checkout that an attempt is to pay."""

    @property
    def account_id(self) -> int: ...

    @property
    def id(self) -> str: ...

    @property
    def customer_id(self) -> str | None: ...


async def judge_attempt(
    connection: Connection,
    guard: Guard,
    checkout: Paid,
    card: KeptCard,
    transaction_id: str,
    *,
    is_live: bool,
    address: str | None,
) -> Verdict:
    """Notes an attempt that begins, and what becomes of it. address is where it was sent from."""
    address_key, network_key = guard.address(address, is_live=is_live)
    seen = await store.note_attempt(
        connection,
        {
            "account_id": checkout.account_id,
            "transaction_id": transaction_id,
            "checkout_id": checkout.id,
            "customer_id": checkout.customer_id,
            "is_live": is_live,
            "address": address_key,
            "network": network_key,
            "card": guard.card(card.fingerprint, is_live=is_live),
            "bin": card.bin,
            "expires_on": card.expire_year * 100 + card.expire_month,
        },
    )
    verdict, why = judge(seen)
    # Asked only where it may help: most attempts go as they are.
    if verdict is not Verdict.GO and await store.is_card_known(
        connection, checkout.account_id, checkout.customer_id, card.fingerprint
    ):
        verdict, why = judge(replace(seen, is_card_known=True))
    if verdict is not Verdict.GO:
        log.info(
            "attempt_not_trusted",
            transaction_id=transaction_id,
            checkout_id=checkout.id,
            verdict=verdict,
            by=why,
        )
    return verdict


async def learn(
    connection: Connection, transaction: Transaction, reason: str | None, *, was_asked: bool
) -> None:
    """Learns from an attempt that failed; was_asked tells that its acquirer was asked.

    Attempts that are not watched, as those without a card, teach nothing.
    """
    account_id = transaction.account_id
    if reason in _NOBODYS_FAULT | _LEFT:
        unless_raised = reason in _LEFT
        await store.forget_attempt(
            connection, account_id, transaction.id, unless_raised=unless_raised
        )
        if not unless_raised:
            return
    outcome = Outcome.DECLINED if was_asked else Outcome.UNPROVEN
    if reason == DeclineReason.RISK_BLOCKED and not was_asked:
        outcome = Outcome.STOPPED
    is_live = await store.note_outcome(connection, account_id, transaction.id, outcome)
    if is_live is None:
        return
    signs, level = await store.signs(connection, account_id)
    await _raise(connection, [account_id], level_of(signs, level))
    spread, account_ids = await store.signs_everywhere(connection, is_live=is_live)
    await _raise(connection, account_ids, level_everywhere(spread))
    if await store.join_attacked(connection, account_id, is_live=is_live):
        await _tell(connection, account_id, GuardLevel.AUTHENTICATION)


async def _raise(connection: Connection, account_ids: list[int], level: GuardLevel) -> None:
    if level is GuardLevel.NORMAL:
        return
    for account_id in await store.raise_levels(connection, account_ids, level):
        await _tell(connection, account_id, level)


async def _tell(connection: Connection, account_id: int, level: GuardLevel) -> None:
    log.warning("card_testing", account_id=account_id, raised_to=level.name.lower())
    # A puzzle is no news: payers hardly notice it, and a bad hour can be the reason.
    if level >= GuardLevel.AUTHENTICATION:
        await notifications.tell_of_card_testing(connection, account_id)
