"""How the sandbox's programs send each other messages, and the 3DS server its results."""

import asyncio
import json
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import aiohttp

CONTENT_TYPE = "application/JSON; charset=UTF-8"
_ANSWER_BYTES_MAX = 64 * 1024


class PeerFailed(Exception):
    """Nothing came back. code is the protocol's: 402 not in time, 405 no connection."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def client_side(tls: Path) -> ssl.SSLContext:
    """Believes the folder's authority, and shows the directory server's certificate."""
    context = ssl.create_default_context(cafile=tls / "ca.pem")
    context.load_cert_chain(tls / "directory.pem")
    return context


def server_side(tls: Path) -> ssl.SSLContext:
    """Lets nobody in who has no certificate of the folder's authority."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=tls / "ca.pem")
    context.load_cert_chain(tls / "directory.pem")
    context.verify_mode = ssl.CERT_REQUIRED
    return context


class Peers:
    """The programs that can be reached from here."""

    def __init__(self, tls: ssl.SSLContext) -> None:
        connector = aiohttp.TCPConnector(ssl=tls)
        self._session = aiohttp.ClientSession(
            connector=connector, timeout=aiohttp.ClientTimeout(), auto_decompress=False
        )

    async def post(
        self,
        url: str,
        message: Mapping[str, Any],
        *,
        seconds: float | None,
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        """What is answered, whatever it is. Without seconds, the wait ends with the caller's.

        Raises: PeerFailed.
        """
        try:
            async with (
                asyncio.timeout(seconds),
                self._session.post(
                    url,
                    data=json.dumps(message).encode(),
                    headers={"Content-Type": CONTENT_TYPE, **(headers or {})},
                    allow_redirects=False,
                ) as answer,
            ):
                return await answer.content.read(_ANSWER_BYTES_MAX)
        except TimeoutError:
            raise PeerFailed("402") from None
        except (aiohttp.ClientError, OSError, ValueError):
            raise PeerFailed("405") from None

    async def close(self) -> None:
        await self._session.close()
