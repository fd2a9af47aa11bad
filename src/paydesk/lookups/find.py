"""How a lookup is found: by id, by enum, by group. All of them stand in memory."""

from collections.abc import Iterator

from paydesk.kit.money import Currency
from paydesk.lookups.load import load_seed
from paydesk.lookups.model import Lookup

_SEED = load_seed()
_BY_ID = {lookup.id: lookup for group in _SEED.groups.values() for lookup in group}
_BY_ENUM = {(lookup.type, lookup.enum): lookup for lookup in _BY_ID.values()}

# Editions of the reference write these values otherwise; see docs/divergences.md.
_ALIASES = {
    ("currency", "ZA"): "ZAR",
    ("bank_account_type", "CHEQUE"): "CHEQUE_OR_CURRENT",
}


def all_lookups() -> Iterator[Lookup]:
    """Every lookup, group by group."""
    return iter(_BY_ID.values())


def group(type: str) -> tuple[Lookup, ...] | None:  # noqa: A002 - the API's own name for it
    """The lookups of one group, or None where there is no such group."""
    return _SEED.groups.get(type)


def find(type: str, id: str) -> Lookup | None:  # noqa: A002 - the API's own names
    """The lookup of this group with this id."""
    lookup = _BY_ID.get(id)
    return lookup if lookup is not None and lookup.type == type else None


def by_enum(type: str, text: str) -> Lookup | None:  # noqa: A002 - the API's own name for it
    """The lookup of this group that the text names, however it is spelled.

    Capitals do not matter, and a blank or hyphen is as good as an underscore, so that the
    reference's `Pre-Authorization` is PRE_AUTHORIZATION.
    """
    enum = text.upper().replace(" ", "_").replace("-", "_")
    return _BY_ENUM.get((type, _ALIASES.get((type, enum), enum)))


def currency(code: str) -> Currency:
    """The currency with this ISO 4217 code, with its number of decimals.

    Raises: KeyError, for a code that is no lookup: a bug, callers come from a Lookup's enum.
    """
    return _SEED.currencies[code]


def numeric_currency(code: str) -> str:
    """The three digits that ISO 4217 gives this currency. Raises: KeyError, as currency does.

    >>> numeric_currency("ZAR")
    '710'
    """
    return _SEED.numeric["currency", code]


def numeric_country(alpha2: str) -> str:
    """The three digits that ISO 3166-1 gives this country. Raises: KeyError, as currency does.

    >>> numeric_country("AF")
    '004'
    """
    return _SEED.numeric["country", alpha2]
