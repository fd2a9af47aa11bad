"""How the sandbox issuer authenticates payers: what it remembers, and when it gives up waiting.

Its log has a line for each message and each step of a challenge, and is what it is rebuilt from:
a challenge goes on after a kill, with its time-outs beginning anew.
"""

import asyncio
import hashlib
import hmac
import re
import uuid
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from paydesk.kit.sealing import Sealer
from paydesk.sandbox import challenge as ends
from paydesk.sandbox.ares import ares_for, authentication_value
from paydesk.sandbox.challenge import ENDS, Challenge, Result, Subject, cres_of, rreq_of
from paydesk.sandbox.currencies import BY_NUMERIC
from paydesk.sandbox.diary import Diary
from paydesk.sandbox.eci import eci_of
from paydesk.sandbox.enrolment import Answer, Course, Method, enrolment_of
from paydesk.sandbox.messages import AReq, CReq, Message, MethodRequest
from paydesk.sandbox.peers import PeerFailed, Peers
from paydesk.sandbox.reading import (
    Faulty,
    kind_and_version,
    read_base64,
    read_json,
    read_message,
    write_base64,
)
from paydesk.sandbox.screens import Screen, leaving, trouble
from paydesk.sandbox.versions import VERSIONS

# Reliability paper A.8; the last two are the sandbox's own.
_FIRST_CREQ_SECONDS = 30
_PAGE_SECONDS = 600
_REPORT_SECONDS = 5
_GIVES_UP_SECONDS = 10
_REPORTED_LATE_SECONDS = 3
_METHOD_LATE_SECONDS = 12  # past the 10 and the 5 seconds that versions wait

# However fast the sandbox is made, a browser is not: it has at least this time to come back.
_PATIENCE_SECONDS_MIN = 5

# A requestor that mandates a challenge gets one where the card would have passed without.
_CHALLENGEABLE = {Answer.Y, Answer.A}

_SESSION_DATA = re.compile(r"[A-Za-z0-9_=-]{1,1024}")
_UNKNOWN = trouble("Your bank does not know this payment. Please go back to the shop.", 404)


