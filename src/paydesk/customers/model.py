"""Who pays: a person or a company, with addresses."""

from collections.abc import Mapping
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Shipping:
    """Where goods go and who takes them."""

    contact_name: str | None
    contact_number: str | None
    address: Address | None


@dataclass(frozen=True, slots=True)
class NewCustomer:
    """A customer as a request describes one, complete and checked.

    id is used if the account has no customer of this reference yet.
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
