"""Which keys open which accounts, and when they stop."""

import base64

import pytest

from paydesk import merchants
from paydesk.merchants import Access, KeyInvalid, KeyKind, KeyMissing, KeyRing, Section

pytestmark = pytest.mark.anyio


def header(api_key, secret):
    return "Basic " + base64.b64encode(f"{api_key}:{secret}".encode()).decode()


@pytest.fixture
def ring(db):
    return KeyRing(db)


@pytest.fixture
def test_account(credentials):
    return credentials[0]


async def opens(ring, key):
    try:
        return await ring.authenticate(header(key.api_key, key.api_secret))
    except KeyInvalid:
        return None


async def issue(connection, account, **what):
    return await merchants.create_key(connection, account.account_id, is_live=False, **what)


async def test_a_key_opens_its_account_with_what_it_was_made_for(ring, connection, test_account):
    access = Access(frozenset({Section.ORDERS}), may_write=False)
    key = await issue(connection, test_account, name="books", access=access)
    account = await opens(ring, key)
    assert (account.id, account.is_live) == (test_account.account_id, False)
    assert account.access == access
    assert account.merchant_name == "Corner shop"


async def test_what_is_printed_by_mistake_holds_no_secret(connection, credentials):
    key = await issue(connection, credentials[0])
    assert key.api_key in repr(key)
    assert key.api_secret not in repr(key)
    for made in credentials:
        assert made.api_key in repr(made)
        assert made.api_secret not in repr(made)
        assert made.webhook_secret not in repr(made)


async def test_a_first_key_opens_everything(ring, credentials):
    for made in credentials:
        account = await opens(ring, made)
        assert (account.id, account.is_live) == (made.account_id, made.is_live)
        assert account.access == Access()


async def test_a_public_key_opens_forms_and_a_secret_one_never(ring, test_account):
    account = await ring.authenticate_public(test_account.public_key)
    assert account.id == test_account.account_id
    for wrong in (test_account.api_key, "", "public_test_unknown", "\0"):
        with pytest.raises(KeyInvalid):
            await ring.authenticate_public(wrong)
    for secret in ("", test_account.api_secret, test_account.public_key):
        with pytest.raises(KeyInvalid):
            await ring.authenticate(header(test_account.public_key, secret))


async def test_a_known_key_is_not_asked_for_again(ring, connection, test_account):
    assert await opens(ring, test_account)
    assert await ring.authenticate_public(test_account.public_key)
    await connection.execute("update api_keys set revoked_at = now()")
    assert await opens(ring, test_account)
    ring.forget()
    assert await opens(ring, test_account) is None
    with pytest.raises(KeyInvalid):
        await ring.authenticate_public(test_account.public_key)


async def test_a_key_in_memory_stops_at_its_end(ring, connection, test_account, monkeypatch):
    await connection.execute(
        "update api_keys set ends_at = now() + interval '1 hour' where api_key = $1",
        test_account.api_key,
    )
    assert await opens(ring, test_account)
    await connection.execute(
        "update api_keys set ends_at = now() where api_key = $1", test_account.api_key
    )
    assert await opens(ring, test_account), "nobody told the ring, so it trusts its memory"
    now = merchants.key_ring.time.monotonic()
    monkeypatch.setattr(merchants.key_ring.time, "monotonic", lambda: now + 3601)
    assert await opens(ring, test_account) is None


async def test_both_keys_of_a_rotation_work_until_the_overlap_ends(ring, connection, test_account):
    access = Access(frozenset({Section.ORDERS}), may_write=False)
    old = await issue(connection, test_account, name="shop", access=access)
    accounts = [test_account.account_id]
    new = await merchants.rotate_key(connection, accounts, old.api_key, overlap_hours=24)
    assert (await opens(ring, new)).access == access
    assert (await opens(ring, old)).access.ends_at is not None
    listed = {key.api_key: key for key in await merchants.list_keys(connection, accounts)}
    assert listed[new.api_key].name == "shop"
    assert listed[new.api_key].access.ends_at is None

    await connection.execute("update api_keys set ends_at = now() where api_key = $1", old.api_key)
    ring.forget()
    assert await opens(ring, old) is None
    assert await opens(ring, new)


async def test_a_rotation_without_overlap_ends_the_old_key_at_once(ring, connection, test_account):
    accounts = [test_account.account_id]
    old = test_account
    new = await merchants.rotate_key(connection, accounts, old.api_key, overlap_hours=0)
    assert await opens(ring, old) is None
    assert await opens(ring, new)
    with pytest.raises(KeyMissing):
        await merchants.rotate_key(connection, accounts, old.api_key, overlap_hours=1)


async def test_a_public_key_is_rotated_too(ring, connection, test_account):
    accounts = [test_account.account_id]
    old = test_account.public_key
    new = await merchants.rotate_key(connection, accounts, old, overlap_hours=1)
    assert new.api_secret is None
    for key in (old, new.api_key):
        assert (await ring.authenticate_public(key)).id == test_account.account_id


async def test_another_merchants_key_is_as_good_as_missing(connection, credentials):
    mine, live = credentials
    for name in (live.api_key, "key_test_unknown"):
        with pytest.raises(KeyMissing):
            await merchants.revoke_key(connection, [mine.account_id], name)
        with pytest.raises(KeyMissing):
            await merchants.rotate_key(connection, [mine.account_id], name, overlap_hours=1)


async def test_a_lost_public_key_is_made_anew_and_a_kept_one_stays(connection, credentials):
    before = credentials[0]
    await merchants.revoke_key(connection, [before.account_id], before.public_key)
    made = await merchants.create_key(
        connection, before.account_id, is_live=False, kind=KeyKind.PUBLIC
    )
    assert made.api_secret is None
    assert made.api_key.startswith("public_test_")


async def test_no_secret_stands_in_the_database(connection, credentials):
    columns = await connection.fetch("select to_jsonb(k)::text as row from api_keys k")
    accounts = await connection.fetch("select to_jsonb(a)::text as row from accounts a")
    text = "\n".join(row["row"] for row in [*columns, *accounts])
    for made in credentials:
        assert made.api_key in text
        for secret in (made.api_secret, made.webhook_secret):
            assert secret not in text
            assert secret.encode().hex() not in text
