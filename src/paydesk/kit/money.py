"""Money: a whole number of minor units and its currency, never a float.

Parsing refuses more than it accepts, because each spelling let through here is a sum somebody
is charged: `int(float("19.99") * 100)` is 1998, and Python's Decimal takes "1e3", "1_000",
"NaN", blanks and digits of other scripts.
"""

import re
from dataclasses import dataclass

from paydesk import limits

_AMOUNT = re.compile(r"(0|[1-9][0-9]*)(?:\.([0-9]+))?")


class MoneyFault(ValueError):
    """The text is not an amount of this currency."""


@dataclass(frozen=True, slots=True)
class Currency:
    """An ISO 4217 currency: its alphabetic code and how many decimals it has (0 to 4)."""

    code: str
    digits: int


@dataclass(frozen=True, slots=True)
class Money:
    """An amount of a currency.

    Units: minor is a count of the currency's smallest unit, cents for ZAR.

    >>> ZAR = Currency("ZAR", 2)
    >>> Money.parse("1200.00", ZAR)
    Money(minor=120000, currency=Currency(code='ZAR', digits=2))
    >>> (Money.parse("0.1", ZAR) + Money.parse("0.2", ZAR)).text()
    '0.30'
    """

    minor: int
    currency: Currency

    @classmethod
    def parse(cls, text: str, currency: Currency) -> "Money":
        """The money that plain decimal text names: digits, and a point with decimals if any.

        Bounds: at most limits.AMOUNT_DIGITS_MAX digits before the point, at most the
            currency's decimals after it; zeros beyond them are refused too.
        Raises: MoneyFault for signs, exponents, separators, blanks, leading zeros, other
            scripts' digits and surplus digits.
        """
        match = _AMOUNT.fullmatch(text)
        if match is None:
            raise MoneyFault("not plain decimal digits")
        whole, decimals = match[1], match[2] or ""
        if len(whole) > limits.AMOUNT_DIGITS_MAX:
            raise MoneyFault("too large")
        if len(decimals) > currency.digits:
            raise MoneyFault("too many decimals")
        return cls(int(whole + decimals.ljust(currency.digits, "0")), currency)

    def text(self) -> str:
        """The amount as the API writes it, with all of the currency's decimals: `1200.00`."""
        digits = self.currency.digits
        sign = "-" if self.minor < 0 else ""
        figures = str(abs(self.minor)).rjust(digits + 1, "0")
        return f"{sign}{figures[:-digits]}.{figures[-digits:]}" if digits else sign + figures

    def __add__(self, other: "Money") -> "Money":
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(self.minor - self._same(other), self.currency)

    def __mul__(self, count: int) -> "Money":
        return Money(self.minor * count, self.currency)

    def _same(self, other: "Money") -> int:
        if other.currency != self.currency:
            raise TypeError(f"{self.currency.code} and {other.currency.code} do not add")
        return other.minor
