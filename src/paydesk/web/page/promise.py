"""What the payer of a recurring checkout agrees to; it is kept with their payment."""

from datetime import timedelta

from paydesk import notifications, payments
from paydesk.checkouts.model import PageCheckout
from paydesk.languages import Language, translatable, words_of, writing_of

_UNTIL_STOPPED = translatable(
    "By paying you agree that {merchant} saves your card and charges it again without asking: "
    "{every}, next on {day}, until you stop it."
)
_UNTIL_DAY = translatable(
    "By paying you agree that {merchant} saves your card and charges it again without asking: "
    "{every}, next on {day}, and not after {until}."
)


def promise_of(page: PageCheckout, language: Language) -> str:
    """What the payer of a recurring checkout agrees to; empty where it is none."""
    wanted = page.recurring
    if wanted is None:
        return ""
    words, written = words_of(language), writing_of(language, page.customization.number_style)
    today = payments.day_of(page.expires_at - timedelta(seconds=page.seconds_left))
    due_on = payments.due_after(wanted.schedule(today), today)
    every = notifications.every_text(page.amount, wanted.interval, words, written)
    said = {
        "merchant": page.merchant_name,
        "every": every,
        "day": written.day(notifications.noon(due_on or today)),
    }
    if wanted.end is None:
        return words.text(_UNTIL_STOPPED, **said)
    return words.text(_UNTIL_DAY, **said, until=written.day(notifications.noon(wanted.end)))
