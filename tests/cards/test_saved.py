"""What is saved, what the vault is told of it, and what becomes of that when something dies."""

import asyncio
from dataclasses import replace

import pytest

from paydesk import cards, checkouts
from paydesk.cards import (
    CardArchived,
    CardChange,
    CardFilters,
    CardForm,
    CardMissing,
    CardStatus,
    StoredCardMissing,
    Vault,
    VaultAway,
)
from paydesk.db.listing import Page
from paydesk.kit import ids
from workshop import CARD, CUSTOMER, NO_SCRIPT
from world import APPROVED, DECLINED
from world import card as card_number

pytestmark = pytest.mark.anyio
AGREED = "Save this card for the next time I pay Corner shop"
MASTERCARD = "5555 5555 5555 4444"


@pytest.fixture
def customer():
    """A customer of the test's own, as a request describes one."""
    return CUSTOMER | {"reference": ids.new("cus")}


async def pay(shop, customer, number=APPROVED, expiry="12/40", *, consent=AGREED):
    """Pays as somebody who agrees to have their card saved; the transaction."""
    page = await shop.create(customer=customer, order=None, amount="12.00")
    begun = await checkouts.begin(
        shop.db,
        shop.acquiring,
        page,
        CardForm(number, expiry, "123", "J Doe"),
        NO_SCRIPT,
        attempt=page.attempts + 1,
        method=CARD,
        consent=consent,
    )
    await checkouts.finish(shop.db, shop.acquiring, begun)
    return begun.transaction


async def of(shop, customer, status=None):
    """The customer's saved cards, newest first."""
    customer_id = await shop.db.value(
        "select id from customers where reference = $1", customer["reference"]
    )
    async with shop.db.connection() as connection:
        filters = CardFilters(customer_id=customer_id, status=status)
        found, _ = await cards.list_saved(connection, shop.account.id, filters, Page(25))
    return found


async def change(shop, card_id, **changes):
    return await shop.db.transact(
        lambda connection: cards.change_card(
            connection, shop.account.id, CardChange(card_id, **changes)
        )
    )


async def archive(shop, card_id):
    return await shop.db.transact(
        lambda connection: cards.archive_card(connection, shop.account.id, card_id)
    )


async def look(shop, card_id, vault=None):
    await cards.look_at_card(shop.db, vault or shop.acquiring.vault, shop.account.id, card_id)


async def in_vault(shop, card_id):
    """How long the vault keeps the card: None for good, and [] where it has it no more."""
    rows = await shop.owner.fetch("select kept_until from vault.cards where id = $1", card_id)
    return rows[0]["kept_until"] if rows else []


async def due(shop, card_id):
    return await shop.db.value("select vault_step from cards where id = $1", card_id)


async def test_a_card_is_saved_with_its_payment_and_the_vault_is_told_afterwards(shop, customer):
    transaction = await pay(shop, customer)
    (card,) = await of(shop, customer)
    assert (card.id, card.status, card.is_default) == (
        transaction.card_id,
        CardStatus.ACTIVE,
        True,
    )
    assert (card.ending, card.expire, card.nickname) == ("4242", "12/40", None)
    assert card.scheme_id is not None
    assert await due(shop, card.id) == "save"
    jobs = await shop.owner.fetchval(
        "select count(*) from pgqueuer where payload = $1",
        f"{shop.account.id}/{card.id}".encode(),
    )
    assert jobs == 1
    for _ in range(2):
        await look(shop, card.id)
        assert (await due(shop, card.id), await in_vault(shop, card.id)) == (None, None)


@pytest.mark.parametrize(("number", "consent"), [(APPROVED, None), (DECLINED, AGREED)])
async def test_without_consent_or_success_nothing_is_saved(shop, customer, number, consent):
    transaction = await pay(shop, customer, number, consent=consent)
    assert await of(shop, customer) == []
    await look(shop, transaction.card_id)
    # One whose payer agreed is not kept for days where its payment failed.
    assert (await in_vault(shop, transaction.card_id) == []) == (consent is not None)


async def test_the_older_record_stays_and_takes_the_newer_number_and_expiry(shop, customer):
    first = await pay(shop, customer)
    (older,) = await of(shop, customer)
    await look(shop, older.id)
    await change(shop, older.id, nickname="Groceries")
    second = await pay(shop, customer, expiry="11/41")
    (kept,) = await of(shop, customer)
    assert (kept.id, kept.token, kept.nickname, kept.is_default) == (
        first.card_id,
        older.token,
        "Groceries",
        True,
    )
    assert kept.expire == "11/41"
    await look(shop, kept.id)
    assert await in_vault(shop, kept.id) is None
    assert await in_vault(shop, second.card_id) == []
    used = await shop.acquiring.vault.use(
        account_id=shop.account.id, card_id=kept.id, connector="sandbox", code="123"
    )
    assert (used.expire, used.fingerprint) == (
        "11/41",
        await shop.db.value("select fingerprint from cards where id = $1", second.card_id),
    )


