"""What the vault holds open while it serves, and the proof that its master key is the right one."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from paydesk import limits
from paydesk.connectors.contract import Connector
from paydesk.db.connection import Database
from paydesk.kit.outbound import Outbound
from paydesk.kit.sealing import SealBroken
from paydesk.vault import store
from paydesk.vault.envelope import Envelope
from paydesk.vault.memory import SecurityCodes
from paydesk.vault.ranges import Directories

_FINGERPRINTS = "fingerprints"


class WrongMasterKey(Exception):
    """The cards in this database were sealed under another master key."""


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
    key: bytes,
    connectors: Mapping[str, Connector],
    outbound: Outbound,
    directories: Directories,
) -> Safe:
    """The safe, once the master key has opened what it sealed before.

    The first start makes the fingerprints' key and stores it wrapped; every later start unwraps
    it, which only the same master key can. It is random, not derived from the master key, so
    that cards keep their fingerprints when the master key changes.

    Raises: WrongMasterKey; DatabaseAway.
    """
    envelope = Envelope(key)
    fresh = envelope.wrap_key(os.urandom(32), _FINGERPRINTS)
    wrapped = await store.keep_key(database, _FINGERPRINTS, version=envelope.version, wrapped=fresh)
    try:
        fingerprint_key = envelope.unwrap_key(wrapped, _FINGERPRINTS)
    except SealBroken as broken:
        raise WrongMasterKey from broken
    return Safe(
        database=database,
        envelope=envelope,
        fingerprint_key=fingerprint_key,
        security_codes=SecurityCodes(
            seconds_max=limits.SECURITY_CODE_SECONDS_MAX, count_max=limits.SECURITY_CODES_MAX
        ),
        connectors=connectors,
        outbound=outbound,
        directories=directories,
    )
