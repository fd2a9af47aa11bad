"""How the sandbox directory server judges messages, and whom it hands them on to.

Its log has a line for each message it took in or refused, and is what it is rebuilt from: which
3DS server the result of a challenge goes to.
"""

import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from paydesk.sandbox.diary import Diary
from paydesk.sandbox.enrolment import enrolment_of
from paydesk.sandbox.messages import AReq, ARes, CardRange, Message, PReq, PRes, RReq
from paydesk.sandbox.peers import PeerFailed, Peers
from paydesk.sandbox.ranges import card_ranges, serial_of
from paydesk.sandbox.reading import Faulty, kind_and_version, read_json, read_message
from paydesk.sandbox.versions import HIGHEST, LOWEST, VERSIONS

REFERENCE = "SANDBOX-DS-0001"
_CLOCKS_DIFFER_MAX = timedelta(minutes=30)
_RESULT_SECONDS = 3  # reliability paper A.8
_NOT_ENROLLED = "13"
_STATUSES = ("transStatus", "resultsStatus", "errorCode")


@dataclass(frozen=True, slots=True)
class _Route:
    """A transaction whose result may come, and where that goes."""

    server_id: str
    directory_id: str
    server_url: str
    version: str


class Directory:
    """The directory server's memory and deeds.

    Shape: url is its own, issuer_url the issuer's without a path.
    """

    def __init__(self, log_path: Path, *, url: str, issuer_url: str, peers: Peers) -> None:
        self._log = Diary(log_path)
        self._url = url
        self._issuer_url = issuer_url
        self._peers = peers
        ranges = card_ranges(f"{issuer_url}/method")
        # Written once, at the start: there are many, and whoever asks for them waits.
        self._ranges = _RANGES.dump_json(ranges, exclude_none=True)
        self._serial = serial_of(ranges)
        self._routes: dict[str, _Route] = {}
        for line in self._log.entries():
            if line["kind"] == "AReq":
                self._remember(line)

    def close(self) -> None:
        self._log.close()

    async def answer(self, body: bytes) -> tuple[bytes, str]:
        """What a 3DS server's PReq or AReq is answered, and the version it is in."""
        raw: dict[str, Any] = {}
        try:
            raw = read_json(body)
            kind, version = kind_and_version(raw, ("PReq", "AReq"))
            if kind == "PReq":
                return self._ranges_for(read_message(PReq, raw)), version
            areq = read_message(VERSIONS[version].areq, raw)
            return await self._authenticate(areq, raw), version
        except Faulty as faulty:
            return self._refuse(faulty)

    async def report(self, body: bytes) -> tuple[bytes, str]:
        """What the 3DS server answers to the issuer's RReq, and the version it is in."""
        raw: dict[str, Any] = {}
        try:
            raw = read_json(body)
            _, version = kind_and_version(raw, ("RReq",))
            rreq = read_message(RReq, raw)
            route = self._route(rreq, raw)
            self._write(rreq, status=rreq.transStatus, issuer_id=rreq.acsTransID)
            headers = VERSIONS[version].request_headers()
            return await self._forward(
                route.server_url, raw, seconds=_RESULT_SECONDS, headers=headers
            ), version
        except Faulty as faulty:
            return self._refuse(faulty)

    def refuse_stranger(self) -> bytes:
        """The answer to a result that does not come from the issuer."""
        return self._refuse(Faulty("303", "certificate"))[0]

    def _route(self, rreq: RReq, raw: Mapping[str, Any]) -> _Route:
        route = self._routes.get(rreq.dsTransID)
        if route is None or route.server_id != rreq.threeDSServerTransID:
            raise Faulty("301", "dsTransID", raw)
        if route.version != rreq.messageVersion:
            raise Faulty("305", "messageVersion", raw)
        return route

    def _ranges_for(self, preq: PReq) -> bytes:
        pres = PRes(
            messageVersion=preq.messageVersion,
            threeDSServerTransID=preq.threeDSServerTransID,
            dsTransID=str(uuid.uuid4()),
            dsStartProtocolVersion=LOWEST,
            dsEndProtocolVersion=HIGHEST,
            serialNum=self._serial,
        )
        self._write(preq)
        if preq.serialNum == self._serial:
            return _encoded(pres)
        return _encoded(pres).removesuffix(b"}") + b',"cardRangeData":' + self._ranges + b"}"

    async def _authenticate(self, areq: AReq, raw: Mapping[str, Any]) -> bytes:
        if areq.purchaseDate is not None and not _is_of_now(areq.purchaseDate):
            raise Faulty("203", "purchaseDate", raw)
        enrolment = enrolment_of(areq.acctNumber)
        if enrolment is not None and areq.messageVersion not in enrolment.versions:
            raise Faulty("102", "messageVersion", raw)
        directory_id = str(uuid.uuid4())
        stamped = {
            **raw,
            "dsReferenceNumber": REFERENCE,
            "dsTransID": directory_id,
            "dsURL": f"{self._url}/results",
        }
        line = self._write(
            areq,
            directory_id=directory_id,
            card_ending=areq.acctNumber[-4:],
            server_url=areq.threeDSServerURL,
        )
        if enrolment is None:
            return self._stand_in(areq, directory_id)
        self._remember(line)
        # However long the issuer takes: who asked decides when to give up, which ends this too.
        return await self._forward(f"{self._issuer_url}/areq", stamped, seconds=None)

    def _stand_in(self, areq: AReq, directory_id: str) -> bytes:
        """The answer for a card that no issuer here has, under the directory server's own ids."""
        answer = _encoded(
            ARes(
                messageVersion=areq.messageVersion,
                threeDSServerTransID=areq.threeDSServerTransID,
                dsTransID=directory_id,
                acsTransID=directory_id,
                dsReferenceNumber=REFERENCE,
                acsReferenceNumber=REFERENCE,
                transStatus="U",
                transStatusReason=_NOT_ENROLLED,
            )
        )
        self._log_relayed(answer, {**areq.written(), "dsTransID": directory_id})
        return answer

    async def _forward(
        self,
        url: str,
        message: Mapping[str, Any],
        *,
        seconds: float | None,
        headers: Mapping[str, str] | None = None,
    ) -> bytes:
        try:
            answer = await self._peers.post(url, message, seconds=seconds, headers=headers)
        except PeerFailed as failed:
            raise Faulty(failed.code, "receiver", message) from None
        self._log_relayed(answer, message)
        return answer

    def _log_relayed(self, answer: bytes, message: Mapping[str, Any]) -> None:
        """Notes what was answered. It is handed on as it is, also where it is no message."""
        with suppress(Faulty):
            told = read_json(answer)
            self._log.write(
                str(told.get("messageType")),
                server_id=message["threeDSServerTransID"],
                directory_id=message["dsTransID"],
                version=message["messageVersion"],
                status=next((told[name] for name in _STATUSES if name in told), None),
            )

    def _refuse(self, faulty: Faulty) -> tuple[bytes, str]:
        erro = faulty.erro("D")
        self._log.write(
            "Erro",
            server_id=erro.threeDSServerTransID,
            version=erro.messageVersion,
            status=erro.errorCode,
            detail=erro.errorDetail,
        )
        return _encoded(erro), erro.messageVersion

    def _write(self, message: PReq | AReq | RReq, **more: Any) -> Mapping[str, Any]:
        return self._log.write(
            message.messageType,
            server_id=message.threeDSServerTransID,
            version=message.messageVersion,
            **more,
        )

    def _remember(self, line: Mapping[str, Any]) -> None:
        route = _Route(line["server_id"], line["directory_id"], line["server_url"], line["version"])
        self._routes[route.directory_id] = route


def _is_of_now(purchase_date: str) -> bool:
    at = datetime.strptime(purchase_date, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
    return abs(datetime.now(UTC) - at) <= _CLOCKS_DIFFER_MAX


_RANGES = TypeAdapter(list[CardRange])


def _encoded(message: Message) -> bytes:
    return message.model_dump_json(exclude_none=True).encode()
