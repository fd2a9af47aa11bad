"""Issues a document about money that was taken or given back, in that very transaction."""

from dataclasses import dataclass

from paydesk.db.connection import Connection
from paydesk.invoices import store
from paydesk.invoices.decide import kind_of, vat_of
from paydesk.invoices.model import Content, Invoice, Kind, Line, Subject, line_in_our_words
from paydesk.invoices.rates import rate_on, share
from paydesk.kit.clock import SAST
from paydesk.kit.money import Money
from paydesk.languages import translatable
from paydesk.transactions import Transaction


@dataclass(frozen=True, slots=True)
class Movement:
    """Money of a payment that moved: taken, or given back.

    modification_id is None for a payment that was taken at once.
    Units: before is what of the payment was taken, or given back, before this; minor units.
    """

    amount: Money
    before: int = 0
    modification_id: str | None = None
    is_refund: bool = False


async def issue(
    connection: Connection, transaction: Transaction, movement: Movement
) -> Invoice | None:
    """The document about this movement, with its number; None where no invoice was asked for.

    The number is taken last, and locked until all is committed: so a series has no gap, and who
    else wants one waits that long.
    """
    subject = await store.subject(connection, transaction.account_id, transaction.id)
    if subject is None:
        return None
    if movement.is_refund:
        return await _give_back(connection, transaction, movement, subject)
    return await _take(connection, transaction, movement, subject)


async def _take(
    connection: Connection, transaction: Transaction, movement: Movement, subject: Subject
) -> Invoice:
    whole = vat_of(subject, transaction.amount, rate_on(subject.at.astimezone(SAST).date()))
    kind = kind_of(subject, movement.amount, whole)
    vat = None
    if kind is not Kind.RECEIPT and whole is not None:
        vat = share(
            whole.amount,
            total=transaction.amount.minor,
            before=movement.before,
            amount=movement.amount.minor,
        )
    content = Content(
        is_live=subject.is_live,
        supplier=subject.supplier,
        recipient=subject.recipient,
        order_reference=subject.order_reference,
        lines=_lines(subject, transaction, movement),
        rate=None if vat is None or whole is None else whole.rate,
        language=subject.language,
    )
    return await _insert(connection, transaction, movement, kind, content, vat)


async def _give_back(
    connection: Connection, transaction: Transaction, movement: Movement, subject: Subject
) -> Invoice | None:
    """The document of a refund, where one was issued for the payment. It says what that said."""
    issued = await store.issued(connection, transaction.account_id, transaction.id)
    if not issued:
        return None
    taken = [one for one in issued if not one.kind.is_refund]
    taxed = [one for one in taken if one.vat is not None]
    vat = None
    if taxed:
        # In proportion, so that a part with a receipt, which shows no VAT, has given its own too.
        vat = share(
            sum(one.vat.minor for one in taxed if one.vat is not None),
            total=sum(one.total.minor for one in taxed),
            before=movement.before,
            amount=movement.amount.minor,
        )
    kind = Kind.CREDIT_NOTE if taxed else Kind.REFUND_RECEIPT
    content = Content(
        is_live=subject.is_live,
        supplier=taken[0].content.supplier,
        recipient=taken[0].content.recipient,
        order_reference=subject.order_reference,
        lines=(_ours(translatable("Refund, order {reference}"), 0, subject, movement),),
        rate=taxed[0].content.rate if taxed else None,
        refers_to=tuple(one.number for one in taken),
        language=taken[0].content.language,
    )
    return await _insert(connection, transaction, movement, kind, content, vat)


def _lines(subject: Subject, transaction: Transaction, movement: Movement) -> tuple[Line, ...]:
    if movement.amount != transaction.amount:
        return (_ours(translatable("Part of order {reference}"), 0, subject, movement),)
    if subject.lines:
        return subject.lines
    if subject.order_description:
        return (Line(subject.order_description, 1, movement.amount),)
    return (_ours(translatable("Order {reference}"), 1, subject, movement),)


def _ours(words: str, quantity: int, subject: Subject, movement: Movement) -> Line:
    return line_in_our_words(words, quantity, movement.amount, reference=subject.order_reference)


async def _insert(
    connection: Connection,
    transaction: Transaction,
    movement: Movement,
    kind: Kind,
    content: Content,
    vat: int | None,
) -> Invoice:
    return await store.insert(
        connection,
        transaction,
        kind=kind,
        content=content,
        total=movement.amount,
        vat=None if vat is None else Money(vat, movement.amount.currency),
        modification_id=movement.modification_id,
    )
