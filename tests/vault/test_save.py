"""Saving a card for good, using it again with its security code, and destroying it."""

import asyncio

import asyncpg
import pytest

from paydesk import limits
from paydesk.cards import CardFaults, CardMissing, SecurityCodeGone
from paydesk.connectors.contract import CardField, Request
from paydesk.db.connection import Database
from paydesk.vault import store
from paydesk.vault.envelope import Sealed, WrappedKey

pytestmark = pytest.mark.anyio
DAYS = limits.CARD_TO_SAVE_SECONDS_MAX // 86_400


async def keep(vault, form, *, may_be_saved=True, account_id=7):
    return await vault.keep(
        account_id=account_id,
        is_live=False,
        connector="sandbox",
        entry=form,
        may_be_saved=may_be_saved,
    )


async def sent(vault, acquirer, card_id, *, account_id=7, code=True):
    """What an acquirer is sent of the card."""
    fill = {"/number": CardField.NUMBER, "/expiry": CardField.EXPIRE_YEAR}
    if code:
        fill["/code"] = CardField.SECURITY_CODE
    request = Request("POST", acquirer.url, {}, {}, fill)
    await vault.forward(
        account_id=account_id, card_id=card_id, connector="sandbox", request=request, seconds_max=5
    )
    return acquirer.requests[-1][2]


async def use(vault, card, code="918", **changes):
    asked = {"account_id": 7, "card_id": card.id, "connector": "sandbox", **changes}
    return await vault.use(**asked, code=code)


async def kept_until(tables, card):
    return await tables.fetchval(
        "select kept_until - created_at from vault.cards where id = $1", card.id
    )


async def test_a_card_that_may_be_saved_is_kept_for_days_and_then_for_good(
    vault, vault_tables, acquirer, form
):
    card = await keep(vault, form())
    assert (await kept_until(vault_tables, card)).days == DAYS
    for _ in range(2):  # done twice it is done once
        await vault.save(account_id=7, card_id=card.id, source_id=card.id)
    assert await kept_until(vault_tables, card) is None
    assert (await sent(vault, acquirer, card.id))["number"] == "4242424242424242"


async def test_one_that_was_not_to_be_saved_goes_within_the_hour(vault, vault_tables, form):
    card = await keep(vault, form(), may_be_saved=False)
    left = await kept_until(vault_tables, card)
    assert left.total_seconds() == limits.UNSAVED_CARD_SECONDS_MAX


@pytest.mark.parametrize("place", [{"account_id": 8}, {"source_id": "crd_1"}], ids=str)
async def test_what_is_not_kept_can_not_be_saved(vault, form, place):
    card = await keep(vault, form())
    with pytest.raises(CardMissing):
        await vault.save(**{"account_id": 7, "card_id": card.id, "source_id": card.id, **place})


async def test_a_card_past_its_time_can_not_be_saved(vault, vault_tables, form):
    card = await keep(vault, form())
    await vault_tables.execute("update vault.cards set kept_until = now() where id = $1", card.id)
    with pytest.raises(CardMissing):
        await vault.save(account_id=7, card_id=card.id, source_id=card.id)


async def test_a_newer_card_s_number_takes_the_older_one_s_place(
    vault, vault_tables, acquirer, form
):
    older = await keep(vault, form(number="5555 5555 5555 4444"))
    await vault.save(account_id=7, card_id=older.id, source_id=older.id)
    newer = await keep(vault, form(expiry="11/41"))
    for _ in range(2):
        await vault.save(account_id=7, card_id=older.id, source_id=newer.id)
    assert await kept_until(vault_tables, older) is None
    found = await sent(vault, acquirer, older.id, code=False)
    assert found == {"number": "4242424242424242", "expiry": "2041"}
    count = await vault_tables.fetchval("select count(*) from vault.cards where id = $1", older.id)
    assert count == 1, "nothing of the older number is left"


