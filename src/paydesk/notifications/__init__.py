"""mai_: what payers and merchants are told by mail: an outbox, and who takes it to the post."""

from paydesk.notifications.compose import composer
from paydesk.notifications.confirm import Paid, confirmation, contact_note
from paydesk.notifications.enclose import Enclosed
from paydesk.notifications.hand_over import invoice_letter
from paydesk.notifications.inform import (
    Informed,
    card_testing_letter,
    payment_letter,
    undelivered_letter,
)
from paydesk.notifications.missed import Missed, missed_letter
from paydesk.notifications.model import Kind, Letter, Mail, ShownMail
from paydesk.notifications.outbox import (
    tell_of_card_testing,
    tell_of_charge,
    tell_of_missed_charge,
    tell_of_movement,
    tell_of_payment,
    tell_of_undelivered,
)
from paydesk.notifications.planned import (
    planned,
    tell_of_ending_cards,
    tell_of_failed_charge,
    tell_of_upcoming,
)
from paydesk.notifications.post import Postman
from paydesk.notifications.remind import EVERY, Planned, every_text, noon, reminder, with_plan
from paydesk.notifications.render import html_of, text_of
from paydesk.notifications.send import Mailer, mailer_of
from paydesk.notifications.store import forget, list_mails, resend
from paydesk.notifications.wanted import Notifications, NotificationsBody, wanted

__all__ = [
    "EVERY",
    "Enclosed",
    "Informed",
    "Kind",
    "Letter",
    "Mail",
    "Mailer",
    "Missed",
    "Notifications",
    "NotificationsBody",
    "Paid",
    "Planned",
    "Postman",
    "ShownMail",
    "card_testing_letter",
    "composer",
    "confirmation",
    "contact_note",
    "every_text",
    "forget",
    "html_of",
    "invoice_letter",
    "list_mails",
    "mailer_of",
    "missed_letter",
    "noon",
    "payment_letter",
    "planned",
    "reminder",
    "resend",
    "tell_of_card_testing",
    "tell_of_charge",
    "tell_of_ending_cards",
    "tell_of_failed_charge",
    "tell_of_missed_charge",
    "tell_of_movement",
    "tell_of_payment",
    "tell_of_undelivered",
    "tell_of_upcoming",
    "text_of",
    "undelivered_letter",
    "wanted",
    "with_plan",
]
