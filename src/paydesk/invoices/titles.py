"""What each document is called: on itself in English, elsewhere in the reader's language."""

from collections.abc import Mapping

from paydesk.invoices.model import Kind
from paydesk.languages import translatable

TITLES: Mapping[Kind, str] = {
    Kind.FULL_TAX_INVOICE: translatable("Tax invoice"),
    Kind.ABRIDGED_TAX_INVOICE: translatable("Tax invoice"),
    Kind.RECEIPT: translatable("Receipt"),
    Kind.CREDIT_NOTE: translatable("Credit note"),
    Kind.REFUND_RECEIPT: translatable("Refund receipt"),
}
