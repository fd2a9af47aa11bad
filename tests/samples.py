"""The sample receivers as processes of their own."""

import json
import os
import socket
import subprocess
import sys

import httpx2

from source import ROOT
from world import eventually

SAMPLES = ROOT / "examples" / "receivers"


class Sample:
    """A sample receiver as a process of its own."""

    def __init__(self, command, secret, port, output, verify):
        self.url = f"http://127.0.0.1:{port}/webhooks"
        self.output = output
        self.http = httpx2.Client()
        with output.open("wb") as file:
            self.process = subprocess.Popen(
                command,
                env={**os.environ, "WEBHOOK_SECRET": secret, "PORT": str(port), "VERIFY": verify},
                stdout=file,
                stderr=subprocess.DEVNULL,
            )
        eventually(lambda: self.process.poll() is not None or is_open(port))
        assert self.process.poll() is None

    def told(self):
        """The events that it took, in order."""
        return [json.loads(line) for line in self.output.read_text().splitlines()]

    def post(self, body, headers):
        return self.http.post(self.url, content=body, headers=headers).status_code

    def stop(self):
        self.http.close()
        self.process.terminate()
        self.process.wait(10)


def is_open(port):
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def php_command(port):
    return ["php", "-S", f"127.0.0.1:{port}", str(SAMPLES / "receiver.php")]


COMMANDS = {
    "python": (sys.executable, lambda _: [sys.executable, str(SAMPLES / "receiver.py")]),
    "node": ("node", lambda _: ["node", str(SAMPLES / "receiver.mjs")]),
    "php": ("php", php_command),
}


def flipped(headers, name, chance):
    """The headers with one bit of this one changed into another character that may be sent."""
    while True:
        text = bytearray(headers[name].encode())
        text[chance.randrange(len(text))] ^= 1 << chance.randrange(7)
        if all(0x21 <= letter <= 0x7E for letter in text):
            return {**headers, name: text.decode()}
