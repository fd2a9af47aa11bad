"""One call from its description to its result: what to send, when to wait, when to give up.

It is a generator that does nothing itself: a driver sends what it yields, or waits as long as it
says, and hands back what came of it. So blocking and awaiting clients share every decision.
"""

import json
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Generic, TypeVar

from paydesk_client.errors import NoAnswer, PaydeskError, refusal

T = TypeVar("T")

_FIRST_PAUSE_SECONDS = 0.25
_PAUSE_SECONDS_MAX = 8.0  # of our own choosing
RETRY_AFTER_SECONDS_MAX = 60.0  # of the server's; when it asks for more, the caller decides
# Somebody's "not now". A proxy's 502 or 504 tells nothing about the call, so it is repeated too.
_PASSING = {429, 502, 503, 504}


@dataclass(frozen=True, slots=True)
class Call(Generic[T]):
    """What is asked; read makes the result of the answer's JSON object.

    Every POST has an idempotency_key, which makes it safe to repeat.
    """

    method: str
    path: str
    read: Callable[[Any], T]
    query: Mapping[str, Any] | None = None
    body: Mapping[str, Any] | None = None
    idempotency_key: str | None = None


@dataclass(frozen=True, slots=True)
class Request:
    """One request to be sent now."""

    method: str
    path: str
    query: Mapping[str, str]
    content: bytes | None
    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait so long, then go on."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back."""

    status: int
    content: bytes
    retry_after: str | None


@dataclass(frozen=True, slots=True)
class Lost:
    """Nothing came back."""

    reason: str


def exchange(
    call: Call[T], *, retries: int, chance: Callable[[], float]
) -> Generator[Request | Pause, Reply | Lost | None, T]:
    """The steps of one call, and in the end its result.

    Units:  chance gives a number from 0 to 1; it spreads the repeats of many clients.
    Raises: PaydeskError; NoAnswer.
    """
    request = _request(call)
    for attempt in range(retries + 1):
        reply = yield request
        assert reply is not None
        try:
            return call.read(_result(reply))
        except PaydeskError as error:
            if attempt == retries or not _is_passing(error):
                raise
            pause = _pause(attempt, error.retry_after_seconds, chance())
            if pause > RETRY_AFTER_SECONDS_MAX:
                raise
        yield Pause(pause)
    raise AssertionError


def read_json(content: bytes) -> Any:
    """JSON with its decimal numbers kept exactly, as Decimal. Raises: ValueError."""
    return json.loads(content, parse_float=Decimal)


def _request(call: Call[Any]) -> Request:
    headers = {"Accept": "application/json"}
    content = None
    if call.method == "POST":
        content = json.dumps(call.body or {}, default=_plain).encode()
        headers["Content-Type"] = "application/json"
    if call.idempotency_key is not None:
        headers["Idempotency-Key"] = call.idempotency_key
    given = {name: value for name, value in (call.query or {}).items() if value is not None}
    query = {name: str(value) for name, value in given.items()}
    return Request(call.method, call.path, query, content, headers)


def _plain(value: object) -> str:
    # A Decimal goes as text, which Paydesk reads exactly.
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} has no form in JSON.")


def _result(reply: Reply | Lost) -> Any:
    if isinstance(reply, Lost):
        raise NoAnswer(reply.reason)
    try:
        body = read_json(reply.content)
    except ValueError:
        body = None
    if reply.status == 200 and isinstance(body, dict) and body.get("status") is True:
        return body
    raise refusal(reply.status, body, _seconds(reply.retry_after))


def _seconds(retry_after: str | None) -> float | None:
    # Paydesk sends seconds; the header's other form, a date, comes from proxies only.
    return float(retry_after) if retry_after and retry_after.isdigit() else None


def _is_passing(error: PaydeskError) -> bool:
    is_lost = isinstance(error, NoAnswer) and error.status == 0
    return is_lost or error.status in _PASSING or error.broke("request_in_flight")


def _pause(attempt: int, retry_after_seconds: float | None, chance: float) -> float:
    own = min(_FIRST_PAUSE_SECONDS * 2.0**attempt, _PAUSE_SECONDS_MAX)
    # Never sooner than the server asks, and never all clients at once.
    return (retry_after_seconds or own / 2) + chance * own / 2
