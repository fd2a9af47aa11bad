"""Hearing the database's notices, whatever becomes of the connection."""

import asyncio

import asyncpg
import pytest

from paydesk.db.listen import listen

pytestmark = pytest.mark.anyio

CHANNEL = "test_notices"


class Ear:
    """Counts what it is told, and fails as often as it is asked to."""

    def __init__(self):
        self.told = asyncio.Queue()
        self.failures = 0

    def __call__(self):
        self.told.put_nowait(None)
        if self.failures:
            self.failures -= 1
            raise ValueError

    async def hears(self):
        await asyncio.wait_for(self.told.get(), 10)


@pytest.fixture
async def owner(postgres, anyio_backend):
    connection = await asyncpg.connect(postgres.owner)
    yield connection
    await connection.close()


@pytest.fixture
async def ear(postgres, owner):
    """An ear that hears already."""
    ear = Ear()
    listening = asyncio.create_task(listen(postgres.app, CHANNEL, ear))
    await ear.hears()
    yield ear
    assert not listening.done()
    listening.cancel()
    with pytest.raises(asyncio.CancelledError):
        await listening


async def cut_off(owner):
    await owner.execute(
        """
        select pg_terminate_backend(pid) from pg_stat_activity
        where usename = 'paydesk_app' and datname = current_database()
        """
    )


async def test_a_notice_is_heard(ear, owner):
    await owner.execute(f"notify {CHANNEL}")
    await ear.hears()


async def test_a_lost_connection_is_told_and_made_anew(ear, owner):
    await cut_off(owner)
    await ear.hears()  # that it was lost
    await ear.hears()  # that it is back
    await owner.execute(f"notify {CHANNEL}")
    await ear.hears()


async def test_a_failure_of_its_own_does_not_end_it(ear, owner):
    ear.failures = 3
    await cut_off(owner)
    for _ in range(4):  # lost; back, and lost by that; back
        await ear.hears()
    await owner.execute(f"notify {CHANNEL}")
    await ear.hears()
    assert ear.failures == 0
