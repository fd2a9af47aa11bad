"""What a charge without its payer refers to: a payment that its payer was present at."""

import secrets
from datetime import UTC, datetime, timedelta

import pytest

from paydesk import cards, checkouts, payments
from paydesk.cards import CardForm
from paydesk.payments.schedule import day_of, moment_of
from workshop import CARD, CUSTOMER, NO_SCRIPT
from world import APPROVED, card

pytestmark = pytest.mark.anyio

DAY = timedelta(days=1)
TODAY = day_of(datetime.now(UTC))
DAILY = {"payment_interval": "DAILY", "date_end": str(TODAY + DAY)}
MONTHLY = {"payment_interval": "MONTHLY"}
PLAN = {"mode": "recurring", "payment": {"recurring": DAILY}}
OTHER = card()


@pytest.fixture
def customer():
    """The reference of a customer whom no other test knows."""
    return secrets.token_hex(8)


async def begin(shop, customer, number=APPROVED, *, saved=None, consent="Agreed.", **wishes):
    """An attempt of this customer, not sent yet."""
    page = await shop.create(customer={**CUSTOMER, "reference": customer}, **wishes)
    return await checkouts.begin(
        shop.db,
        shop.acquiring,
        page,
        CardForm(number, "12/40", "123", "J Doe"),
        NO_SCRIPT,
        attempt=1,
        method=CARD,
        saved=saved,
        consent=consent,
    )


async def pay(shop, *args, **how):
    """The transaction of such an attempt, finished."""
    begun = await begin(shop, *args, **how)
    await checkouts.finish(shop.db, shop.acquiring, begun)
    return begun.transaction


async def card_of(shop, paid):
    """The saved card that its checkout names, the vault told."""
    card_id = await shop.db.value(
        "select card_id from checkouts where transaction_id = $1", paid.id
    )
    await cards.look_at_card(shop.db, shop.acquiring.vault, shop.account.id, card_id)
    return await found_card(shop, card_id)


async def found_card(shop, card_id):
    async with shop.db.connection() as connection:
        return await cards.saved_card(connection, shop.account.id, card_id)


async def submit(shop, card, **recurring):
    record = {
        "customer_id": card.customer_id,
        "card": {"token": card.token},
        "payment": {"amount": "100.00", **({"recurring": recurring} if recurring else {})},
    }
    command = payments.read_submit(record, (CARD,))
    return await shop.db.transact(
        lambda connection: payments.submit(connection, shop.account.id, command)
    )


async def replace(shop, customer, old, number):
    """Saves a card in the place of another, as a link to do so asks."""
    begun = await begin(shop, customer, number, mode="save")
    await shop.owner.execute(
        "update checkouts set replaces_card_id = $2 where id = $1",
        begun.transaction.checkout_id,
        old.id,
    )
    await checkouts.finish(shop.db, shop.acquiring, begun)
    return await card_of(shop, begun.transaction)


async def payment_of(shop, paid):
    """The recurring payment that a checkout has begun."""
    return await shop.db.row("select * from payments where checkout_id = $1", paid.checkout_id)


async def charge(shop, payment_id):
    """(outcome, what it referred to) of the payment's latest charge, as the acquirer saw it."""
    await payments.charge_due(shop.db, shop.acquiring, now=moment_of(TODAY + DAY))
    charge_id = await shop.db.value(
        "select id from transactions where payment_id = $1 order by id desc limit 1", payment_id
    )
    for line in shop.programs.acquirer_log():
        if line["reference"] == charge_id:
            return line["outcome"], line["first"]
    return await shop.db.value("select decline_reason from transactions where id = $1", charge_id)


async def scheme_id_of(shop, paid):
    return await shop.db.value("select scheme_id from transactions where id = $1", paid.id)


async def forget_scheme_id(shop, paid):
    """As where a person had said that it was approved, or the acquirer named none."""
    await shop.owner.execute("update transactions set scheme_id = null where id = $1", paid.id)


@pytest.mark.parametrize("is_chosen", [False, True], ids=["typed", "chosen"])
async def test_a_plan_s_charge_refers_to_the_checkout_in_which_its_payer_agreed(
    shop, customer, is_chosen
):
    saved = await card_of(shop, await pay(shop, customer))
    agreed = await pay(shop, customer, saved=saved if is_chosen else None, **PLAN)
    assert await card_of(shop, agreed) == await found_card(shop, saved.id), "the record stays"
    await pay(shop, customer, saved=saved)
    payment = await payment_of(shop, agreed)
    assert await charge(shop, payment["id"]) == ("approved", await scheme_id_of(shop, agreed))


@pytest.mark.parametrize("is_chosen", [False, True], ids=["typed", "chosen"])
async def test_a_submitted_payment_s_charge_refers_to_the_newest_that_its_payer_made(
    shop, customer, is_chosen
):
    saved = await card_of(shop, await pay(shop, customer))
    newest = await pay(shop, customer, saved=saved if is_chosen else None)
    other_card = await pay(shop, customer, OTHER)
    payment = await submit(shop, saved)
    assert await charge(shop, payment.id) == ("approved", await scheme_id_of(shop, newest))
    again = await submit(shop, saved)
    referred = await charge(shop, again.id)
    assert referred == ("approved", await scheme_id_of(shop, newest)), "not to a charge"
    assert await scheme_id_of(shop, other_card) is not None


async def test_a_card_that_nothing_is_known_of_can_be_charged_once_it_is_saved_again(
    shop, customer
):
    first = await pay(shop, customer)
    saved = await card_of(shop, first)
    await forget_scheme_id(shop, first)
    payment = await submit(shop, saved)
    assert await charge(shop, payment.id) == "card_not_supported"
    again = await pay(shop, customer)
    assert (await card_of(shop, again)).id == saved.id
    payment = await submit(shop, saved)
    assert await charge(shop, payment.id) == ("approved", await scheme_id_of(shop, again))


async def test_a_plan_whose_checkout_named_nothing_refers_to_what_is_known_of_its_card(
    shop, customer
):
    first = await pay(shop, customer)
    await card_of(shop, first)
    agreed = await pay(shop, customer, **PLAN)
    await forget_scheme_id(shop, agreed)
    payment = await payment_of(shop, agreed)
    assert await charge(shop, payment["id"]) == ("approved", await scheme_id_of(shop, first))


async def test_a_plan_whose_card_was_replaced_refers_to_a_payment_of_the_new_one(shop, customer):
    agreed = await pay(shop, customer, **PLAN)
    old = await card_of(shop, agreed)
    new = await replace(shop, customer, old, OTHER)
    payment = await payment_of(shop, agreed)
    assert payment["card_id"] == new.id != old.id
    (saved_by,) = await shop.db.rows("select id from transactions where card_id = $1", new.id)
    expected = await shop.db.value(
        "select scheme_id from transactions where id = $1", saved_by["id"]
    )
    assert await charge(shop, payment["id"]) == ("approved", expected)
