"""Saved cards: when one is saved, which record stays, and what the vault is told when."""

import asyncio
from itertools import count

import pytest

from paydesk import cards, checkouts, limits
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
from paydesk.db import jobs
from paydesk.db.listing import Page
from workshop import CARD, CUSTOMER, NO_SCRIPT
from world import APPROVED, DECLINED, card

pytestmark = pytest.mark.anyio

CONSENT = "Save this card for the next time I pay Corner shop"
OTHER = card()
_customers = count(1)


@pytest.fixture
def customer():
    """The reference of a customer whom no other test knows."""
    return f"SAVER-{next(_customers)}"


async def begin(
    shop, customer, number=APPROVED, *, expiry="12/40", consent=CONSENT, saved=None, **wishes
):
    """A checkout of this customer and its attempt, not sent yet."""
    page = await shop.create(customer={**CUSTOMER, "reference": customer}, **wishes)
    return await checkouts.begin(
        shop.db,
        shop.acquiring,
        page,
        CardForm(number, expiry, "123", "J Doe"),
        NO_SCRIPT,
        attempt=1,
        method=CARD,
        saved=saved,
        consent=consent,
    )


async def pay(shop, customer, *args, **how):
    """The card of the attempt, whatever became of it."""
    begun = await begin(shop, customer, *args, **how)
    await checkouts.finish(shop.db, shop.acquiring, begun)
    return begun.card


async def look(shop, card_id, vault=None):
    """What the worker does when it is told to look at the card."""
    vault = vault or shop.acquiring.vault
    await cards.look_at_card(shop.db, vault, shop.account.id, card_id)


async def save(shop, customer, *args, **how):
    """A card paid with and saved, the vault told."""
    paid_with = await pay(shop, customer, *args, **how)
    await look(shop, paid_with.id)
    return await found(shop, paid_with.id)


async def found(shop, card_id, account_id=None):
    async with shop.db.connection() as connection:
        return await cards.saved_card(connection, account_id or shop.account.id, card_id)


async def listed(shop, customer, **filters):
    """This customer's saved cards, newest first."""
    customer_id = await customer_id_of(shop, customer)
    async with shop.db.connection() as connection:
        page, _ = await cards.list_saved(
            connection, shop.account.id, CardFilters(customer_id=customer_id, **filters), Page(100)
        )
    return page


async def customer_id_of(shop, customer):
    return await shop.db.value("select id from customers where reference = $1", customer)


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


async def kept(shop, card_id):
    """How the vault keeps it: `for good`, `for a while` or not at all."""
    rows = await shop.owner.fetch("select kept_until from vault.cards where id = $1", card_id)
    if not rows:
        return None
    (row,) = rows
    return "for good" if row["kept_until"] is None else "for a while"


async def is_due(shop, card_id):
    return await shop.db.value("select vault_step from cards where id = $1", card_id)


async def test_a_card_is_saved_when_its_payment_succeeds(shop, customer):
    paid_with = await pay(shop, customer)
    (saved,) = await listed(shop, customer)
    assert (saved.id, saved.token, saved.status) == (paid_with.id, paid_with.token, "ACTIVE")
    assert saved.is_default
    assert await shop.db.value("select consent from cards where id = $1", saved.id) == CONSENT
    assert await kept(shop, saved.id) == "for a while"
    assert await shop.db.value(
        "select count(*) from pgqueuer where entrypoint = $1 and payload = $2",
        jobs.LOOK_AT_CARD,
        f"{shop.account.id}/{saved.id}".encode(),
    ), "the worker is told in the same transaction"
    await look(shop, saved.id)
    assert await kept(shop, saved.id) == "for good"
    assert await is_due(shop, saved.id) is None
    await shop.assert_books_are_right()


async def test_nothing_is_saved_before_the_payment_succeeds(shop, customer):
    begun = await begin(shop, customer)
    assert await listed(shop, customer) == []
    await checkouts.finish(shop.db, shop.acquiring, begun)
    assert len(await listed(shop, customer)) == 1


