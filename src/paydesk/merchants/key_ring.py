"""Which account does a key open? Answered from memory where it was answered before."""

import base64
import hashlib
import hmac
import time
from dataclasses import dataclass

from paydesk.db.connection import Database
from paydesk.merchants import store
from paydesk.merchants.keys import KeyInvalid, secret_hash
from paydesk.merchants.model import Account, KeyKind
from paydesk.merchants.store import FoundKey

_CACHED_MAX = 10_000


@dataclass(frozen=True, slots=True)
class _Known:
    """An account in memory. ends is a moment of the monotonic clock, None for a key without end."""

    account: Account
    ends: float | None

    @property
    def has_ended(self) -> bool:
        return self.ends is not None and time.monotonic() >= self.ends


class KeyRing:
    """Recognises `Authorization: Basic` headers, and the public keys of forms.

    Known ones are kept in memory, under a hash of what was sent. `forget` empties it: call it at
    every notice on the channel `paydesk_accounts`. A key with an end stops by itself.
    """

    def __init__(self, db: Database) -> None:
        self._db = db
        self._known: dict[bytes, _Known] = {}
        self._forgotten = 0

    def forget(self) -> None:
        self._known.clear()
        self._forgotten += 1

    async def authenticate(self, authorization: str | None) -> Account:
        """The account that the header's key and secret open.

        Raises: KeyInvalid, DatabaseAway.
        """
        sent = _hash("authorization", authorization or "")
        known = self._known.get(sent)
        if known is not None and not known.has_ended:
            return known.account
        return await self._look_up(authorization or "", sent)

    async def authenticate_public(self, public_key: str) -> Account:
        """The account that this public key stands for. It opens forms, never the API.

        Raises: KeyInvalid, DatabaseAway.
        """
        sent = _hash("public_key", public_key)
        known = self._known.get(sent)
        if known is not None and not known.has_ended:
            return known.account
        forgotten = self._forgotten
        found = None
        if "\0" not in public_key:
            found = await store.key(self._db, public_key, kind=KeyKind.PUBLIC)
        if found is None:
            raise KeyInvalid("public_key")
        return self._keep(found, sent, forgotten)

    async def _look_up(self, authorization: str, sent: bytes) -> Account:
        forgotten = self._forgotten
        api_key, secret = _basic(authorization)
        found = await store.key(self._db, api_key, kind=KeyKind.SECRET)
        stored = None if found is None else found.secret_hash
        if found is None or stored is None:
            raise KeyInvalid("authorization")
        if not hmac.compare_digest(stored, secret_hash(secret)):
            raise KeyInvalid("authorization")
        return self._keep(found, sent, forgotten)

    def _keep(self, found: FoundKey, sent: bytes, forgotten: int) -> Account:
        # A revoke that arrived while we asked must not be overlooked.
        if forgotten == self._forgotten:
            if len(self._known) >= _CACHED_MAX:
                self._known.clear()
            left = found.seconds_left
            ends = None if left is None else time.monotonic() + left
            self._known[sent] = _Known(found.account, ends)
        return found.account


def _hash(what: str, sent: str) -> bytes:
    return hashlib.sha256(f"{what}|{sent}".encode("utf-8", "replace")).digest()


def _basic(authorization: str) -> tuple[str, str]:
    scheme, _, encoded = authorization.partition(" ")
    try:
        if scheme.lower() != "basic":
            raise KeyInvalid("authorization")
        text = base64.b64decode(encoded.strip(), validate=True).decode()
    except ValueError as broken:  # not base64, not UTF-8, or not even ASCII
        raise KeyInvalid("authorization") from broken
    api_key, colon, secret = text.partition(":")
    if not colon or "\0" in text:
        raise KeyInvalid("authorization")
    return api_key, secret
