"""`/cards`: list, show, change and archive saved cards, and ask for one in the place of another."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Annotated, TypeVar

from pydantic import BeforeValidator, Field
from starlette.responses import Response

from paydesk import cards, checkouts, limits, lookups, payments
from paydesk.cards import CardReply, SavedCard, StoredCardMissing
from paydesk.db.connection import Connection
from paydesk.db.once import StoredReply
from paydesk.kit.fields import BLANK, ID, Text
from paydesk.kit.page_tokens import page_token, token_hash
from paydesk.merchants import Section
from paydesk.web.api.checkouts import page_url, terms_of
from paydesk.web.api.endpoint import Call, Counter, answered, listed, success
from paydesk.web.api.idempotency import CUT_TOKEN, answer_once
from paydesk.web.api.operation import Operation
from paydesk.web.api.query import ListQuery, either, enum_of, read_query, whole
from paydesk.web.api.records import Batch, answer_batch, read_records

T = TypeVar("T")

Months = Annotated[
    int | None, Field(ge=0, le=limits.CARD_EXPIRE_MONTHS_MAX), BeforeValidator(whole), BLANK
]


class CardsQuery(ListQuery):
    """What `GET /cards` can be narrowed by: expiring within so many months, status, customer."""

    expire_in_months: Months = None
    card_expire_month: Months = None
    card_status_lookups_id: Annotated[Text, lookups.lookup_id("card_status")] = None
    card_status: Annotated[Text, lookups.lookup_enum("card_status")] = None
    customer_id: ID = None
    customers_id: ID = None


async def list_(counter: Counter, call: Call) -> Response:
    """`GET /cards`: newest first; archived ones where their status is asked for."""
    query = read_query(call, CardsQuery)
    filters = cards.CardFilters(
        status=enum_of(query, "card_status"),
        customer_id=either(query, "customer_id", "customers_id"),
        expire_in_months=either(query, "expire_in_months", "card_expire_month"),
    )
    async with counter.desk.db.connection() as connection:
        found, next_cursor = await cards.list_saved(
            connection, call.account.id, filters, query.page("crd")
        )
        shown = await _shown(connection, call.account.id, found)
    return listed(shown, next_cursor, key="records")


async def show(counter: Counter, call: Call) -> Response:
    """`GET /cards/{id}`."""
    card_id = call.named("crd", StoredCardMissing)
    async with counter.desk.db.connection() as connection:
        found = await cards.saved_card(connection, call.account.id, card_id)
        if found is None:
            raise StoredCardMissing("id")
        (shown,) = await _shown(connection, call.account.id, [found])
    return answered(success(shown))


async def update(counter: Counter, call: Call) -> Response:
    """`POST /cards/update`."""
    records = read_records(call, cards.read_change)
    one = _showing(call, cards.change_card)
    return await answer_batch(counter, call, Batch("POST /cards/update", records, one))


async def archive(counter: Counter, call: Call) -> Response:
    """`POST /cards/archive`."""
    records = read_records(call, cards.read_archive)
    one = _showing(call, cards.archive_card)
    return await answer_batch(counter, call, Batch("POST /cards/archive", records, one))


async def link(counter: Counter, call: Call) -> Response:
    """`POST /cards/{id}/link`: a checkout on which its customer saves another card instead."""
    desk, account_id = counter.desk, call.account.id
    card_id = call.named("crd", StoredCardMissing)
    async with desk.db.connection() as connection:
        card = await cards.saved_card(connection, account_id, card_id)
        in_use = await payments.cards_in_use(connection, account_id, [card_id])
    if card is None:
        raise StoredCardMissing("id")
    # What a payment still charges may be replaced, whatever has become of it.
    if card.status is cards.CardStatus.ARCHIVED and card.id not in in_use:
        raise cards.CardArchived("id")
    record = call.record()
    asked = {name: record[name] for name in checkouts.CardLinkBody.model_fields if name in record}
    if not asked.keys() & {"currency", "currency_lookups_id"}:
        asked["currency"] = "ZAR"
    asked |= {"mode": "save", "customer_id": card.customer_id}
    command = replace(
        checkouts.read_create(asked, await terms_of(counter, call.account)),
        replaces_card_id=card.id,
    )
    token = page_token(command.id, desk.page_key, is_live=call.account.is_live)

    async def work(connection: Connection) -> StoredReply:
        made = await checkouts.create_checkout(connection, call.account, command, token_hash(token))
        body = success(checkouts.reply(made, page_url(desk, CUT_TOKEN)))
        return StoredReply(200, body, checkout_id=made.id)

    return await answer_once(desk, call, f"POST /cards/{card_id}/link", work)


def _showing(
    call: Call, verb: Callable[[Connection, int, T], Awaitable[SavedCard]]
) -> Callable[[Connection, T], Awaitable[CardReply]]:
    async def one(connection: Connection, command: T) -> CardReply:
        card = await verb(connection, call.account.id, command)
        (shown,) = await _shown(connection, call.account.id, [card])
        return shown

    return one


async def _shown(
    connection: Connection, account_id: int, found: Sequence[SavedCard]
) -> list[CardReply]:
    ids = [card.id for card in found]
    in_use = await payments.cards_in_use(connection, account_id, ids) if ids else frozenset()
    return [cards.show_card(card, is_recurring=card.id in in_use) for card in found]


_CARD = "crd_01m82g11arfy28f93zdxts9mq5"

OPERATIONS = (
    Operation(
        "GET",
        "/cards",
        list_,
        Section.CARDS,
        "List saved cards",
        reply=list[CardReply],
        key="records",
        query=CardsQuery,
        is_list=True,
    ),
    Operation(
        "POST",
        "/cards/update",
        update,
        Section.CARDS,
        "Name saved cards, or make one the default",
        reply=list[CardReply],
        key="results",
        body=cards.ChangeCardBody,
        is_batch=True,
        refusals=(StoredCardMissing, cards.CardArchived),
        example={"id": _CARD, "card_nickname": "Groceries", "is_default": True},
    ),
    Operation(
        "POST",
        "/cards/archive",
        archive,
        Section.CARDS,
        "Archive saved cards; their numbers are destroyed",
        reply=list[CardReply],
        key="results",
        body=cards.ArchiveCardBody,
        is_batch=True,
        refusals=(StoredCardMissing,),
        example={"id": _CARD},
    ),
    Operation(
        "POST",
        "/cards/{id}/link",
        link,
        Section.CARDS,
        "Ask for a card in the place of a saved one",
        reply=checkouts.CheckoutReply,
        body=checkouts.CardLinkBody,
        refusals=(
            StoredCardMissing,
            cards.CardArchived,
            checkouts.AccountWithoutConnector,
            checkouts.NoPaymentMethod,
        ),
        example={
            "redirects": {
                "success_url": "https://merchant.example/success",
                "cancel_url": "https://merchant.example/cancel",
                "notify_url": "https://merchant.example/webhooks/payments",
            }
        },
    ),
    Operation(
        "GET",
        "/cards/{id}",
        show,
        Section.CARDS,
        "Show a saved card",
        reply=CardReply,
        refusals=(StoredCardMissing,),
    ),
)