async def test_a_number_saved_by_two_payments_at_once_is_one_card(shop, customer):
    await asyncio.gather(*(pay(shop, customer) for _ in range(4)))
    assert len(await of(shop, customer)) == 1


async def test_another_customer_s_same_number_is_another_card(shop, customer):
    other = CUSTOMER | {"reference": ids.new("cus")}
    await pay(shop, customer)
    await pay(shop, other)
    (one,), (two,) = await of(shop, customer), await of(shop, other)
    assert one.id != two.id


async def test_one_card_of_a_customer_is_the_default(shop, customer):
    await pay(shop, customer)
    await pay(shop, customer, MASTERCARD)
    second, first = await of(shop, customer)
    assert (first.is_default, second.is_default) == (True, False)
    assert (await change(shop, second.id, is_default=True)).is_default
    second, first = await of(shop, customer)
    assert (first.is_default, second.is_default) == (False, True)
    assert not (await change(shop, second.id, is_default=False)).is_default


async def test_a_name_is_given_kept_and_taken_away(shop, customer):
    await pay(shop, customer)
    (card,) = await of(shop, customer)
    assert (await change(shop, card.id, nickname="Rent")).nickname == "Rent"
    assert (await change(shop, card.id, is_default=True)).nickname == "Rent"
    assert (await change(shop, card.id, nickname="")).nickname is None


async def test_an_archived_card_is_destroyed_and_stays_archived(shop, customer):
    await pay(shop, customer)
    (card,) = await of(shop, customer)
    await look(shop, card.id)
    for _ in range(2):
        assert (await archive(shop, card.id)).status is CardStatus.ARCHIVED
    await look(shop, card.id)
    assert await in_vault(shop, card.id) == []
    assert await of(shop, customer) == []
    (archived,) = await of(shop, customer, "ARCHIVED")
    assert (archived.id, archived.is_default) == (card.id, False)
    with pytest.raises(CardArchived):
        await change(shop, card.id, nickname="Rent")
    await pay(shop, customer)
    (anew,) = await of(shop, customer)
    assert anew.id != card.id


async def test_what_is_not_saved_is_not_there(shop, customer):
    transaction = await pay(shop, customer, consent=None)
    for card_id in (transaction.card_id, "crd_01m82g11arfy28f93zdxts9mq5"):
        with pytest.raises(StoredCardMissing):
            await change(shop, card_id, nickname="Rent")
        with pytest.raises(StoredCardMissing):
            await archive(shop, card_id)


async def test_the_vault_is_told_once_it_is_back(shop, customer, tmp_path):
    await pay(shop, customer)
    (card,) = await of(shop, customer)
    away = Vault(f"unix:{tmp_path}/nobody.sock")
    with pytest.raises(VaultAway):
        await look(shop, card.id, away)
    await away.close()
    assert await due(shop, card.id) == "save"
    await shop.owner.execute(
        "update cards set vault_due_at = now() - interval '1 hour' where id = $1", card.id
    )
    # Where its job was lost, the sweep finds it.
    assert (shop.account.id, card.id) in await cards.overdue_cards(shop.db)
    await look(shop, card.id)
    assert (shop.account.id, card.id) not in await cards.overdue_cards(shop.db)
    assert await in_vault(shop, card.id) is None


async def test_a_card_whose_number_is_lost_is_disabled_until_it_is_saved_anew(shop, customer):
    await pay(shop, customer)
    (card,) = await of(shop, customer)
    await shop.owner.execute("delete from vault.cards where id = $1", card.id)
    await look(shop, card.id)
    (lost,) = await of(shop, customer)
    assert lost.status is CardStatus.DISABLED
    with pytest.raises(CardMissing):
        await shop.acquiring.vault.use(
            account_id=shop.account.id, card_id=card.id, connector="sandbox", code="123"
        )
    await pay(shop, customer)
    (again,) = await of(shop, customer)
    assert (again.id, again.status) == (card.id, CardStatus.ACTIVE)
    await look(shop, card.id)
    assert await in_vault(shop, card.id) is None


class Slow(Vault):
    """A vault that something happens before it saves: a worker that is slow to ask it."""

    def __init__(self, url, meanwhile):
        super().__init__(url)
        self.meanwhile = meanwhile

    async def save(self, **named):
        await self.meanwhile()
        await super().save(**named)


async def test_a_worker_that_is_slow_to_save_does_not_keep_an_archived_card(shop, customer):
    await pay(shop, customer)
    (card,) = await of(shop, customer)
    await look(shop, card.id)
    await pay(shop, customer, expiry="11/41")  # its number is sealed anew under the older id

    async def archived_and_destroyed():
        await archive(shop, card.id)
        await look(shop, card.id)
        assert await in_vault(shop, card.id) == []

    slow = Slow(shop.programs.settings.vault_url, archived_and_destroyed)
    await look(shop, card.id, slow)
    await slow.close()
    assert (await due(shop, card.id), await in_vault(shop, card.id)) == (None, [])
    (archived,) = await of(shop, customer, "ARCHIVED")
    assert archived.id == card.id


