"""What every test may lean on."""

import pytest
from hypothesis import settings

from paydesk.db.postgres import Postgres
from workshop import Programs, open_workshop
from world import Receiver, Server

# A loaded machine must not fail a property for being slow.
settings.register_profile("paydesk", deadline=None)
settings.load_profile("paydesk")


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture(scope="session")
def postgres(tmp_path_factory):
    """A PostgreSQL of the tests' own: its addresses."""
    server = Postgres(tmp_path_factory.mktemp("postgres"))
    yield server.start()
    server.stop()


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """A whole Paydesk with quick settings, for all tests of a process that change no setting."""
    running = Server(tmp_path_factory.mktemp("paydesk") / "data").start()
    yield running
    assert running.stop() == 0


@pytest.fixture
def merchant(server):
    return server.merchant()


@pytest.fixture(scope="session")
def receiver():
    listening = Receiver()
    yield listening
    listening.close()


@pytest.fixture(scope="module")
def programs(postgres):
    """A database, a vault and an acquirer for the tests of one file."""
    running = Programs(postgres)
    try:
        running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture
async def shop(programs, anyio_backend):
    """The product's verbs over them; afterwards the books must be right."""
    workshop = await open_workshop(programs)
    yield workshop
    await workshop.owner.close()
    await workshop.desk.close()
