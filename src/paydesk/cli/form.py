"""`paydesk form`: signs a Checkout Form, to see that a program of one's own does it right."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from paydesk.cli.account import open_account
from paydesk.cli.faults import CommandFault

commands = typer.Typer(name="form", help="Sign a Checkout Form.", no_args_is_help=True)


@commands.callback()
def form() -> None:
    """Sign a Checkout Form."""


@commands.command()
def sign(
    inputs: Annotated[list[str], typer.Argument(metavar="NAME=VALUE...", help="All its inputs.")],
    *,
    data: Annotated[Path, typer.Option("--data", help="The folder that keeps everything.")] = Path(
        "var/data"
    ),
    live: Annotated[bool, typer.Option("--live", help="For the live account.")] = False,
) -> None:
    """Print the signature of a form with these inputs, public_key among them."""
    from paydesk_client import sign_form

    account = _credentials(data)["live" if live else "test"]
    typer.echo(sign_form(dict(map(_input, inputs)), account["webhook_secret"]))
    if not _takes_signed_forms_only(data, is_live=live):
        typer.echo(
            "As long as the account takes unsigned forms too, a payer can take the signature out "
            "and change the form. To end that: paydesk merchant set --signed-forms-only",
            err=True,
        )


def _takes_signed_forms_only(data: Path, *, is_live: bool) -> bool:
    try:
        with open_account(data, is_live=is_live) as account:
            return account.client.merchant.show()["policies"]["signed_forms_only"]
    except CommandFault:  # nobody to ask: what is said then is true of either
        return False


def _credentials(data: Path) -> dict[str, Any]:
    path = data / "credentials.json"
    try:
        found: dict[str, Any] = json.loads(path.read_text())
    except (OSError, ValueError) as fault:
        raise CommandFault(f"The webhook secret is not in {path}: {fault}.") from fault
    return found


def _input(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise CommandFault(f"An input is written as name=value, unlike {text}.")
    return name, value
