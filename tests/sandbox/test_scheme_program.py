"""The sandbox with directory server and issuer, as a program: start, stop, options."""

import signal
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import httpx2
import pytest

from paydesk.cli.children import paydesk_command
from paydesk.kit.certificates import make_certificates


def test_the_command_runs_all_three(tmp_path, free_ports):
    make_certificates(tmp_path / "tls", ["directory"])
    acquirer, directory, issuer = (str(port) for port in free_ports(3))
    options = ["--port", acquirer, "--log", str(tmp_path / "log" / "acquirer.jsonl")]
    options += ["--directory-port", directory, "--issuer-port", issuer]
    options += ["--tls", str(tmp_path / "tls")]
    with subprocess.Popen(paydesk_command("sandbox", *options), stderr=subprocess.PIPE) as running:
        try:
            wait_for(f"http://127.0.0.1:{acquirer}/health")
            assert httpx2.get(f"http://127.0.0.1:{issuer}/escaped", trust_env=False).text
        finally:
            running.send_signal(signal.SIGTERM)
        _, said = running.communicate(timeout=30)
    assert (running.returncode, said) == (0, b"")
    names = {path.name for path in (tmp_path / "log").iterdir()}
    assert names == {
        "acquirer.jsonl",
        "acquirer-reviews.jsonl",
        "cavv.key",
        "directory.jsonl",
        "issuer.jsonl",
    }
    modes = {oct(path.stat().st_mode & 0o777) for path in (tmp_path / "log").iterdir()}
    assert modes == {"0o600"}
    assert len((tmp_path / "log" / "cavv.key").read_bytes()) == 32


@pytest.mark.parametrize(
    "some", [["--directory-port", "1"], ["--issuer-port", "1"], ["--tls", "/tmp"]]
)
def test_the_three_options_go_together(tmp_path, some):
    options = ["--port", "1", "--log", str(tmp_path / "acquirer.jsonl"), *some]
    told = subprocess.run(
        paydesk_command("sandbox", *options), capture_output=True, text=True, check=False
    )

    assert told.returncode == 1
    assert told.stderr.endswith("--directory-port, --issuer-port and --tls go together\n")


def test_it_stops_though_everybody_waits(own_scheme, card, eventually):
    process = own_scheme.sandbox.process
    with ThreadPoolExecutor() as callers:
        waited_for = own_scheme.areq(card(d="1060"))
        silent = callers.submit(own_scheme.send, waited_for)
        slow = callers.submit(own_scheme.sandbox.authorise, card(5))
        late = own_scheme.challenge(card(d="1076"))
        late.act(late.open())
        eventually(lambda: {"AReq"} <= own_scheme.kinds_of(waited_for))
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=30)
        took = time.monotonic() - began
        for waiting in (silent, slow):
            with pytest.raises(httpx2.TransportError):
                waiting.result()

    assert took < 15  # the card would take 20
    assert (process.returncode, said) == (0, b"")
    assert late.results() == []


def wait_for(url):
    give_up_at = time.monotonic() + 60
    while time.monotonic() < give_up_at:
        try:
            return httpx2.get(url, trust_env=False)
        except httpx2.TransportError:
            time.sleep(0.02)
    raise AssertionError("it did not start")