async def test_a_worker_that_dies_when_the_vault_has_saved_loses_no_card(shop, customer):
    await pay(shop, customer)
    (card,) = await of(shop, customer)
    await look(shop, card.id)
    newer = await pay(shop, customer, expiry="11/41")
    await shop.acquiring.vault.save(
        account_id=shop.account.id, card_id=card.id, source_id=newer.card_id
    )
    assert await in_vault(shop, newer.card_id) == []
    assert await due(shop, card.id) == "save", "the control: it was not noted"
    await look(shop, card.id)
    (found,) = await of(shop, customer)
    assert (found.status, await due(shop, card.id)) == (CardStatus.ACTIVE, None)
    assert await in_vault(shop, card.id) is None


async def test_what_is_archived_while_it_is_paid_with_stays_archived(shop, customer):
    await pay(shop, customer)
    (card,) = await of(shop, customer)
    await look(shop, card.id)
    page = await shop.create(customer=customer)
    begun = await checkouts.begin(
        shop.db,
        shop.acquiring,
        page,
        CardForm("", "", "123", ""),
        NO_SCRIPT,
        attempt=1,
        method=CARD,
        saved=card,
    )
    await archive(shop, card.id)
    await checkouts.finish(shop.db, shop.acquiring, begun)
    assert await shop.state(begun.transaction) == "approved"
    assert await of(shop, customer) == []
    told = await shop.db.value("select card_id from checkouts where id = $1", page.id)
    assert told == begun.card.id != card.id


async def test_a_card_names_the_first_payment_that_its_payer_was_present_at(shop, customer):
    first = await pay(shop, customer)
    (card,) = await of(shop, customer)
    (approved,) = [
        line["scheme_id"]
        for line in shop.programs.acquirer_log()
        if line["reference"] == first.id and line["outcome"] == "approved"
    ]
    assert card.scheme_id == approved is not None
    assert card.authenticated_at is not None
    await pay(shop, customer)
    (again,) = await of(shop, customer)
    assert again.scheme_id == approved


async def test_cards_are_offered_with_the_default_first_then_the_latest(shop, customer):
    for number in (APPROVED, MASTERCARD, card_number()):
        await pay(shop, customer, number)
    third, second, first = [card.id for card in await of(shop, customer)]
    await change(shop, second, is_default=True)
    customer_id = (await of(shop, customer))[0].customer_id

    async def offered(ids=None):
        found = await cards.offered_cards(shop.db, shop.account.id, customer_id, ids)
        return [card.id for card in found]

    assert await offered() == [second, third, first]
    assert await offered([first, "crd_of_nobody"]) == [first]
    await archive(shop, second)
    assert await offered() == [third, first]


async def test_a_card_expires_when_its_month_has_ended_everywhere(shop, customer):
    await pay(shop, customer)
    (card,) = await of(shop, customer)
    month, year = await shop.db.row(
        "select extract(month from at)::int, extract(year from at)::int"
        " from (select now() - interval '12 hours') now(at)"
    )
    for months, status in ((0, CardStatus.ACTIVE), (-1, CardStatus.EXPIRED)):
        late_year, late_month = divmod(12 * year + month - 1 + months, 12)
        await shop.owner.execute(
            "update cards set expire_year = $2, expire_month = $3 where id = $1",
            card.id,
            late_year,
            late_month + 1,
        )
        (found,) = await of(shop, customer)
        assert (found.status, found.expire_in_months) == (status, months)


async def test_only_active_cards_of_the_named_customer_count(shop, customer):
    await pay(shop, customer)
    (card,) = await of(shop, customer)
    other = CUSTOMER | {"reference": ids.new("cus")}
    await pay(shop, other, consent=None)

    async def count(account_id=shop.account.id, **named):
        named = {"customer_id": None, "customer_reference": None, **named}
        async with shop.db.connection() as connection:
            return await cards.count_active(connection, account_id, [card.id], **named)

    assert await count(customer_id=card.customer_id) == 1
    assert await count(customer_reference=customer["reference"]) == 1
    assert await count(customer_reference=other["reference"]) == 0
    assert await count() == 0
    assert await count(account_id=shop.account.id + 1, customer_id=card.customer_id) == 0
    await archive(shop, card.id)
    assert await count(customer_id=card.customer_id) == 0


async def test_a_token_names_its_card_within_its_account(shop, customer):
    await pay(shop, customer)
    (card,) = await of(shop, customer)
    async with shop.db.connection() as connection:
        found = await cards.saved_card_by_token(connection, shop.account.id, card.token)
        assert found == card
        assert await cards.saved_card(connection, shop.account.id, card.id) == replace(card)
        for account_id, token in ((shop.account.id + 1, card.token), (shop.account.id, "0" * 64)):
            assert await cards.saved_card_by_token(connection, account_id, token) is None
