"""The composition root: from settings to everything a program works with."""

import hmac
from dataclasses import dataclass
from typing import TypeVar

from paydesk.abuse import Guard
from paydesk.cards import Vault
from paydesk.connectors.registry import banks, connectors
from paydesk.db.connection import Database
from paydesk.kit.outbound import Outbound
from paydesk.kit.sealing import Sealer
from paydesk.merchants import KeyRing
from paydesk.settings import SettingFault, Settings, variable
from paydesk.threeds import Asking
from paydesk.transactions import Acquiring

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Desk:
    """What a web or worker process works with; opened and closed inside its running loop."""

    settings: Settings
    database_url: str
    db: Database
    keys: KeyRing
    acquiring: Acquiring
    sealer: Sealer
    page_key: bytes
    guard: Guard | None

    async def close(self) -> None:
        await self.acquiring.vault.close()
        await self.acquiring.outbound.close()
        await self.db.close()


async def open_desk(settings: Settings, *, connections_max: int) -> Desk:
    """Connects to the database and gets everything else ready.

    Raises: SettingFault, for a missing setting; DatabaseAway.
    """
    database_url = needed(settings.database_url, "database_url")
    vault_url = needed(settings.vault_url, "vault_url")
    sealing_key = needed(settings.sealing_key, "sealing_key")
    page_key = needed(settings.page_key, "page_key")
    sealer = Sealer(sealing_key)
    db = Database(database_url, connections_max=connections_max)
    await db.open()
    acquiring = Acquiring(
        vault=Vault(vault_url),
        asking=Asking(
            public_url=settings.public_url or "",
            results_url=settings.threeds_url or "",
            page_key=page_key,
            sealer=sealer,
            challenge_seconds=settings.challenge_seconds,
        ),
        outbound=Outbound(),
        connectors=connectors(settings.sandbox_url, settings.sandbox_directory_url),
        banks=banks(settings.sandbox_bank_url, settings.sandbox_bank_key),
        timeout_seconds=settings.acquirer_timeout_seconds,
        inquiry_seconds=settings.inquiry_seconds,
        hold_seconds=settings.hold_seconds,
        charge_retry_days=settings.charge_retry_days,
    )
    return Desk(
        settings, database_url, db, KeyRing(db), acquiring, sealer, page_key, _guard(settings)
    )


def _guard(settings: Settings) -> Guard | None:
    """The guard against card testing, None where it is off."""
    if settings.card_guard == "off":
        return None
    page_key = needed(settings.page_key, "page_key")
    secret = hmac.digest(page_key, b"card guard", "sha256")
    return Guard(secret, watches_tests=settings.card_guard == "all")


def needed(value: T | None, name: str) -> T:
    """A setting that a program can't do without. Raises: SettingFault."""
    if value is None:
        raise SettingFault(f"{variable(name)} is not set; `paydesk serve` sets it by itself.")
    return value
