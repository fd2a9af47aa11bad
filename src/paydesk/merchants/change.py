"""Changes what an account says of its merchant."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from paydesk.db.connection import Connection
from paydesk.errors import Refusal
from paydesk.merchants import store
from paydesk.merchants.model import MerchantRecord
from paydesk.merchants.wire import ChangeMerchant


class VatNumberMissing(Refusal):
    """A VAT vendor has a VAT number; give it too."""


async def change_merchant(
    connection: Connection, account_id: int, change: ChangeMerchant
) -> MerchantRecord:
    """The account's record after the change. Web processes hear of it within a second.

    Call it in a transaction. Raises: VatNumberMissing.
    """
    before = await store.record(connection, account_id, is_locked=True)
    after = replace(
        before,
        **change.fields,
        customization=_merged(before.customization, change.customization),
        policies=replace(before.policies, **change.policies),
    )
    if after.is_vat_vendor and after.vat_number is None:
        raise VatNumberMissing("vat_number")
    await store.save_record(connection, account_id, after)
    if change.changes_logo:
        await store.save_logo(connection, account_id, change.logo)
    return await store.record(connection, account_id)


def _merged(before: Mapping[str, Any], change: Mapping[str, Any] | None) -> dict[str, Any]:
    """The defaults with those of the change instead; what it sets to None is gone."""
    if change is None:
        return {}
    merged = {**before, **change}
    if isinstance(merged.get("brand"), Mapping):
        brand = {**(before.get("brand") or {}), **merged["brand"]}
        merged["brand"] = {name: value for name, value in brand.items() if value is not None}
    return {name: value for name, value in merged.items() if value not in (None, {})}
