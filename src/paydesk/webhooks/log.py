"""What was sent, how that went, and sending it again."""

import asyncpg

from paydesk import limits
from paydesk.db.connection import Connection
from paydesk.db.listing import Page
from paydesk.webhooks import store
from paydesk.webhooks.errors import (
    EndpointDisabled,
    EndpointMissing,
    ResendsUsedUp,
    WebhookMissing,
)
from paydesk.webhooks.model import NOTIFY_URL, Sought, SoughtDead, Try, Webhook
from paydesk.webhooks.outbox import wake_worker


async def list_webhooks(
    connection: Connection, account_id: int, sought: Sought, page: Page
) -> tuple[list[Webhook], str | None]:
    """One page of the account's webhooks, newest first, and the next page's cursor."""
    return await store.webhooks(connection, account_id, sought, page)


async def show_webhook(connection: Connection, account_id: int, event_id: str) -> Webhook:
    """The webhook and how its deliveries stand. Raises: WebhookMissing."""
    found = await store.webhook(connection, account_id, event_id)
    if found is None:
        raise WebhookMissing("id")
    return found


async def list_tries(connection: Connection, account_id: int, event_id: str) -> list[Try]:
    """Every try to deliver the webhook, in their order for each target."""
    return await store.tries(connection, account_id, event_id)


async def resend_webhook(
    connection: Connection, account_id: int, event_id: str, *, target: str | None
) -> Webhook:
    """Sends the webhook again: to all it is meant for, or to one target, be it new to it.

    It is the same event with the same id, and begins its schedule anew.
    Raises: WebhookMissing; EndpointMissing and EndpointDisabled, for the target; ResendsUsedUp.
    """
    webhook = await show_webhook(connection, account_id, event_id)
    if target is None:
        count = await store.resend(connection, account_id, event_id)
    else:
        if target != NOTIFY_URL or webhook.checkout_id is None:
            await _check_target(connection, account_id, target)
        try:
            count = await store.send_to(connection, account_id, event_id, target)
        except asyncpg.ForeignKeyViolationError as gone:
            # It was dropped for its age since.
            raise WebhookMissing("id") from gone
    # One that is in the feed alone is meant for nobody.
    if not count and (webhook.sent_to or target is not None):
        raise ResendsUsedUp("id")
    await wake_worker(connection)
    return await show_webhook(connection, account_id, event_id)


async def resend_dead(connection: Connection, account_id: int, sought: SoughtDead) -> int:
    """Sends again what was given up and matches; how many. What is on its way stays as it is.

    Bounds: at most limits.WEBHOOK_RESEND_MAX; where it is as many, there may be more.
    """
    count = await store.resend_dead(
        connection, account_id, sought, count_max=limits.WEBHOOK_RESEND_MAX
    )
    await wake_worker(connection)
    return count


async def _check_target(connection: Connection, account_id: int, target: str) -> None:
    endpoint = await store.find_endpoint(connection, account_id, target)
    if endpoint is None:
        raise EndpointMissing("target")
    if not endpoint.described.is_live:
        raise EndpointDisabled("target")
