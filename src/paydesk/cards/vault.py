"""How the web and the worker talk to the vault: the only way card data goes in, or is used."""

import asyncio
from collections.abc import Mapping
from typing import Any

import aiohttp

from paydesk import limits
from paydesk.cards.errors import CardFaults, CardMissing, SecurityCodeGone, VaultAway
from paydesk.cards.model import CardForm, Enrolment, EnrolmentState, KeptCard, Lost
from paydesk.connectors.contract import Answer, Request
from paydesk.kit.json import read_object, write
from paydesk.kit.sockets import socket_path


class VaultFault(Exception):
    """The vault refused what this program asked of it: a bug. The text is the rule it named."""


class Vault:
    """The vault at this address. One per process; its connections are opened when needed.

    Raises: ValueError, for an address that is none.
    """

    def __init__(self, url: str) -> None:
        self._path = socket_path(url)
        self._session: aiohttp.ClientSession | None = None

    async def keep(
        self,
        *,
        account_id: int,
        is_live: bool,
        connector: str,
        entry: CardForm,
        may_be_saved: bool = False,
    ) -> KeptCard:
        """The card, checked and kept for limits.UNSAVED_CARD_SECONDS_MAX.

        One that may be saved is kept for limits.CARD_TO_SAVE_SECONDS_MAX. It comes with what the
        connector's directory server says of it, if it has one.

        A vault that is just being restarted is waited for: keeping a card twice does no harm.
        Raises: CardFaults; VaultAway.
        """
        payload = _entry(account_id, entry, is_live=is_live, connector=connector)
        payload["may_be_saved"] = may_be_saved
        for pause in limits.VAULT_RETRY_SECONDS:
            try:
                return await self._keep(payload)
            except VaultAway:
                await asyncio.sleep(pause)
        return await self._keep(payload)

    async def check(
        self, *, account_id: int, is_live: bool, connector: str, entry: CardForm
    ) -> Mapping[str, str]:
        """What is wrong with the card's fields, as in CardFaults; nothing is kept of them.

        Raises: VaultAway.
        """
        payload = _entry(account_id, entry, is_live=is_live, connector=connector)
        payload["may_be_saved"] = False
        try:
            status, reply = await self._post(
                "/cards/check", payload, limits.VAULT_ANSWER_SECONDS_MAX
            )
        except (aiohttp.ClientError, TimeoutError) as fault:
            raise VaultAway from fault
        if status == 422:
            faults: Mapping[str, str] = reply["faults"]
            return faults
        _refuse_unless_done(status, reply)
        return {}

    async def use(self, *, account_id: int, card_id: str, connector: str, code: str) -> KeptCard:
        """A saved card, kept once more for one payment with this security code.

        Raises: CardMissing; CardFaults, for a code that does not fit the card; VaultAway.
        """
        payload = {"account": account_id, "connector": connector, "security_code": _plain(code)}
        return await self._keep(payload, f"/cards/{card_id}/use")

    async def save(self, *, account_id: int, card_id: str, source_id: str) -> None:
        """Keeps the number of the source for good, as this card's.

        Raises: CardMissing, VaultAway.
        """
        await self._do(f"/cards/{card_id}/save", {"account": account_id, "source": source_id})

    async def destroy(self, *, account_id: int, card_id: str) -> None:
        """Destroys what is kept of a card, if anything is. Raises: VaultAway."""
        await self._do(f"/cards/{card_id}/destroy", {"account": account_id})

    async def _do(self, path: str, payload: Mapping[str, Any]) -> None:
        try:
            status, reply = await self._post(path, payload, limits.VAULT_ANSWER_SECONDS_MAX)
        except (aiohttp.ClientError, TimeoutError) as fault:
            raise VaultAway from fault
        _refuse_unless_done(status, reply)

    async def _keep(self, payload: Mapping[str, Any], path: str = "/cards") -> KeptCard:
        try:
            status, reply = await self._post(path, payload, limits.VAULT_ANSWER_SECONDS_MAX)
        except (aiohttp.ClientError, TimeoutError) as fault:
            # Where the vault kept it all the same, the card is of no use to anybody and forgotten.
            raise VaultAway from fault
        if status == 422:
            raise CardFaults(reply["faults"])
        _refuse_unless_done(status, reply)
        return _kept(reply["card"])

    async def add_security_code(self, *, account_id: int, card_id: str, code: str) -> None:
        """Puts a kept card's security code into the vault's memory again, in the place of any.

        For a payer whose vault died between keeping the card and charging it.
        Raises: CardMissing; CardFaults, for a code that does not fit the card; VaultAway.
        """
        payload = {"account": account_id, "security_code": _plain(code)}
        path = f"/cards/{card_id}/security-code"
        try:
            status, reply = await self._post(path, payload, limits.VAULT_ANSWER_SECONDS_MAX)
        except (aiohttp.ClientError, TimeoutError) as fault:
            raise VaultAway from fault
        if status == 422:
            raise CardFaults(reply["faults"])
        _refuse_unless_done(status, reply)

    async def forward(
        self,
        *,
        account_id: int,
        card_id: str,
        connector: str,
        request: Request,
        seconds_max: int,
    ) -> Answer | Lost:
        """The acquirer's answer to the request with the card filled in; sent once at most.

        Bounds: seconds_max is the acquirer's; the vault itself gets a little on top.
        Raises: CardMissing, SecurityCodeGone, VaultAway. Nothing was sent then.
        """
        payload = {
            "account": account_id,
            "card": card_id,
            "connector": connector,
            "request": {
                "method": request.method,
                "url": request.url,
                "headers": dict(request.headers),
                "body": None if request.body is None else dict(request.body),
            },
            "fill": dict(request.fill),
            "timeout_seconds": seconds_max,
        }
        try:
            status, reply = await self._post(
                "/forward", payload, seconds_max + limits.VAULT_GRACE_SECONDS
            )
        # These two arise before a byte of the request is written.
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as fault:
            raise VaultAway from fault
        except TimeoutError:
            return Lost(was_sent=True, why="timeout")
        except aiohttp.ClientError:
            return Lost(was_sent=True, why="vault_died")
        if status == 500:  # it may have happened after the request had left
            return Lost(was_sent=True, why="vault_bug")
        _refuse_unless_done(status, reply)
        if lost := reply.get("lost"):
            return Lost(was_sent=reply.get("sent", True), why=lost)
        return Answer(reply["answer"]["status"], reply["answer"]["body"].encode())

    async def health(self) -> bool:
        """Whether the vault can keep and forward cards now."""
        try:
            async with self._open_session().get("http://vault/health") as answer:
                return answer.status == 200
        except (aiohttp.ClientError, TimeoutError):
            return False

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def _post(
        self, path: str, payload: Mapping[str, Any], seconds_max: int
    ) -> tuple[int, dict[str, Any]]:
        sending = self._open_session().post(
            f"http://vault{path}",
            data=write(payload),
            timeout=aiohttp.ClientTimeout(
                total=seconds_max, connect=limits.VAULT_CONNECT_SECONDS_MAX
            ),
        )
        async with sending as answer:
            return answer.status, read_object(await answer.read())

    def _open_session(self) -> aiohttp.ClientSession:
        # Late, because a session belongs to the event loop that runs when it is made.
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.UnixConnector(
                    self._path, limit=0, keepalive_timeout=limits.KEEP_ALIVE_SECONDS
                ),
                cookie_jar=aiohttp.DummyCookieJar(),
                timeout=aiohttp.ClientTimeout(total=limits.VAULT_CONNECT_SECONDS_MAX),
                skip_auto_headers=("Accept", "Accept-Encoding", "Content-Type", "User-Agent"),
                auto_decompress=False,
                trust_env=False,
            )
        return self._session


