import asyncio
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from paydesk.db import postgres, postgres_home
from paydesk.db.postgres import Postgres
from paydesk.db.postgres_home import find_home, make_home, remove_home
from paydesk.db.postgres_programs import PostgresFault, find_programs


@pytest.fixture
def data():
    """A DIR that an unprivileged user can reach, which pytest's own folders are not."""
    folder = Path(tempfile.mkdtemp(prefix="paydesk-test-"))
    folder.chmod(0o711)
    yield folder
    remove_home(folder)
    shutil.rmtree(folder)


@pytest.fixture
def server(data):
    server = Postgres(data)
    yield server
    server.stop()


def ask(address, sql):
    async def connected():
        connection = await asyncpg.connect(address)
        try:
            return await connection.fetchval(sql)
        finally:
            await connection.close()

    return asyncio.run(connected())


def wheel_or_skip():
    try:
        return find_programs("wheel")
    except PostgresFault:
        pytest.skip("no wheel is installed")


def test_it_starts_answers_each_role_and_stops(data, server):
    addresses = server.start()
    for address, role in (
        (addresses.owner, "paydesk"),
        (addresses.app, "paydesk_app"),
        (addresses.vault, "paydesk_vault"),
    ):
        assert ask(address, "select current_user") == role
    assert (data / "database-url").read_text().strip() == addresses.owner
    server.stop()
    assert not server.is_running()


def test_its_log_keeps_statements_and_rows_to_itself(data, server):
    addresses = server.start()
    ask(addresses.owner, "create table people (name text unique)")
    with pytest.raises(asyncpg.UniqueViolationError):
        ask(addresses.owner, "insert into people values ('Thandi'), ('Thandi')")
    said = (data / "log" / "postgres.log").read_text()
    assert "duplicate key" in said
    assert "Thandi" not in said


def test_started_again_it_has_its_data_and_passwords(data, server):
    first = server.start()
    ask(first.owner, "create table kept as select 7 as number")
    server.stop()
    second = Postgres(data)
    try:
        assert second.start() == first
        assert ask(first.owner, "select number from kept") == 7
    finally:
        second.stop()


def test_only_core_roles_are_made_and_only_one_is_superuser(server):
    address = server.start().owner
    roles = "select string_agg(rolname, ' ' order by rolname) from pg_roles where rolcanlogin"
    assert ask(address, roles) == "paydesk paydesk_app paydesk_vault"
    assert ask(address, roles + " and rolsuper") == "paydesk"


def test_the_settings_that_keep_money_safe_are_on(server):
    address = server.start().owner
    for setting in ("fsync", "synchronous_commit", "full_page_writes", "data_checksums"):
        assert ask(address, f"show {setting}") == "on"
    assert ask(address, "show listen_addresses") == ""
    assert ask(address, "show server_encoding") == "UTF8"


