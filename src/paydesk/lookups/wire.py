"""How a lookup looks in the API."""

from typing import NotRequired

from typing_extensions import TypedDict

from paydesk.lookups.model import Lookup


class LookupReply(TypedDict):
    """One entry of `lookups` in a reply. branch_code is there for banks alone."""

    id: str
    parent_lookups_id: str | None
    title: str
    enum: str
    type: str
    branch_code: NotRequired[str | None]


def show(lookup: Lookup) -> LookupReply:
    """The lookup in a reply. Source: reference, section Lookups; branch_code is ours."""
    shown: LookupReply = {
        "id": lookup.id,
        "parent_lookups_id": lookup.parent_id,
        "title": lookup.title,
        "enum": lookup.enum,
        "type": lookup.type,
    }
    if lookup.type == "bank_name":
        shown["branch_code"] = lookup.branch_code
    return shown
