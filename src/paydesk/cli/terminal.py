"""What people at a terminal see: plain lines, and a sign of life while they wait."""

from contextlib import AbstractContextManager

from rich.console import Console


class Terminal:
    """Lines on standard output."""

    def __init__(self) -> None:
        self._console = Console(highlight=False, soft_wrap=True)

    def say(self, text: str) -> None:
        self._console.print(text, markup=False)

    def waiting(self, text: str) -> AbstractContextManager[object]:
        """A spinner for as long as the block runs; nothing where there is no terminal."""
        return self._console.status(text)
