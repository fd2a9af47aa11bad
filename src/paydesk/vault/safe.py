"""What the vault holds open while it serves, once its master keys have proved to be the right."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from paydesk import limits
from paydesk.connectors.contract import Connector
from paydesk.db.connection import Database
from paydesk.kit.outbound import Outbound
from paydesk.kit.sealing import SealBroken
from paydesk.vault import store
from paydesk.vault.envelope import Envelope, WrappedKey
from paydesk.vault.master_keys import MasterKeys
from paydesk.vault.memory import SecurityCodes
from paydesk.vault.ranges import Directories
from paydesk.vault.rotate import WrongMasterKey, take_up

_FINGERPRINTS = "fingerprints"


@dataclass(frozen=True, slots=True)
class Safe:
    """Everything that keeping and forwarding a card takes."""

    database: Database
    envelope: Envelope
    fingerprint_key: bytes = field(repr=False)
    security_codes: SecurityCodes
    connectors: Mapping[str, Connector]
    outbound: Outbound
    directories: Directories


async def open_safe(
    database: Database,
    keys: MasterKeys,
    connectors: Mapping[str, Connector],
    outbound: Outbound,
    directories: Directories,
) -> Safe:
    """The safe, once the master keys have opened what they sealed before.

    The first start makes the fingerprints' key and stores it wrapped; every later start unwraps
    it, which only the same master key can. It is random, not derived from the master key, so
    that cards keep their fingerprints when the master key changes.

    Raises: WrongMasterKey; DatabaseAway.
    """
    await take_up(database, keys)
    envelope = Envelope(keys)
    fresh = await envelope.wrap_key(os.urandom(32), _FINGERPRINTS)
    wrapped = await store.keep_own_key(database, _FINGERPRINTS, fresh)
    return Safe(
        database=database,
        envelope=envelope,
        fingerprint_key=await _unwrapped(envelope, wrapped),
        security_codes=SecurityCodes(
            seconds_max=limits.SECURITY_CODE_SECONDS_MAX, count_max=limits.SECURITY_CODES_MAX
        ),
        connectors=connectors,
        outbound=outbound,
        directories=directories,
    )


async def _unwrapped(envelope: Envelope, key: WrappedKey) -> bytes:
    try:
        return await envelope.unwrap_key(key, _FINGERPRINTS)
    except SealBroken as broken:
        raise WrongMasterKey(key.version) from broken
