"""`paydesk serve` as an operator meets it: a real process tree on a real database."""

import contextlib
import http.client
import json
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import time
from pathlib import Path

import httpx2
import pytest

from paydesk.cli.children import paydesk_command
from paydesk.db.postgres_home import remove_home
from world import free_port

# The promises are 15 s for a start, 5 for a child to be back and 20 for a stop. Other tests run
# beside this one, so that time alone fails nothing here; `make bench` measures the start.
PATIENCE_SECONDS = 60
PROGRAMS = {"postgres": 1, "sandbox": 1, "threeds": 1, "vault": 1, "web": 2, "worker": 1, "post": 1}


class Serve:
    """A running `paydesk serve` and its children."""

    def __init__(self, data, port):
        self.data, self.port = data, port
        self.output = (data.parent / "output").open("a+")
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            paydesk_command("serve", "--data", str(self.data), "--port", str(self.port)),
            stdout=self.output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
        )
        # The worker and the program for results come after the rest is ready.
        self.until(lambda: self.is_ready() and self.children().keys() == PROGRAMS.keys())

    def until(self, is_so, seconds=PATIENCE_SECONDS):
        deadline = time.monotonic() + seconds
        while not is_so():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.05)

    def is_ready(self):
        running = self.data / "run" / "serve.json"
        if not running.exists() or json.loads(running.read_text())["process"] != self.process.pid:
            return False
        return self.status("/health/ready") == 200

    def status(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except OSError:
            return None
        finally:
            connection.close()

    def children(self):
        """Process numbers by what they run."""
        found = {}
        listed = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        for pid in listed.split():
            words = command_line(pid)
            if words[0].endswith("/postgres"):
                found.setdefault("postgres", []).append(int(pid))
            elif "paydesk" in words:
                program = words[words.index("paydesk") + 1]
                found.setdefault(program, []).append(int(pid))
        return found

    def said(self):
        log = self.data / "log" / "paydesk.log"
        self.output.flush()
        tail = log.read_text()[-3000:] if log.exists() else ""
        return Path(self.output.name).read_text() + tail

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(PATIENCE_SECONDS)
        self.output.close()


@pytest.fixture
def serve(started):
    """Started once for this file, and again after a test that stopped it."""
    if started.process.poll() is not None:
        started.start()
    return started


@pytest.fixture(scope="module")
def started():
    place = Path(tempfile.mkdtemp(prefix="paydesk-test-"))
    place.chmod(0o711)  # the user that runs root's database must be able to pass
    serve = Serve(place / "data", free_port())
    yield serve
    serve.stop()
    remove_home(place / "data")
    shutil.rmtree(place)


def command_line(pid):
    """The words a process was started with; none for one that is gone or not collected yet."""
    try:
        return Path("/proc", str(pid), "cmdline").read_text().split("\0")
    except OSError:
        return [""]


def held_by(pid):
    """The names of the files that a process has open; it may open and close others meanwhile."""
    names = set()
    for entry in Path("/proc", str(pid), "fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            names.add(entry.readlink().name)
    return names


def is_gone(pid):
    return command_line(pid) == [""]


def test_one_command_starts_everything(serve):
    serve.until(lambda: "Ready after" in serve.said())
    assert {name: len(pids) for name, pids in serve.children().items()} == PROGRAMS
    assert serve.status("/health/live") == 200


def test_the_first_start_leaves_credentials_for_their_owner_only(serve):
    path = serve.data / "credentials.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    credentials = json.loads(path.read_text())
    assert credentials["base_url"] == f"http://127.0.0.1:{serve.port}"
    for mode in ("test", "live"):
        assert set(credentials[mode]) == {"api_key", "api_secret", "public_key", "webhook_secret"}


def test_a_second_serve_on_the_same_folder_is_refused(serve):
    second = subprocess.run(
        paydesk_command("serve", "--data", str(serve.data), "--port", str(free_port())),
        capture_output=True,
        text=True,
        check=False,
    )
    assert second.returncode == 1
    assert second.stderr == f"Another paydesk serve is using {serve.data}. Stop it first.\n"


def test_no_program_sees_another_ones_secrets(serve):
    for program, pids in serve.children().items():
        given = Path("/proc", str(pids[0]), "environ").read_text()
        assert ("PAYDESK_VAULT_KEY_FILE" in given) == (program == "vault")
        assert ("PAYDESK_PAGE_KEY_FILE" in given) == (
            program in {"web", "worker", "threeds", "post"}
        )
        assert ("paydesk_vault:" in given) == (program == "vault")


def test_no_program_inherits_the_lock(serve):
    for program in PROGRAMS.keys() - {"postgres"}:
        for pid in serve.children()[program]:
            assert "serve.lock" not in held_by(pid)


def test_the_doctor_finds_nothing_to_mend(serve):
    doctor = subprocess.run(
        paydesk_command("doctor", "--data", str(serve.data), "--port", str(serve.port)),
        capture_output=True,
        text=True,
        check=False,
    )
    assert doctor.returncode == 0, doctor.stdout
    for line in ("the schema is current", "the vault takes calls", "the sandbox acquirer answers"):
        assert line in doctor.stdout


@pytest.mark.parametrize("program", list(PROGRAMS))
def test_a_killed_child_is_back(serve, program):
    before = serve.children()
    killed = before[program][0]
    os.kill(killed, signal.SIGKILL)

    def is_back():
        now = serve.children().get(program, [])
        return killed not in now and len(now) == len(before[program]) and serve.is_ready()

    serve.until(is_back)


def test_nobody_can_take_the_port_of_a_program_that_was_killed(serve):
    """Whoever calls it meanwhile is answered by the next one."""
    running = json.loads((serve.data / "run" / "serve.json").read_text())
    port = int(running["sandbox_url"].rpartition(":")[2])
    (killed,) = serve.children()["sandbox"]
    os.kill(killed, signal.SIGKILL)
    with pytest.raises(OSError, match="Address already in use"):
        socket.create_server(("127.0.0.1", port))
    assert httpx2.get(f"{running['sandbox_url']}/health", timeout=60).status_code == 200
    assert killed not in serve.children()["sandbox"]


def test_killed_itself_it_starts_again_on_the_same_folder(serve):
    credentials = (serve.data / "credentials.json").read_text()
    # As if the secret had been replaced by a call since: the file then has an old one.
    outdated = re.sub(r"whsec_[^\"]+", "whsec_b2xk", credentials)
    (serve.data / "credentials.json").write_text(outdated)
    orphans = [pid for pids in serve.children().values() for pid in pids]
    serve.process.kill()
    serve.process.wait()
    serve.start()
    assert (serve.data / "credentials.json").read_text() == credentials
    serve.until(lambda: all(is_gone(pid) for pid in orphans))


def test_asked_to_stop_it_leaves_nothing_behind(serve):
    children = [pid for pids in serve.children().values() for pid in pids]
    serve.process.terminate()
    assert serve.process.wait(PATIENCE_SECONDS) == 0, serve.said()
    assert all(is_gone(pid) for pid in children)