async def test_a_saved_card_is_used_under_an_id_of_its_own_with_a_code_for_that_alone(
    vault, vault_tables, acquirer, form
):
    card = await keep(vault, form())
    await sent(vault, acquirer, card.id)  # the first payment reads the first code
    await vault.save(account_id=7, card_id=card.id, source_id=card.id)
    one, other = await use(vault, card, " 918 "), await use(vault, card, "919")
    assert len({card.id, one.id, other.id}) == 3
    assert (one.ending, one.expire, one.fingerprint) == (card.ending, "12/40", card.fingerprint)
    left = await kept_until(vault_tables, one)
    assert left.total_seconds() == limits.UNSAVED_CARD_SECONDS_MAX
    assert (await sent(vault, acquirer, other.id))["code"] == "919"
    assert (await sent(vault, acquirer, one.id))["code"] == "918"
    for used in (card, one, other):
        with pytest.raises(SecurityCodeGone):
            await sent(vault, acquirer, used.id)


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        ("", "security_code_missing"),
        ("12", "security_code_length"),
        ("1234", "security_code_length"),
        ("\ud800", "security_code_length"),
    ],
)
async def test_a_saved_card_is_not_used_without_a_code_that_fits_it(vault, form, code, rule):
    card = await keep(vault, form())
    with pytest.raises(CardFaults) as refused:
        await use(vault, card, code)
    assert refused.value.by_field == {"security_code": rule}


@pytest.mark.parametrize("place", [{"account_id": 8}, {"card_id": "crd_1"}], ids=str)
async def test_a_card_of_another_account_is_not_used(vault, form, place):
    card = await keep(vault, form())
    await vault.save(account_id=7, card_id=card.id, source_id=card.id)
    with pytest.raises(CardMissing):
        await use(vault, card, **place)


async def test_a_destroyed_card_is_not_used_saved_or_sent(vault, vault_tables, acquirer, form):
    card = await keep(vault, form())
    await vault.save(account_id=7, card_id=card.id, source_id=card.id)
    await vault.destroy(account_id=8, card_id=card.id)  # somebody else's word counts for nothing
    assert (await use(vault, card)).ending == "4242"
    for _ in range(2):
        await vault.destroy(account_id=7, card_id=card.id)
    for verb in (
        use(vault, card),
        vault.save(account_id=7, card_id=card.id, source_id=card.id),
        sent(vault, acquirer, card.id),
    ):
        with pytest.raises(CardMissing):
            await verb
    assert not await vault_tables.fetchval(
        "select count(*) from vault.cards where id = $1", card.id
    )


# What is left on the disk


@pytest.fixture
async def place(cluster):
    """A database of its own, with the vault's hands in it and its owner's."""
    name = await cluster.new_database()
    database = Database(cluster.url("paydesk_vault", name), connections_max=4)
    await database.open()
    owner = await asyncpg.connect(cluster.url("postgres", name))
    await store.add_key_version(database, 1, proof=b"proof")
    yield database, owner
    await owner.close()
    await database.close()


async def save(database, name, mark=b"another"):
    sealed = Sealed(WrappedKey(1, mark + b" key"), mark * 4)
    at = {"account_id": 7, "card_id": name}
    await store.add_card(database, **at, is_live=False, sealed=sealed, may_be_saved=True)
    assert await store.save_card(database, **at)


async def shelves(owner):
    """The shelf of each card, by its name."""
    rows = await owner.fetch("select id, shelf from vault.cards")
    return {row["id"]: row["shelf"] for row in rows}


async def sweep(database):
    """What the vault does every minute; how many shelves it cleared."""
    await store.turn_saved_shelf(database)
    while await store.move_saved_cards(database):
        pass
    return await store.clear_shelves(database)


def files_with(cluster, mark):
    paths = [path for path in (cluster.folder / "data").rglob("*") if path.is_file()]
    assert len(paths) > 900, "a whole cluster was read"
    return [str(path) for path in paths if mark in path.read_bytes()]


async def test_a_destroyed_card_is_in_no_file_of_the_server_and_the_others_stay(
    place, cluster, monkeypatch
):
    monkeypatch.setattr(limits, "SAVED_CARDS_MOVED_BATCH", 7)
    database, owner = place
    mark = b"Sealed-5d1e-destroyed"
    names = [f"crd_{n:02}" for n in range(30)]
    for name in names[:15]:
        await save(database, name)
    await save(database, "crd_goes", mark)
    for name in names[15:]:
        await save(database, name)
    await store.destroy_card(database, account_id=7, card_id="crd_goes")
    await owner.execute("vacuum")
    await owner.execute("checkpoint")
    left = files_with(cluster, mark)
    assert any("/base/" in path for path in left), "the control: deleting alone destroys nothing"
    assert any("/pg_wal/" in path for path in left)

    assert await sweep(database) == 1
    assert await store.turn_log(database)
    await owner.execute("checkpoint")
    assert files_with(cluster, mark) == []
    assert set(await shelves(owner)) == set(names)
    for name in names:
        assert await store.find_card(database, account_id=7, card_id=name)
    assert await sweep(database) == 0, "nothing is moved where nothing was destroyed"


