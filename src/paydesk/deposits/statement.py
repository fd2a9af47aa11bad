"""Reads banks' statements on, and finds the money that no notice told of.

A sum is recorded by the look at its attempt, as after a notice; a sum for nobody is kept here for
a person, once.
"""

from functools import partial

import structlog

from paydesk import limits, transactions
from paydesk.connectors.contract import Bank, Credit, StatementPage, Unknown
from paydesk.db import jobs
from paydesk.db.connection import Connection, Database
from paydesk.deposits import store
from paydesk.errors import DatabaseAway
from paydesk.transactions import Acquiring, Transaction

log = structlog.get_logger()


async def read_statements(db: Database, acquiring: Acquiring) -> None:
    """Takes up what has come to each bank since the last time.

    Where a bank can't be read, that is logged once and noted until it can.
    """
    for bank in acquiring.banks.values():
        name = bank.manifest.name
        try:
            why = await _read_on(db, acquiring, bank)
        except DatabaseAway:
            raise
        except Exception as fault:
            # One bank must not keep the others from being read.
            if await store.note_failure(db, name, type(fault).__name__):
                log.exception("statement_not_read", bank=name)
            continue
        if why is None:
            await store.note_read(db, name)
        elif await store.note_failure(db, name, why):
            log.error("statement_not_read", bank=name, reason=why)


async def _read_on(db: Database, acquiring: Acquiring, bank: Bank) -> str | None:
    """Why the bank's statement could not be read, None where it was."""
    name = bank.manifest.name
    # As many as a bank could have. Where its cursors went round in a circle, the sweep goes on.
    for _ in range(limits.STATEMENT_PAGES_MAX):
        async with db.connection() as connection:
            since = await store.cursor(connection, name)
        page = await transactions.list_credits(acquiring, bank, since)
        if isinstance(page, Unknown):
            return page.why
        if page.cursor == since:
            return None
        await db.transact(partial(_take, name, since, page))
        if not page.has_more:
            return None
    return None


async def _take(bank: str, since: str, page: StatementPage, connection: Connection) -> None:
    if not await store.move_cursor(connection, bank, since=since, to=page.cursor):
        return  # another worker has read on meanwhile
    for credit in page.credits:
        attempt = await transactions.of_payer_reference(connection, credit.reference)
        if attempt is not None and _is_for(attempt, bank, credit):
            if not await store.is_known(connection, attempt, credit.provider_id):
                await _look_at(connection, attempt)
        elif await store.keep_unclaimed(connection, bank, credit):
            log.error("money_for_nobody", bank=bank, provider_id=credit.provider_id)


def _is_for(attempt: Transaction, bank: str, credit: Credit) -> bool:
    # Where no bank reports, the merchant's word is the only one: it may be this very sum.
    return attempt.connector == bank and attempt.amount.currency.code == credit.currency


async def _look_at(connection: Connection, attempt: Transaction) -> None:
    await transactions.look_now(connection, attempt.account_id, attempt.id)
    row = f"{attempt.account_id}/{attempt.id}"
    await jobs.enqueue(connection, jobs.LOOK_AT_TRANSACTION, row, delay_seconds=0)
