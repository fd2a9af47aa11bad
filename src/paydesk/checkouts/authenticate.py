"""Has the card's issuer say whether the payer is its holder, before money is asked for.

An attempt that is authenticated goes through the issuer's method frame, a question to the
directory server, and maybe a challenge. Whoever comes by next takes it a step further: the
payer's page, the directory server's word, or the worker when a step's time is up. Each step is
one transaction, and only one of them can take it.
Source: reliability paper, appendix A.2, A.8 and A.9.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from paydesk import abuse, limits, threeds, transactions
from paydesk.cards import KeptCard
from paydesk.checkouts import store
from paydesk.checkouts.follow import News, follow, told_of
from paydesk.checkouts.model import Checkout
from paydesk.checkouts.move import move
from paydesk.checkouts.states import Step
from paydesk.connectors.contract import DeclineReason, Proof
from paydesk.db.connection import Connection, Database
from paydesk.kit.moves import step
from paydesk.threeds import Authentication, Decision, Heard
from paydesk.threeds import State as AskState
from paydesk.threeds import Step as AskStep
from paydesk.transactions import Acquiring, Transaction
from paydesk.transactions import State as AttemptState
from paydesk.transactions import Step as AttemptStep


@dataclass(frozen=True, slots=True)
class Cleared:
    """An attempt that is committed to being sent, with the proof of who pays if there is one."""

    transaction: Transaction
    order_reference: str
    proof: Proof | None = field(default=None, repr=False)
    card: KeptCard | None = None


async def ask_issuer(
    db: Database, acquiring: Acquiring, transaction: Transaction, authentication: Authentication
) -> Cleared | None:
    """Asks whether the payer is the card's holder: what may be sent now, or None.

    None is for a challenge, a refusal, and where somebody else has taken the attempt further.
    """
    purchase, at = await store.purchase(db, transaction)
    heard = await threeds.ask(
        acquiring.asking,
        acquiring.vault,
        acquiring.connectors[transaction.connector],
        authentication,
        purchase,
        card_id=transaction.card_id or "",
        at=at,
    )

    async def work(connection: Connection) -> Cleared | None:
        held = await _hold(connection, transaction)
        if held.authentication.state is not AskState.ASKING:
            return None
        await threeds.keep_messages(connection, held.authentication, heard)
        return await _take_answer(connection, acquiring, held, heard)

    return await db.transact(work)


async def end_method(
    db: Database, acquiring: Acquiring, transaction: Transaction
) -> Cleared | None:
    """Goes on from the issuer's method frame, however it ended. Only one caller comes through."""

    async def work(connection: Connection) -> Authentication | None:
        held = await _hold(connection, transaction)
        if held.authentication.state is not AskState.METHOD:
            return None
        seconds = limits.AREQ_SECONDS_MAX + limits.AREQ_GRACE_SECONDS
        await transactions.schedule(connection, held.transaction, inquiries=0, look_seconds=seconds)
        return await threeds.move(connection, held.authentication, AskStep.ASK)

    authentication = await db.transact(work)
    if authentication is None:
        return None
    return await ask_issuer(db, acquiring, transaction, authentication)


async def look_at_authentication(
    db: Database, acquiring: Acquiring, transaction: Transaction
) -> Cleared | None:
    """Takes an attempt further whose issuer has answered, or whose time for a step is up."""

    async def work(connection: Connection) -> Cleared | None:
        held = await _hold(connection, transaction)
        # Somebody may have taken it further since it was found due, and given it another time.
        if not await transactions.is_due(connection, held.transaction):
            return None
        if held.transaction.state is AttemptState.AUTHENTICATED:
            await _give_up(connection, held, AttemptStep.ABANDON, DeclineReason.EXPIRED)
            return None
        if held.transaction.state is not AttemptState.AUTHENTICATING:
            return None
        match held.authentication.state:
            case AskState.ENDED if held.authentication.result is not None:
                return await _take_result(connection, acquiring, held)
            case AskState.ASKING:
                # Whoever asked has died before it could keep the answer.
                return await _take_answer(connection, acquiring, held, None)
            case AskState.CHALLENGE:
                await _give_up(connection, held, AttemptStep.FAIL_PROOF, DeclineReason.EXPIRED)
        return None

    found = await threeds.of_transaction(db, transaction.account_id, transaction.id)
    if found is not None and found.state is AskState.METHOD:
        return await end_method(db, acquiring, transaction)
    return await db.transact(work)


