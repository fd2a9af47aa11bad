"""The Paydesk that is measured: one of its own, in a temporary folder, with its own PostgreSQL."""

import http.client
import json
import signal
import socket
import subprocess
import sys
import time
from base64 import b64encode
from pathlib import Path
from typing import Any

import asyncpg

from bench.processes import children, cpu_seconds
from paydesk.settings import inherited_environment

WEB_PROCESSES = 2
_SETTINGS = {
    "PAYDESK_WEB_PROCESSES": str(WEB_PROCESSES),
    "PAYDESK_API_RATE_PER_SECOND": "0",
    "PAYDESK_WEBHOOK_ALLOW_LOOPBACK": "1",
    "PAYDESK_LOG_LEVEL": "warning",
}
_PATIENCE_SECONDS = 60


class Server:
    """`paydesk serve` as a process of its own. Times are seconds."""

    def __init__(self, data: Path) -> None:
        self.data = data
        with socket.create_server(("127.0.0.1", 0)) as found:
            self.port: int = found.getsockname()[1]
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> float:
        """Starts it and answers how long it took until ready."""
        inherited = inherited_environment()
        kept = {
            name: value
            for name, value in inherited.items()
            if not name.startswith("PAYDESK_") or name == "PAYDESK_POSTGRES"
        }
        begun = time.monotonic()
        self._process = subprocess.Popen(
            [
                *(sys.executable, "-m", "paydesk", "serve"),
                *("--data", str(self.data), "--port", str(self.port)),
            ],
            env={**kept, **_SETTINGS},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
        )
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() - begun > _PATIENCE_SECONDS:
                raise SystemExit(f"paydesk serve does not start; see {self.data}/log.")
            time.sleep(0.01)
        return time.monotonic() - begun

    def stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(_PATIENCE_SECONDS)

    def programs(self) -> dict[str, list[int]]:
        """The process ids of what serve runs, by program."""
        assert self._process is not None
        return children(self._process.pid)

    def cpu_seconds(self) -> dict[str, float]:
        """The processor time used so far, by program."""
        return {program: cpu_seconds(pids) for program, pids in self.programs().items()}

    def credentials(self) -> dict[str, str]:
        made: dict[str, Any] = json.loads((self.data / "credentials.json").read_text())
        test: dict[str, str] = made["test"]
        return test

    def authorization(self) -> str:
        """The header of an API call with the test account's key."""
        made = self.credentials()
        return "Basic " + b64encode(f"{made['api_key']}:{made['api_secret']}".encode()).decode()

    def database_url(self) -> str:
        """The owner's, who may change the server's settings."""
        return (self.data / "database-url").read_text().strip()

    async def account_id(self) -> int:
        """The test account's number in the database."""
        found = await self.sql(
            "select account_id from api_keys where api_key = $1", self.credentials()["api_key"]
        )
        return int(found[0]["account_id"])

    async def sql(self, statement: str, *values: Any) -> list[Any]:
        connection = await asyncpg.connect(self.database_url())
        try:
            return list(await connection.fetch(statement, *values))
        finally:
            await connection.close()

    def _is_ready(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", "/health/ready")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
