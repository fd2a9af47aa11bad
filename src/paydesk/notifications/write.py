"""A letter as an e-mail: headers, HTML, plain text, and what comes with it. Pure."""

from email import policy
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from paydesk import limits
from paydesk.notifications.model import Image, Letter, Mail
from paydesk.notifications.render import LOGO, html_of, text_of


def write(mail: Mail, letter: Letter, *, sender: str) -> EmailMessage:
    """The e-mail. Each try of a mail has the same Message-ID and date, so that receivers can tell.

    Raises: ValueError, for an address that no header can hold.
    """
    # A header with more than ASCII in an address asks for a server that takes it (RFC 6532).
    is_plain = f"{sender}{mail.recipient}{letter.reply_to}".isascii()
    email = EmailMessage(policy=policy.SMTP if is_plain else policy.SMTPUTF8)
    email["From"] = _address(sender, letter.merchant_name)
    email["To"] = _address(mail.recipient)
    if letter.reply_to:
        email["Reply-To"] = _address(letter.reply_to, letter.merchant_name)
    email["Subject"] = _one_line(letter.subject)[: limits.MAIL_SUBJECT_LENGTH_MAX]
    email["Date"] = format_datetime(mail.created_at)
    email["Message-ID"] = f"<{mail.id}@{sender.rpartition('@')[2]}>"
    # Nobody's "out of office" is wanted as an answer. Source: RFC 3834, section 5.
    email["Auto-Submitted"] = "auto-generated"
    email.set_content(text_of(letter))
    email.add_alternative(html_of(letter), subtype="html")
    if letter.logo is not None:
        _put_in(email, letter.logo)
    for attachment in letter.attachments:
        kind, _, subtype = attachment.media_type.partition("/")
        email.add_attachment(
            attachment.content, maintype=kind, subtype=subtype, filename=attachment.name
        )
    # Last, because what is added takes such headers to the part before it.
    email["Content-Language"] = letter.language.tag
    return email


def _address(text: str, name: str = "") -> Address:
    if text.isascii():
        return Address(_one_line(name), addr_spec=text)
    # Python reads no others, but writes them.
    local, _, domain = text.rpartition("@")
    return Address(_one_line(name), username=local, domain=domain)


def _put_in(email: EmailMessage, logo: Image) -> None:
    html = email.get_body(("html",))
    assert isinstance(html, EmailMessage)
    kind, _, subtype = logo.media_type.partition("/")
    html.add_related(
        logo.content, maintype=kind, subtype=subtype, cid=f"<{LOGO}>", disposition="inline"
    )


def _one_line(text: str) -> str:
    """The text without line breaks and control characters, which could begin another header."""
    return " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
