"""What customers refuse."""

from paydesk.errors import Kind, Refusal


class CustomerMissing(Refusal):
    """There is no customer with this id."""

    kind = Kind.MISSING


class CustomerReferenceTaken(Refusal):
    """There is a customer with this reference already, or an archived one."""

    kind = Kind.CONFLICT


class CustomerArchived(Refusal):
    """The customer is archived; it can't be changed any more."""

    kind = Kind.CONFLICT
