"""Groups of commands that are loaded when they are named.

Their libraries take longer to load than `serve` takes to start without them.
"""

from importlib import import_module
from typing import Any

import typer
from typer.core import TyperGroup

# Each is a module beside this one, with a Typer application called `commands`.
GROUPS = ("checkout", "export", "form", "key", "mail", "merchant", "methods", "vault", "webhooks")


class LateGroups(TyperGroup):
    # Any, because the types of a context and a command are no part of what Typer publishes.

    def list_commands(self, ctx: Any) -> list[str]:
        return [*super().list_commands(ctx), *GROUPS]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        if cmd_name not in GROUPS:
            return super().get_command(ctx, cmd_name)
        module = import_module(f"paydesk.cli.{cmd_name}")
        command = typer.main.get_command(module.commands)
        command.name = cmd_name
        return command
