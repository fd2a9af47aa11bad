"""Authentications in a real database, for the files that keep them. No program runs."""

import uuid
from dataclasses import replace

import pytest

from issuer import BROWSER
from paydesk import threeds, transactions
from paydesk.cards import KeptCard
from paydesk.kit import ids
from paydesk.kit.page_tokens import return_token, token_hash
from paydesk.threeds import Authentication, Policy, State, Version
from paydesk.transactions import Transaction
from workshop import KEY, Programs


@pytest.fixture(scope="session")
def threeds_database(postgres):
    made = Programs(postgres)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def programs(threeds_database):
    return threeds_database


@pytest.fixture
def begin(shop):
    """Makes a new attempt's authentication, in its first state or with these changes."""

    async def make(*, policy=None, **changes):
        page = await shop.create()
        checkout = await shop.owner.fetchrow("select * from checkouts where id = $1", page.id)
        transaction = Transaction(
            account_id=page.account_id,
            id=ids.new("tra"),
            checkout_id=page.id,
            order_id=checkout["order_id"],
            customer_id=checkout["customer_id"],
            card_id=ids.new("car"),
            attempt=1,
            amount=page.amount,
            connector="sandbox",
            state=transactions.State.AUTHENTICATING,
            is_hold=False,
            moves=1,
        )
        card = KeptCard(
            id=transaction.card_id,
            brand="visa",
            bin="40000012",
            ending="0007",
            expire_month=12,
            expire_year=2040,
            fingerprint="0" * 64,
            token="1" * 64,
        )
        made = Authentication(
            account_id=page.account_id,
            id=str(uuid.uuid4()),
            transaction_id=transaction.id,
            state=State.ASKING,
            version=Version.V2_2_0,
            browser=BROWSER,
            policy=policy or Policy(),
        )
        made = replace(made, **changes)
        async with shop.db.connection() as connection, connection.transaction():
            await transactions.insert(
                connection,
                transaction,
                transactions.Step.AUTHENTICATE,
                due_seconds=20,
                new_card=card,
            )
            await threeds.insert(connection, made, token_hash=secret(made))
        return made

    return make


def secret(authentication):
    return token_hash(return_token(authentication.id, KEY))


@pytest.fixture
def of(shop):
    """Finds an authentication as it stands."""

    async def find(authentication):
        return await threeds.of_transaction(
            shop.db, authentication.account_id, authentication.transaction_id
        )

    return find
