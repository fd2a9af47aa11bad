"""The electronic commerce indicator: how sure a scheme holds the payer to be the card's holder.

Source: reliability paper A.9.
"""

_MASTERCARD = {"Y": "02", "A": "01"}
_OTHERS = {"Y": "05", "A": "06"}


def eci_of(number: str, status: str | None) -> str:
    """The indicator for a card and a transStatus, or without any authentication.

    >>> eci_of("4000001200010007", "Y"), eci_of("5200001200010002", None)
    ('05', '00')
    """
    if number.startswith("5"):
        return _MASTERCARD.get(status or "", "00")
    return _OTHERS.get(status or "", "07")
