"""loo_: the closed lists of the API, such as currencies, countries and statuses."""

from paydesk.lookups.fields import chosen, lookup_enum, lookup_id, path_given, require
from paydesk.lookups.find import (
    all_lookups,
    by_enum,
    currency,
    find,
    group,
    numeric_country,
    numeric_currency,
)
from paydesk.lookups.model import Lookup, id_of
from paydesk.lookups.wire import LookupReply, show

__all__ = [
    "Lookup",
    "LookupReply",
    "all_lookups",
    "by_enum",
    "chosen",
    "currency",
    "find",
    "group",
    "id_of",
    "lookup_enum",
    "lookup_id",
    "numeric_country",
    "numeric_currency",
    "path_given",
    "require",
    "show",
]
