"""The vault's rows: forgotten when their time is up, and only then."""

import pytest

from paydesk.db.connection import Database
from paydesk.vault import store

pytestmark = pytest.mark.anyio


async def test_cards_past_their_time_are_deleted_and_the_others_stay(
    vault, vault_tables, running_program, form
):
    stays = await vault.keep(account_id=70, is_live=False, connector="sandbox", entry=form())
    goes = await vault.keep(account_id=70, is_live=False, connector="sandbox", entry=form())
    await vault_tables.execute("update vault.cards set kept_until = now() where id = $1", goes.id)
    database = Database(
        running_program.environment["PAYDESK_VAULT_DATABASE_URL"], connections_max=1
    )
    await database.open()
    assert await store.forget_cards(database) >= 1
    assert await store.find_card(database, account_id=70, card_id=stays.id)
    await database.close()
    left = await vault_tables.fetch("select id from vault.cards where account_id = 70")
    assert [row["id"] for row in left] == [stays.id]


async def test_an_unsaved_card_is_kept_for_an_hour(vault, vault_tables, form):
    card = await vault.keep(account_id=7, is_live=False, connector="sandbox", entry=form())
    hour = await vault_tables.fetchval(
        "select kept_until - created_at = interval '1 hour' from vault.cards where id = $1", card.id
    )
    assert hour