class Issuer:
    """The issuer's memory and deeds.

    Units: speed is a factor on every delay.
    Shape: url is its own, directory_url the directory server's, both without a path.
    """

    def __init__(
        self,
        log_path: Path,
        *,
        url: str,
        directory_url: str,
        peers: Peers,
        key: bytes,
        speed: float,
    ) -> None:
        self._log = Diary(log_path)
        self._url = url
        self._directory_url = directory_url
        self._peers = peers
        self._key = key
        # Proofs are sealed in the log, under a key for nothing else.
        self._sealer = Sealer(hmac.digest(key, b"proofs in the log", hashlib.sha256))
        self._speed = speed
        self._challenges: dict[str, Challenge] = {}
        for line in self._log.entries():
            self._recall(line)

    def resume(self) -> None:
        """Goes on with the challenges that were open when the log was last written."""
        for challenge in self._challenges.values():
            if challenge.result is None:
                self._watch(challenge)
            elif challenge.reports_left > 0:
                self._begin_report(challenge)

    def close(self) -> None:
        for challenge in self._challenges.values():
            if challenge.timer:
                challenge.timer.cancel()
            if challenge.reporting:
                challenge.reporting.cancel()
        self._log.close()

    async def authenticate(self, body: bytes) -> bytes:
        """The ARes to an AReq, or what comes in its place. For some cards it never comes."""
        try:
            raw = read_json(body)
            _, version = kind_and_version(raw, ("AReq",))
            areq = read_message(VERSIONS[version].areq, raw)
            enrolment = enrolment_of(areq.acctNumber)
            if enrolment is None or areq.dsTransID is None:
                raise Faulty("305", "acctNumber", raw)  # noqa: TRY301 (said as any other fault)
        except Faulty as faulty:
            return _encoded(faulty.erro("A"))
        ids = _ids(areq, str(uuid.uuid4()))
        self._log.write("AReq", **ids)
        match enrolment.answer:
            case Answer.NONE:
                await asyncio.Event().wait()
            case Answer.ERROR:
                self._log.write("Erro", **ids, status="403")
                known = {**raw, "acsTransID": ids["issuer_id"]}
                return _encoded(Faulty("403", "issuer", known).erro("A"))
            case Answer.MALFORMED:
                self._log.write("ARes", **ids, status="malformed")
                whole = self._answer(areq, Answer.Y, ids["issuer_id"])
                return whole[: len(whole) // 2]
        is_mandated = areq.mandates_challenge and enrolment.answer in _CHALLENGEABLE
        given = Answer.C if is_mandated else enrolment.answer
        answer = self._answer(areq, given, ids["issuer_id"])
        if given is Answer.C:
            self._begin(self._subject(areq, ids["issuer_id"], enrolment.course))
        else:
            self._log.write("ARes", **ids, status=given.value)
        return answer

    def prepare(self, data: str, method: Method) -> Screen:
        """The method page, in a frame that nobody sees."""
        try:
            asked = MethodRequest.model_validate(read_base64(data))
        except (Faulty, ValidationError):
            return trouble("This is no method request.")
        known_id = asked.threeDSServerTransID
        self._log.write("method", server_id=known_id, status=method.value)
        if method is Method.SILENT:
            return Screen("empty.html", {})
        told = str(uuid.uuid4()) if method is Method.WRONG_ID else known_id
        is_late = method is Method.LATE
        return leaving(
            asked.threeDSMethodNotificationURL,
            {"threeDSMethodData": write_base64({"threeDSServerTransID": told})},
            after_seconds=_METHOD_LATE_SECONDS * self._speed if is_late else 0,
        )

    async def open(self, creq: str, session_data: str | None) -> Screen:
        """The challenge's page for a CReq: its first one, or where it stands by now."""
        challenge = None
        try:
            raw = read_base64(creq)
            challenge = self._challenges.get(str(raw.get("acsTransID")))
            read = _read_creq(raw, challenge, session_data)
        except Faulty as faulty:
            return self._refuse(faulty, challenge)
        if challenge is None:
            return _UNKNOWN
        if challenge.creq is None:
            self._log.write(
                "CReq", **challenge.ids(), creq=read.written(), session_data=session_data
            )
            challenge.creq, challenge.session_data = read, session_data
            self._watch(challenge)
        return await self._screen(challenge)

    async def look(self, issuer_id: str) -> Screen:
        """Where the challenge stands."""
        challenge = self._opened(issuer_id)
        return await self._screen(challenge) if challenge else _UNKNOWN

    async def act(self, issuer_id: str, form: Mapping[str, str]) -> Screen:
        """What follows from what the payer, or the page by itself, sent."""
        challenge = self._opened(issuer_id)
        if challenge is None:
            return _UNKNOWN
        course = challenge.subject.course
        if challenge.result is not None or course is Course.TIMES_OUT:
            return await self._screen(challenge)
        if not course.is_by_hand:
            challenge.tries = 1
            self._decide(challenge, ENDS[course])
        elif "cancel" in form:
            self._log.write("cancel", **challenge.ids())
            self._decide(challenge, ends.CANCELLED)
        else:
            self._take_code(challenge, form.get("code", ""))
        return await self._screen(challenge, is_wrong=challenge.tries > 0)

    def _take_code(self, challenge: Challenge, code: str) -> None:
        is_right = re.sub(r"[\s-]", "", code) == ends.RIGHT_CODE
        challenge.tries += 1
        self._log.write("code", **challenge.ids(), is_right=is_right)
        if is_right:
            self._decide(challenge, ends.PASSED)
        elif challenge.tries == ends.TRIES_MAX:
            self._decide(challenge, ends.TOO_MANY_TRIES)
        else:
            self._watch(challenge)

    async def _screen(self, challenge: Challenge, *, is_wrong: bool = False) -> Screen:
        subject = challenge.subject
        if challenge.result is None:
            return self._page(challenge, is_wrong=is_wrong)
        if challenge.reporting and subject.course is not Course.REPORTED_LATE:
            # The result goes first, then the browser.
            await asyncio.shield(challenge.reporting)
        self._log.write("CRes", **challenge.ids(), status=challenge.result.shown)
        cres = write_base64(cres_of(subject, challenge.result).written())
        return self._back(challenge, {"cres": cres})

    def _page(self, challenge: Challenge, *, is_wrong: bool) -> Screen:
        subject = challenge.subject
        action = f"/challenge/{subject.issuer_id}"
        if subject.course is Course.TIMES_OUT:
            return Screen("waiting.html", {"action": action})
        if not subject.course.is_by_hand:
            return Screen("passing.html", {"action": action})
        view = {
            "action": action,
            "merchant": subject.merchant,
            "amount": subject.amount,
            "card_ending": subject.card_ending,
            "is_wrong": is_wrong,
            "tries_left": ends.TRIES_MAX - challenge.tries,
            "escapes": subject.course is Course.ESCAPING,
        }
        return Screen("code.html", view)

    def _back(self, challenge: Challenge, fields: Mapping[str, str]) -> Screen:
        session = challenge.session_data
        echoed = {} if session is None else {"threeDSSessionData": session}
        return leaving(challenge.subject.notification_url, {**fields, **echoed})

    def _refuse(self, faulty: Faulty, challenge: Challenge | None) -> Screen:
        erro = faulty.erro("A")
        known = challenge.ids() if challenge else {"server_id": erro.threeDSServerTransID}
        self._log.write("Erro", **known, status=erro.errorCode, detail=erro.errorDetail)
        if challenge is None:
            return trouble(f"Your bank cannot take this request ({erro.errorDescription}).")
        return self._back(challenge, {"erro": write_base64(erro.written())})

    def _answer(self, areq: AReq, answer: Answer, issuer_id: str) -> bytes:
        url = f"{self._url}/challenge"
        return _encoded(
            ares_for(areq, answer, issuer_id=issuer_id, challenge_url=url, key=self._key)
        )

    def _subject(self, areq: AReq, issuer_id: str, course: Course) -> Subject:
        value = authentication_value(areq, "Y", issuer_id, self._key)
        currency = BY_NUMERIC.get(areq.purchaseCurrency or "")
        return Subject(
            server_id=areq.threeDSServerTransID,
            directory_id=areq.dsTransID or "",
            issuer_id=issuer_id,
            version=areq.messageVersion,
            category=areq.messageCategory,
            card_ending=areq.acctNumber[-4:],
            course=course,
            merchant=areq.merchantName,
            amount=currency.text(int(areq.purchaseAmount or 0)) if currency else "none",
            notification_url=areq.notificationURL,
            eci=eci_of(areq.acctNumber, "Y"),
            eci_failed=eci_of(areq.acctNumber, "N"),
            sealed_value=value and self._sealer.seal(value.encode(), issuer_id.encode()).hex(),
        )

    def _begin(self, subject: Subject) -> None:
        self._log.write("ARes", **asdict(subject), status=Answer.C.value)
        challenge = Challenge(subject)
        self._challenges[subject.issuer_id] = challenge
        self._watch(challenge)

    def _recall(self, line: dict[str, Any]) -> None:
        if line["kind"] == "ARes" and line["status"] == Answer.C.value:
            kept = {name: line[name] for name in Subject.__dataclass_fields__}
            subject = Subject(**{**kept, "course": Course(line["course"])})
            self._challenges[subject.issuer_id] = Challenge(subject)
            return
        challenge = self._challenges.get(line.get("issuer_id", ""))
        if challenge is None:
            return
        match line["kind"]:
            case "CReq":
                challenge.creq = CReq.model_validate(line["creq"])
                challenge.session_data = line["session_data"]
            case "code":
                challenge.tries += 1
            case "result":
                challenge.result, challenge.tries = Result(**line["result"]), line["tries"]
            case "RReq":
                challenge.reports_sent += 1

    def _opened(self, issuer_id: str) -> Challenge | None:
        challenge = self._challenges.get(issuer_id)
        return challenge if challenge and challenge.creq else None

    def _watch(self, challenge: Challenge) -> None:
        """Waits for the browser's next step, and ends the challenge where it does not come."""
        if challenge.creq is None:
            self._end_after(challenge, self._patience(_FIRST_CREQ_SECONDS), ends.NEVER_OPENED)
        elif challenge.subject.course is Course.TIMES_OUT:
            self._end_after(challenge, _GIVES_UP_SECONDS * self._speed, ends.TIMED_OUT)
        else:
            self._end_after(challenge, self._patience(_PAGE_SECONDS), ends.TIMED_OUT)

    def _patience(self, seconds: int) -> float:
        return max(seconds * self._speed, _PATIENCE_SECONDS_MIN)

    def _end_after(self, challenge: Challenge, seconds: float, result: Result) -> None:
        if challenge.timer:
            challenge.timer.cancel()
        loop = asyncio.get_running_loop()
        challenge.timer = loop.call_later(seconds, self._decide, challenge, result)

    def _decide(self, challenge: Challenge, result: Result) -> None:
        if challenge.result is not None:
            return
        self._log.write(
            "result",
            **challenge.ids(),
            status=result.status,
            tries=challenge.tries,
            result=asdict(result),
        )
        challenge.result = result
        if challenge.timer:
            challenge.timer.cancel()
        self._begin_report(challenge)

    def _begin_report(self, challenge: Challenge) -> None:
        challenge.reporting = asyncio.create_task(self._report(challenge))

    async def _report(self, challenge: Challenge) -> None:
        if challenge.result is None:
            return
        if challenge.subject.course is Course.REPORTED_LATE:
            await asyncio.sleep(_REPORTED_LATE_SECONDS * self._speed)
        subject = challenge.subject
        value = self._proof(subject)
        rreq = rreq_of(subject, challenge.result, tries=challenge.tries, value=value)
        while challenge.reports_left > 0:
            answer = await self._send(rreq)
            self._log.write("RReq", **challenge.ids(), status=rreq.transStatus, answer=answer)
            challenge.reports_sent += 1

    async def _send(self, rreq: Message) -> str | None:
        """What kind of answer came, or the code of the failure."""
        url = f"{self._directory_url}/results"
        try:
            body = await self._peers.post(url, rreq.written(), seconds=_REPORT_SECONDS)
        except PeerFailed as failed:
            return failed.code
        with suppress(Faulty):
            return str(read_json(body).get("messageType"))
        return None

    def _proof(self, subject: Subject) -> str | None:
        if subject.sealed_value is None:
            return None
        sealed = bytes.fromhex(subject.sealed_value)
        return self._sealer.open(sealed, subject.issuer_id.encode()).decode()


def _read_creq(
    raw: Mapping[str, Any], challenge: Challenge | None, session_data: str | None
) -> CReq:
    kind_and_version(raw, ("CReq",))
    creq = read_message(CReq, raw)
    if challenge is None:
        raise Faulty("301", "acsTransID", raw)
    if challenge.creq is not None and creq != challenge.creq:
        raise Faulty("305", "CReq", raw)
    if creq.threeDSServerTransID != challenge.subject.server_id:
        raise Faulty("301", "threeDSServerTransID", raw)
    if creq.messageVersion != challenge.subject.version:
        raise Faulty("305", "messageVersion", raw)
    if session_data is not None and not _SESSION_DATA.fullmatch(session_data):
        raise Faulty("203", "threeDSSessionData", raw)
    late = VERSIONS[creq.messageVersion].refusal_of_late_creq()
    if late and challenge.reports_sent:
        raise Faulty(late, "CReq", raw)
    if challenge.result is not None and challenge.creq is None:
        raise Faulty("402", "CReq", raw)
    return creq


def _ids(areq: AReq, issuer_id: str) -> dict[str, Any]:
    return {
        "server_id": areq.threeDSServerTransID,
        "directory_id": areq.dsTransID,
        "issuer_id": issuer_id,
        "version": areq.messageVersion,
        "card_ending": areq.acctNumber[-4:],
    }


def _encoded(message: Message) -> bytes:
    return message.model_dump_json(exclude_none=True).encode()
