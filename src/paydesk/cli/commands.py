"""The commands people type, with their options."""

from pathlib import Path
from typing import Annotated

import typer

from paydesk.cli.data_folder import DataFault
from paydesk.cli.programs import PROGRAMS
from paydesk.db.postgres_programs import PostgresFault

FAULTS = (DataFault, PostgresFault)

commands = typer.Typer(
    name="paydesk",
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