async def test_a_number_that_was_replaced_leaves_the_disk_too(place, cluster):
    database, owner = place
    mark = b"Sealed-77aa-replaced"
    await save(database, "crd_older", mark)
    await save(database, "crd_newer", mark)
    sealed = Sealed(WrappedKey(1, b"new key"), b"new secret")
    place_of = {"account_id": 7, "card_id": "crd_older", "source_id": "crd_newer"}
    assert await store.replace_card(database, **place_of, is_live=False, sealed=sealed)
    assert not await store.replace_card(database, **place_of, is_live=False, sealed=sealed)
    assert set(await shelves(owner)) == {"crd_older"}
    assert await sweep(database) == 1
    await store.turn_log(database)
    await owner.execute("checkpoint")
    assert files_with(cluster, mark) == []
    row = await store.find_card(database, account_id=7, card_id="crd_older")
    assert row.sealed == sealed


async def test_one_whose_payment_came_to_nothing_leaves_the_disk_after_its_time(place, cluster):
    database, owner = place
    mark = b"Sealed-0c2b-unsaved"
    sealed = Sealed(WrappedKey(1, mark + b" key"), mark)
    await store.add_card(
        database,
        account_id=7,
        card_id="crd_unpaid",
        is_live=False,
        sealed=sealed,
        may_be_saved=True,
    )
    await owner.execute("update vault.cards set kept_until = now()")
    assert await store.forget_cards(database) == 1
    assert await sweep(database) == 1
    await store.turn_log(database)
    await owner.execute("checkpoint")
    assert files_with(cluster, mark) == []


async def test_the_shelves_take_turns_and_a_backup_is_waited_for(place):
    database, owner = place
    await save(database, "crd_stays")
    turns = []
    for name in ("crd_1", "crd_2", "crd_3"):
        await save(database, name)
        await store.destroy_card(database, account_id=7, card_id=name)
        async with owner.transaction():  # as a backup does, for as long as it takes
            await owner.fetch("select * from vault.cards")
            assert await asyncio.wait_for(sweep(database), 5) == 0
        assert await sweep(database) == 1
        turns.append((await shelves(owner))["crd_stays"])
    assert turns == [-2, -1, -2]


async def test_what_is_destroyed_while_cards_are_moved_is_destroyed(place, cluster):
    """The database says then that the row went elsewhere; that is no reason to let it live."""
    database, owner = place
    for name in ("crd_first", "crd_stays", "crd_goes"):
        await save(database, name)
    await store.destroy_card(database, account_id=7, card_id="crd_first")
    await store.turn_saved_shelf(database)
    async with owner.transaction():
        await owner.execute("update vault.cards set shelf = -2")
        going = asyncio.create_task(store.destroy_card(database, account_id=7, card_id="crd_goes"))
        await _blocked(cluster)
    await asyncio.wait_for(going, 5)
    assert set(await shelves(owner)) == {"crd_stays"}


async def test_keys_are_wrapped_anew_while_cards_are_moved(place, cluster):
    database, owner = place
    await store.add_key_version(database, 2, proof=b"proof")
    for name in ("crd_goes", "crd_stays"):
        await save(database, name)
    await store.destroy_card(database, account_id=7, card_id="crd_goes")
    await store.turn_saved_shelf(database)
    (found,) = await store.next_card_keys(database, after=None, count_max=10)
    where, old = found
    async with owner.transaction():
        await owner.execute("update vault.cards set shelf = -2")
        changing = asyncio.create_task(
            store.change_card_keys(database, [(where, old, WrappedKey(2, b"new"))])
        )
        await _blocked(cluster)
    assert await asyncio.wait_for(changing, 5) == 1
    row = await store.find_card(database, account_id=7, card_id="crd_stays")
    assert row.sealed.key == WrappedKey(2, b"new")


async def _blocked(cluster):
    """Returns once somebody waits for a lock."""
    asked = "select count(*) from pg_stat_activity where wait_event_type = 'Lock'"
    watcher = await asyncpg.connect(cluster.url("postgres", "postgres"))
    for _ in range(1000):
        if await watcher.fetchval(asked):
            break
        await asyncio.sleep(0.01)
    else:
        raise AssertionError("nobody waits")
    await watcher.close()
