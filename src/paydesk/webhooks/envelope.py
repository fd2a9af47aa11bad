"""What an account's own endpoint is sent: the reference's second envelope, made of the first. Pure.

Source: kwik-api paper, section 11.2.
"""

from typing import Any

from paydesk import limits, lookups
from paydesk.kit import json


def account_body(body: bytes) -> bytes:
    """The event in the envelope of account webhooks; the same bytes for the same event.

    An older event about a record was written in it to begin with.

    Shape: {"id", "type", "status": true, "results": […], "webhook_event_lookups_id",
        "webhook_event", "created_at"}; results hold the checkout, or other record, as `data` does.
    """
    told = json.read_object(body, depth_max=limits.EVENT_DEPTH_MAX)
    if "type" in told:
        return body
    return json.write(
        envelope(
            id_=told["id"],
            type_=told["event"],
            results=[_result(one) for one in told["data"]],
            created_at=told["created_at"],
        )
    )


def envelope(
    *, id_: str, type_: str, results: list[dict[str, Any]], created_at: str
) -> dict[str, Any]:
    """The second envelope around these results. A type that is no lookup has null for it."""
    found = lookups.by_enum("webhook_event", type_.replace(".", "_"))
    return {
        "id": id_,
        "type": type_,
        "status": True,
        "results": results,
        "webhook_event_lookups_id": None if found is None else found.id,
        "webhook_event": None if found is None else found.enum,
        "created_at": created_at,
    }


def _result(one: dict[str, Any]) -> dict[str, Any]:
    if "checkout" not in one:
        (record,) = one.values()
        return dict(record)
    return {**one["checkout"], **({"payment": one["payment"]} if "payment" in one else {})}
