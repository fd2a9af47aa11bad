"""What a lookup is: one value of one of the API's closed lists, with an id of its own."""

import hashlib
from dataclasses import dataclass

from paydesk.kit import ids


@dataclass(frozen=True, slots=True)
class Lookup:
    """One value of a group, such as ZAR of currency.

    parent_id is the id of the value it belongs to: a province's country. branch_code is a bank's
    universal one, six digits, where it has one.
    """

    id: str
    type: str
    enum: str
    title: str
    parent_id: str | None = None
    branch_code: str | None = None


def id_of(type: str, enum: str) -> str:  # noqa: A002 - the API's own name for the group
    """The id that this value has on every installation: it is a digest of group and enum.

    >>> id_of("currency", "ZAR")
    'loo_63nvwbv6371pxa4ptm5dqcyk2p'
    """
    return ids.from_digest("loo", hashlib.sha256(f"{type}:{enum}".encode()).digest())