async def test_a_card_whose_payer_did_not_agree_is_not_saved(shop, customer):
    paid_with = await pay(shop, customer, consent=None)
    assert await listed(shop, customer) == []
    assert await is_due(shop, paid_with.id) is None


async def test_a_card_that_was_declined_is_destroyed(shop, customer):
    refused = await pay(shop, customer, DECLINED)
    assert await listed(shop, customer) == []
    await look(shop, refused.id)
    assert await kept(shop, refused.id) is None


async def test_the_same_number_is_one_card_and_the_older_record_stays(shop, customer):
    older = await save(shop, customer, expiry="01/35")
    await change(shop, older.id, nickname="Groceries")
    page = await shop.create(customer={**CUSTOMER, "reference": customer})
    begun = await checkouts.begin(
        shop.db,
        shop.acquiring,
        page,
        CardForm(APPROVED, "12/41", "123", "J Doe"),
        NO_SCRIPT,
        attempt=1,
        method=CARD,
        consent=CONSENT,
    )
    await checkouts.finish(shop.db, shop.acquiring, begun)
    (now,) = await listed(shop, customer)
    assert (now.id, now.token, now.nickname) == (older.id, older.token, "Groceries")
    assert now.is_default
    assert now.expire == "12/41"
    told = await shop.db.value("select card_id from checkouts where id = $1", page.id)
    assert told == older.id, "the webhook names the record that stays"

    sealed = "select sealed from vault.cards where id = $1"
    before = await shop.owner.fetchval(sealed, older.id)
    await look(shop, older.id)
    assert await shop.owner.fetchval(sealed, older.id) != before
    assert await kept(shop, older.id) == "for good"
    assert await kept(shop, begun.card.id) is None
    used = await shop.acquiring.vault.use(
        account_id=shop.account.id, card_id=older.id, connector="sandbox", code="123"
    )
    assert (used.ending, used.expire) == ("4242", "12/41")


async def test_two_payments_at_once_save_one_card(shop, customer):
    begun = [await begin(shop, customer) for _ in range(4)]
    await asyncio.gather(*(checkouts.finish(shop.db, shop.acquiring, each) for each in begun))
    (saved,) = await listed(shop, customer)
    # Jobs of the worker may come in any order and twice.
    await asyncio.gather(*(look(shop, saved.id) for _ in range(3)))
    assert await kept(shop, saved.id) == "for good"
    assert (await found(shop, saved.id)).status is CardStatus.ACTIVE


async def test_each_customer_has_a_card_of_their_own(shop, customer):
    mine = await save(shop, customer)
    theirs = await save(shop, f"{customer}-other")
    assert mine.id != theirs.id
    assert [each.id for each in await listed(shop, customer)] == [mine.id]


async def test_a_saved_card_that_is_paid_with_is_itself(shop, customer):
    saved = await save(shop, customer)
    used = await pay(shop, customer, saved=saved, consent=None)
    assert used.id != saved.id, "its security code serves this payment alone"
    assert [each.id for each in await listed(shop, customer)] == [saved.id]
    told = await shop.db.value(
        "select card_id from checkouts where state = 'completed' order by completed_at desc limit 1"
    )
    assert told == saved.id
    assert await kept(shop, used.id) == "for a while"


async def test_one_that_is_archived_while_it_is_paid_with_stays_archived(shop, customer):
    saved = await save(shop, customer)
    begun = await begin(shop, customer, saved=saved, consent=None)
    await archive(shop, saved.id)
    await checkouts.finish(shop.db, shop.acquiring, begun)
    assert await shop.state(begun.transaction) == "approved"
    assert await listed(shop, customer) == []
    told = await shop.db.value(
        "select card_id from checkouts where id = $1", begun.transaction.checkout_id
    )
    assert told == begun.card.id


async def test_a_number_saved_again_after_it_was_archived_is_another_card(shop, customer):
    older = await save(shop, customer)
    await archive(shop, older.id)
    newer = await save(shop, customer)
    assert newer.id != older.id
    assert newer.token != older.token
    await look(shop, older.id)
    assert (await kept(shop, older.id), await kept(shop, newer.id)) == (None, "for good")


