"""Master keys come and go while cards are kept and used; none is lost on the way."""

import base64
from types import SimpleNamespace

import asyncpg
import pytest

from paydesk import limits
from paydesk.db.connection import Database
from paydesk.errors import DatabaseAway
from paydesk.kit import ids
from paydesk.vault import store
from paydesk.vault.envelope import Envelope
from paydesk.vault.master_keys import KeyRing
from paydesk.vault.rotate import VersionInUse, WrongMasterKey, retire, rewrap, take_up
from paydesk.vault.safe import open_safe

pytestmark = pytest.mark.anyio

ONE, TWO, THREE = bytes(range(32)), bytes(reversed(range(32))), bytes(32)


@pytest.fixture
async def database(cluster):
    """A database of its own, as the vault's role reaches it."""
    made = Database(cluster.url("paydesk_vault", await cluster.new_database()), connections_max=3)
    await made.open()
    yield made
    await made.close()


async def open_with(database, keys):
    return await open_safe(database, KeyRing(keys), {}, SimpleNamespace(), SimpleNamespace())


async def keep(database, envelope, *, account_id=7):
    card_id = ids.new("crd")
    sealed = await envelope.seal(card_id.encode(), account_id=account_id, card_id=card_id)
    await store.add_card(
        database, account_id=account_id, card_id=card_id, is_live=False, sealed=sealed
    )
    return account_id, card_id


async def is_readable(database, envelope, place):
    account_id, card_id = place
    row = await store.find_card(database, account_id=account_id, card_id=card_id)
    secret = await envelope.open(row.sealed, account_id=account_id, card_id=card_id)
    return secret == card_id.encode()


async def rewrap_all(database, envelope, *, batches=None):
    """How many keys were wrapped anew; after so many batches it is stopped."""
    after, count = None, 0
    while batches is None or batches > 0:
        done = await rewrap(database, envelope, after)
        count, after = count + done.count, done.after
        if after is None:
            break
        batches = None if batches is None else batches - 1
    return count


async def test_cards_are_rewrapped_under_a_new_key_and_open_without_the_old(database, monkeypatch):
    monkeypatch.setattr(limits, "REWRAP_BATCH", 7)
    safe = await open_with(database, {1: ONE})
    places = [await keep(database, safe.envelope, account_id=n % 3) for n in range(40)]
    safe = await open_with(database, {1: ONE, 2: TWO})
    places.append(await keep(database, safe.envelope))
    # Stopped after three batches, and begun again by another run.
    assert await rewrap_all(database, safe.envelope, batches=3) == 21
    assert await store.count_by_version(database) == {1: 20, 2: 22}
    assert all([await is_readable(database, safe.envelope, place) for place in places])
    assert await rewrap_all(database, safe.envelope) == 20
    assert await store.count_by_version(database) == {2: 42}
    assert await retire(database, safe.envelope.keys) == {1}
    alone = await open_with(database, {2: TWO})
    assert alone.fingerprint_key == safe.fingerprint_key
    assert all([await is_readable(database, alone.envelope, place) for place in places])


async def test_a_version_in_use_is_not_retired(database):
    first = await open_with(database, {1: ONE})
    await keep(database, first.envelope)
    safe = await open_with(database, {1: ONE, 2: TWO})
    with pytest.raises(VersionInUse) as refused:
        await retire(database, safe.envelope.keys)
    assert refused.value.rows == {1: 2}
    await open_with(database, {1: ONE, 2: TWO})


async def test_a_card_being_kept_under_a_key_that_is_just_retired_is_tried_again(database):
    old = (await open_with(database, {1: ONE})).envelope
    sealed = await old.seal(b"late", account_id=7, card_id="crd_late")
    safe = await open_with(database, {1: ONE, 2: TWO})
    await rewrap_all(database, safe.envelope)
    await retire(database, safe.envelope.keys)
    with pytest.raises(DatabaseAway):
        await store.add_card(
            database, account_id=7, card_id="crd_late", is_live=False, sealed=sealed
        )
    assert await store.count_by_version(database) == {2: 1}


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({1: THREE}, "Version 1 of PAYDESK_VAULT_KEY is not the key"),
        ({2: TWO}, "has no version 1,"),
        ({1: THREE, 2: TWO}, "Version 1 of PAYDESK_VAULT_KEY is not the key"),
    ],
    ids=["another", "missing", "another beside a new one"],
)
async def test_keys_that_did_not_seal_the_cards_are_refused_and_leave_no_trace(
    database, keys, said
):
    await open_with(database, {1: ONE})
    with pytest.raises(WrongMasterKey, match=said):
        await open_with(database, keys)
    await open_with(database, {1: ONE})


@pytest.mark.parametrize("keys", [{1: ONE}, {1: ONE, 2: THREE}, {1: ONE, 3: TWO}], ids=str)
async def test_half_way_through_a_rotation_both_keys_are_needed(database, keys):
    first = await open_with(database, {1: ONE})
    await keep(database, first.envelope)
    second = await open_with(database, {1: ONE, 2: TWO})
    await keep(database, second.envelope)
    with pytest.raises(WrongMasterKey, match="ersion 2"):
        await open_with(database, keys)


async def test_a_version_that_nothing_needs_may_be_missing(database):
    await open_with(database, {1: ONE})
    safe = await open_with(database, {1: ONE, 2: TWO})
    await rewrap_all(database, safe.envelope)
    assert (await open_with(database, {2: TWO})).envelope.keys.current == 2
    assert (await store.key_proofs(database)).keys() == {2}


async def test_a_card_whose_seal_is_broken_is_told_and_stops_no_other(database, cluster):
    first = await open_with(database, {1: ONE})
    broken, whole = [await keep(database, first.envelope) for _ in range(2)]
    await database.execute("update vault.cards set wrapped_key = '' where id = $1", broken[1])
    safe = await open_with(database, {1: ONE, 2: TWO})
    done = await rewrap(database, safe.envelope, None)
    assert (done.count, done.broken, done.after) == (1, 1, max(broken, whole))
    assert await is_readable(database, safe.envelope, whole)


async def test_a_version_from_before_proofs_is_proved_by_the_vault_s_own_keys(database, cluster):
    safe = await open_with(database, {1: ONE})
    await keep(database, safe.envelope)
    name = await database.value("select current_database()")
    owner = await asyncpg.connect(cluster.url("postgres", name))
    await owner.execute("update vault.key_versions set proof = null")
    await owner.close()
    with pytest.raises(WrongMasterKey):
        await take_up(database, KeyRing({1: THREE}))
    await take_up(database, KeyRing({1: ONE, 2: TWO}))
    assert (await store.key_proofs(database)).keys() == {1, 2}


async def test_the_vault_may_change_of_a_card_its_wrapping_and_its_place_and_no_more(database):
    safe = await open_with(database, {1: ONE})
    await keep(database, safe.envelope)
    for column in ("sealed = ''", "account_id = 1", "id = 'crd_other'", "is_live = true"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await database.execute(f"update vault.cards set {column}")


async def test_a_ring_refuses_what_it_has_no_key_for():
    envelope = Envelope(KeyRing({1: ONE}))
    assert envelope.keys.versions == {1}
    assert base64.b64encode(ONE).decode() not in repr(envelope.keys)
