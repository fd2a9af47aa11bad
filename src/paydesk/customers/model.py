"""Who pays: a person or a company, with addresses."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NewType

CustomerID = NewType("CustomerID", str)


@dataclass(frozen=True, slots=True)
class Address:
    """A postal address. country is ISO 3166 alpha-2."""

    line1: str | None
    line2: str | None
    city_or_town: str | None
    province_or_state: str | None
    postal_or_zip_code: str | None
    country: str | None


NO_ADDRESS = Address(None, None, None, None, None, None)


@dataclass(frozen=True, slots=True)
class Shipping:
    """Where goods go and who takes them."""

    contact_name: str | None
    contact_number: str | None
    address: Address | None


NO_SHIPPING = Shipping(None, None, None)


@dataclass(frozen=True, slots=True)
class Invoicing:
    """What an invoice asks beside the customer. is_tax says whether they are a VAT vendor."""

    is_tax: bool | None = None
    tax_number: str | None = None
    billing_email: str | None = None


@dataclass(frozen=True, slots=True)
class NewCustomer:
    """A customer as a request describes one, complete and checked.

    id is used if the account has no customer of this reference yet. A checkout's customer has no
    invoicing: what there is stays.
    """

    id: CustomerID
    reference: str
    company_name: str | None
    person_name: str | None
    person_surname: str | None
    client_type: str | None
    id_type: str | None
    id_number: str | None
    email: str | None
    contact_number: str | None
    billing: Address | None
    shipping: Shipping | None
    metadata: Mapping[str, Any] | None
    invoicing: Invoicing = Invoicing()


@dataclass(frozen=True, slots=True)
class Customer:
    """A customer as kept: as last described, and when. deleted_at is when it was archived."""

    described: NewCustomer
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None

    @property
    def id(self) -> CustomerID:
        return self.described.id

    @property
    def status(self) -> str:
        """The enum of the lookups' customer_status."""
        return "ACTIVE" if self.deleted_at is None else "ARCHIVED"


@dataclass(frozen=True, slots=True)
class Sought:
    """Which customers a list shows; None does not ask.

    Shape: created_from and created_until are both inside the time asked for.
    """

    id: str | None = None
    reference: str | None = None
    email: str | None = None
    id_number: str | None = None
    contact_number: str | None = None
    is_archived: bool = False
    created_from: datetime | None = None
    created_until: datetime | None = None