async def test_there_is_one_default_and_it_can_be_another(shop, customer):
    first = await save(shop, customer)
    second = await save(shop, customer, OTHER)
    assert (first.is_default, second.is_default) == (True, False)
    assert (await change(shop, second.id, is_default=True)).is_default
    assert not (await found(shop, first.id)).is_default
    assert not (await change(shop, second.id, is_default=False)).is_default


async def test_a_nickname_is_given_kept_and_taken_away(shop, customer):
    saved = await save(shop, customer)
    assert (await change(shop, saved.id, nickname="Groceries")).nickname == "Groceries"
    assert (await change(shop, saved.id, is_default=True)).nickname == "Groceries"
    assert (await change(shop, saved.id, nickname="")).nickname is None


async def test_what_is_not_saved_can_not_be_changed(shop, customer):
    unsaved = await pay(shop, customer, consent=None)
    for verb in (change, archive):
        with pytest.raises(StoredCardMissing):
            await verb(shop, unsaved.id)
    saved = await save(shop, customer)
    await archive(shop, saved.id)
    with pytest.raises(CardArchived):
        await change(shop, saved.id, nickname="Groceries")


async def test_archiving_destroys_the_number_and_keeps_the_record(shop, customer):
    saved = await save(shop, customer)
    for _ in range(2):  # done twice it is done once
        archived = await archive(shop, saved.id)
        assert (archived.status, archived.is_default) == (CardStatus.ARCHIVED, False)
        await look(shop, saved.id)
        assert await kept(shop, saved.id) is None
    assert await listed(shop, customer) == []
    assert [each.id for each in await listed(shop, customer, status="ARCHIVED")] == [saved.id]
    with pytest.raises(CardMissing):
        await pay(shop, customer, saved=saved, consent=None)


async def test_a_card_is_shown_to_its_own_account_alone(shop, customer):
    saved = await save(shop, customer)
    assert await found(shop, saved.id, shop.account.id + 1) is None
    async with shop.db.connection() as connection:
        for account_id, expected in ((shop.account.id, saved), (shop.account.id + 1, None)):
            by_token = await cards.saved_card_by_token(connection, account_id, saved.token)
            assert by_token == expected


async def test_only_active_cards_of_the_named_customer_count(shop, customer):
    saved = await save(shop, customer)
    other = f"{customer}-other"
    await pay(shop, other, consent=None)

    async def counted(account_id=shop.account.id, **named):
        named = {"customer_id": None, "customer_reference": None, **named}
        async with shop.db.connection() as connection:
            return await cards.count_active(connection, account_id, [saved.id], **named)

    assert await counted(customer_id=saved.customer_id) == 1
    assert await counted(customer_reference=customer) == 1
    assert await counted(customer_reference=other) == 0
    assert await counted() == 0
    assert await counted(account_id=shop.account.id + 1, customer_id=saved.customer_id) == 0
    await archive(shop, saved.id)
    assert await counted(customer_id=saved.customer_id) == 0


@pytest.mark.parametrize(
    ("end", "status"),
    [
        ("interval '-1 month'", CardStatus.EXPIRED),
        ("interval '0'", CardStatus.ACTIVE),
        ("interval '1 month'", CardStatus.ACTIVE),
    ],
)
async def test_a_card_is_good_until_its_month_has_ended_everywhere(shop, customer, end, status):
    saved = await save(shop, customer)
    await shop.db.execute(
        f"""
        with month as (select date_trunc('month', now() - interval '12 hours') + {end} as ends)
        update cards set expire_year = extract(year from ends),
            expire_month = extract(month from ends) from month where id = $1
        """,
        saved.id,
    )
    assert (await found(shop, saved.id)).status is status
    assert [each.id for each in await listed(shop, customer, status=status)] == [saved.id]


async def test_cards_that_expire_soon_are_found_and_expired_ones_are_not(shop, customer):
    saved = await save(shop, customer)
    left = saved.expire_in_months
    assert left > 100
    assert await listed(shop, customer, expire_in_months=left - 1) == []
    assert len(await listed(shop, customer, expire_in_months=left)) == 1
    await shop.db.execute("update cards set expire_year = 2020 where id = $1", saved.id)
    assert await listed(shop, customer, expire_in_months=left) == []


