"""What the digits of a card number alone tell: its brand, and what that brand's cards look like."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Brand:
    """One card scheme.

    Shape: prefixes are ranges of leading digits; groups is how the number is written on the
        card, the last size going on for longer numbers.
    """

    name: str
    title: str
    prefixes: tuple[range, ...]
    lengths: range | frozenset[int]
    security_code_length: int = 3
    groups: tuple[int, ...] = (4, 4, 4, 4)


# Source: the schemes' published number ranges, as collected by credit-card-type 10.3. Where two
# brands claim a number the longer prefix wins, so Maestro's broad "6" is what the others leave.
BRANDS = (
    Brand("visa", "Visa", (range(4, 5),), frozenset({13, 16, 19})),
    Brand("mastercard", "Mastercard", (range(51, 56), range(2221, 2721)), frozenset({16})),
    Brand(
        "amex", "American Express", (range(34, 35), range(37, 38)), frozenset({15}), 4, (4, 6, 5)
    ),
    Brand(
        "diners",
        "Diners Club",
        (range(300, 306), range(3095, 3096), range(36, 37), range(38, 40)),
        range(14, 20),
        groups=(4, 6, 4),
    ),
    Brand(
        "discover", "Discover", (range(6011, 6012), range(644, 650), range(65, 66)), range(16, 20)
    ),
    Brand("jcb", "JCB", (range(3528, 3590),), range(16, 20)),
    Brand("unionpay", "UnionPay", (range(62, 63), range(81, 82)), range(16, 20)),
    Brand("maestro", "Maestro", (range(50, 51), range(56, 59), range(6, 7)), range(12, 20)),
)

_BY_PREFIX = {
    str(prefix): brand for brand in BRANDS for prefixes in brand.prefixes for prefix in prefixes
}
_DOUBLED = {digit: int(digit) * 2 - 9 * (digit > "4") for digit in "0123456789"}


def brand_of(digits: str) -> Brand | None:
    """The brand that a number, or its first digits, belongs to.

    >>> brand_of("4242").name, brand_of("9999")
    ('visa', None)
    """
    for width in (4, 3, 2, 1):
        if len(digits) >= width and (brand := _BY_PREFIX.get(digits[:width])):
            return brand
    return None


def has_right_check_digit(number: str) -> bool:
    """Whether the last of these digits fits the others.

    Source: ISO/IEC 7812-1 annex B (the Luhn formula).

    >>> has_right_check_digit("4242424242424242"), has_right_check_digit("4242424242424241")
    (True, False)
    """
    kept = sum(int(digit) for digit in number[-1::-2])
    return (kept + sum(_DOUBLED[digit] for digit in number[-2::-2])) % 10 == 0


def shown_bin(number: str) -> str:
    """The leading digits that may be shown and stored in the clear beside the last four.

    Source: PCI SSC FAQ 1091: eight of sixteen digits or more, else six.
    """
    return number[:8] if len(number) >= 16 else number[:6]
