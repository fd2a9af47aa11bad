"""Which document a payment gets, and how much VAT it says. Pure.

Source: VAT Act 89 of 1991, sections 20(4) to 20(6); SARS guide VAT 404, "Tax invoices".
"""

from dataclasses import dataclass

from paydesk.invoices.model import Kind, Subject
from paydesk.invoices.rates import vat_in
from paydesk.kit.money import Money

# Units: cents. Above the first a tax invoice names its recipient; up to the second none is needed.
_ABRIDGED_MAX = 500_000
_NONE_NEEDED_MAX = 5_000


@dataclass(frozen=True, slots=True)
class VAT:
    """The VAT of a whole payment. rate is None where the amount fits no single rate.

    Units: minor units; rate in hundredths of a percent.
    """

    amount: int
    rate: int | None


def vat_of(subject: Subject, total: Money, rate: int) -> VAT | None:
    """The VAT of a payment to a vendor; None where it can't be said, so there is no tax invoice.

    What the merchant says goes before our own sum, because only they know what is zero-rated. More
    than the standard rate can't be; a cent for each line is their rounding.
    """
    if not subject.is_vat_vendor or total.currency.code != "ZAR":
        return None
    at_rate = vat_in(total.minor, rate)
    if subject.tax is None:
        return VAT(at_rate, rate)
    rounding = max(1, len(subject.lines))
    if subject.tax.minor > at_rate + rounding:
        return None
    fits = abs(subject.tax.minor - at_rate) <= rounding
    return VAT(subject.tax.minor, rate if fits else None)


def kind_of(subject: Subject, total: Money, vat: VAT | None) -> Kind:
    """The document for money that was taken. Nothing calls itself a tax invoice that is not one."""
    is_named = bool(subject.supplier.vat_number and subject.supplier.address)
    if vat is None or not is_named or total.minor <= _NONE_NEEDED_MAX:
        return Kind.RECEIPT
    if total.minor <= _ABRIDGED_MAX:
        return Kind.ABRIDGED_TAX_INVOICE
    has_recipient = bool(subject.recipient.name and subject.recipient.address)
    return Kind.FULL_TAX_INVOICE if has_recipient else Kind.RECEIPT
