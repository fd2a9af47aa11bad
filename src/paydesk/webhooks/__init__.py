"""web_: how merchants hear of what happened: an outbox, and its delivery."""

from paydesk.webhooks.deliver import Deliverer
from paydesk.webhooks.outbox import CHANNEL, NewEvent, append

__all__ = ["CHANNEL", "Deliverer", "NewEvent", "append"]
