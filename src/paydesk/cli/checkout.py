"""`paydesk checkout`: asks for a checkout as a shop would, or tells what became of one."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from paydesk.cli.account import open_account

if TYPE_CHECKING:
    from paydesk_client import Transaction

commands = typer.Typer(
    name="checkout",
    help="Ask for a checkout, or what became of it.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

# A name that never resolves (RFC 2606): nobody hears of a checkout made by hand.
_SHOP = "https://shop.invalid"


@commands.callback()
def checkout() -> None:
    """Ask for a checkout, or what became of it."""


@commands.command()
def create(
    *,
    amount: Annotated[str, typer.Option(help="What the payer pays, such as 10 or 12.50.")],
    currency: Annotated[str, typer.Option(help="Three letters.")] = "ZAR",
    description: Annotated[str, typer.Option(help="What it is for.")] = "A payment",
    reference: Annotated[str | None, typer.Option(help="Your own name for the order.")] = None,
    success_url: Annotated[
        str | None, typer.Option(help="Where the payer goes on to.", show_default="/docs")
    ] = None,
    cancel_url: Annotated[
        str | None, typer.Option(help="Where the payer goes back to.", show_default="/docs")
    ] = None,
    notify_url: Annotated[
        str, typer.Option(help="Who hears of it.", show_default="nobody")
    ] = f"{_SHOP}/webhooks/payments",
    data: Annotated[Path, typer.Option("--data", help="The folder that keeps everything.")] = Path(
        "var/data"
    ),
    live: Annotated[bool, typer.Option("--live", help="With the live account.")] = False,
    open_page: Annotated[bool, typer.Option("--open", help="Open the page in a browser.")] = False,
) -> None:
    """Make a checkout and print the address of its page."""
    order: dict[str, Any] = {"description": description}
    if reference is not None:
        order["reference"] = reference
    with open_account(data, is_live=live) as account:
        back = _page_to_go_to(account.base_url, is_live=live)
        made = account.client.checkouts.create(
            mode="one-off",
            amount=amount,
            currency=currency,
            order=order,
            redirects={
                "success_url": success_url or back,
                "cancel_url": cancel_url or back,
                "notify_url": notify_url,
            },
        )
    typer.echo(made["page_url"])
    if open_page:
        typer.launch(made["page_url"])


@commands.command()
def show(
    checkout_id: Annotated[str, typer.Argument(metavar="CHECKOUT", help="Its id.")],
    *,
    data: Annotated[Path, typer.Option("--data", help="The folder that keeps everything.")] = Path(
        "var/data"
    ),
    live: Annotated[bool, typer.Option("--live", help="With the live account.")] = False,
) -> None:
    """Print what became of a checkout and of each attempt to pay it."""
    with open_account(data, is_live=live) as account:
        shown = account.client.checkouts.show(checkout_id)
        attempts = list(account.client.transactions.each(checkout_id=checkout_id))
    why = f" ({shown['cancellation_reason']})" if shown["cancellation_reason"] else ""
    typer.echo(f"{shown['id']}  {shown['currency']} {shown['amount']}  {shown['status']}{why}")
    for attempt in sorted(attempts, key=lambda one: one["attempt"]):
        typer.echo(_told(attempt))
    if shown["cancellation_reason"] == "fraud":
        typer.echo("The guard against card testing has cancelled it: see docs/card-testing.md.")


def _told(attempt: "Transaction") -> str:
    card = attempt["payment_data"]["card"]
    parts = (
        attempt["id"],
        f"{card['brand']} {card['ending']}" if card else attempt["payment_method"],
        attempt["transaction_status"],
        attempt["unpaid_reason"],
    )
    return "  ".join(part for part in parts if part)


def _page_to_go_to(base_url: str, *, is_live: bool) -> str:
    # A live account sends payers to https alone, and would refuse the address for that.
    return _SHOP if is_live and base_url.startswith("http:") else f"{base_url}/docs"
