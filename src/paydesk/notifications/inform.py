"""What a merchant is told: of a payment, and of a receiver of webhooks that is not reached. Pure.

In English, as all that Paydesk says to merchants.
"""

from paydesk.languages import ENGLISH, words_of, writing_of
from paydesk.notifications.confirm import Paid, amount_text, method_text, test_banner
from paydesk.notifications.model import Letter, Mail

_AFTERWARDS = (
    "Your shop may not know of payments that were made. What was not delivered is kept. Once the "
    "receiver answers with a status of 2xx, paydesk webhooks resend --dead-since TIME sends it "
    "again, and so does POST /webhooks/resend."
)


def payment_letter(paid: Paid, mail: Mail) -> Letter:
    """The letter about a payment, to the merchant who asked to hear of each."""
    words, written = words_of(ENGLISH), writing_of(ENGLISH, paid.number_style)
    amount = amount_text(paid.amount, written)
    done = "authorised" if paid.is_hold else "paid"
    rows = (
        ("Amount", amount),
        ("Order reference", paid.reference),
        ("What for", paid.description),
        ("Payment method", method_text(paid, words)),
        ("Date", f"{written.day(paid.at)}, {written.time(paid.at)}"),
        ("Checkout", mail.about),
    )
    return Letter(
        language=ENGLISH,
        merchant_name=paid.merchant_name,
        subject=f"{amount} {done}, order {paid.reference}",
        title="Payment authorised" if paid.is_hold else "New payment",
        paragraphs=(),
        rows=tuple((label, value) for label, value in rows if value),
        notes=(
            "You asked for a mail of each payment. To end that: mail_payments of the merchant.",
        ),
        banner="" if paid.is_live else test_banner(words),
        colour=paid.colour,
    )


def undelivered_letter(merchant_name: str, mail: Mail, *, is_live: bool) -> Letter:
    """The letter about webhooks that did not arrive; sent once a day for each receiver."""
    endpoint, _, day = mail.about.rpartition(" ")
    return Letter(
        language=ENGLISH,
        merchant_name=merchant_name,
        subject=f"Webhooks to {endpoint} do not arrive",
        title="Webhooks do not arrive",
        paragraphs=(
            f"On {day} Paydesk gave up a webhook to {endpoint}, after its last try.",
            _AFTERWARDS,
        ),
        rows=(("Receiver", endpoint), ("Account", "live" if is_live else "test")),
        notes=("This is told once a day for each receiver.",),
    )