async def test_cards_are_offered_with_the_default_first_then_the_latest(shop, customer):
    made = [await save(shop, customer, card(0, 0, n)) for n in (0, 5, 6)]
    await change(shop, made[1].id, is_default=True)
    customer_id = await customer_id_of(shop, customer)

    async def offered(ids=None):
        found = await cards.offered_cards(shop.db, shop.account.id, customer_id, ids)
        return [each.id for each in found]

    first, second, third = (each.id for each in made)
    assert await offered() == [second, third, first]
    assert await offered([first, "crd_of_nobody"]) == [first]
    await archive(shop, second)
    assert await offered() == [third, first]


# What goes wrong on the way to the vault


async def test_what_the_vault_was_not_told_stays_due_and_is_found(shop, customer):
    saved = await pay(shop, customer)
    away = Vault("unix:/nowhere/v.sock")
    with pytest.raises(VaultAway):
        await look(shop, saved.id, away)
    await away.close()
    assert await is_due(shop, saved.id) == "save"
    place = (shop.account.id, saved.id)
    assert place not in await cards.overdue_cards(shop.db), "it has a job still"
    await shop.db.execute(
        "update cards set vault_due_at = now() - $2 * interval '1 second' where id = $1",
        saved.id,
        limits.CARD_LOOK_GRACE_SECONDS + 1,
    )
    assert place in await cards.overdue_cards(shop.db)
    await look(shop, saved.id)
    assert place not in await cards.overdue_cards(shop.db)
    assert await kept(shop, saved.id) == "for good"


async def test_a_number_that_the_vault_has_lost_disables_the_card_until_it_is_given_again(
    shop, customer
):
    lost = await pay(shop, customer)
    await shop.owner.execute("delete from vault.cards where id = $1", lost.id)
    await look(shop, lost.id)
    assert (await found(shop, lost.id)).status is CardStatus.DISABLED
    customer_id = await customer_id_of(shop, customer)
    assert await cards.offered_cards(shop.db, shop.account.id, customer_id, None) == []
    await pay(shop, customer)
    await look(shop, lost.id)
    assert (await found(shop, lost.id)).status is CardStatus.ACTIVE
    assert await kept(shop, lost.id) == "for good"


async def test_a_worker_that_dies_after_the_vault_has_saved_loses_no_card(shop, customer):
    older = await save(shop, customer)
    newer = await pay(shop, customer)
    await shop.acquiring.vault.save(
        account_id=shop.account.id, card_id=older.id, source_id=newer.id
    )
    assert await kept(shop, newer.id) is None
    assert await is_due(shop, older.id) == "save", "the control: it was not noted"
    await look(shop, older.id)
    assert await is_due(shop, older.id) is None
    assert (await found(shop, older.id)).status is CardStatus.ACTIVE
    assert await kept(shop, older.id) == "for good"


async def test_what_is_archived_while_it_is_being_saved_again_is_destroyed(shop, customer):
    older = await save(shop, customer)
    newer = await pay(shop, customer)
    await archive(shop, older.id)
    await look(shop, older.id)
    # A worker that was told to save it before it was archived comes late.
    with pytest.raises(CardMissing):
        await shop.acquiring.vault.save(
            account_id=shop.account.id, card_id=older.id, source_id=newer.id
        )
    assert (await kept(shop, older.id), await kept(shop, newer.id)) == (None, None)


async def test_what_is_archived_while_the_vault_saves_it_stays_to_be_destroyed(shop, customer):
    saved = await pay(shop, customer)

    class ArchivedMeanwhile(Vault):
        async def save(self, **asked):
            await super().save(**asked)
            await archive(shop, saved.id)

    vault = ArchivedMeanwhile(shop.programs.settings.vault_url)
    await look(shop, saved.id, vault)
    await vault.close()
    assert await kept(shop, saved.id) == "for good"
    assert await is_due(shop, saved.id) == "destroy"
    await look(shop, saved.id)
    assert await kept(shop, saved.id) is None
