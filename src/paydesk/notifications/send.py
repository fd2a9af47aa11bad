"""Takes e-mails where the operator's settings say: to an SMTP server, or into a folder."""

import asyncio
import ssl
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

import aiosmtplib

from paydesk import limits
from paydesk.kit.private_files import write_private

_PORTS = {"smtp": 587, "smtps": 465}
_REFUSED_FOR_GOOD = 500  # SMTP's 5xx: asking again changes nothing. Source: RFC 5321, 4.2.1


class Failed(Exception):
    """The mail was not taken. is_final: it never will be, as its recipient is refused."""

    def __init__(self, reason: str, *, is_final: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.is_final = is_final


class Mailer(Protocol):
    """Who takes e-mails on.

    sender is the address that they come from.
    """

    sender: str

    async def send(self, email: EmailMessage, *, id_: str, recipient: str) -> None:
        """Hands the e-mail on; it is taken when this returns. Raises: Failed."""


class SMTPServer:
    """The server of PAYDESK_SMTP_URL, over TLS unless the operator says otherwise.

    Each mail has a connection of its own: there are few, and none waits for another.
    """

    def __init__(self, url: str, *, sender: str, starttls: str) -> None:
        parts = urlsplit(url)
        self.sender = sender
        self._host = parts.hostname or ""
        self._port = parts.port or _PORTS[parts.scheme]
        self._is_tls = parts.scheme == "smtps"
        # None: TLS begins where the server offers it.
        self._starttls = {"required": True, "offered": None, "never": False}[starttls]
        self._username = unquote(parts.username) if parts.username else None
        self._password = unquote(parts.password) if parts.password else None

    async def send(self, email: EmailMessage, *, id_: str, recipient: str) -> None:  # noqa: ARG002
        try:
            await asyncio.wait_for(self._send(email, recipient), limits.MAIL_SECONDS_MAX)
        except aiosmtplib.SMTPRecipientsRefused as refused:
            code = max(one.code for one in refused.recipients)
            said = refused.recipients[0].message
            raise Failed(f"{code} {said}", is_final=code >= _REFUSED_FOR_GOOD) from refused
        except aiosmtplib.SMTPDataError as refused:
            is_final = refused.code >= _REFUSED_FOR_GOOD
            raise Failed(f"{refused.code} {refused.message}", is_final=is_final) from refused
        except aiosmtplib.SMTPResponseException as refused:
            # Of the sender, or of our password: the operator can mend that.
            raise Failed(f"{refused.code} {refused.message}") from refused
        except (aiosmtplib.SMTPException, TimeoutError, OSError, ssl.SSLError) as fault:
            raise Failed(str(fault) or type(fault).__name__) from fault

    async def _send(self, email: EmailMessage, recipient: str) -> None:
        await aiosmtplib.send(
            email,
            sender=self.sender,
            recipients=[recipient],
            hostname=self._host,
            port=self._port,
            username=self._username,
            password=self._password,
            use_tls=self._is_tls,
            start_tls=False if self._is_tls else self._starttls,
            timeout=limits.MAIL_STEP_SECONDS_MAX,
        )


class Folder:
    """A folder that keeps mails as files, for who has no server, or wants to look first."""

    def __init__(self, path: Path, *, sender: str) -> None:
        self.sender = sender
        self._path = path

    async def send(self, email: EmailMessage, *, id_: str, recipient: str) -> None:  # noqa: ARG002
        try:
            await asyncio.to_thread(self._keep, f"{id_}.eml", email.as_string())
        except OSError as fault:
            raise Failed(f"{self._path}: {fault.strerror}") from fault

    def _keep(self, name: str, text: str) -> None:
        self._path.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private(self._path / name, text)
        # Ids sort by time.
        for old in sorted(self._path.glob("mai_*.eml"))[: -limits.MAILS_KEPT_MAX]:
            old.unlink(missing_ok=True)


def mailer_of(
    *, smtp_url: str | None, starttls: str, sender: str, folder: str | None
) -> Mailer | None:
    """Who takes mails by these settings; None where nobody does, and mails wait."""
    if smtp_url is not None:
        return SMTPServer(smtp_url, sender=sender, starttls=starttls)
    return None if folder is None else Folder(Path(folder), sender=sender)
