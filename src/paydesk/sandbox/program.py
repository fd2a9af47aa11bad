"""The sandbox as a program: acquirer, and where asked directory server, issuer and bank, on ports.

They stand on real sockets so that lost and late answers are real ones.
"""

import asyncio
import signal
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import uvloop
from aiohttp import web

from paydesk.sandbox.acquirer_http import acquirer_application
from paydesk.sandbox.bank_http import bank_application
from paydesk.sandbox.directory import Directory
from paydesk.sandbox.directory_http import directory_application
from paydesk.sandbox.issuer import Issuer
from paydesk.sandbox.issuer_http import issuer_application
from paydesk.sandbox.peers import Peers, client_side, server_side
from paydesk.sandbox.shared_keys import bank_key, cavv_key

_STOP_SECONDS = 0.5  # callers of slow cards lose their answer; a stop takes 2 seconds at most


@dataclass(frozen=True, slots=True)
class Scheme:
    """Where directory server and issuer listen, and the folder of ca.pem and directory.pem."""

    directory: socket.socket
    issuer: socket.socket
    tls: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Bank:
    """Where the bank listens, and what it signs with; None is a key of its own beside the log."""

    listening: socket.socket
    key: bytes | None = field(default=None, repr=False)


def run_sandbox(
    *,
    listening: socket.socket,
    log_path: Path,
    speed: float,
    scheme: Scheme | None = None,
    bank: Bank | None = None,
) -> None:
    """Serves on these sockets of 127.0.0.1 until SIGTERM, and closes them.

    Without scheme and bank there is only the acquirer.

    Units: speed is a factor on every delay: 0.1 makes them a tenth.
    """
    uvloop.run(_serve(listening, log_path, speed, scheme, bank))


async def _serve(
    listening: socket.socket,
    log_path: Path,
    speed: float,
    scheme: Scheme | None,
    bank: Bank | None,
) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    key = cavv_key(log_path.parent)
    async with AsyncExitStack() as running:
        if scheme is not None:
            await running.enter_async_context(_run_scheme(scheme, log_path.parent, key, speed))
        if bank is not None:
            application = bank_application(
                log_path.with_name("bank.jsonl"),
                key=bank.key or bank_key(log_path.parent),
                speed=speed,
            )
            running.push_async_callback((await _listen(application, bank.listening)).cleanup)
        # Last, because its /health speaks for all.
        acquirer = acquirer_application(log_path, key=key, speed=speed)
        runner = await _listen(acquirer, listening)
        await stop.wait()
        await asyncio.gather(runner.cleanup(), running.aclose())


@asynccontextmanager
async def _run_scheme(
    scheme: Scheme, folder: Path, key: bytes, speed: float
) -> AsyncIterator[None]:
    directory_url = f"https://127.0.0.1:{scheme.directory.getsockname()[1]}"
    issuer_url = f"http://127.0.0.1:{scheme.issuer.getsockname()[1]}"
    peers = Peers(client_side(scheme.tls))
    directory = Directory(
        folder / "directory.jsonl", url=directory_url, issuer_url=issuer_url, peers=peers
    )
    issuer = Issuer(
        folder / "issuer.jsonl",
        url=issuer_url,
        directory_url=directory_url,
        peers=peers,
        key=key,
        speed=speed,
    )
    # A caller who gives up ends what waits for it: some cards wait for nothing else.
    runners = [
        await _listen(
            directory_application(directory),
            scheme.directory,
            tls=server_side(scheme.tls),
            ends_with_caller=True,
        ),
        await _listen(issuer_application(issuer), scheme.issuer, ends_with_caller=True),
    ]
    issuer.resume()
    yield
    await asyncio.gather(*(runner.cleanup() for runner in runners))
    await peers.close()
    issuer.close()
    directory.close()


async def _listen(
    application: web.Application,
    listening: socket.socket,
    *,
    tls: ssl.SSLContext | None = None,
    ends_with_caller: bool = False,
) -> web.AppRunner:
    runner = web.AppRunner(
        application,
        access_log=None,
        shutdown_timeout=_STOP_SECONDS,
        handler_cancellation=ends_with_caller,
    )
    await runner.setup()
    await web.SockSite(runner, listening, ssl_context=tls).start()
    return runner
