"""The programs that serve runs as children, each of which can also be run alone.

They come before the rest of the command line, and load nothing of it: a web process stays small
and starts quickly.
"""

import argparse
import socket
from collections.abc import Callable, Sequence
from pathlib import Path

from paydesk.settings import Settings, read_settings

_PORT = 8000
_THREEDS_PORT = 8443
_WITH_COMMANDS = {"vault"}


def is_program(words: Sequence[str]) -> bool:
    """Whether this command line runs a program: `paydesk vault` does, `paydesk vault rotate` not.

    Programs take options only, so a word after the name is a command.
    """
    name, *rest = words or [""]
    return name in PROGRAMS and not (
        name in _WITH_COMMANDS and rest and not rest[0].startswith("-")
    )


def run_program(name: str, arguments: Sequence[str]) -> None:
    """Runs the program until it is told to stop.

    Raises: SettingFault.
    """
    options = _PARSERS[name]().parse_args(arguments)
    _RUN[name](read_settings(), options)


def _web_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="paydesk web", description="Answers the API, the payer's page and the dashboard."
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--port", type=int, help=f"listen on this port of 127.0.0.1 ({_PORT})")
    where.add_argument("--fd", type=int, help="take over this listening socket")
    parser.add_argument("--number", type=int, default=1, help="which of the web processes this is")
    parser.add_argument("--rate-file", type=Path, help="where the web processes count requests")
    return parser


def _worker_parser() -> argparse.ArgumentParser:
    return argparse.ArgumentParser(
        prog="paydesk worker", description="Does what time brings: deliveries, inquiries, expiry."
    )


def _post_parser() -> argparse.ArgumentParser:
    return argparse.ArgumentParser(
        prog="paydesk post", description="Writes mails and their documents, and hands them on."
    )


def _vault_parser() -> argparse.ArgumentParser:
    return argparse.ArgumentParser(
        prog="paydesk vault",
        description="Keeps card numbers, on the socket of PAYDESK_VAULT_URL.",
        epilog="Commands of a running vault: paydesk vault rotate, paydesk vault retire (--help).",
    )


def _sandbox_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="paydesk sandbox",
        description="An acquirer, a directory server, an issuer and a bank to try things with.",
    )
    parser.add_argument(
        "--log", type=Path, required=True, help="the file it records its decisions in"
    )
    _add_place(parser, "", "the acquirer", is_required=True)
    _add_place(parser, "bank-", "the bank; without it there is none")
    scheme = parser.add_argument_group("3-D Secure", "All three or none of them.")
    _add_place(scheme, "directory-", "the directory server")
    _add_place(scheme, "issuer-", "the issuer")
    scheme.add_argument("--tls", type=Path, help="the folder of ca.pem and directory.pem")
    return parser


def _add_place(
    parser: argparse._ActionsContainer, prefix: str, who: str, *, is_required: bool = False
) -> None:
    """Adds the two ways to say where one part of the sandbox listens."""
    where = parser.add_mutually_exclusive_group(required=is_required)
    where.add_argument(f"--{prefix}port", type=int, help=f"the port of 127.0.0.1 for {who}")
    where.add_argument(f"--{prefix}fd", type=int, help="or a listening socket to take over")


def _threeds_parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="paydesk threeds",
        description="Hears from directory servers how challenges of 3-D Secure ended.",
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument("--port", type=int, help=f"listen on this port ({_THREEDS_PORT})")
    where.add_argument("--fd", type=int, help="take over this listening socket")
    return parser


def _run_web(settings: Settings, options: argparse.Namespace) -> None:
    from paydesk.web.asgi import run_web

    run_web(
        settings,
        port=options.port or _PORT,
        fd=options.fd,
        rate_file=options.rate_file,
        process=options.number,
    )


def _run_worker(settings: Settings, _options: argparse.Namespace) -> None:
    from paydesk.worker.loop import run_worker

    run_worker(settings)


def _run_post(settings: Settings, _options: argparse.Namespace) -> None:
    from paydesk.worker.post import run_post

    run_post(settings)


def _run_threeds(settings: Settings, options: argparse.Namespace) -> None:
    from paydesk.web.threeds.program import run_threeds

    run_threeds(settings, port=options.port or _THREEDS_PORT, fd=options.fd)


def _run_vault(settings: Settings, _options: argparse.Namespace) -> None:
    from paydesk.vault.program import run_vault

    run_vault(settings)


def _run_sandbox(settings: Settings, options: argparse.Namespace) -> None:
    from paydesk.sandbox.program import Bank, Scheme, run_sandbox

    scheme = (
        {options.directory_port, options.directory_fd},
        {options.issuer_port, options.issuer_fd},
        {options.tls},
    )
    if len({part == {None} for part in scheme}) > 1:
        raise SystemExit("paydesk sandbox: --directory-port, --issuer-port and --tls go together")
    acquirer = _listening(options.port, options.fd)
    directory = _listening(options.directory_port, options.directory_fd)
    issuer = _listening(options.issuer_port, options.issuer_fd)
    bank = _listening(options.bank_port, options.bank_fd)
    assert acquirer is not None  # argparse has asked for it
    run_sandbox(
        listening=acquirer,
        log_path=options.log,
        speed=settings.sandbox_speed,
        bank=Bank(listening=bank, key=settings.sandbox_bank_key) if bank else None,
        scheme=Scheme(directory, issuer, options.tls) if directory and issuer else None,
    )


def _listening(port: int | None, fd: int | None) -> socket.socket | None:
    """The socket that was handed over, or a new one on the port; None where neither is given."""
    if fd is not None:
        return socket.socket(fileno=fd)
    try:
        return None if port is None else socket.create_server(("127.0.0.1", port))
    except (OSError, OverflowError) as fault:
        raise SystemExit(f"paydesk sandbox: can't listen on port {port}: {fault}") from None


_PARSERS: dict[str, Callable[[], argparse.ArgumentParser]] = {
    "web": _web_parser,
    "worker": _worker_parser,
    "post": _post_parser,
    "threeds": _threeds_parser,
    "vault": _vault_parser,
    "sandbox": _sandbox_parser,
}
_RUN: dict[str, Callable[[Settings, argparse.Namespace], None]] = {
    "web": _run_web,
    "worker": _run_worker,
    "post": _run_post,
    "threeds": _run_threeds,
    "vault": _run_vault,
    "sandbox": _run_sandbox,
}
PROGRAMS = tuple(_PARSERS)
