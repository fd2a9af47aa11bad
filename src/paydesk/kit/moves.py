"""State machines as tables: a move is where a step leads and the fact it announces."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

S = TypeVar("S", bound=StrEnum)
T = TypeVar("T", bound=StrEnum)
F = TypeVar("F", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Move(Generic[S, F]):
    """One edge of a state table. announces is None where nobody is told."""

    to: S
    announces: F | None = None


class IllegalMove(Exception):
    """The table has no such edge: the caller read a state that has since changed, or is wrong."""


class Raced(Exception):
    """Somebody else moved it first; nothing was changed. Read it again and decide anew."""


def step(moves: Mapping[tuple[S, T], Move[S, F]], state: S, by: T) -> Move[S, F]:
    """The move that this step makes from this state.

    Raises: IllegalMove.
    """
    try:
        return moves[state, by]
    except KeyError:
        raise IllegalMove(f"no step {by} from {state}") from None
