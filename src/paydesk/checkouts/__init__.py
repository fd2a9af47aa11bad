"""chk_ and ses_: what is to be paid, and how it came out."""

from paydesk.checkouts.cancel import cancel_checkout
from paydesk.checkouts.create import create_checkout
from paydesk.checkouts.errors import CheckoutEnded, CheckoutMissing
from paydesk.checkouts.expire import abandon_due, expire_due
from paydesk.checkouts.look import look_at_attempt
from paydesk.checkouts.pay import Begun, begin, finish
from paydesk.checkouts.show import open_page, show_checkout
from paydesk.checkouts.states import MOVES, Event, State, Step
from paydesk.checkouts.wire import CreateBody, Terms, read_create, reply, show

__all__ = [
    "MOVES",
    "Begun",
    "CheckoutEnded",
    "CheckoutMissing",
    "CreateBody",
    "Event",
    "State",
    "Step",
    "Terms",
    "abandon_due",
    "begin",
    "cancel_checkout",
    "create_checkout",
    "expire_due",
    "finish",
    "look_at_attempt",
    "open_page",
    "read_create",
    "reply",
    "show",
    "show_checkout",
]
