"""`paydesk listen`: follows the feed of events, and hands each on to a receiver that is near.

It asks; nothing has to reach this machine from outside.
"""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from paydesk import limits, webhooks
from paydesk.cli.account import open_account, read_keys
from paydesk.cli.signals import raise_on_signals
from paydesk.cli.terminal import Terminal
from paydesk.kit.signing import Attempt, webhook_headers

if TYPE_CHECKING:
    from paydesk_client import Paydesk, Webhook

_POLL_SECONDS = 1
_TRIES = 3
_RETRY_SECONDS = 2
# The worker gives an event its place in the feed within a second.
_PLACED_SECONDS_MAX = 10


@dataclass(frozen=True, slots=True)
class _Receiver:
    """Where events are handed on to, and what signs them; url None shows them only."""

    url: str | None
    secret: str


def listen(
    data: Path,
    *,
    forward: str | None,
    event: str | None,
    after: str | None,
    count: int | None,
    is_live: bool,
) -> None:
    """Shows each event as it comes, forwarded where a URL is given; until count, or Ctrl-C.

    Raises: CommandFault.
    """
    terminal = Terminal()
    receiver = _Receiver(forward, read_keys(data, is_live=is_live)["webhook_secret"])
    with open_account(data, is_live=is_live) as account:
        cursor = after or _newest(account.client)
        where = f", and hands them on to {forward}" if forward else ""
        terminal.say(f"Listening to events of {account.base_url}{where}. Ctrl-C ends it.")
        follow = _follow(account.client, cursor, event, raise_on_signals())
        try:
            for number, told in enumerate(follow, start=1):
                terminal.say(_line(told, _hand_on(told, receiver)))
                if number == count:
                    return
        except KeyboardInterrupt:
            return


def _newest(client: "Paydesk") -> str | None:
    """Where the feed ends now; None while nothing has happened."""
    newest = (one["id"] for one in client.webhooks.each() if _is_in_feed(one))
    return next(newest, None)


def _is_in_feed(webhook: Mapping[str, Any]) -> bool:
    kind, _, _ = webhook["event"].partition(".")
    return webhook["checkout_id"] is not None or kind in webhooks.IN_FEED


def _follow(
    client: "Paydesk", cursor: str | None, event: str | None, check_signals: Callable[[], None]
) -> Iterator["Webhook"]:
    filters: dict[str, Any] = {} if event is None else {"event": event}
    _wait_for_place(client, cursor)
    while True:
        check_signals()
        if cursor is not None:
            filters["cursor"] = cursor
        page = client.events.list(**filters)
        yield from page.entries
        cursor = page.next_cursor
        if not page.entries:
            time.sleep(_POLL_SECONDS)


def _wait_for_place(client: "Paydesk", cursor: str | None) -> None:
    """Waits for the newest event to be in the feed. Raises: CommandFault, where it never is."""
    from paydesk_client import PaydeskError

    deadline = time.monotonic() + _PLACED_SECONDS_MAX
    while cursor is not None:
        try:
            client.events.list(cursor=cursor, limit=1)
        except PaydeskError as refused:
            if "cursor" not in refused.faults or time.monotonic() > deadline:
                raise
            time.sleep(_POLL_SECONDS)
        else:
            return


def _hand_on(told: "Webhook", receiver: _Receiver) -> str:
    """What the receiver answered, in words."""
    if receiver.url is None:
        return ""
    # As the worker writes it, so that its signature is the same.
    body = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
    answered = ""
    for number in range(1, _TRIES + 1):
        attempt = Attempt(
            webhook_id=told["id"],
            sequence=told["data"][0].get("checkout", {}).get("sequence", 1),
            number=number,
            sent_at_seconds=int(time.time()),
        )
        headers = webhook_headers(body, [receiver.secret], attempt)
        status, answered = _post(receiver.url, body, headers)
        if 200 <= status <= 299:
            return answered
        if number < _TRIES:
            time.sleep(_RETRY_SECONDS)
    return f"{answered}; given up after {_TRIES} tries"


def _post(url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
    """The answer's status, 0 without one, and what to say of it. Redirects are not followed."""
    import httpx2

    began = time.monotonic()
    try:
        # Without proxies of the environment: it stays near.
        with httpx2.Client(trust_env=False, timeout=limits.WEBHOOK_TOTAL_SECONDS_MAX) as client:
            status = client.post(url, content=body, headers=dict(headers)).status_code
    except (httpx2.HTTPError, httpx2.InvalidURL) as lost:
        return 0, f"{url} does not answer ({lost})"
    return status, f"{status} after {round(1000 * (time.monotonic() - began))} ms"


def _line(told: "Webhook", answered: str) -> str:
    about = next(iter(told["data"][0].values()))["id"]
    return "  ".join(filter(None, (f"{told['event']:<22}", told["id"], about, answered)))
