"""How a language writes amounts, counts, dates and times, by CLDR and the merchant's style.

Integers go in, text comes out, never a float.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from functools import cache, lru_cache

from babel import Locale
from babel.dates import format_date, format_time

from paydesk.kit.money import Money
from paydesk.languages.known import Language

NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
MINUS = "\N{MINUS SIGN}"

# South Africa has kept UTC+2 without daylight saving since 1944, so no time zone data is needed.
SOUTH_AFRICA = timezone(timedelta(hours=2))


class NumberStyle(StrEnum):
    """How numbers are written in South African languages.

    CLDR writes R1 200,00 in some of them and R1,200.00 in others, and most shops here neither;
    so it is the merchant's choice. Other languages are always written as CLDR says.
    """

    SPACE_POINT = "1 200.00"
    SPACE_COMMA = "1 200,00"
    COMMA_POINT = "1,200.00"
    LOCALE = "locale"


@dataclass(frozen=True, slots=True)
class Writing:
    """How one language writes; made by `writing_of`.

    before and after stand around the figures of an amount, `{code}` in them is its currency.
    """

    locale: str
    group: str
    point: str
    before: str
    after: str
    # `R` means the rand to everybody here and nothing to others; every other currency shows its
    # code, because `$` alone names a dozen currencies.
    has_rand_sign: bool

    def amount(self, money: Money) -> str:
        r"""The amount as payers read it; its parts do not break.

        >>> from paydesk.kit.money import Currency
        >>> from paydesk.languages.known import ENGLISH
        >>> writing_of(ENGLISH, NumberStyle.SPACE_POINT).amount(Money(120000, Currency("ZAR", 2)))
        'R1\xa0200.00'
        """
        code = money.currency.code
        whole, point, decimals = Money(abs(money.minor), money.currency).text().partition(".")
        figures = self.count(int(whole)) + (self.point if point else "") + decimals
        sign = MINUS if money.minor < 0 else ""
        if self.has_rand_sign:
            return (
                f"{sign}R{figures}" if code == "ZAR" else f"{sign}{code}{NO_BREAK_SPACE}{figures}"
            )
        return f"{sign}{self.before}{figures}{self.after}".replace("¤", code)

    def code_beside(self, money: Money) -> str:
        """The currency's code where `amount` leaves it out, else nothing: it stands there once."""
        return "ZAR" if self.has_rand_sign and money.currency.code == "ZAR" else ""

    def count(self, number: int) -> str:
        """A whole number, its thousands parted as in amounts."""
        return f"{number:,}".replace(",", self.group)

    def time(self, at: datetime) -> str:
        """The time of day in South Africa: `13:45`."""
        local = at.astimezone(SOUTH_AFRICA)
        return _time(local.hour, local.minute, self.locale)

    def day(self, at: datetime) -> str:
        """The day in South Africa: `22 November 2026`."""
        return _day(at.astimezone(SOUTH_AFRICA).toordinal(), self.locale)


@cache
def writing_of(language: Language, style: NumberStyle) -> Writing:
    """How this language is written for a merchant of this style."""
    locale = Locale.parse(language.tag, sep="-")
    symbols = locale.number_symbols["latn"]
    pattern = locale.currency_formats["standard"].pattern.partition(";")[0]
    shape = re.fullmatch(r"([^#0]*)[#,0.]+([^#0]*)", pattern)
    assert shape is not None, pattern
    group, point = _STYLES.get(style, ("", "")) if language.is_south_african else ("", "")
    return Writing(
        locale=str(locale),
        group=group or symbols["group"],
        point=point or symbols["decimal"],
        # A code is a word, and words stand apart from figures.
        before=re.sub(r"¤$", f"¤{NO_BREAK_SPACE}", shape[1]),
        after=re.sub(r"^¤", f"{NO_BREAK_SPACE}¤", shape[2]),
        has_rand_sign=language.is_south_african,
    )


_STYLES = {
    NumberStyle.SPACE_POINT: (NO_BREAK_SPACE, "."),
    NumberStyle.SPACE_COMMA: (NO_BREAK_SPACE, ","),
    NumberStyle.COMMA_POINT: (",", "."),
}


@lru_cache(maxsize=4096)
def _time(hour: int, minute: int, locale: str) -> str:
    at = datetime(2000, 1, 1, hour, minute, tzinfo=UTC)
    return format_time(at, "short", locale=locale)


@lru_cache(maxsize=4096)
def _day(ordinal: int, locale: str) -> str:
    text = format_date(datetime.fromordinal(ordinal), "long", locale=locale)
    return text.replace(" ", NO_BREAK_SPACE, 1)
