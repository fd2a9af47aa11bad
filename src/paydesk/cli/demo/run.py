"""Starts Paydesk and the toy shop, has the story told, and leaves everything as it was found."""

import contextlib
import json
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from rich.console import Console

from paydesk import limits
from paydesk.cli.children import paydesk_command
from paydesk.cli.demo.exchange import Exchange, NoAnswer
from paydesk.cli.demo.merchant import Merchant
from paydesk.cli.demo.shop import Shop
from paydesk.cli.demo.story import StepFailed, Teller, tell_story
from paydesk.cli.signals import ignore_signals, raise_on_signals
from paydesk.db.postgres_home import remove_home
from paydesk.kit.parent import ending_with_parent
from paydesk.settings import inherited_environment, variable
from paydesk_client import PaydeskError

_PORT = 8080
_KEPT_DATA = Path("var/demo")
_ROUND_SECONDS = 1
_INTERRUPTED = 130  # what shells give for a program ended by Ctrl-C

_TEST_CARDS = (
    ("4242 4242 4242 4242", "approved"),
    ("5555 5555 5555 4444", "approved"),
    ("3782 822463 10005", "approved (four-digit code)"),
    ("4000 0000 0000 0002", "declined"),
    ("4000 0000 0000 9995", "insufficient funds"),
    ("4000 0000 0000 0069", "expired card"),
    ("4000 0000 0000 0127", "wrong security code"),
)


def run_demo(*, once: bool, data: Path | None, port: int | None) -> int:
    """Tells the story, then serves until it is told to stop; the exit code, 0 where all went well.

    With once it ends after the story, and what it made in a folder of its own is removed.
    """
    console = Console(highlight=False, soft_wrap=True)
    check_signals = raise_on_signals()
    try:
        with _data_folder(data, once=once) as folder:
            return _run(Teller(console), folder, check_signals, once=once, port=port)
    except KeyboardInterrupt:
        return _INTERRUPTED


def _run(
    teller: Teller,
    data: Path,
    check_signals: Callable[[], None],
    *,
    once: bool,
    port: int | None,
) -> int:
    has_told = False
    serve = None
    try:
        serve = _start(data, _chosen_port(teller.console, port))
        merchant, shop = _await_ready(teller, serve, data, check_signals)
        with contextlib.closing(shop):
            tell_story(teller, merchant, shop)
            check_signals()
            has_told = True
            if not once:
                _invite(teller.console, merchant, shop, data)
                serve.last(check_signals)
    except (StepFailed, PaydeskError, NoAnswer) as fault:
        teller.console.print(str(fault), style="red", markup=False)
        return 1
    except KeyboardInterrupt:
        if not has_told:
            raise
        teller.console.print("Stopping …")
    finally:
        if serve is not None:
            serve.stop()
    return 0


@dataclass(frozen=True, slots=True)
class _Serve:
    """`paydesk serve`, running as a child."""

    process: subprocess.Popen[bytes]
    output: BinaryIO
    base_url: str
    began: float

    def said(self) -> str:
        self.output.seek(0)
        return self.output.read().decode(errors="replace").strip()

    def last(self, check_signals: Callable[[], None]) -> None:
        """Lasts until a signal ends it. Raises: StepFailed, where it ends by itself."""
        while self.process.poll() is None:
            check_signals()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(_ROUND_SECONDS)
        raise StepFailed(f"Paydesk has ended by itself:\n{self.said()}")

    def stop(self) -> None:
        ignore_signals()
        self.process.terminate()
        try:
            # Its own promise is 20 seconds, and it ends its children first.
            self.process.wait(limits.STOP_TOTAL_SECONDS_MAX + 3)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.output.close()


def _start(data: Path, port: int) -> _Serve:
    output = tempfile.TemporaryFile()  # noqa: SIM115 (closed by stop)
    process = subprocess.Popen(  # noqa: S603
        paydesk_command("serve", "--data", str(data), "--port", str(port)),
        env={**inherited_environment(), variable("webhook_allow_loopback"): "1"},
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
        # Its own session: Ctrl-C reaches the demo alone, which stops it in order.
        start_new_session=True,
        preexec_fn=ending_with_parent(signal.SIGTERM),  # noqa: PLW1509 (by the main thread)
    )
    return _Serve(process, output, f"http://127.0.0.1:{port}", time.monotonic())


def _await_ready(
    teller: Teller, serve: _Serve, data: Path, check_signals: Callable[[], None]
) -> tuple[Merchant, Shop]:
    """The merchant's backend and its shop, once Paydesk takes calls. Raises: StepFailed."""
    with teller.wait("Starting Paydesk: database, vault, web, worker, sandbox acquirer …"):
        while not _is_ready(serve):
            check_signals()
            time.sleep(0.05)
    seconds = time.monotonic() - serve.began
    teller.tell("Paydesk starts", round(1000 * seconds), result=serve.base_url)
    credentials = json.loads((data / "credentials.json").read_text())["test"]
    shop_port = _free_port(int(serve.base_url.rpartition(":")[2]) + 1)
    merchant = Merchant(serve.base_url, credentials, shop_url=f"http://127.0.0.1:{shop_port}")
    shop = Shop(
        shop_port,
        webhook_secret=credentials["webhook_secret"],
        sell=lambda page_type: merchant.create_checkout(page_type)["page_url"],
        paydesk_url=serve.base_url,
    )
    return merchant, shop


def _is_ready(serve: _Serve) -> bool:
    if serve.process.poll() is not None:
        raise StepFailed(f"Starting Paydesk failed:\n{serve.said()}")
    # A first start may initialise a database on a slow disk; serve gives up on its own terms.
    if time.monotonic() - serve.began > 2 * limits.READY_SECONDS_MAX:
        raise StepFailed(f"Starting Paydesk failed: it is not ready.\n{serve.said()}")
    try:
        return Exchange(f"{serve.base_url}/health/ready").make().status == 200
    except NoAnswer:
        return False


def _invite(console: Console, merchant: Merchant, shop: Shop, data: Path) -> None:
    """The links to click and the cards to pay with."""
    checkout = merchant.create_checkout()
    links = (
        ("A toy shop", shop.url),
        ("A checkout to pay", checkout["page_url"]),
        ("API keys", str(data / "credentials.json")),
        ("The acquirer's own log", str(data / "sandbox" / "acquirer.jsonl")),
    )
    console.print("\nNow you:", style="bold")
    for name, place in links:
        console.print(f"  {name:<24}{place}", markup=False)
    console.print("\nTest cards, with any future expiry and any security code:", style="bold")
    for number, outcome in _TEST_CARDS:
        console.print(f"  {number:<24}{outcome}", markup=False)
    console.print("\nCtrl-C stops everything.")


@contextlib.contextmanager
def _data_folder(given: Path | None, *, once: bool) -> Iterator[Path]:
    if given is not None or not once:
        yield (given or _KEPT_DATA).absolute()
        return
    folder = Path(tempfile.mkdtemp(prefix="paydesk-demo-"))
    try:
        yield folder
    finally:
        remove_home(folder)
        for note in folder.glob("**/moved"):
            shutil.rmtree(note.read_text(), ignore_errors=True)
        shutil.rmtree(folder, ignore_errors=True)


def _chosen_port(console: Console, wished: int | None) -> int:
    if wished is not None:
        return wished
    port = _free_port(_PORT)
    if port != _PORT:
        console.print(f"Port {_PORT} is used by another program; this is {port}.")
    return port


def _free_port(wished: int) -> int:
    """The first port from here on that nobody listens on."""
    for port in range(wished, 65536):
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port
    raise StepFailed(f"No port from {wished} on is free.")
