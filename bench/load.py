"""How requests are sent as fast as they are answered: by wrk, one thread, mostly 16 connections."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

from bench.server import Server
from bench.table import Load

CONNECTIONS = 16
SCRIPT = Path(__file__).with_name("load.lua")


def find_wrk() -> str | None:
    """The path of wrk; brought by apt where it is missing and may be."""
    if shutil.which("wrk") is None and os.geteuid() == 0 and shutil.which("apt-get"):
        subprocess.run(["apt-get", "install", "-yqq", "wrk"], capture_output=True, check=False)
    return shutil.which("wrk")


def post_request(server: Server, path: str, body: dict[str, Any]) -> bytes:
    """The API call as it goes over the wire; `{number}` in the body is filled by wrk."""
    content = json.dumps(body)
    length = len(content.replace("{number}", "0" * 12).encode())
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
        f"Authorization: {server.authorization()}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {length}\r\n\r\n"
    )
    return (head + content).encode()


def list_request(server: Server, path: str) -> bytes:
    """An API call without a body."""
    return (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n"
        f"Authorization: {server.authorization()}\r\n\r\n"
    ).encode()


def page_request(server: Server, path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\n\r\n".encode()


def send(
    server: Server,
    requests: Path,
    *,
    seconds: int,
    first_number: int = 0,
    first: int = 0,
    connections: int = CONNECTIONS,
) -> Load:
    """What a load of the file's requests showed, the processor time of both sides included."""
    before = server.cpu_seconds()
    said = subprocess.run(
        [
            *("wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "5s"),
            *("-s", str(SCRIPT), server.base_url),
            *("--", str(requests), str(first_number), str(first)),
        ],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    after = server.cpu_seconds()
    found = json.loads(said.strip().rpartition("\n")[2])
    return Load(
        per_second=found["requests"] / found["seconds"],
        p50=found["p50"],
        p99=found["p99"],
        server=1000 * (after["web"] - before["web"]) / found["requests"],
        database=1000 * (after["postgres"] - before["postgres"]) / found["requests"],
        refused=found["refused"],
    )
