"""`paydesk resolve`: takes up what a person was told by the acquirer about a payment or refund,
and what they did with money that came for nobody.

An outcome that neither inquiry nor reversal could settle waits for this, and nothing is done
about it before.
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from paydesk import checkouts, deposits, lookups, modifications, payments, transactions
from paydesk.cli.data_database import database_url
from paydesk.cli.faults import CommandFault
from paydesk.connectors.contract import Approved, Reversed
from paydesk.db.connection import Database
from paydesk.deposits import UnclaimedDeposit
from paydesk.kit.money import Currency, Money
from paydesk.modifications import Modification
from paydesk.settings import read_settings
from paydesk.transactions import Transaction

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class _Schedule:
    inquiry_seconds: tuple[int, ...]
    hold_seconds: int
    charge_retry_days: tuple[int, ...]


def list_waiting(data: Path) -> list[str]:
    """A line for each payment, capture, void, refund or sum of money that waits for a person."""

    async def work(db: Database) -> list[str]:
        return [
            *(_line(one, "payment") for one in await transactions.waiting_for_person(db)),
            *(_line(one, one.kind) for one in await modifications.waiting_for_person(db)),
            *(_line(one, "hold, to void,") for one in await transactions.not_lapsed(db)),
            *(_unclaimed_line(one) for one in await deposits.unclaimed(db)),
        ]

    return asyncio.run(_on_database(data, work))


def resolve(data: Path, id_: str, *, was_done: bool) -> str:
    """Settles what waits under this id by the acquirer's word; what came of it.

    Raises: CommandFault.
    """

    async def work(db: Database) -> str:
        waiting: list[Transaction | Modification] = [
            *await transactions.waiting_for_person(db),
            *await modifications.waiting_for_person(db),
        ]
        found = next((one for one in waiting if one.id == id_), None)
        hold = next((one for one in await transactions.not_lapsed(db) if one.id == id_), None)
        if found is None and hold is not None:
            await modifications.void_by_person(db, _schedule(), hold, was_done=was_done)
            return f"{id_} is {'voided' if was_done else 'tried again'}."
        if any(one.id == id_ for one in await deposits.unclaimed(db)):
            return await _settle_unclaimed(db, id_, was_done=was_done)
        if found is None:
            raise CommandFault(f"Nothing waits under {id_}; `paydesk resolve` lists what does.")
        return await _settle(db, found, was_done=was_done)

    return asyncio.run(_on_database(data, work))


def _schedule() -> _Schedule:
    settings = read_settings()
    return _Schedule(settings.inquiry_seconds, settings.hold_seconds, settings.charge_retry_days)


async def _settle(db: Database, found: Transaction | Modification, *, was_done: bool) -> str:
    schedule = _schedule()
    # Where it was done without our hearing of it, its own id stands for the acquirer's.
    provider_id = None if isinstance(found, Modification) else found.provider_id
    finding = Approved(provider_id or found.id) if was_done else Reversed(had_approved=False)
    if isinstance(found, Modification):
        await modifications.settle(db, schedule, found, finding, was_asked=False, by_person=True)
        return f"{found.id} is {'done' if was_done else 'not done'}, and the books say so."
    if was_done and found.approved_at is not None:
        raise CommandFault(
            f"{found.id} was approved too late: what it was for had ended, so the money has to go "
            "back. Have the acquirer return it, then say --not-done."
        )
    settle = payments.settle if found.payment_id is not None else checkouts.settle
    await settle(db, schedule, found, finding, was_asked=False, by_person=True)
    return f"{found.id} was {'paid' if was_done else 'not paid'}, and its merchant is told."


async def _settle_unclaimed(db: Database, id_: str, *, was_done: bool) -> str:
    if not was_done:
        raise CommandFault(f"{id_} stays in the list. Say --done once it is given back, or used.")
    await deposits.settle_unclaimed(db, id_)
    return f"{id_} is dealt with."


async def _on_database(data: Path, work: Callable[[Database], Awaitable[R]]) -> R:
    db = Database(database_url(data), connections_max=2)
    await db.open()
    try:
        return await work(db)
    finally:
        await db.close()


def _unclaimed_line(one: UnclaimedDeposit) -> str:
    known = lookups.by_enum("currency", one.currency)
    amount = Money(one.minor, lookups.currency(one.currency) if known else Currency("", 0))
    sender = f" from {one.sender}" if one.sender else ""
    return (
        f"{one.id}  {one.currency} {amount.text()} for nobody{sender}, at {one.bank} as "
        f'{one.provider_id} on {one.at:%Y-%m-%d}, reference "{one.reference}"'
    )


def _line(one: Transaction | Modification, kind: str) -> str:
    return f"{one.id}  {kind} of {one.amount.currency.code} {one.amount.text()}"
