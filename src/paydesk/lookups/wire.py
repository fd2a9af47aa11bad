"""How a lookup looks in the API."""

from paydesk.lookups.model import Lookup


def show(lookup: Lookup) -> dict[str, str | None]:
    """One entry of `lookups` in a reply."""
    return {
        "id": lookup.id,
        "parent_lookups_id": lookup.parent_id,
        "title": lookup.title,
        "enum": lookup.enum,
        "type": lookup.type,
    }
