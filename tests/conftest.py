"""What every test may lean on."""

import shutil
import tempfile
from pathlib import Path

import pytest
from hypothesis import settings
from playwright.sync_api import expect, sync_playwright

from paydesk.db.postgres import Postgres
from windows import launched
from workshop import Programs, open_workshop
from world import UNHURRIED, Receiver, Server

_HERE = Path(__file__).parent

# A loaded machine must not fail a property for being slow.
settings.register_profile("paydesk", deadline=None)
settings.load_profile("paydesk")


_LONG = ("journeys", "cli", "api_contract", "checkouts")


def pytest_collection_modifyitems(items):
    """Files that take long come first, so that the processes of `make test` end together."""
    items.sort(key=lambda item: item.path.relative_to(_HERE).parts[0] not in _LONG)


@pytest.fixture
def anyio_backend():
    return "asyncio"


@pytest.fixture(scope="session")
def open_folder():
    """Makes folders that the database's user may pass through, as pytest's own can't be."""
    folders = []

    def make():
        folder = Path(tempfile.mkdtemp(prefix="paydesk-test-"))
        folder.chmod(0o711)
        folders.append(folder)
        return folder

    yield make
    for folder in folders:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def postgres(open_folder):
    """A PostgreSQL of the tests' own: its addresses."""
    server = Postgres(open_folder())
    yield server.start()
    server.stop()


@pytest.fixture(scope="session")
def server(open_folder):
    """A whole Paydesk with quick settings, for all tests of a process that change no setting."""
    running = Server(open_folder() / "data").start()
    yield running
    assert running.stop() == 0


@pytest.fixture(scope="session")
def unhurried_server(open_folder):
    """As `server`, with UNHURRIED as its settings."""
    running = Server(open_folder() / "data", settings=UNHURRIED).start()
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
def chromium():
    """The machine's own Chromium; `make test` sees to it that there is one."""
    # A loaded machine must not fail what comes in the end.
    expect.set_options(timeout=30_000)
    with sync_playwright() as playwright:
        browser = launched(playwright)
        yield browser
        browser.close()


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
