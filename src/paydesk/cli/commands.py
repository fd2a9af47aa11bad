"""The commands people type, with their options."""

from pathlib import Path
from typing import Annotated

import typer

from paydesk.cli.data_folder import DataFault
from paydesk.cli.faults import CommandFault
from paydesk.cli.groups import LateGroups
from paydesk.cli.programs import PROGRAMS
from paydesk.db.postgres_programs import PostgresFault

FAULTS = (CommandFault, DataFault, PostgresFault)

commands = typer.Typer(
    name="paydesk",
    cls=LateGroups,
    help="Paydesk: a self-hosted hosted-checkout server.",
    epilog=f"Programs that serve runs, and that run alone too: {', '.join(PROGRAMS)} (--help).",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)

Data = Annotated[Path, typer.Option("--data", help="The folder that keeps everything.")]
Port = Annotated[int, typer.Option("--port", min=1, max=65535, help="The port to listen on.")]


@commands.command()
def serve(
    data: Data = Path("var/data"),
    port: Port = 8000,
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
) -> None:
    """Start everything and keep it running: database, vault, web, worker, sandbox."""
    from paydesk.cli.serve import serve as run

    run(data, port=port, host=host)


@commands.command()
def demo(
    *,
    once: Annotated[bool, typer.Option("--once", help="End after the story.")] = False,
    data: Annotated[Path | None, typer.Option(help="The folder that keeps everything.")] = None,
    port: Annotated[int | None, typer.Option(help="The port to listen on.")] = None,
) -> None:
    """Start everything and watch a checkout being paid."""
    from paydesk.cli.demo import run_demo

    raise typer.Exit(run_demo(once=once, data=data, port=port))


@commands.command()
def migrate() -> None:
    """Bring the database of PAYDESK_DATABASE_URL to this program's schema."""
    from paydesk.cli.migrate import migrate_outside_database

    for name in migrate_outside_database():
        typer.echo(f"applied {name}")
    typer.echo("The database is current.")


@commands.command()
def doctor(data: Data = Path("var/data"), port: Port = 8000) -> None:
    """Check the set-up and say how to mend what is wrong."""
    from paydesk.cli.doctor import run_doctor

    raise typer.Exit(run_doctor(data, port=port))


@commands.command()
def refund(
    id_or_reference: Annotated[
        str, typer.Argument(metavar="ID", help="The transaction (tra_…) or your reference.")
    ],
    *,
    amount: Annotated[
        str | None, typer.Option(help="How much.", show_default="all that is left")
    ] = None,
    data: Data = Path("var/data"),
    live: Annotated[bool, typer.Option("--live", help="Of the live account.")] = False,
) -> None:
    """Give a payment back, wholly or in part."""
    from paydesk.cli.refund import refund as run

    typer.echo(run(data, id_or_reference, amount=amount, is_live=live))


@commands.command()
def backup(
    file: Annotated[Path, typer.Argument(help="The file to write the database to.")],
    *,
    keys: Annotated[
        Path | None, typer.Option(help="The file to write the keys to. Keep it elsewhere.")
    ] = None,
    data: Data = Path("var/data"),
) -> None:
    """Write the database into a file, and what opens its secrets into another."""
    from paydesk.cli.backup import backup as run

    run(data, file, keys)


@commands.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that backup wrote.")],
    *,
    keys: Annotated[Path | None, typer.Option(help="The keys file written with it.")] = None,
    data: Annotated[Path, typer.Option("--data", help="The folder to restore into: empty.")],
) -> None:
    """Bring a backup into an empty data folder, ready for serve."""
    from paydesk.cli.restore import restore as run

    run(data, file, keys)


@commands.command()
def resolve(
    id_: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="What waits: tra_…, mod_… or dep_….")
    ] = None,
    *,
    done: Annotated[bool, typer.Option("--done", help="The acquirer says it happened.")] = False,
    not_done: Annotated[bool, typer.Option("--not-done", help="It did not happen.")] = False,
    data: Data = Path("var/data"),
) -> None:
    """List outcomes that only a person can find out, or say how one came out."""
    from paydesk.cli import resolve as resolving

    if id_ is None:
        waiting = resolving.list_waiting(data)
        typer.echo("\n".join(waiting) or "Nothing waits for a person.")
    elif done == not_done:
        raise CommandFault("Ask the acquirer about it, then say --done or --not-done.")
    else:
        typer.echo(resolving.resolve(data, id_, was_done=done))


@commands.command()
def listen(
    *,
    forward: Annotated[
        str | None, typer.Option(metavar="URL", help="Post each event to this address, signed.")
    ] = None,
    event: Annotated[str | None, typer.Option(help="Only these: checkout.completed.")] = None,
    after: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Go on after this one: web_….", show_default="the newest"),
    ] = None,
    count: Annotated[
        int | None, typer.Option(min=1, help="End after so many.", show_default="none")
    ] = None,
    data: Data = Path("var/data"),
    live: Annotated[bool, typer.Option("--live", help="Of the live account.")] = False,
) -> None:
    """Show events as they come, and hand them on to a receiver on this machine."""
    from paydesk.cli.listen import listen as run

    run(data, forward=forward, event=event, after=after, count=count, is_live=live)


@commands.command()
def trigger(
    event: Annotated[str, typer.Argument(help="Such as checkout.completed.")],
    *,
    notify_url: Annotated[
        str, typer.Option(help="The checkout's own receiver.", show_default="nobody")
    ] = "https://shop.invalid/webhooks/payments",
    data: Data = Path("var/data"),
) -> None:
    """Make a test checkout go through what ends in this event."""
    from paydesk.cli.trigger import find_event
    from paydesk.cli.trigger import trigger as run

    typer.echo(run(data, find_event(event), notify_url=notify_url))


@commands.command()
def verify(data: Data = Path("var/data")) -> None:
    """Read the whole ledger and say whether it agrees with itself and with what was done."""
    from paydesk.cli.verify import verify as run

    raise typer.Exit(run(data))
