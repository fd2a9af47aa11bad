"""JSON ⇄ saved cards. Source: kwik-api paper, section 7."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import Field
from typing_extensions import TypedDict

from paydesk import limits, lookups
from paydesk.cards.model import CardChange, CardStatus, SavedCard
from paydesk.errors import Invalid
from paydesk.kit import clock
from paydesk.kit.fields import ID, Body, Flag, Given, Required, check

Nickname = Annotated[str | None, Field(max_length=limits.CARD_NICKNAME_LENGTH_MAX)]


class ChangeCardBody(Body):
    REQUIRED: ClassVar[Required] = ("id",)

    id: ID = None
    card_nickname: Nickname = None
    is_default: Flag = None


class ArchiveCardBody(Body):
    REQUIRED: ClassVar[Required] = ("id",)

    id: ID = None


class CardReply(TypedDict):
    """A saved card in a reply, in both spellings where there are two. Its number is in none."""

    id: str
    created_at: str
    updated_at: str
    card_status_lookups_id: str
    card_status: str
    customer_id: str
    customers_id: str
    card_nickname: str | None
    card_ending: str
    card_expire: str
    card_brand: str
    card_token: str
    is_expired: bool
    is_recurring: bool
    is_default: bool
    expire_in_months: int


def read_change(record: Mapping[str, Any]) -> CardChange:
    """What a record of `POST /cards/update` asks for. Raises: Invalid."""
    body, faults = check(ChangeCardBody, record)
    given = Given(record, faults)
    given.require("id")
    if body is None or given.faults:
        raise Invalid(given.faults)
    # Null or blank clears it, as in every update; what is not named stays.
    nickname = (body.card_nickname or "").strip() if "card_nickname" in record else None
    return CardChange(body.id or "", nickname, body.is_default)


def read_archive(record: Mapping[str, Any]) -> str:
    """The card that a record of `POST /cards/archive` names. Raises: Invalid."""
    body, faults = check(ArchiveCardBody, record)
    given = Given(record, faults)
    given.require("id")
    if body is None or given.faults:
        raise Invalid(given.faults)
    return body.id or ""


def show_card(card: SavedCard, *, is_recurring: bool) -> CardReply:
    """One card in a reply. is_recurring: a payment charges it. Shape: times are South African."""
    return {
        "id": card.id,
        "created_at": clock.sast(card.saved_at),
        "updated_at": clock.sast(card.updated_at),
        "card_status_lookups_id": lookups.id_of("card_status", card.status),
        "card_status": card.status,
        "customer_id": card.customer_id,
        "customers_id": card.customer_id,
        "card_nickname": card.nickname,
        "card_ending": card.ending,
        "card_expire": card.expire,
        "card_brand": card.brand.upper(),
        "card_token": card.token,
        "is_expired": card.status is CardStatus.EXPIRED or card.expire_in_months < 0,
        "is_recurring": is_recurring,
        "is_default": card.is_default,
        "expire_in_months": card.expire_in_months,
    }
