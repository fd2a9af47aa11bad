"""Listing checkouts: one statement for a page, however many entries it has."""

import pytest

from paydesk import checkouts
from paydesk.db.listing import Page

pytestmark = pytest.mark.anyio


async def test_a_page_is_one_statement(shop):
    made = [await shop.create() for _ in range(3)]
    ran = []
    async with shop.db.connection() as connection:
        for size in (1, 3):
            page = await checkouts.list_checkouts(
                connection, shop.account.id, checkouts.Filters(), Page(size)
            )
            with connection.query_logger(ran.append):
                again = await checkouts.list_checkouts(
                    connection, shop.account.id, checkouts.Filters(), Page(size)
                )
            assert again == page
    assert len(ran) == 2
    assert [shown.checkout.id for shown in page.checkouts] == [one.id for one in reversed(made)]
    assert page.next_cursor is None


async def test_the_checkouts_of_an_order_are_found_by_their_index(shop):
    await shop.owner.execute("analyze checkouts")
    await shop.owner.execute("set enable_seqscan = off")
    plan = await shop.owner.fetch(
        "explain select from checkouts where order_id = 'ord_1' and account_id = 1"
    )
    assert "checkouts_by_order" in "".join(row[0] for row in plan)
