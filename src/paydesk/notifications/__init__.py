"""mai_: what payers and merchants are told by mail: an outbox, and who takes it to the post."""

from paydesk.notifications.compose import compose
from paydesk.notifications.confirm import Paid, confirmation
from paydesk.notifications.model import Kind, Letter, Mail, ShownMail
from paydesk.notifications.outbox import tell_of_payment
from paydesk.notifications.post import Postman
from paydesk.notifications.render import html_of, text_of
from paydesk.notifications.send import Mailer, mailer_of
from paydesk.notifications.store import list_mails, resend

__all__ = [
    "Kind",
    "Letter",
    "Mail",
    "Mailer",
    "Paid",
    "Postman",
    "ShownMail",
    "compose",
    "confirmation",
    "html_of",
    "list_mails",
    "mailer_of",
    "resend",
    "tell_of_payment",
    "text_of",
]
