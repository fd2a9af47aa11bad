"""How commands speak to the running vault, at its socket."""

import json
import socket
import time
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from typing import Any

from paydesk import limits
from paydesk.cli import data_folder
from paydesk.cli.faults import CommandFault
from paydesk.kit.sockets import socket_path
from paydesk.settings import Settings


class VaultLink:
    """The vault of this data folder, or of PAYDESK_VAULT_URL.

    Raises: CommandFault, where none runs, or PAYDESK_VAULT_URL is no address.
    """

    def __init__(self, settings: Settings, data: Path) -> None:
        running = data_folder.find_running(data) if (data / "run").is_dir() else None
        url = settings.vault_url or (running.vault_url if running else None)
        if url is None:
            raise CommandFault(
                f"No vault runs for {data}. Start `paydesk serve` first, name its folder with "
                "--data, or set PAYDESK_VAULT_URL."
            )
        try:
            self._path = socket_path(url)
        except ValueError as fault:
            raise CommandFault(f"PAYDESK_VAULT_URL should be {fault}.") from fault

    def ask(self, method: str, path: str, body: object = None) -> tuple[int, dict[str, Any]]:
        """Its answer. A vault that is just being started again is waited for.

        Raises: CommandFault, when it stays away, or has a fault of its own.
        """
        for pause in (*limits.VAULT_RETRY_SECONDS, None):
            try:
                status, answer = self._ask_once(method, path, body)
            except (OSError, HTTPException) as fault:
                status, answer = 503, {"fault": str(fault)}
            if status not in {200, 409, 503}:
                raise CommandFault(f"The vault refused: {answer.get('fault')}. See its log.")
            if status != 503:
                return status, answer
            if pause is not None:
                time.sleep(pause)
        raise CommandFault(f"The vault does not answer ({answer['fault']}). Try again.")

    def _ask_once(self, method: str, path: str, body: object) -> tuple[int, dict[str, Any]]:
        connection = _SocketConnection(self._path)
        try:
            connection.request(method, path, json.dumps(body) if body is not None else None)
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()


class _SocketConnection(HTTPConnection):
    def __init__(self, path: str) -> None:
        super().__init__("vault", timeout=limits.VAULT_ANSWER_SECONDS_MAX)
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self._path)
