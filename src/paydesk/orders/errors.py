"""What an order refuses."""

from paydesk.errors import Kind, Refusal


class OrderMissing(Refusal):
    """There is no order with this id."""

    kind = Kind.MISSING


class OrderStatus(Refusal):
    """The status follows payment: while nothing is paid, set PENDING, CANCELLED or EXPIRED."""


class OrderPaid(Refusal):
    """The order is paid already."""

    kind = Kind.CONFLICT


class OrderInPayment(Refusal):
    """A payment of the order is authorised or under way, so this can't be changed now."""

    kind = Kind.CONFLICT


class OrderReferencePaid(Refusal):
    """An order with this reference is paid already, and your policy allows each only once."""

    kind = Kind.CONFLICT