async def refuse_at_once(
    connection: Connection,
    checkout: Checkout,
    transaction: Transaction,
    reason: DeclineReason,
    at: datetime,
    card: KeptCard,
) -> None:
    """Ends an attempt that this transaction began: nobody can say whose the card is."""
    was = transaction.state
    transaction = await _move(
        connection, transaction, AttemptStep.FAIL_PROOF, learnt={"decline_reason": reason}
    )
    await follow(connection, checkout, was, transaction, News(at, reason, card))


async def stop(connection: Connection, transaction: Transaction) -> None:
    """Ends an attempt that this transaction began and the guard stops, whatever its checkout."""
    reason = DeclineReason.RISK_BLOCKED
    transaction = await _move(
        connection, transaction, AttemptStep.FAIL_PROOF, learnt={"decline_reason": reason}
    )
    await abuse.learn(connection, transaction, reason, was_asked=False)


async def leave_issuer(db: Database, transaction: Transaction) -> None:
    """The payer leaves the issuer's step: the attempt is over, the checkout can be paid anew."""

    async def work(connection: Connection) -> None:
        held = await _hold(connection, transaction)
        if held.transaction.state in transactions.BEFORE_SENDING:
            await _give_up(connection, held, AttemptStep.ABANDON, DeclineReason.CANCELLED_BY_PAYER)

    await db.transact(work)


async def abandon(connection: Connection, transaction: Transaction) -> None:
    """Ends an attempt, held by this transaction, whose checkout is being cancelled."""
    authentication = await threeds.lock_of_transaction(
        connection, transaction.account_id, transaction.id
    )
    await _end(connection, authentication)
    learnt = {"decline_reason": DeclineReason.CANCELLED_BY_PAYER}
    await _move(connection, transaction, AttemptStep.ABANDON, learnt=learnt)


async def give_code(db: Database, acquiring: Acquiring, transaction: Transaction) -> Cleared | None:
    """Sends an authenticated attempt whose security code the vault has been given again."""

    async def work(connection: Connection) -> Cleared | None:
        held = await _hold(connection, transaction)
        if held.transaction.state is not AttemptState.AUTHENTICATED:
            return None
        return await _clear(connection, acquiring, held, Decision.PROCEED)

    return await db.transact(work)


async def ask_code_again(db: Database, cleared: Cleared) -> None:
    """Takes an attempt back that surely was not sent: the vault has lost its security code."""

    async def work(connection: Connection) -> None:
        await transactions.lock(connection, cleared.transaction.account_id, cleared.transaction.id)
        seconds = limits.SECURITY_CODE_ASKED_SECONDS_MAX
        await _move(connection, cleared.transaction, AttemptStep.ASK_CODE, look_seconds=seconds)

    await db.transact(work)


@dataclass(frozen=True, slots=True)
class _Held:
    """A checkout, its attempt and that one's authentication, all held, and the time."""

    checkout: Checkout
    transaction: Transaction
    authentication: Authentication
    at: datetime


async def _hold(connection: Connection, attempt: Transaction) -> _Held:
    # The checkout first: everybody who locks both does so in this order.
    checkout, now = await store.lock(connection, attempt.account_id, attempt.for_checkout)
    transaction = await transactions.lock(connection, attempt.account_id, attempt.id)
    authentication = await threeds.lock_of_transaction(connection, attempt.account_id, attempt.id)
    assert authentication is not None, "an attempt begins to authenticate with an authentication"
    return _Held(checkout, transaction, authentication, now)


