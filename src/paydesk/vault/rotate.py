"""How master keys come and go under cards that are in use: taken up, re-wrapped under, retired.

The database lists the versions it needs, and lets no card name another: a version can't be
retired while a card, even one being written at this moment, is wrapped under it.
"""

import os
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

import structlog

from paydesk import limits
from paydesk.db.connection import Database
from paydesk.kit.sealing import SealBroken
from paydesk.vault import store
from paydesk.vault.envelope import Envelope, WrappedKey
from paydesk.vault.master_keys import MasterKeys

log = structlog.get_logger()


class WrongMasterKey(Exception):
    """A master key that this database needs is missing, or is another key than it was."""

    def __init__(self, version: int, *, is_missing: bool = False) -> None:
        super().__init__(
            f"PAYDESK_VAULT_KEY has no version {version}, under which cards in this database are"
            " sealed. Put that version back; without it they can't be read."
            if is_missing
            else f"Version {version} of PAYDESK_VAULT_KEY is not the key that sealed the cards in"
            " this database. Put back the key used before; without it they can't be read."
        )
        self.version = version


class VersionInUse(Exception):
    """Cards or keys are still wrapped under old versions: how many under each."""

    def __init__(self, rows: dict[int, int]) -> None:
        super().__init__(rows)
        self.rows = rows


@dataclass(frozen=True, slots=True)
class Rewrapped:
    """What one batch did, and where the next begins; None after the last."""

    count: int
    broken: int
    after: store.Place | None


async def take_up(database: Database, keys: MasterKeys) -> None:
    """Proves each version that the database needs, and enters the current one.

    Raises: WrongMasterKey; DatabaseAway.
    """
    await _prove(database, keys)
    proof = await keys.wrap(os.urandom(32), version=keys.current, context=_context(keys.current))
    await store.add_key_version(database, keys.current, proof=proof)
    # Once more, for another vault may have entered the version first.
    await _prove(database, keys)


async def rewrap(database: Database, envelope: Envelope, after: store.Place | None) -> Rewrapped:
    """Wraps the keys of the next cards anew, and after the last card those of the vault itself.

    A card whose seal is broken stays as it is and is counted: it can't be used either way.
    Bounds: looks at limits.REWRAP_BATCH cards.
    """
    rows = await store.next_card_keys(database, after=after, count_max=limits.REWRAP_BATCH)
    if not rows:
        return Rewrapped(await _rewrap_own(database, envelope), 0, None)
    moves, broken = [], 0
    for (account_id, card_id), old in rows:
        if old.version == envelope.keys.current:
            continue
        try:
            new = await envelope.rewrap(old, account_id=account_id, card_id=card_id)
        except SealBroken:
            log.error("card_seal_broken", card_id=card_id)  # noqa: TRY400
            broken += 1
        else:
            moves.append(((account_id, card_id), old, new))
    return Rewrapped(await store.change_card_keys(database, moves), broken, rows[-1][0])


async def retire(database: Database, keys: MasterKeys) -> frozenset[int]:
    """Strikes all versions but the current from what the database needs, and says which.

    Raises: VersionInUse; DatabaseAway.
    """
    old = (await store.key_proofs(database)).keys() - {keys.current}
    if old and not await store.remove_key_versions(database, old):
        raise VersionInUse(await store.count_by_version(database))
    return frozenset(old)


async def _prove(database: Database, keys: MasterKeys) -> None:
    proofs = await store.key_proofs(database)
    gone = proofs.keys() - keys.versions
    # An operator may have taken away a version that nothing needs any more.
    if gone and not await store.remove_key_versions(database, gone):
        raise WrongMasterKey(await _first_used(database, gone), is_missing=True)
    for version, proof in proofs.items():
        if version in gone:
            continue
        # Without one it is from before versions were entered; then the vault's own keys prove it.
        if proof is not None:
            await _open(keys, WrappedKey(version, proof), _context(version))
    envelope = Envelope(keys)
    for purpose, key in await store.own_keys(database):
        try:
            await envelope.unwrap_key(key, purpose)
        except SealBroken as broken:
            raise WrongMasterKey(key.version) from broken


async def _first_used(database: Database, versions: AbstractSet[int]) -> int:
    return min(versions & (await store.count_by_version(database)).keys(), default=min(versions))


async def _open(keys: MasterKeys, key: WrappedKey, context: bytes) -> None:
    try:
        await keys.unwrap(key.wrapped, version=key.version, context=context)
    except SealBroken as broken:
        raise WrongMasterKey(key.version) from broken


async def _rewrap_own(database: Database, envelope: Envelope) -> int:
    count = 0
    for purpose, old in await store.own_keys(database):
        if old.version != envelope.keys.current:
            key = await envelope.unwrap_key(old, purpose)
            await store.change_own_key(database, purpose, await envelope.wrap_key(key, purpose))
            count += 1
    return count


def _context(version: int) -> bytes:
    return f"proof|{version}".encode()