def test_secrets_on_disk_are_for_their_owner_only(data, server):
    server.start()
    for path in (data / "database-url", data / "keys" / "postgres.json"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not (find_home(data).folder / "password").exists()


def test_it_never_runs_as_root(data, server):
    server.start()
    owner = Path("/proc", str(server.pid)).stat().st_uid
    assert owner != 0
    assert owner == os.geteuid() or os.geteuid() == 0


def test_killed_outright_it_comes_back_with_its_data(server):
    address = server.start().owner
    ask(address, "create table kept as select 7 as number")
    os.kill(server.pid, signal.SIGKILL)
    while server.is_running():
        time.sleep(0.01)
    assert server.start().owner == address
    assert ask(address, "select number from kept") == 7


def test_it_ends_with_its_parent_and_the_next_start_waits_for_it(data):
    program = (
        "import pathlib, sys, time; from paydesk.db.postgres import Postgres;"
        "server = Postgres(pathlib.Path(sys.argv[1])); server.start();"
        "print(server.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, data], stdout=subprocess.PIPE, text=True
    ) as parent:
        orphan = int(parent.stdout.readline())
        parent.kill()
    server = Postgres(data)
    try:
        assert ask(server.start().owner, "select 1") == 1
        assert server.pid != orphan
        assert not Path("/proc", str(orphan), "exe").exists()
    finally:
        server.stop()


def test_a_lock_whose_number_another_process_has_does_not_stop_it(data, server):
    address = server.start().owner
    server.stop()
    lock = find_home(data).data / "postmaster.pid"
    lock.write_text(f"{os.getpid()}\n")
    assert server.start().owner == address


def test_a_path_too_long_for_a_socket_gets_a_short_one(data):
    long = data / ("long-" * 20)
    long.mkdir(mode=0o711)
    server = Postgres(long)
    try:
        address = server.start().owner
        assert "long-" not in address
        server.stop()
        assert server.start().owner == address
        assert ask(address, "select 1") == 1
    finally:
        server.stop()
        shutil.rmtree(Path((find_home(long).folder / "run" / "moved").read_text()))
        remove_home(long)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to give its database to another user")
def test_under_a_closed_folder_the_cluster_lives_elsewhere(data):
    closed = data / "closed"
    (closed / "data").mkdir(parents=True)
    closed.chmod(0o700)
    server = Postgres(closed / "data")
    try:
        assert ask(server.start().owner, "select 1") == 1
        home = Path((closed / "data" / "postgres").read_text().strip())
        assert home.parent == Path("/var/lib/paydesk")
    finally:
        server.stop()
        remove_home(closed / "data")
    assert not home.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to give its database to another user")
def test_a_home_whose_maker_was_stopped_before_handing_it_over_is_taken_up(data):
    (data / "postgres").mkdir(mode=0o700)
    home = make_home(data)
    assert home.folder.stat().st_uid == home.account.user != 0
    remove_home(data)
    assert not (data / "postgres").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has to give its database to another user")
def test_programs_out_of_reach_are_copied_once_and_run(data, monkeypatch, tmp_path):
    wheel = wheel_or_skip()
    package = wheel.folder.parent.parent
    tmp_path.chmod(0o700)
    for folder in (package, package.with_name(f"{package.name}.libs")):
        shutil.copytree(folder, tmp_path / folder.name)
    closed = replace(wheel, folder=tmp_path / wheel.folder.relative_to(package.parent))
    state = data / "state"
    monkeypatch.setattr(postgres_home, "_STATE", state)
    monkeypatch.setattr(postgres, "find_programs", lambda *_, **__: closed)
    server = Postgres(data)
    try:
        assert ask(server.start().owner, "show server_version").startswith(wheel.version)
        running = Path("/proc", str(server.pid), "exe").resolve()
        assert running.is_relative_to(state / f"postgresql-{wheel.version}-{package.name}")
        server.stop()
        server.start()
    finally:
        server.stop()
    assert [path.name for path in state.iterdir()] == [f"postgresql-{wheel.version}-{package.name}"]


def test_a_cluster_of_another_major_version_is_refused_with_a_way_out(data, server):
    server.start()
    server.stop()
    (find_home(data).data / "PG_VERSION").write_text("12\n")
    with pytest.raises(PostgresFault, match=r"made by PostgreSQL 12.*Install PostgreSQL 12"):
        server.start()


def test_lost_passwords_are_told_not_replaced(data, server):
    server.start()
    server.stop()
    (data / "keys" / "postgres.json").unlink()
    with pytest.raises(PostgresFault, match=r"postgres\.json is missing"):
        server.start()


def test_without_any_programs_it_says_what_to_install(monkeypatch):
    monkeypatch.setattr("paydesk.db.postgres_programs._WHEELS", ())
    with pytest.raises(PostgresFault, match=r"No PostgreSQL 15 or later.*apt-get install"):
        find_programs("wheel")


def test_the_wheel_serves_as_well(data):
    wheel = wheel_or_skip()
    server = Postgres(data, preference="wheel")
    try:
        version = ask(server.start().owner, "show server_version")
        assert version.startswith(wheel.version)
    finally:
        server.stop()
