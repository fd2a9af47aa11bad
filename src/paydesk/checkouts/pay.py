"""Pays a checkout with a card: begin, authenticate, authorise, settle. A crash loses nothing.

`begin` commits the attempt under our own reference; the issuer and the acquirer are asked with no
transaction open; `settle` commits what was said. Whatever happens in between, the worker finds
the attempt.
"""

import uuid
from dataclasses import dataclass, replace
from datetime import datetime

from paydesk import abuse, limits, threeds, transactions
from paydesk.abuse import Guard, Verdict
from paydesk.cards import (
    CardForm,
    EnrolmentState,
    KeptCard,
    SavedCard,
    SecurityCodeGone,
    Vault,
)
from paydesk.checkouts.authenticate import (
    Cleared,
    ask_code_again,
    ask_issuer,
    end_method,
    give_code,
    refuse_at_once,
)
from paydesk.checkouts.begin import begin_attempt, may_begin
from paydesk.checkouts.cancel import cancel_as_fraud
from paydesk.checkouts.errors import CheckoutEnded
from paydesk.checkouts.model import PRE_AUTHORIZATION, Checkout, PageCheckout
from paydesk.checkouts.settle import settle
from paydesk.connectors.contract import NOT_SENT, DeclineReason
from paydesk.customers import NewCustomer
from paydesk.db.connection import Connection, Database
from paydesk.kit import ids
from paydesk.kit.page_tokens import return_token, token_hash
from paydesk.payment_methods import PaymentMethod
from paydesk.threeds import Authentication, Browser, Decision, Policy
from paydesk.threeds import State as AskState
from paydesk.transactions import Acquiring, Transaction, TransactionID
from paydesk.transactions import State as AttemptState
from paydesk.transactions import Step as AttemptStep


@dataclass(frozen=True, slots=True)
class Begun:
    """An attempt that may be sent, or that its issuer is to be asked about first."""

    transaction: Transaction
    card: KeptCard
    order_reference: str
    authentication: Authentication | None = None


async def begin(
    db: Database,
    acquiring: Acquiring,
    page: PageCheckout,
    entry: CardForm,
    browser: Browser,
    *,
    attempt: int,
    method: PaymentMethod,
    customer: NewCustomer | None = None,
    guard: Guard | None = None,
    saved: SavedCard | None = None,
    consent: str | None = None,
) -> Begun | None:
    """Keeps the card and commits the attempt, or None where the page has to be shown anew.

    That is also where the card is refused because nobody can authenticate its holder, or where the
    guard stops it. guard is None where nobody is on the watch for card testing. saved is the card
    that the payer chose of those they were offered: then entry is its security code alone. consent
    is the sentence by which they agree to have another one saved, or this one charged again.
    Raises: CardFaults, CardMissing, VaultAway, CheckoutEnded, MethodLimitReached.
    """
    if not may_begin(page, attempt=attempt, customer=customer):
        return None
    if page.connector is None:
        raise CheckoutEnded
    card = await _keep(acquiring.vault, page, page.connector, entry, saved, consent)
    first_plan = _plan(acquiring, page, page.connector, card, browser)

    async def insert(connection: Connection, checkout: Checkout, now: datetime) -> Begun | None:
        verdict, plan = Verdict.GO, first_plan
        if guard is not None and guard.watches(is_live=page.is_live):
            verdict = await abuse.judge_attempt(
                connection,
                guard,
                checkout,
                card,
                plan.transaction_id,
                is_live=page.is_live,
                address=browser.ip,
            )
            plan = _guarded(first_plan, verdict)
        transaction = await _insert(connection, acquiring, checkout, card, plan)
        if verdict is Verdict.END:
            await cancel_as_fraud(connection, checkout, transaction, now, card)
            return None
        if plan.refused is not None:
            await refuse_at_once(connection, checkout, transaction, plan.refused, now, card)
            return None
        return Begun(transaction, card, page.order_reference, plan.authentication)

    return await begin_attempt(db, page, insert, attempt=attempt, method=method, customer=customer)


async def _keep(
    vault: Vault,
    page: PageCheckout,
    connector: str,
    entry: CardForm,
    saved: SavedCard | None,
    consent: str | None,
) -> KeptCard:
    """Raises: CardFaults, CardMissing, VaultAway."""
    account_id = page.account_id
    if saved is not None:
        used = await vault.use(
            account_id=account_id,
            card_id=saved.id,
            connector=connector,
            code=entry.security_code,
        )
        return replace(used, saved_as=saved.id, consent=consent)
    kept = await vault.keep(
        account_id=account_id,
        is_live=page.is_live,
        connector=connector,
        entry=entry,
        may_be_saved=consent is not None,
    )
    return replace(kept, consent=consent)


async def finish(db: Database, acquiring: Acquiring, begun: Begun) -> None:
    """Has the issuer and the acquirer asked. Let it run to its end whoever waits for it.

    It ends where the payer is needed: for the issuer's method frame, or a challenge.
    """
    if begun.authentication is None:
        cleared: Cleared | None = Cleared(begun.transaction, begun.order_reference, card=begun.card)
    elif begun.authentication.state is AskState.METHOD:
        return
    else:
        cleared = await ask_issuer(db, acquiring, begun.transaction, begun.authentication)
    await send(db, acquiring, cleared)


