"""Cards of the digit scheme, and the acquirer as a running program."""

import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pytest

from paydesk.sandbox.journal import Journal

SPEED = 0.01  # a card that answers after 20 s answers after 0.2

_PROGRAM = """
import sys
from pathlib import Path
from paydesk.sandbox.program import run_sandbox
run_sandbox(port=int(sys.argv[1]), log_path=Path(sys.argv[2]), speed=float(sys.argv[3]))
"""


@pytest.fixture
def card():
    """Makes a number of the scheme from its first three digits."""

    def make(f1=0, f2=0, f3=0, prefix="40000012"):
        digits = f"{prefix}{f1}{f2}{f3}1000"
        doubled = [int(digit) * 2 - 9 * (int(digit) > 4) for digit in digits[-1::-2]]
        total = sum(doubled) + sum(int(digit) for digit in digits[-2::-2])
        return digits + str(-total % 10)

    return make


@dataclass
class Sandbox:
    """The program, as a caller and as its keeper sees it."""

    port: int
    log_path: Path
    speed: float
    processes: list[subprocess.Popen] = field(default_factory=list)

    def start(self):
        command = [sys.executable, "-c", _PROGRAM, str(self.port), self.log_path, str(self.speed)]
        self.processes.append(subprocess.Popen(command, stderr=subprocess.PIPE))
        give_up_at = time.monotonic() + 10
        while time.monotonic() < give_up_at:
            try:
                if httpx2.get(f"{self.url}/health", trust_env=False).status_code == 200:
                    return self
            except httpx2.TransportError:
                time.sleep(0.02)
        raise AssertionError("the sandbox did not start")

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def process(self):
        return self.processes[-1]

    def kill(self):
        self.process.kill()
        self.process.wait()

    def call(self, method, path, body=None, *, timeout=5.0):
        headers = {"Authorization": "Bearer sandbox"}
        with httpx2.Client(trust_env=False, timeout=timeout) as client:
            answer = client.request(method, self.url + path, json=body, headers=headers)
        return answer.status_code, answer.json()

    def authorise(self, number, reference="ref_1", *, capture=True, **how):
        body = {
            "reference": reference,
            "order": "ORD0045",
            "amount": 120000,
            "currency": "ZAR",
            "capture": capture,
            "card": {
                "number": number,
                "expire_month": "12",
                "expire_year": "2099",
                "security_code": "987",
                "name": "J Doe",
            },
        }
        return self.call("POST", "/v1/authorisations", body, **how)

    def inquire(self, reference="ref_1"):
        return self.call("GET", f"/v1/authorisations/{reference}")

    def modify(self, kind, amount, reference="mod_1", of="ref_1", currency="ZAR", **how):
        body = {
            "reference": reference,
            "kind": kind,
            "of": of,
            "amount": amount,
            "currency": currency,
        }
        return self.call("POST", "/v1/modifications", body, **how)

    def inquire_modification(self, reference="mod_1"):
        return self.call("GET", f"/v1/modifications/{reference}")

    def reverse(self, reference="ref_1", **how):
        return self.call("POST", "/v1/reversals", {"reference": reference}, **how)

    def is_silent_when_authorising(self, number, **how):
        return _is_silent(lambda: self.authorise(number, **how))

    def is_silent_when_modifying(self, kind, amount, **how):
        return _is_silent(lambda: self.modify(kind, amount, **how))

    def log(self):
        return Journal(self.log_path).entries()

    def decisions(self, reference="ref_1"):
        lines = [line for line in self.log() if line["reference"] == reference]
        return [(line["kind"], line["outcome"]) for line in lines]

    def stop(self):
        for process in self.processes:
            process.terminate()
            _, said = process.communicate(timeout=5)
            assert said == b""


def _is_silent(call):
    """Whether the connection is dropped instead of an answer."""
    try:
        call()
    except httpx2.TransportError as fault:
        return not isinstance(fault, httpx2.TimeoutException)
    return False


@pytest.fixture
def sandbox(tmp_path):
    """A sandbox of its own."""
    yield from _running(tmp_path, SPEED)


@pytest.fixture(scope="module")
def shared_sandbox(tmp_path_factory):
    """A sandbox for tests that keep to references of their own."""
    yield from _running(tmp_path_factory.mktemp("sandbox"), SPEED)


@pytest.fixture
def leisurely_sandbox(tmp_path):
    """A sandbox in which there is time to step in: a review takes a second, a slow answer two."""
    yield from _running(tmp_path, 0.1)


@pytest.fixture
def unhurried_sandbox(tmp_path):
    """A sandbox whose slow cards are as slow as they say."""
    yield from _running(tmp_path, 1.0)


def _running(folder, speed):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    running = Sandbox(port, folder / "acquirer.jsonl", speed)
    try:
        yield running.start()
    finally:
        running.stop()
