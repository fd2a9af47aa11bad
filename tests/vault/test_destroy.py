"""A card whose time is up leaves the disk: the table's files and the server's log."""

import asyncio

import asyncpg
import pytest

from paydesk import limits
from paydesk.db.connection import Database
from paydesk.vault import store
from paydesk.vault.envelope import Sealed, WrappedKey

pytestmark = pytest.mark.anyio


@pytest.fixture
async def place(cluster):
    """A database of its own, with the vault's hands in it and its owner's."""
    name = await cluster.new_database()
    database = Database(cluster.url("paydesk_vault", name), connections_max=3)
    await database.open()
    owner = await asyncpg.connect(cluster.url("postgres", name))
    await store.add_key_version(database, 1, proof=b"proof")
    yield database, owner
    await owner.close()
    await database.close()


def files_with(cluster, mark):
    """The server's files that hold these bytes; and how many were read."""
    paths = [path for path in (cluster.folder / "data").rglob("*") if path.is_file()]
    assert len(paths) > 900, "a whole cluster was read"
    return [str(path) for path in paths if mark in path.read_bytes()]


async def keep(database, name, mark):
    sealed = Sealed(WrappedKey(1, mark + b" key"), mark * 4)
    await store.add_card(database, account_id=7, card_id=name, is_live=False, sealed=sealed)


async def let_time_pass(owner):
    """An hour and more: the cards are due and their shelf is not the one being filled."""
    await owner.execute(
        f"""update vault.cards set kept_until = now(),
            shelf = (shelf + {limits.CARD_SHELVES} - 2) % {limits.CARD_SHELVES}
            where account_id = 7"""
    )


async def test_a_forgotten_card_is_in_no_file_of_the_server(place, cluster):
    database, owner = place
    mark = b"Sealed-3f9c-forgotten"
    # Second on its page: what stays on one is moved together, over the first.
    await keep(database, "crd_later", b"another")
    await keep(database, "crd_goes", mark)
    await let_time_pass(owner)
    await owner.execute("update vault.cards set kept_until = 'infinity' where id = 'crd_later'")

    # What a delete and a vacuum leave, in the page and in the log.
    await store.forget_cards(database)
    await owner.execute("vacuum")
    await owner.execute("checkpoint")
    left = files_with(cluster, mark)
    assert any("/base/" in path for path in left), "the control: deleting alone destroys nothing"
    assert any("/pg_wal/" in path for path in left)
    assert await store.clear_shelves(database) == 0

    await owner.execute("update vault.cards set kept_until = now() where id = 'crd_later'")
    await store.forget_cards(database)
    assert await store.clear_shelves(database) == 1
    assert await store.turn_log(database)
    await owner.execute("checkpoint")
    assert files_with(cluster, mark) == []


async def test_a_shelf_with_a_card_on_it_stays_and_so_does_the_one_being_filled(place):
    database, owner = place
    await keep(database, "crd_old", b"old")
    await let_time_pass(owner)
    await keep(database, "crd_new", b"new")
    assert await store.clear_shelves(database) == 0
    await store.forget_cards(database)
    assert await store.find_card(database, account_id=7, card_id="crd_new")
    await database.execute("delete from vault.cards")
    assert await store.clear_shelves(database) == 1, "only the old one"


async def test_a_shelf_that_is_being_read_is_left_for_the_next_time(place, cluster):
    database, owner = place
    await keep(database, "crd_old", b"old")
    await let_time_pass(owner)
    await store.forget_cards(database)
    async with owner.transaction():  # as a backup does, for as long as it takes
        await owner.fetch("select * from vault.cards")
        assert await asyncio.wait_for(store.clear_shelves(database), 5) == 0
    assert await store.clear_shelves(database) == 1


async def test_a_card_put_on_a_shelf_that_looked_empty_is_not_lost(place):
    database, owner = place
    await keep(database, "crd_old", b"old")
    await let_time_pass(owner)
    shelf = await owner.fetchval("select shelf from vault.cards")
    assert not await database.transact(
        lambda connection: store._clear(connection, f"cards_{shelf}")
    )
    assert await owner.fetchval("select count(*) from vault.cards") == 1


async def test_the_shelves_are_those_of_the_limits(place):
    _, owner = place
    rows = await owner.fetch(
        "select inhrelid::regclass::text from pg_inherits where inhparent = 'vault.cards'::regclass"
    )
    names = {f"vault.cards_{number}" for number in range(limits.CARD_SHELVES)}
    assert {row[0] for row in rows} == names | {"vault.cards_saved", "vault.cards_saved_too"}
    ring = limits.CARD_SHELVES * limits.CARD_SHELF_SECONDS
    # Filled again only when its last card has been gone for as long as a shelf is filled.
    assert ring >= limits.UNSAVED_CARD_SECONDS_MAX + 2 * limits.CARD_SHELF_SECONDS