async def _take_answer(
    connection: Connection, acquiring: Acquiring, held: _Held, heard: Heard | None
) -> Cleared | None:
    answer = None if heard is None else heard.answer
    status = None if heard is None else heard.status
    decision = threeds.decide(status, in_result=False, policy=held.authentication.policy)
    said = (
        {}
        if answer is None
        else threeds.said_in_answer(acquiring.asking, held.authentication, answer)
    )
    if decision is Decision.CHALLENGE:
        await _challenge(connection, acquiring, held, said)
        return None
    authentication = await threeds.move(connection, held.authentication, AskStep.END, said)
    held = replace(held, authentication=authentication)
    if decision is Decision.REFUSE:
        reason = threeds.reason_for(status)
        why = "no answer was kept" if heard is None else heard.why
        await _over(connection, held, AttemptStep.FAIL_PROOF, reason, detail=why)
        return None
    return await _clear(connection, acquiring, held, decision)


async def _challenge(
    connection: Connection, acquiring: Acquiring, held: _Held, said: dict[str, Any]
) -> None:
    window = threeds.window_for(held.authentication.browser.script)
    await threeds.move(
        connection, held.authentication, AskStep.CHALLENGE, {**said, "challenge_window": window}
    )
    await transactions.note_challenge(
        connection, held.transaction, look_seconds=acquiring.asking.challenge_seconds
    )
    told = await told_of(connection, held.transaction, News(held.at))
    await move(connection, held.checkout, Step.WAIT, told=told)


async def _take_result(connection: Connection, acquiring: Acquiring, held: _Held) -> Cleared | None:
    result = held.authentication.result
    assert result is not None
    decision = threeds.decide(
        result.status,
        in_result=True,
        policy=held.authentication.policy,
        cancelled_by=result.cancelled_by,
    )
    if decision is Decision.REFUSE:
        reason = threeds.reason_for(result.status, cancelled_by=result.cancelled_by)
        await _over(connection, held, AttemptStep.FAIL_PROOF, reason)
        return None
    return await _clear(connection, acquiring, held, decision)


async def _clear(
    connection: Connection, acquiring: Acquiring, held: _Held, decision: Decision
) -> Cleared:
    """Commits the attempt to being sent."""
    transaction, proof = held.transaction, None
    order = await store.named_to_acquirer(connection, held.checkout)
    if decision is Decision.PROCEED:
        connector = acquiring.connectors[transaction.connector]
        proof = await threeds.proof(
            connection, acquiring.asking, connector, held.authentication, order.merchant_name
        )
        if transaction.state is AttemptState.AUTHENTICATING:
            transaction = await _move(connection, transaction, AttemptStep.PROVE)
    transaction = await _move(
        connection, transaction, AttemptStep.SUBMIT, look_seconds=acquiring.due_seconds
    )
    return Cleared(transaction, order.order_reference, proof)


async def _give_up(
    connection: Connection, held: _Held, by: AttemptStep, reason: DeclineReason
) -> None:
    await _end(connection, held.authentication)
    await _over(connection, held, by, reason)


async def _over(
    connection: Connection,
    held: _Held,
    by: AttemptStep,
    reason: DeclineReason,
    *,
    detail: str | None = None,
) -> None:
    was = held.transaction.state
    learnt = {"decline_reason": reason, "detail": detail}
    transaction = await _move(connection, held.transaction, by, learnt=learnt)
    await follow(connection, held.checkout, was, transaction, News(held.at, reason))


async def _end(connection: Connection, authentication: Authentication | None) -> None:
    if authentication is not None and authentication.state is not AskState.ENDED:
        await threeds.move(connection, authentication, AskStep.END)


async def _move(
    connection: Connection,
    transaction: Transaction,
    by: AttemptStep,
    *,
    look_seconds: int | None = None,
    learnt: Mapping[str, Any] | None = None,
) -> Transaction:
    """The attempt after a step by which no money moves."""
    edge = step(transactions.MOVES, transaction.state, by)
    return await transactions.save_move(
        connection,
        transaction,
        by,
        to=edge.to,
        facts=(),
        look_seconds=look_seconds,
        hold_seconds=0,
        learnt=learnt or {},
    )
