"""Whether what a payer typed into the card form is a card that can be charged.

Pure; only the vault calls it, because only the vault may see the number.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date

from paydesk import limits
from paydesk.cards.brand import Brand, brand_of, has_right_check_digit
from paydesk.cards.model import CardForm

# People type and paste numbers with blanks, hyphens and the dashes word processors make of them.
_FILLING = re.compile(r"[\s\-‐-―−]+")
_NUMBER = re.compile(r"[0-9]{12,19}")  # ISO/IEC 7812-1, and no card in use has fewer than 12
# MM/YY and MM/YYYY with or without a sign between, and the YYYY-MM that HTML's cc-exp names.
_EXPIRY = re.compile(
    r"(?P<month>[0-9]{1,2}) *[/\-. ] *(?P<year>[0-9]{4}|[0-9]{2})"
    r"|(?P<month_>[0-9]{2})(?P<year_>[0-9]{4}|[0-9]{2})"
    r"|(?P<_year>[0-9]{4})-(?P<_month>[0-9]{2})"
)


@dataclass(frozen=True, slots=True)
class CardEntry:
    """A card whose fields fit each other. The repr shows only the brand."""

    brand: Brand
    number: str = field(repr=False)
    expire_month: int = field(repr=False)
    expire_year: int = field(repr=False)
    security_code: str = field(repr=False)
    name: str = field(repr=False)


def check_entry(
    form: CardForm, *, today: date, is_live: bool, is_test_number: Callable[[str], bool]
) -> CardEntry | Mapping[str, str]:
    """The card, or for each field at fault the first rule it breaks.

    Shape: {"number": "card_number_checksum", "expiry": "expiry_past"}; the fields are number,
        expiry, security_code and name.
    Bounds: a card is good through the last day of its month; is_test_number tells the sandbox's
        numbers from real ones.
    """
    number = _FILLING.sub("", form.number)
    brand = brand_of(number)
    expiry = _read_expiry(form.expiry)
    code = _FILLING.sub("", form.security_code)
    name = " ".join("".join(c if c.isprintable() else " " for c in form.name).split())
    rules = {
        "number": _number_fault(number, brand)
        or _mode_fault(is_live=is_live, is_test=is_test_number(number)),
        "expiry": _expiry_fault(form.expiry, expiry, today),
        "security_code": _code_fault(code, brand),
        "name": _name_fault(name),
    }
    faults = {part: rule for part, rule in rules.items() if rule}
    if faults or brand is None or expiry is None:
        return faults
    year, month = expiry
    return CardEntry(brand, number, month, year, code, name)


def check_security_code(text: str, number: str) -> tuple[str, str | None]:
    """The code without blanks, and the rule it breaks for a card of this number, if any."""
    code = _FILLING.sub("", text)
    return code, _code_fault(code, brand_of(number))


def _number_fault(number: str, brand: Brand | None) -> str | None:
    if not number:
        return "card_number_missing"
    if not _NUMBER.fullmatch(number):
        return "card_number_length"
    if brand is None:
        return "card_brand_not_supported"
    if len(number) not in brand.lengths:
        return "card_number_length"
    return None if has_right_check_digit(number) else "card_number_checksum"


def _mode_fault(*, is_live: bool, is_test: bool) -> str | None:
    if is_live and is_test:
        return "card_number_test_only"
    return None if is_live or is_test else "card_number_not_test"


def _read_expiry(text: str) -> tuple[int, int] | None:
    match = _EXPIRY.fullmatch(text.strip())
    if match is None:
        return None
    month = int(match["month"] or match["month_"] or match["_month"])
    year = int(match["year"] or match["year_"] or match["_year"])
    if not 1 <= month <= 12:
        return None
    return (year if year > 99 else 2000 + year), month


def _expiry_fault(text: str, expiry: tuple[int, int] | None, today: date) -> str | None:
    if not text.strip():
        return "expiry_missing"
    if expiry is None:
        return "expiry_format"
    if expiry < (today.year, today.month):
        return "expiry_past"
    if expiry > (today.year + limits.CARD_EXPIRY_YEARS_MAX, today.month):
        return "expiry_far"
    return None


def _code_fault(code: str, brand: Brand | None) -> str | None:
    if not code:
        return "security_code_missing"
    lengths = {brand.security_code_length} if brand else {3, 4}
    fits = code.isascii() and code.isdigit() and len(code) in lengths
    return None if fits else "security_code_length"


def _name_fault(name: str) -> str | None:
    if not name:
        return "name_missing"
    # A card number or security code typed in the wrong box must not travel on as a name.
    if sum(c.isdigit() for c in name) >= 12 or (name.isdigit() and len(name) in {3, 4}):
        return "name_is_number"
    fits = limits.CARD_NAME_LENGTH_MIN <= len(name) <= limits.CARD_NAME_LENGTH_MAX
    return None if fits else "name_length"
