"""Backup and restore as an operator runs them: another folder, the same books, the same keys."""

import asyncio
import json
import os
import subprocess
import sys
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from paydesk.db.postgres_home import remove_home
from world import Payer, Server, eventually


def paydesk(*arguments, **settings):
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PAYDESK_") or name == "PAYDESK_POSTGRES"
    }
    return subprocess.run(
        [sys.executable, "-m", "paydesk", *map(str, arguments)],
        env={**inherited, **settings},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


@pytest.fixture(scope="module")
def backed_up(open_folder):
    """A shop that had one payment, its backup's files, and the server's folder, stopped."""
    folder = open_folder()
    server = Server(folder / "first").start()
    merchant = server.merchant()
    checkout = merchant.create()
    Payer(checkout).open().pay()
    eventually(lambda: merchant.status(checkout) == "completed")
    file, keys = folder / "paydesk.dump", folder / "paydesk.keys"
    done = paydesk("backup", file, "--keys", keys, "--data", server.data)
    assert done.returncode == 0, done.stderr
    assert server.stop() == 0
    yield folder, server, merchant.credentials, checkout
    remove_home(server.data)


def test_a_restored_shop_goes_on_where_it_was(backed_up):
    folder, _, credentials, checkout = backed_up
    data = folder / "second"
    done = paydesk("restore", folder / "paydesk.dump", "--keys", folder / "paydesk.keys",
                   "--data", data)  # fmt: skip
    assert done.returncode == 0, done.stderr
    server = Server(data).start()
    try:
        merchant = server.merchant()
        assert merchant.credentials == credentials
        shown = merchant.show(checkout)
        assert (shown["status"], shown["order_id"]) == ("completed", checkout["order_id"])
        assert Payer(merchant.create()).open().pay().state == "paid"
    finally:
        assert server.stop() == 0
        remove_home(data)


@pytest.fixture(scope="module")
def outside(postgres):
    """The settings that name a new, empty database of this name, each with the role it is for."""

    async def create(name):
        connection = await asyncpg.connect(postgres.owner)
        await connection.execute(f"create database {name}")
        await connection.close()

    def make(name):
        asyncio.run(create(name))
        there = {
            role: urlunsplit(urlsplit(getattr(postgres, role))._replace(path=f"/{name}"))
            for role in ("owner", "app", "vault")
        }
        return {
            "PAYDESK_OWNER_DATABASE_URL": there["owner"],
            "PAYDESK_DATABASE_URL": there["app"],
            "PAYDESK_VAULT_DATABASE_URL": there["vault"],
        }

    return make


def test_a_shop_goes_on_in_an_outside_database(backed_up, outside):
    folder, _, credentials, checkout = backed_up
    settings, data = outside("elsewhere"), folder / "outside"
    restore = ("restore", folder / "paydesk.dump", "--keys", folder / "paydesk.keys", "--data")
    done = paydesk(*restore, data, **settings)
    assert done.returncode == 0, done.stderr
    assert "Start it, with that setting: paydesk serve" in done.stdout
    server = Server(data, settings=settings).start()
    try:
        assert not (data / "postgres").exists()
        merchant = server.merchant()
        assert merchant.credentials == credentials
        assert merchant.show(checkout)["status"] == "completed"
        assert Payer(merchant.create()).open().pay().state == "paid"
    finally:
        assert server.stop() == 0
    again = paydesk(*restore, folder / "once-more", **settings)
    assert again.returncode == 1
    assert "is a Paydesk's already" in again.stderr
    assert not (folder / "once-more").exists()


def test_a_failed_restore_tells_what_an_outside_database_holds(backed_up, outside):
    folder, *_ = backed_up
    settings, data, keys = outside("failed"), folder / "failed", folder / "paydesk.keys"
    done = paydesk("restore", keys, "--keys", keys, "--data", data, **settings)
    assert (done.returncode, "nothing was kept" in done.stderr) == (1, True)
    foreign = _foreign_keys(folder)
    done = paydesk("restore", folder / "paydesk.dump", "--keys", foreign, "--data", data,
                   **settings)  # fmt: skip
    assert done.returncode == 1
    assert "These keys are not the ones of this backup" in done.stderr
    assert "drop it, make an empty one, and restore again" in done.stderr
    assert not data.exists()


def test_the_files_are_private_and_the_database_holds_no_key(backed_up):
    folder, server, credentials, _ = backed_up
    files = [folder / "paydesk.dump", folder / "paydesk.keys"]
    assert [file.stat().st_mode & 0o777 for file in files] == [0o600, 0o600]
    secrets = [credentials["api_secret"], credentials["webhook_secret"]]
    secrets += [path.read_text().strip() for path in (server.data / "keys").glob("*.key")]
    # The sandbox bank's key seals nothing, and is not in a backup; no more is it in the database.
    assert len(secrets) == 6
    dumped = files[0].read_bytes()
    assert not [secret for secret in secrets if secret.encode() in dumped]


def test_a_stopped_shop_can_be_backed_up_too(backed_up):
    folder, server, *_ = backed_up
    done = paydesk("backup", folder / "again.dump", "--data", server.data)
    assert done.returncode == 0, done.stderr
    assert "keep them too, with --keys FILE" in done.stdout
    assert (folder / "again.dump").stat().st_size > 10_000


def test_a_backup_overwrites_nothing(backed_up):
    folder, server, *_ = backed_up
    before = (folder / "paydesk.dump").read_bytes()
    done = paydesk("backup", folder / "paydesk.dump", "--data", server.data)
    assert done.returncode == 1
    assert "overwrites nothing" in done.stderr
    assert (folder / "paydesk.dump").read_bytes() == before


def test_keys_of_another_shop_are_refused_and_nothing_is_left(backed_up):
    folder, *_ = backed_up
    done = paydesk("restore", folder / "paydesk.dump", "--keys", _foreign_keys(folder),
                   "--data", folder / "third")  # fmt: skip
    assert done.returncode == 1
    assert "These keys are not the ones of this backup" in done.stderr
    assert "PAYDESK_DATABASE_URL" not in done.stderr
    assert not (folder / "third").exists()


def test_a_restore_without_keys_says_where_they_are(backed_up):
    folder, *_ = backed_up
    done = paydesk("restore", folder / "paydesk.dump", "--data", folder / "fourth")
    assert done.returncode == 1
    assert "--keys FILE" in done.stderr
    assert not (folder / "fourth").exists()


def test_a_folder_in_use_is_refused(backed_up):
    folder, server, *_ = backed_up
    done = paydesk("restore", folder / "paydesk.dump", "--keys", folder / "paydesk.keys",
                   "--data", server.data)  # fmt: skip
    assert done.returncode == 1
    assert "is not empty" in done.stderr
    assert (server.data / "credentials.json").exists()


def test_what_is_no_backup_is_refused(backed_up):
    folder, *_ = backed_up
    keys = folder / "paydesk.keys"
    done = paydesk("restore", keys, "--keys", keys, "--data", folder / "fifth")
    assert done.returncode == 1
    assert "pg_restore failed, and nothing was kept" in done.stderr
    done = paydesk("restore", keys, "--keys", folder / "paydesk.dump", "--data", folder / "fifth")
    assert "is not a file that paydesk backup --keys wrote" in done.stderr
    assert not (folder / "fifth").exists()


def _foreign_keys(folder):
    kept = json.loads((folder / "paydesk.keys").read_text())
    foreign = kept["paydesk_keys_1"]
    foreign["vault_key"], foreign["page_key"] = foreign["page_key"], foreign["vault_key"]
    path = folder / "foreign.keys"
    path.write_text(json.dumps(kept))
    return path
