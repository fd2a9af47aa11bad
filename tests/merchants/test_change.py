"""What an account says of its merchant, changed and shown."""

import pytest

from images import data_uri, png
from paydesk import merchants
from paydesk.merchants import KeyRing, MerchantMissing, SeveralMerchants, VatNumberMissing

pytestmark = pytest.mark.anyio


@pytest.fixture
def change(connection, credentials):
    async def make(**body):
        asked = merchants.read_change(body, is_live=False)
        return await merchants.change_merchant(connection, credentials[0].account_id, asked)

    return make


async def test_a_change_is_kept_and_the_rest_stays(change, connection, credentials):
    await change(name="Karoo", allowed_origins=["https://karoo.example", "https://karoo.example/"])
    record = await change(
        address={"line1": "1 Loop Street", "country": "ZA"}, policies={"signed_forms_only": True}
    )
    shown = merchants.show(record, "https://pay.example")
    assert shown["name"] == "Karoo"
    assert shown["allowed_origins"] == ["https://karoo.example"]
    assert shown["address"]["country"] == "ZA"
    assert [name for name, is_on in shown["policies"].items() if is_on] == [
        "signed_forms_only",
        "return_surplus",
    ]
    live = await merchants.show_merchant(connection, credentials[1].account_id)
    assert (live.name, live.allowed_origins) == (None, ())


async def test_a_cleared_name_is_the_merchant_s_again(change):
    await change(name="Karoo")
    assert merchants.show(await change(name=None), "")["name"] == "Corner shop"


async def test_defaults_of_pages_change_field_by_field(change):
    await change(customization={"theme": "dark", "brand": {"primary": "#00dc82"}})
    record = await change(customization={"display_cart": False})
    assert record.customization == {
        "theme": "dark",
        "brand": {"primary": "#00dc82"},
        "display_cart": False,
    }
    record = await change(customization={"theme": None, "brand": {"primary": None}})
    assert record.customization == {"display_cart": False}
    assert (await change(customization=None)).customization == {}


async def test_a_vat_vendor_needs_a_number(change):
    with pytest.raises(VatNumberMissing):
        await change(is_vat_vendor=True)
    assert (await change(is_vat_vendor=True, vat_number="4123456789")).is_vat_vendor
    with pytest.raises(VatNumberMissing):
        await change(vat_number=None)


async def test_a_logo_is_found_by_its_hash_until_it_is_replaced(change, db):
    first = (await change(logo=data_uri(png()))).logo
    assert (await merchants.show_logo(db, first)).content == png()
    second = (await change(logo=data_uri(png(81)))).logo
    assert second != first
    assert await merchants.show_logo(db, first) is None
    assert (await change(name="Karoo")).logo == second
    assert (await change(logo=None)).logo is None
    for name in ("", "x", second.upper(), second[:-1]):
        assert await merchants.show_logo(db, name) is None


async def test_a_key_shows_what_its_account_says(change, db, credentials):
    await change(
        name="Karoo",
        allowed_origins="https://karoo.example",
        customization={"theme": "dark"},
        policies={"unique_order_references": True},
    )
    account = await KeyRing(db).authenticate_public(credentials[0].public_key)
    assert account.merchant_name == "Karoo"
    assert account.allowed_origins == {"https://karoo.example"}
    assert account.customization == {"theme": "dark"}
    assert account.policies.unique_order_references


async def test_commands_mean_the_only_merchant_or_the_one_they_name(connection, credentials):
    everyone = await merchants.store.all_accounts(connection)
    newest = everyone[-1].merchant_id
    chosen = await merchants.merchant_accounts(connection, newest)
    assert [account.id for account in chosen] == [made.account_id for made in credentials]
    with pytest.raises(MerchantMissing):
        await merchants.merchant_accounts(connection, "mer_unknown")
    first = everyone[0].merchant_id
    await connection.execute("update accounts set name = $1 where merchant_id = $2", first, newest)
    named = await merchants.merchant_accounts(connection, first)
    assert {account.merchant_id for account in named} == {first}, "an id goes before a name"
    await connection.execute("insert into merchants (id, name) values ('mer_empty', 'Empty')")
    if len({account.merchant_id for account in everyone}) > 1:
        with pytest.raises(SeveralMerchants):
            await merchants.merchant_accounts(connection, None)
