"""chk_ and ses_: what is to be paid, and how it came out."""

from paydesk.checkouts.authenticate import leave_issuer
from paydesk.checkouts.cancel import cancel_checkout
from paydesk.checkouts.change import change_checkout, hold_to_change
from paydesk.checkouts.create import create_checkout
from paydesk.checkouts.errors import (
    AccountWithoutConnector,
    CardsNotActive,
    ChangesUsedUp,
    CheckoutEnded,
    CheckoutMissing,
    ExtensionsUsedUp,
    MethodLimitReached,
    NoPaymentMethod,
    NotByHand,
    OrderClosed,
    OrderCustomer,
    OrderTotal,
    SameCustomer,
    SameOrder,
    TransferEnded,
)
from paydesk.checkouts.expire import abandon_due, expire_due
from paydesk.checkouts.extend import extend_checkout, is_near_end
from paydesk.checkouts.hear import hear_result
from paydesk.checkouts.hurry import hurry
from paydesk.checkouts.list import list_checkouts
from paydesk.checkouts.look import look_at_attempt
from paydesk.checkouts.model import Filters
from paydesk.checkouts.pay import Begun, begin, finish, go_on, send, take_code
from paydesk.checkouts.pay_by_bank import (
    ask_bank,
    begin_at_bank,
    come_back,
    leave_bank,
    notice,
)
from paydesk.checkouts.receipt import receipt_of, with_receipt
from paydesk.checkouts.settle import settle
from paydesk.checkouts.show import choose_language, open_page, show_checkout
from paydesk.checkouts.states import MOVES, Event, State, Step
from paydesk.checkouts.store import page_terms
from paydesk.checkouts.transfer import receive_transfer
from paydesk.checkouts.warn import warn_due
from paydesk.checkouts.wire import CardLinkBody, CreateBody, Terms, read_create
from paydesk.checkouts.wire_change import ChangeBody, read_change
from paydesk.checkouts.wire_reply import CheckoutReply, ShownCheckoutReply, reply, show

__all__ = [
    "MOVES",
    "AccountWithoutConnector",
    "Begun",
    "CardLinkBody",
    "CardsNotActive",
    "ChangeBody",
    "ChangesUsedUp",
    "CheckoutEnded",
    "CheckoutMissing",
    "CheckoutReply",
    "CreateBody",
    "Event",
    "ExtensionsUsedUp",
    "Filters",
    "MethodLimitReached",
    "NoPaymentMethod",
    "NotByHand",
    "OrderClosed",
    "OrderCustomer",
    "OrderTotal",
    "SameCustomer",
    "SameOrder",
    "ShownCheckoutReply",
    "State",
    "Step",
    "Terms",
    "TransferEnded",
    "abandon_due",
    "ask_bank",
    "begin",
    "begin_at_bank",
    "cancel_checkout",
    "change_checkout",
    "choose_language",
    "come_back",
    "create_checkout",
    "expire_due",
    "extend_checkout",
    "finish",
    "go_on",
    "hear_result",
    "hold_to_change",
    "hurry",
    "is_near_end",
    "leave_bank",
    "leave_issuer",
    "list_checkouts",
    "look_at_attempt",
    "notice",
    "open_page",
    "page_terms",
    "read_change",
    "read_create",
    "receipt_of",
    "receive_transfer",
    "reply",
    "send",
    "settle",
    "show",
    "show_checkout",
    "take_code",
    "warn_due",
    "with_receipt",
]
