"""Which ID a client of which type may have, and what each kind of ID looks like.

Sources: the reference's table, customer.id_type and customer.id_number; the CIPC's numbers of
companies (year, six digits, kind); which client has which ID is ours, see docs/divergences.md.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from stdnum.za import idnr

from paydesk import lookups
from paydesk.kit.fields import Given

_PERSONS = frozenset({"RESIDENT_INDIVIDUAL", "NON_RESIDENT_INDIVIDUAL", "SOLE_PROPRIETOR"})
_TRUSTS = frozenset({"TRUST"})
_COMPANIES = frozenset(
    {
        "PARTNERSHIP",
        "COMPANY",
        "CLOSE_CORPORATION",
        "NON_PROFIT",
        "COOPERATIVE",
        "GOVERNMENT",
    }
)
_COMPANY_NUMBER = re.compile(r"((?:18|19|20)\d{2})/?(\d{6})/?(\d{2})", re.ASCII)


@dataclass(frozen=True, slots=True)
class _IDType:
    """One kind of ID: which clients have it, and what is said of a number that is none."""

    clients: frozenset[str]
    is_right: Callable[[str], object]
    rule: str
    sentence: str


def _is_south_african_id(number: str) -> bool:
    # stdnum forgives blanks, hyphens and full-width digits; what is stored should be plain.
    return number.isascii() and number.isdigit() and idnr.is_valid(number)


def _numbers(
    clients: frozenset[str], is_right: Callable[[str], object], rule: str, sentence: str
) -> _IDType:
    return _IDType(clients, is_right, rule, sentence)


_OTHER = _numbers(
    _PERSONS,
    re.compile(r"[A-Za-z0-9-]{1,13}").fullmatch,
    "id_number",
    "An ID number has 13 letters, digits and hyphens at most.",
)
_ID_TYPES = {
    "SOUTH_AFRICAN_ID": _numbers(
        _PERSONS,
        _is_south_african_id,
        "south_african_id",
        "This is not a South African ID number: 13 digits, the last one a check digit.",
    ),
    "PASSPORT": _numbers(
        _PERSONS,
        re.compile(r"[A-Za-z0-9]{5,13}").fullmatch,
        "passport_number",
        "A passport number has 5 to 13 letters and digits.",
    ),
    "COMPANY_REGISTRATION_NUMBER": _numbers(
        _COMPANIES,
        _COMPANY_NUMBER.fullmatch,
        "company_registration_number",
        "A company's number is written 2011/123456/07, or as these 12 digits alone.",
    ),
    "TRUST_REGISTRATION_NUMBER": _numbers(
        _TRUSTS,
        re.compile(r"[A-Za-z0-9/()-]{1,13}").fullmatch,
        "trust_registration_number",
        "A trust's number has 13 letters, digits, slashes, hyphens and brackets at most.",
    ),
    "ASYLUM_SEEKER_PERMIT": _OTHER,
    "REFUGEE_ID": _OTHER,
    "FOREIGN_ID": _OTHER,
}


def plain_id_number(number: str) -> str:
    """The ID number as it is kept: a company's without its slashes, which are 14 with them.

    >>> plain_id_number("2011/123456/07"), plain_id_number("A-123")
    ('201112345607', 'A-123')
    """
    company = _COMPANY_NUMBER.fullmatch(number)
    return number if company is None else "".join(company.groups())


def is_person(client: str | None) -> bool:
    """Whether a client of this type is a person. Without a type it may be either."""
    return client is None or client in _PERSONS


def check_identity(given: Given, *place: str) -> None:
    """Notes where client type, ID type and ID number of the customer at this place don't fit.

    A customer without a client type may have any ID.
    """
    client = lookups.chosen(given, "client_type", *place)
    kind = lookups.chosen(given, "id_type", *place)
    number = given(*place, "id_number")
    if kind is None:
        if number is not None:
            lookups.require(given, "id_type", *place)
        return
    given.require(*place, "id_number")
    id_type = _ID_TYPES[kind]
    if client is not None and client not in id_type.clients:
        path = lookups.path_given(given, "id_type", *place)
        given.add(path, "id_type", "A client of this client type has no ID of this type.")
    elif number is not None and not id_type.is_right(number):
        given.add(".".join((*place, "id_number")), id_type.rule, id_type.sentence)
