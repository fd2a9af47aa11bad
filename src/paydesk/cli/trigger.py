"""`paydesk trigger`: makes a test checkout go through what ends in the event that is asked for.

Nothing is made up: a payer pays on the page, the acquirer's sandbox answers, and what time would do
is done by the same step.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from paydesk import checkouts
from paydesk.checkouts import Event
from paydesk.cli.account import open_account
from paydesk.cli.data_database import work_on_database
from paydesk.cli.demo.exchange import NoAnswer
from paydesk.cli.demo.payer import APPROVED, CardFormMissing, open_page, pay
from paydesk.cli.faults import CommandFault

if TYPE_CHECKING:
    from paydesk_client import Paydesk

_DECLINED = "4000 0000 0000 0002"
# Reviewed by the sandbox's acquirer, and approved after ten seconds: docs/start.md, f1 = 7.
_REVIEWED = "4000 0012 7001 1000"
_SECONDS_MAX = 30


@dataclass(frozen=True, slots=True)
class _Scene:
    """A checkout that something is to happen to, on a data folder's Paydesk."""

    data: Path
    client: "Paydesk"
    checkout_id: str
    page_url: str

    def pays(self, card_number: str) -> None:
        pay(open_page(self.page_url), card_number)

    def lets_time_pass(self, event: Event) -> None:
        work_on_database(
            self.data, lambda connection: checkouts.hurry(connection, self.checkout_id, event)
        )


def _complete(scene: _Scene) -> None:
    scene.pays(APPROVED)


def _fail(scene: _Scene) -> None:
    scene.pays(_DECLINED)


def _wait(scene: _Scene) -> None:
    scene.pays(_REVIEWED)


def _cancel(scene: _Scene) -> None:
    scene.client.checkouts.cancel(scene.checkout_id)


def _expire(scene: _Scene) -> None:
    scene.lets_time_pass(Event.EXPIRED)


def _abandon(scene: _Scene) -> None:
    open_page(scene.page_url)
    scene.lets_time_pass(Event.ABANDONED)


def _near_lapse(scene: _Scene) -> None:
    scene.pays(APPROVED)
    _until(lambda: scene.client.checkouts.show(scene.checkout_id)["status"] == "completed")
    scene.lets_time_pass(Event.CAPTURE_DUE)


_DEEDS: Mapping[Event, Callable[[_Scene], None]] = {
    Event.COMPLETED: _complete,
    Event.FAILED: _fail,
    Event.PENDING: _wait,
    Event.CANCELLED: _cancel,
    Event.EXPIRED: _expire,
    Event.ABANDONED: _abandon,
    Event.CAPTURE_DUE: _near_lapse,
}


def find_event(text: str) -> Event:
    """The event of this name. Raises: CommandFault."""
    if text not in set(Event):
        raise CommandFault(f"There is no event {text}; there are {', '.join(Event)}.")
    return Event(text)


def trigger(data: Path, event: Event, *, notify_url: str) -> str:
    """Brings the event about with the test account, and tells which webhook came of it.

    Raises: CommandFault.
    """
    with open_account(data, is_live=False) as account:
        made = account.client.checkouts.create(**_body(event, notify_url))
        scene = _Scene(data, account.client, made["id"], made["page_url"])
        try:
            _DEEDS[event](scene)
        except (NoAnswer, CardFormMissing) as fault:
            raise CommandFault(str(fault)) from fault
        webhook = _until(
            lambda: next(
                iter(account.client.webhooks.list(checkout_id=made["id"], event=event).entries),
                None,
            )
        )
    return f"{event}  {webhook['id']}  about {made['id']}"


def _body(event: Event, notify_url: str) -> dict[str, Any]:
    payment_type = "PRE_AUTHORIZATION" if event is Event.CAPTURE_DUE else "DIRECT_DEBIT"
    return {
        "mode": "one-off",
        "amount": "10.00",
        "currency": "ZAR",
        "order": {"description": f"To see {event}"},
        "customer": {
            "person_name": "Test",
            "person_surname": "Payer",
            "email": "payer@example.com",
        },
        "payment": {"payment_type": payment_type},
        "redirects": {
            "success_url": "https://shop.invalid/success",
            "cancel_url": "https://shop.invalid/cancel",
            "notify_url": notify_url,
        },
    }


def _until(question: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + _SECONDS_MAX
    while not (answer := question()):
        if time.monotonic() > deadline:
            raise CommandFault(
                "It was done, and no webhook came of it yet: see paydesk webhooks list."
            )
        time.sleep(0.2)
    return answer
