"""`paydesk mail`: which mails are on their way, sending one again, and how each of them looks."""

from pathlib import Path
from typing import Annotated

import asyncpg
import typer

from paydesk import limits, notifications
from paydesk.cli.data_database import work_on_database
from paydesk.cli.faults import CommandFault
from paydesk.kit import clock
from paydesk.notifications import ShownMail

commands = typer.Typer(
    name="mail",
    help="List mails, send one again, and look at them.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)

Data = Annotated[Path, typer.Option("--data", help="The folder that keeps everything.")]
_DATA = Path("var/data")
_STATES = ("due", "sent", "dead")


@commands.command("list")
def list_(
    *,
    data: Data = _DATA,
    state: Annotated[str | None, typer.Option(help="due, sent or dead, and no others.")] = None,
) -> None:
    """List the newest mails: whom they went to, and why one did not."""
    if state not in (None, *_STATES):
        raise CommandFault(f"A mail is {', '.join(_STATES[:-1])} or {_STATES[-1]}.")

    async def work(connection: asyncpg.Connection) -> list[ShownMail]:
        return await notifications.list_mails(
            connection, state=state, count=limits.MAILS_LISTED_MAX
        )

    listed = work_on_database(data, work)
    typer.echo("\n".join(map(_line, listed)) or "No mails.")


@commands.command()
def resend(
    id_: Annotated[str, typer.Argument(metavar="ID", help="The mail: mai_….")],
    *,
    data: Data = _DATA,
) -> None:
    """Send a mail once more, whether it was sent or is dead."""

    async def work(connection: asyncpg.Connection) -> bool:
        return await notifications.resend(connection, id_)

    if not work_on_database(data, work):
        raise CommandFault(f"There is no mail {id_}, or it is on its way already.")
    typer.echo(f"{id_} is on its way again.")


@commands.command()
def preview(
    *,
    locale: Annotated[str, typer.Option(help="Their language, such as zu.")] = "en-ZA",
    out: Annotated[Path, typer.Option(help="The folder to write to.")] = Path("var/mails"),
    open_: Annotated[bool, typer.Option("--open", help="Open them in a browser.")] = False,
) -> None:
    """Write each kind of mail, as example data fills it, into a folder as HTML and text."""
    from paydesk.cli.mail_examples import EXAMPLES  # late, as nothing else needs them

    out.mkdir(parents=True, exist_ok=True)
    for name, letter_in in EXAMPLES.items():
        letter = letter_in(locale)
        path = out / f"{name}.html"
        path.write_text(notifications.html_of(letter, logo_url=""), encoding="utf-8")
        path.with_suffix(".txt").write_text(notifications.text_of(letter), encoding="utf-8")
        typer.echo(str(path))
        if open_:
            typer.launch(str(path.absolute()))


def _line(mail: ShownMail) -> str:
    told = f"{mail.id}  {clock.sast(mail.created_at)}  {mail.state:<4}  {mail.kind}"
    why = f" ({mail.tries} tries: {mail.failure})" if mail.failure else ""
    return f"{told} of {mail.about} to {mail.recipient}{why}"
