"""The electronic commerce indicator: who bears the loss if the payer was not the card's holder?

Source: reliability paper A.9. Brands are named as in `cards/brand.py`; Maestro is Mastercard's.
"""

_MASTERCARDS = frozenset({"mastercard", "maestro"})

# Authenticated, attempted, and Mastercard's authenticated recurring payment.
_SHIFTING = frozenset({"05", "06"})
_SHIFTING_MASTERCARD = frozenset({"02", "01", "07"})


def shifts_liability(eci: str | None, brand: str) -> bool:
    """Whether the issuer normally bears the loss. Ask with the indicator the acquirer answered.

    >>> shifts_liability("07", "mastercard"), shifts_liability("07", "visa")
    (True, False)
    """
    return eci in (_SHIFTING_MASTERCARD if brand in _MASTERCARDS else _SHIFTING)
