"""How much time a payer has left, and what of it the page says."""

from dataclasses import dataclass

from paydesk import checkouts, limits
from paydesk.checkouts.model import PageCheckout
from paydesk.languages import Language, translatable, words_of, writing_of

UNTIL = translatable("You can pay here until {time} on {day}, South African time.")


@dataclass(frozen=True, slots=True)
class TimeView:
    """The time left on a page that can be paid on.

    Units: seconds. For a browser without script, warned_seconds is when the warning is shown,
        empty where it is already; over_seconds is when it asks again, so that it shows the end.
    """

    seconds_left: str
    offered_seconds: str
    is_near: bool
    can_extend: bool
    warned_seconds: str
    over_seconds: str
    token: str


def time_view(page: PageCheckout, *, token: str = "") -> TimeView:
    """The view; token is that of the form that asks for more."""
    is_near = checkouts.is_near_end(page.seconds_left)
    seconds_left = max(0, page.seconds_left)
    return TimeView(
        seconds_left=str(seconds_left),
        offered_seconds=str(limits.EXTENSION_OFFERED_SECONDS),
        is_near=is_near,
        can_extend=page.extensions < limits.EXTENSIONS_MAX,
        warned_seconds="" if is_near else str(seconds_left - limits.EXTENSION_OFFERED_SECONDS),
        over_seconds=str(seconds_left + 1),
        token=token,
    )


def until(page: PageCheckout, language: Language) -> str:
    """Till when the page can be paid on, as the page says it."""
    written = writing_of(language, page.customization.number_style)
    time, day = written.time(page.expires_at), written.day(page.expires_at)
    return words_of(language).text(UNTIL, time=time, day=day)
