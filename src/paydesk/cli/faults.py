"""What ends a command with a sentence instead of a traceback?"""


class CommandFault(Exception):
    """The command can't be done. The text says why and what to do."""