def _refuse_unless_done(status: int, reply: Mapping[str, Any]) -> None:
    if status == 200:
        return
    for refusal in (CardMissing, SecurityCodeGone):
        if reply.get("fault") == refusal.rule():
            raise refusal
    if status == 503:
        raise VaultAway
    raise VaultFault(reply.get("fault", status))


def _entry(account_id: int, entry: CardForm, *, is_live: bool, connector: str) -> dict[str, Any]:
    return {
        "account": account_id,
        "is_live": is_live,
        "connector": connector,
        "number": _plain(entry.number),
        "expiry": _plain(entry.expiry),
        "security_code": _plain(entry.security_code),
        "name": _plain(entry.name),
    }


def _kept(card: dict[str, Any]) -> KeptCard:
    said = card.pop("enrolment")
    if said is None:
        return KeptCard(**card)
    (acs_first, acs_last), (first, last) = said["acs_versions"], said["directory_versions"]
    enrolment = Enrolment(
        EnrolmentState(said["state"]), (acs_first, acs_last), (first, last), said["method_url"]
    )
    return KeptCard(**card, enrolment=enrolment)


def _plain(text: str) -> str:
    # A broken form may bring NULs and half characters, which JSON can't carry; no card has them.
    return text.encode(errors="replace").decode().replace("\0", " ")
