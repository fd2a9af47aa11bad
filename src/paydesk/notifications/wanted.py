"""Which mails are to follow a payment: the field `notifications` of a request. Pure."""

from dataclasses import dataclass

from paydesk.kit.fields import Body, Email, Flag


class NotificationsBody(Body):
    send_invoice: Flag = None
    send_confirmation_email: Flag = None
    confirmation_email_override: Email = None


@dataclass(frozen=True, slots=True)
class Notifications:
    """Which mails follow a payment, and which address the confirmation goes to instead."""

    send_invoice: bool = False
    send_confirmation_email: bool = False
    confirmation_email_override: str | None = None


def wanted(body: NotificationsBody | None) -> Notifications:
    """What the body asks for; nothing where it is silent."""
    if body is None:
        return Notifications()
    return Notifications(
        send_invoice=bool(body.send_invoice),
        send_confirmation_email=bool(body.send_confirmation_email),
        confirmation_email_override=body.confirmation_email_override,
    )
