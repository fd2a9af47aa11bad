"""Backup and restore as an operator runs them: another folder, the same books, the same keys."""

import json
import os
import subprocess
import sys

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


def test_the_files_are_private_and_the_database_holds_no_key(backed_up):
    folder, server, credentials, _ = backed_up
    files = [folder / "paydesk.dump", folder / "paydesk.keys"]
    assert [file.stat().st_mode & 0o777 for file in files] == [0o600, 0o600]
    secrets = [credentials["api_secret"], credentials["webhook_secret"]]
    secrets += [path.read_text().strip() for path in (server.data / "keys").glob("*.key")]
    assert len(secrets) == 5
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
    kept = json.loads((folder / "paydesk.keys").read_text())
    foreign = kept["paydesk_keys_1"]
    foreign["vault_key"], foreign["page_key"] = foreign["page_key"], foreign["vault_key"]
    (folder / "foreign.keys").write_text(json.dumps(kept))
    done = paydesk("restore", folder / "paydesk.dump", "--keys", folder / "foreign.keys",
                   "--data", folder / "third")  # fmt: skip
    assert done.returncode == 1
    assert "These keys are not the ones of this backup" in done.stderr
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
