"""`paydesk vault rotate` and `retire`, run on a Paydesk that takes payments."""

import base64
import json
import stat
import subprocess
import sys

import asyncpg
import pytest

import rewrap
from paydesk.cli.children import paydesk_command
from paydesk.cli.programs import is_program
from paydesk.db.postgres_home import remove_home
from paydesk.settings import key_versions_text, read_key_versions
from world import Payer, Server, eventually


@pytest.fixture
def own_server(open_folder):
    running = Server(open_folder() / "data").start()
    yield running
    if running.process.poll() is None:
        running.stop()
    remove_home(running.data)


def keys_of(server):
    return read_key_versions((server.data / "keys" / "vault.key").read_text())


def pay(server):
    return Payer(server.merchant().create()).open().pay().state


def test_a_key_is_added_taken_up_and_the_old_one_removed(own_server, tmp_path):
    assert pay(own_server) == "paid"
    (old,) = keys_of(own_server).values()
    said = own_server.command("vault", "rotate").stdout
    assert "Version 2 is in" in said
    assert "are wrapped under version 2 now" in said
    path = own_server.data / "keys" / "vault.key"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert keys_of(own_server)[1] == old
    assert pay(own_server) == "paid"

    # A backup made in between keeps both keys, and comes back with them.
    dump, keys = tmp_path / "b.dump", tmp_path / "b.keys"
    own_server.command("backup", str(dump), "--keys", str(keys))
    both = keys_of(own_server)
    assert read_key_versions(json.loads(keys.read_text())["paydesk_keys_1"]["vault_key"]) == both

    assert "version 1. Version 2 stays" in own_server.command("vault", "retire").stdout
    assert keys_of(own_server).keys() == {2}
    assert "nothing to remove" in own_server.command("vault", "retire").stdout
    assert pay(own_server) == "paid"
    assert own_server.stop() == 0
    assert own_server.start().is_ready()
    assert pay(own_server) == "paid"
    assert "Version 3 is in" in own_server.command("vault", "rotate").stdout


def test_a_version_still_in_use_is_not_removed(own_server):
    path = own_server.data / "keys" / "vault.key"
    # As a rotation leaves it that was killed before it re-wrapped anything.
    path.write_text(key_versions_text({**keys_of(own_server), 2: bytes(32)}))
    refused = own_server.command("vault", "retire", is_refused=True)
    assert "1 by version 1" in refused.stderr
    assert keys_of(own_server).keys() == {1, 2}
    said = own_server.command("vault", "rotate").stdout
    assert "Version 3" not in said
    assert "wrapped under version 2 now" in said
    own_server.command("vault", "retire")
    assert keys_of(own_server).keys() == {2}


def test_a_key_file_that_lost_a_version_stops_neither_the_vault_nor_a_start_silently(own_server):
    own_server.command("vault", "rotate")
    path = own_server.data / "keys" / "vault.key"
    both = path.read_text()
    path.write_text(key_versions_text({1: keys_of(own_server)[1]}))
    refused = own_server.command("vault", "rotate", is_refused=True)
    assert "PAYDESK_VAULT_KEY has no version 2" in refused.stderr
    assert pay(own_server) == "paid", "it goes on with the keys it has"
    path.write_text(both)
    assert "wrapped under version 3 now" in own_server.command("vault", "rotate").stdout


def test_with_keys_from_the_environment_it_says_how_and_only_rewraps(open_folder):
    one, two = (base64.b64encode(bytes([n]) * 32).decode() for n in (1, 2))
    server = Server(open_folder() / "data", settings={"PAYDESK_VAULT_KEY": one}).start()
    try:
        assert pay(server) == "paid"
        said = rotate_with(server, one)
        assert "put 2:KEY beside the old" in said
        assert server.stop() == 0
        server.settings = {"PAYDESK_VAULT_KEY": f"1:{one},2:{two}"}
        server.start()
        said = rotate_with(server, f"1:{one},2:{two}")
        assert "wrapped under version 2 now" in said
        assert "put" not in said
        assert server.stop() == 0
        server.settings = {"PAYDESK_VAULT_KEY": f"2:{two}"}
        server.start()
        assert pay(server) == "paid"
    finally:
        server.stop()
        remove_home(server.data)


def rotate_with(server, key):
    done = subprocess.run(
        [sys.executable, "-m", "paydesk", "vault", "rotate", "--data", str(server.data)],
        env={"PAYDESK_VAULT_KEY": key},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.replace("\n", " ")


@pytest.mark.parametrize("command", ["rotate", "retire"])
def test_without_a_running_vault_it_says_what_to_start(tmp_path, command):
    done = subprocess.run(
        paydesk_command("vault", command, "--data", str(tmp_path)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "Start `paydesk serve` first" in done.stderr


@pytest.mark.parametrize(
    ("words", "is_a_program"),
    [
        (["vault"], True),
        (["vault", "--help"], True),
        (["vault", "rotate"], False),
        (["vault", "retire", "--data", "x"], False),
        (["vault", "nonsense"], False),
        (["web", "nonsense"], True),
        (["serve"], False),
        ([], False),
    ],
)
def test_a_word_after_vault_is_a_command_of_it(words, is_a_program):
    assert is_program(words) == is_a_program


def test_a_rotation_killed_midway_is_resumed_and_payers_notice_nothing():
    report = rewrap.run(1500, rate=4)
    assert report.faults() == []
    assert report.readable == 1500


@pytest.mark.anyio
async def test_the_database_keeps_no_master_key(server):
    key = (server.data / "keys" / "vault.key").read_text().strip()
    owner = await asyncpg.connect(server.database_url())
    rows = await owner.fetch("select * from vault.keys") + await owner.fetch(
        "select * from vault.key_versions"
    )
    await owner.close()
    assert rows
    assert all(base64.b64decode(key) not in bytes(v) for r in rows for v in r.values()
               if isinstance(v, bytes))  # fmt: skip
    assert eventually(server.is_ready)