async def go_on(db: Database, acquiring: Acquiring, transaction: Transaction) -> None:
    """Takes an attempt on whose payer's browser is done with the issuer's method frame."""
    await send(db, acquiring, await end_method(db, acquiring, transaction))


async def take_code(
    db: Database, acquiring: Acquiring, transaction: Transaction, code: str
) -> Cleared | None:
    """Takes the security code of an authenticated attempt once more: what may be sent now.

    Raises: CardFaults, CardMissing, VaultAway; nothing has changed then.
    """
    await acquiring.vault.add_security_code(
        account_id=transaction.account_id, card_id=transaction.card_id or "", code=code
    )
    return await give_code(db, acquiring, transaction)


async def send(db: Database, acquiring: Acquiring, cleared: Cleared | None) -> None:
    """Asks the acquirer and settles what it says; nothing where nothing is cleared."""
    if cleared is None:
        return
    try:
        outcome = await transactions.authorise(
            acquiring,
            cleared.transaction,
            order_reference=cleared.order_reference,
            proof=cleared.proof,
        )
    except SecurityCodeGone:
        if cleared.proof is not None:
            # The payer has proven who they are; they need not do so again.
            await ask_code_again(db, cleared)
            return
        outcome = NOT_SENT
    await settle(db, acquiring, cleared.transaction, outcome, was_asked=False, card=cleared.card)


@dataclass(frozen=True, slots=True)
class _Plan:
    """How an attempt begins: sent at once, asked about first, or refused."""

    transaction_id: TransactionID
    connector: str
    authentication: Authentication | None = None
    refused: DeclineReason | None = None

    @property
    def is_sent_at_once(self) -> bool:
        return self.authentication is None and self.refused is None


def _plan(
    acquiring: Acquiring, page: PageCheckout, connector: str, card: KeptCard, browser: Browser
) -> _Plan:
    transaction_id = TransactionID(ids.new("tra"))
    enrolment = card.enrolment
    if acquiring.connectors[connector].manifest.directory is None or enrolment is None:
        return _Plan(transaction_id, connector)
    version = threeds.choose(enrolment.acs_versions, enrolment.directory_versions)
    if version is not None:
        has_method = enrolment.method_url is not None and browser.script is not None
        authentication = Authentication(
            account_id=page.account_id,
            id=str(uuid.uuid4()),
            transaction_id=transaction_id,
            state=AskState.METHOD if has_method else AskState.ASKING,
            version=version,
            browser=browser,
            policy=page.policy,
            method_url=enrolment.method_url,
            # To charge a card without its payer, somebody has to have said that it is theirs.
            demands_challenge=page.saves_card,
        )
        return _Plan(transaction_id, connector, authentication)
    if enrolment.state is EnrolmentState.NOT_ENROLLED:
        decision, reason = threeds.decide_not_enrolled(page.policy), _NOT_ENROLLED
    else:
        decision, reason = threeds.decide(None, in_result=False, policy=page.policy), _UNAVAILABLE
    return _Plan(transaction_id, connector, refused=reason if decision is Decision.REFUSE else None)


def _guarded(plan: _Plan, verdict: Verdict) -> _Plan:
    """The plan as the guard has it. What can't be challenged is stopped where it has to be."""
    if verdict is Verdict.GO or plan.refused is not None:
        return plan
    if verdict is Verdict.CHALLENGE and plan.authentication is not None:
        demanding = replace(plan.authentication, demands_challenge=True, policy=Policy())
        return replace(plan, authentication=demanding)
    return replace(plan, authentication=None, refused=DeclineReason.RISK_BLOCKED)


_NOT_ENROLLED = DeclineReason.CARD_NOT_SUPPORTED
_UNAVAILABLE = DeclineReason.AUTHENTICATION_UNAVAILABLE


async def _insert(
    connection: Connection, acquiring: Acquiring, checkout: Checkout, card: KeptCard, plan: _Plan
) -> Transaction:
    state = AttemptState.SUBMITTING if plan.is_sent_at_once else AttemptState.AUTHENTICATING
    transaction = Transaction(
        account_id=checkout.account_id,
        id=plan.transaction_id,
        checkout_id=checkout.id,
        order_id=checkout.order_id,
        customer_id=checkout.customer_id,
        card_id=card.id,
        attempt=checkout.attempts,
        amount=checkout.amount,
        connector=plan.connector,
        state=state,
        is_hold=checkout.payment_type == PRE_AUTHORIZATION,
        moves=1,
    )
    await transactions.insert(
        connection,
        transaction,
        AttemptStep.SUBMIT if plan.is_sent_at_once else AttemptStep.AUTHENTICATE,
        due_seconds=_due_seconds(acquiring, plan.authentication),
        new_card=card,
    )
    if plan.authentication is not None:
        hashed = token_hash(return_token(plan.authentication.id, acquiring.asking.page_key))
        await threeds.insert(connection, plan.authentication, token_hash=hashed)
    return transaction


def _due_seconds(acquiring: Acquiring, authentication: Authentication | None) -> int:
    """After which the worker takes up an attempt that whoever began it has left."""
    if authentication is None:
        return acquiring.due_seconds
    if authentication.state is AskState.METHOD:
        return threeds.method_seconds(authentication.version) + limits.METHOD_GRACE_SECONDS
    return limits.AREQ_SECONDS_MAX + limits.AREQ_GRACE_SECONDS
