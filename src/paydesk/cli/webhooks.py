"""`paydesk webhooks`: what was sent to the shop, how that went, and sending it again."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from paydesk import limits
from paydesk.cli.account import keep_webhook_secret, open_account
from paydesk.cli.faults import CommandFault

commands = typer.Typer(
    name="webhooks",
    help="What was sent to the shop, how that went, and sending it again.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)

Data = Annotated[Path, typer.Option("--data", help="The folder that keeps everything.")]
Live = Annotated[bool, typer.Option("--live", help="Of the live account.")]
WebhookID = Annotated[str, typer.Argument(metavar="ID", help="The webhook: web_….")]
_DATA = Path("var/data")


@commands.command("list")
def list_(
    *,
    data: Data = _DATA,
    live: Live = False,
    status: Annotated[str | None, typer.Option(help="due, delivered or dead.")] = None,
    event: Annotated[str | None, typer.Option(help="Such as checkout.completed.")] = None,
    checkout: Annotated[str | None, typer.Option(help="About this checkout: chk_….")] = None,
    limit: Annotated[
        int, typer.Option(min=1, max=limits.LIST_LIMIT_MAX, help="How many at most.")
    ] = limits.LIST_LIMIT,
) -> None:
    """List the webhooks, newest first: to whom each goes and how that stands."""
    with open_account(data, is_live=live) as account:
        page = account.client.webhooks.list(
            status=status, event=event, checkout_id=checkout, limit=limit
        )
    rows = [("webhook", "event", "made", "to", "status", "tries")]
    rows += [
        (
            one["id"],
            one["event"],
            one["created_at"],
            sent["url"],
            sent["status"],
            str(sent["tries"]),
        )
        for one in page.entries
        for sent in one["deliveries"]
    ]
    _print_table(rows)
    if page.next_cursor is not None:
        typer.echo("There are more: narrow the list, or give a higher --limit.")


@commands.command()
def show(id_: WebhookID, *, data: Data = _DATA, live: Live = False) -> None:
    """Show one webhook: what it says, and every try to deliver it."""
    with open_account(data, is_live=live) as account:
        webhook = account.client.webhooks.show(id_)
    typer.echo(f"{webhook['event']}, made {webhook['created_at']}")
    for sent in webhook["deliveries"]:
        rest = f", again at {sent['next_try_at']}" if sent["next_try_at"] else ""
        typer.echo(f"{sent['target']}: {sent['status']}{rest}, {sent['url']}")
    rows: list[tuple[str, ...]] = [("to", "try", "sent", "took", "answer")]
    rows += [_try(one) for one in webhook["tries"]]
    _print_table(rows)
    typer.echo(json.dumps(webhook["payload"], indent=2, ensure_ascii=False))


@commands.command()
def resend(
    id_: Annotated[str | None, typer.Argument(metavar="[ID]", help="The webhook: web_….")] = None,
    *,
    dead_since: Annotated[
        str | None,
        typer.Option(metavar="TIME", help="All given up since then: 2026-01-31T16:00:00Z."),
    ] = None,
    target: Annotated[
        str | None,
        typer.Option(help="Only to this one: notify_url or whe_….", show_default="all"),
    ] = None,
    data: Data = _DATA,
    live: Live = False,
) -> None:
    """Send a webhook again, or all that were given up since a time."""
    if (id_ is None) == (dead_since is None):
        raise CommandFault("Name a webhook, or give --dead-since.")
    with open_account(data, is_live=live) as account:
        if id_ is not None:
            account.client.webhooks.resend(id_, target=target)
            typer.echo(f"{id_} is on its way again.")
            return
        narrowed = {} if target is None else {"target": target}
        count, has_more = 0, True
        while has_more:
            resent = account.client.webhooks.resend_dead(since=dead_since, **narrowed)
            count, has_more = count + resent["resent"], resent["has_more"]
    typer.echo(f"{count} on their way again.")


@commands.command("rotate-secret")
def rotate_secret(
    *,
    overlap_hours: Annotated[
        int,
        typer.Option(
            min=0,
            max=limits.WEBHOOK_SECRET_OVERLAP_HOURS_MAX,
            help="How long the old one goes on.",
        ),
    ] = 24,
    data: Data = _DATA,
    live: Live = False,
) -> None:
    """Give the account a new webhook secret; the old one goes on for the overlap."""
    with open_account(data, is_live=live) as account:
        made = account.client.webhooks.rotate_secret(overlap_hours=overlap_hours)
    keep_webhook_secret(data, made["secret"], is_live=live)
    typer.echo(f"webhook_secret  {made['secret']}")
    ends_at = made["old_secret_ends_at"]
    typer.echo(f"The old one goes on until {ends_at}." if ends_at else "The old one has ended.")


def _try(one: Mapping[str, Any]) -> tuple[str, ...]:
    answered = "" if one["status"] is None else str(one["status"])
    failure = "" if one["failure"] in {None, "status"} else str(one["failure"])
    took = f"{one['milliseconds']} ms"
    return one["target"], str(one["attempt"]), one["sent_at"] or "", took, answered or failure


def _print_table(rows: Sequence[tuple[str, ...]]) -> None:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        typer.echo("  ".join(cells).rstrip())
