"""When a webhook is tried again, or given up. Pure."""

from collections.abc import Mapping, Sequence

from paydesk import limits

_ASKS_FOR_PATIENCE = (429, 503)
GONE = 410  # Standard Webhooks: send nothing to this address any more


def is_acknowledged(status: int) -> bool:
    """Any 2xx takes the webhook; a redirect is not followed and counts as a failure."""
    return 200 <= status <= 299


def pause_seconds(
    tries: int, schedule: Sequence[int], *, asked_for: int, chance: float
) -> float | None:
    """How long to wait after this many failed tries, or None to give up.

    Units: seconds from the end of the last try. chance is a random number from 0 to 1, for the
        jitter that keeps failed receivers from being hit by everybody at once.

    >>> pause_seconds(1, (60, 300, 1500), asked_for=0, chance=0.5)
    60.0
    >>> pause_seconds(4, (60, 300, 1500), asked_for=0, chance=0.5) is None
    True
    """
    if tries > len(schedule):
        return None
    jitter = 1 + limits.WEBHOOK_RETRY_JITTER_PERCENT / 100 * (2 * chance - 1)
    return max(schedule[tries - 1] * jitter, asked_for)


def asked_pause_seconds(status: int, headers: Mapping[str, str]) -> int:
    """The pause that a busy receiver asks for with Retry-After, 0 where it asks for none.

    Bounds: at most limits.WEBHOOK_RETRY_AFTER_SECONDS_MAX.
    """
    text = headers.get("Retry-After", "").strip()
    if status not in _ASKS_FOR_PATIENCE or not (text.isascii() and text.isdigit()):
        return 0
    return min(int(text[:9]), limits.WEBHOOK_RETRY_AFTER_SECONDS_MAX)
