"""A method written once, which blocks on one client and is awaited on the other.

It only describes its call. What comes back depends on the client that the group of methods
belongs to, and type checkers know: the overloads below say it.
"""

import functools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, TypeVar, overload

from paydesk_client.exchange import Call
from paydesk_client.replies import Page

P = ParamSpec("P")
T = TypeVar("T")


class Blocking(Protocol):
    """A client whose calls return when they are done."""

    def send(self, call: Call[T]) -> T: ...

    def each(self, first: Callable[..., Call[Page[T]]]) -> Iterator[T]: ...


class Awaiting(Protocol):
    """A client whose calls are awaited."""

    async def send(self, call: Call[T]) -> T: ...

    def each(self, first: Callable[..., Call[Page[T]]]) -> AsyncIterator[T]: ...


C_co = TypeVar("C_co", bound=Blocking | Awaiting, covariant=True)


class Group(Generic[C_co]):
    """The methods of one resource, on one client."""

    def __init__(self, client: C_co) -> None:
        self.client = client


class method(Generic[P, T]):  # noqa: N801 (a decorator)
    """Makes a description of a call into the call."""

    def __init__(self, describe: Callable[Concatenate[Any, P], Call[T]]) -> None:
        self._describe = describe

    @overload
    def __get__(self, group: Group[Blocking], _: Any) -> Callable[P, T]: ...

    @overload
    def __get__(self, group: Group[Awaiting], _: Any) -> Callable[P, Awaitable[T]]: ...

    def __get__(self, group: Group[Any], _: Any) -> Callable[P, Any]:
        @functools.wraps(self._describe)
        def call(*args: P.args, **given: P.kwargs) -> Any:
            return group.client.send(self._describe(group, *args, **given))

        return call


class pages(Generic[P, T]):  # noqa: N801 (a decorator)
    """Makes a description of a list call into a walk over all of its entries, page after page."""

    def __init__(self, describe: Callable[Concatenate[Any, P], Call[Page[T]]]) -> None:
        self._describe = describe

    @overload
    def __get__(self, group: Group[Blocking], _: Any) -> Callable[P, Iterator[T]]: ...

    @overload
    def __get__(self, group: Group[Awaiting], _: Any) -> Callable[P, AsyncIterator[T]]: ...

    def __get__(self, group: Group[Any], _: Any) -> Callable[P, Any]:
        @functools.wraps(self._describe)
        def walk(*args: P.args, **given: P.kwargs) -> Any:
            return group.client.each(functools.partial(self._describe, group, *args, **given))

        return walk
