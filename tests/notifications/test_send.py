"""Handing e-mails on: to a mail server as it may answer, and into a folder."""

import socket
import ssl
from email.message import EmailMessage

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult

from paydesk import limits
from paydesk.kit import ids
from paydesk.kit.certificates import make_certificates
from paydesk.notifications.send import Failed, Folder, SMTPServer, mailer_of
from world import free_port

pytestmark = pytest.mark.anyio

SENDER = "payments@shop.example"


class Inbox:
    """A mail server's side: it keeps what it gets and answers as it is told."""

    def __init__(self):
        self.got = []
        self.rcpt_answer = self.data_answer = None

    # The names are aiosmtpd's.
    async def handle_RCPT(self, _server, _session, envelope, address, _options):  # noqa: N802
        if self.rcpt_answer:
            return self.rcpt_answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, session, envelope):  # noqa: N802
        if self.data_answer:
            return self.data_answer
        self.got.append((session.ssl is not None, envelope.mail_from, envelope.rcpt_tos, envelope))
        return "250 taken"


@pytest.fixture
def inbox():
    return Inbox()


@pytest.fixture
def serving(inbox):
    running = []

    def serve(**options):
        place = {"hostname": "127.0.0.1", "port": free_port(), "ready_timeout": 60}
        running.append(Controller(inbox, **place, **options))
        running[-1].start()
        return running[-1].port

    yield serve
    for one in running:
        one.stop()


def email(text="Hello"):
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = SENDER, "thandi@example.com", "Paid"
    made.set_content(text)
    return made


async def send(mailer):
    await mailer.send(email(), id_="mai_1", recipient="thandi@example.com")


def server(port, *, starttls="never", scheme="smtp", credentials=""):
    return SMTPServer(f"{scheme}://{credentials}127.0.0.1:{port}", sender=SENDER, starttls=starttls)


async def test_a_mail_is_handed_to_the_server(serving, inbox):
    await send(server(serving()))
    ((is_tls, mail_from, recipients, envelope),) = inbox.got
    assert (is_tls, mail_from, recipients) == (False, SENDER, ["thandi@example.com"])
    assert b"Hello" in envelope.content


@pytest.fixture
def tls(tmp_path):
    """A server's certificate for 127.0.0.1, and the authority that signed it."""
    make_certificates(tmp_path, ["mail"])
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "mail.pem")
    return context


async def test_without_tls_nothing_is_sent_unless_the_operator_says_so(serving, inbox):
    with pytest.raises(Failed) as failed:
        await send(server(serving(), starttls="required"))
    assert "STARTTLS" in failed.value.reason
    assert not failed.value.is_final
    assert inbox.got == []


@pytest.mark.parametrize("starttls", ["required", "offered"])
async def test_a_certificate_that_nobody_knows_is_refused(serving, inbox, tls, starttls):
    port = serving(tls_context=tls)
    with pytest.raises(Failed) as failed:
        await send(server(port, starttls=starttls))
    assert "certificate" in failed.value.reason.lower()
    assert inbox.got == []


async def test_tls_is_spoken_with_a_server_that_is_known(
    serving, inbox, tls, tmp_path, monkeypatch
):
    # Where the machine's own authorities are is told to OpenSSL by this variable.
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    await send(server(serving(tls_context=tls), starttls="required"))
    assert [is_tls for is_tls, *_ in inbox.got] == [True]


async def test_a_name_and_password_are_given(serving, inbox):
    given = []

    def authenticate(_server, _session, _envelope, _mechanism, data):
        given.append((data.login, data.password))
        return AuthResult(success=data.password == b"p@ss", handled=False)

    port = serving(authenticator=authenticate, auth_require_tls=False)
    await send(server(port, credentials="shop:p%40ss@"))
    assert given == [(b"shop", b"p@ss")]
    with pytest.raises(Failed) as failed:
        await send(server(port, credentials="shop:wrong@"))
    assert failed.value.reason.startswith("535")
    assert not failed.value.is_final
    assert len(inbox.got) == 1


@pytest.mark.parametrize(
    ("rcpt", "data", "is_final"),
    [
        ("550 No such person", None, True),
        ("450 Busy", None, False),
        (None, "554 Looks like spam", True),
        (None, "452 Disk full", False),
    ],
)
async def test_only_what_the_server_refuses_for_good_is_final(serving, inbox, rcpt, data, is_final):
    inbox.rcpt_answer, inbox.data_answer = rcpt, data
    with pytest.raises(Failed) as failed:
        await send(server(serving()))
    assert failed.value.reason == (rcpt or data)
    assert failed.value.is_final is is_final


async def test_a_server_that_is_not_there_is_tried_again():
    with pytest.raises(Failed) as failed:
        await send(server(1))
    assert not failed.value.is_final


async def test_a_server_that_says_nothing_is_given_up(monkeypatch):
    monkeypatch.setattr(limits, "MAIL_SECONDS_MAX", 0.2)
    # Whoever connects waits in its queue for ever.
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(Failed) as failed:
        await send(server(silent.getsockname()[1]))
    assert failed.value.reason == "TimeoutError"


async def test_a_folder_keeps_mails_one_file_each(tmp_path, monkeypatch):
    monkeypatch.setattr(limits, "MAILS_KEPT_MAX", 2)
    folder = Folder(tmp_path / "mail", sender=SENDER)
    names = [ids.new("mai") for _ in range(3)]
    for name in (*names, names[-1]):
        await folder.send(email(name), id_=name, recipient="thandi@example.com")
    kept = sorted((tmp_path / "mail").iterdir())
    assert [path.stem for path in kept] == sorted(names)[-2:]
    assert kept[-1].stat().st_mode & 0o777 == 0o600
    assert "Subject: Paid" in kept[-1].read_text()


async def test_a_folder_that_can_t_be_written_to_fails_and_is_tried_again(tmp_path):
    (tmp_path / "mail").write_text("")
    with pytest.raises(Failed) as failed:
        await send(Folder(tmp_path / "mail", sender=SENDER))
    assert not failed.value.is_final


def test_who_takes_mails_is_chosen_by_the_settings():
    def chosen(smtp_url, folder):
        return mailer_of(smtp_url=smtp_url, starttls="never", sender=SENDER, folder=folder)

    assert isinstance(chosen("smtp://mail.example", "/tmp/mail"), SMTPServer)
    assert isinstance(chosen(None, "/tmp/mail"), Folder)
    assert chosen(None, None) is None
