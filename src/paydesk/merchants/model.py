"""What a merchant's account is: one for tests, one for live money."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum, StrEnum
from typing import Any

from paydesk import limits


class Section(StrEnum):
    """A part of the API that a key may be given access to.

    Source: kwik-api paper, section 12. MERCHANT and WEBHOOKS are ours.
    """

    CUSTOMERS = "CUSTOMERS"
    CARDS = "CARDS"
    PAYMENTS = "PAYMENTS"
    TRANSACTIONS = "TRANSACTIONS"
    CHECKOUT_PAGE = "CHECKOUT_PAGE"
    ORDERS = "ORDERS"
    MERCHANT = "MERCHANT"
    WEBHOOKS = "WEBHOOKS"


class KeyKind(StrEnum):
    """A secret key opens the API; a public one stands in a shop's form and opens that alone."""

    SECRET = "secret"  # noqa: S105 - a kind of key, not one
    PUBLIC = "public"


class GuardLevel(IntEnum):
    """How wary an account is of cards, while somebody seems to be testing stolen ones at it."""

    NORMAL = 0
    PROOF_OF_WORK = 1  # the payer's browser solves a puzzle for each card
    AUTHENTICATION = 2  # and each card's issuer is asked to challenge the payer
    NEW_CARDS_PAUSED = 3  # and only cards that have paid here before are taken


@dataclass(frozen=True, slots=True)
class CardGuard:
    """An account's level against card testing, since when, and until when if nothing more comes."""

    level: GuardLevel = GuardLevel.NORMAL
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Access:
    """What a key may do. sections None means all; ends_at None means no end is set."""

    sections: frozenset[Section] | None = None
    may_write: bool = True
    ends_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Policies:
    """What a merchant has decided about its own requests and payments.

    charge_if_…: where the card's issuer can't say who pays, or takes no part in 3-D Secure, the
    payment is made all the same, at the merchant's risk. return_surplus: money that came by hand
    and pays for nothing goes back by itself. mail_payments: the merchant's own address is written
    to of each payment. signed_receipts: payers bring a receipt to success_url.
    """

    unique_order_references: bool = False
    signed_forms_only: bool = False
    charge_if_unavailable: bool = False
    charge_if_not_enrolled: bool = False
    return_surplus: bool = True
    mail_payments: bool = False
    signed_receipts: bool = False


@dataclass(frozen=True, slots=True)
class Account:
    """An account as the key that opened it shows it; kept in memory by web processes.

    connector names the acquirer, None until one is configured. key_id numbers the API key.
    Shape: allowed_origins are "scheme://host" with ":port" where it is not the scheme's own;
        customization holds the merchant's defaults, in the reference's names.
    """

    id: int
    is_live: bool
    merchant_name: str
    connector: str | None
    key_id: int
    access: Access = field(default_factory=Access)
    policies: Policies = field(default_factory=Policies)
    allowed_origins: frozenset[str] = frozenset()
    customization: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Key:
    """An API key as it is listed. Its secret is nowhere: only a hash of it is stored."""

    api_key: str
    kind: KeyKind
    is_live: bool
    name: str
    access: Access
    created_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Logo:
    """A merchant's logo, checked: a small image that browsers show and that runs nothing."""

    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class MerchantRecord:
    """What an account says of its merchant: to payers, on invoices, and about its own requests.

    name None: the name that the merchant was made with. logo is the hash of the image. email and
    contact_number are given to payers.
    Shape: address has the reference's names; origins and customization as in Account.
    """

    merchant_id: str
    is_live: bool
    first_name: str
    name: str | None
    logo: str | None
    email: str | None
    contact_number: str | None
    legal_name: str | None
    registration_number: str | None
    is_vat_vendor: bool
    vat_number: str | None
    address: Mapping[str, Any] | None
    allowed_origins: tuple[str, ...]
    embed_origins: tuple[str, ...]
    customization: Mapping[str, Any]
    policies: Policies
    created_at: datetime
    redirect_wait_seconds: int = limits.REDIRECT_WAIT_SECONDS
    card_guard: CardGuard = field(default_factory=CardGuard)


@dataclass(frozen=True, slots=True)
class MerchantAccount:
    """An account as commands choose it; name is its merchant's."""

    id: int
    is_live: bool
    merchant_id: str
    name: str
