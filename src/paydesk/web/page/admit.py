"""Whether a posted card is taken up now: the pause after a decline, and the proof of work.

Nobody is turned away for coming early: whoever does is waited for, so that nothing has to be typed
again. Only where more wait than requests can be held for are payers asked to come back.
"""

import asyncio
import time

from paydesk import abuse
from paydesk.abuse import Guard
from paydesk.checkouts.model import PageCheckout
from paydesk.db.connection import Database
from paydesk.merchants import GuardLevel


def asks_for_work(guard: Guard | None, page: PageCheckout) -> bool:
    """Whether a card comes with a proof of work here."""
    is_raised = page.guard_level is not GuardLevel.NORMAL
    return is_raised and guard is not None and guard.watches(is_live=page.is_live)


async def admit(
    db: Database, guard: Guard | None, page: PageCheckout, *, answer: str, address: str | None
) -> bool:
    """Waits as long as this payer has to; False where they should come back in a minute.

    answer is to a challenge, and empty where no script has solved one.
    """
    if guard is None:
        return True
    await asyncio.sleep(page.pause_milliseconds / 1000)
    if not asks_for_work(guard, page) or await _has_worked(db, guard, page, answer):
        return True
    seconds = await abuse.take_turn(db, guard.turn(page.account_id, address or page.id))
    if seconds is not None:
        await asyncio.sleep(seconds)
    return seconds is not None


async def _has_worked(db: Database, guard: Guard, page: PageCheckout, answer: str) -> bool:
    now_seconds = int(time.time())
    level = page.guard_level
    proof = abuse.read_answer(guard.secret, page.id, level, answer, now_seconds=now_seconds)
    return proof is not None and await abuse.take_proof(db, proof)
