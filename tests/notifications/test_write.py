"""The e-mail that a letter becomes."""

from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes, policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from images import png
from paydesk import limits
from paydesk.cli.mail_examples import example_paid
from paydesk.notifications.confirm import confirmation
from paydesk.notifications.model import Attachment, Image, Kind, Mail
from paydesk.notifications.write import write

SENDER = "payments@shop.example"
MAIL = Mail(
    account_id=1,
    id="mai_01k8z9v0q3x5c7e9g1j3m5n7p9",
    kind=Kind.CONFIRMATION,
    about="chk_1",
    recipient="thandi@example.com",
    tries=1,
    created_at=datetime(2026, 11, 28, 9, 41, tzinfo=UTC),
)
LETTER = confirmation(example_paid("en-ZA"))


def read(email):
    """The e-mail as who gets it reads it."""
    return message_from_bytes(email.as_bytes(), policy=policy.default)


def test_an_email_says_from_whom_to_whom_and_what():
    got = read(write(MAIL, LETTER, sender=SENDER))
    assert got["From"] == "Karoo Coffee Roasters <payments@shop.example>"
    assert got["To"] == "thandi@example.com"
    assert got["Reply-To"] == "Karoo Coffee Roasters <help@karoo.example>"
    assert got["Subject"] == LETTER.subject
    assert got["Auto-Submitted"] == "auto-generated"
    assert got["Content-Language"] == "en-ZA"
    assert "Thank you." in got.get_body(("plain",)).get_content()
    assert "<h1" in got.get_body(("html",)).get_content()
    assert list(got.iter_attachments()) == []


def test_each_try_has_the_same_message_id_and_date():
    first, second = (write(replace(MAIL, tries=tries), LETTER, sender=SENDER) for tries in (1, 4))
    assert first["Message-ID"] == second["Message-ID"] == f"<{MAIL.id}@shop.example>"
    assert first["Date"] == second["Date"] == "Sat, 28 Nov 2026 09:41:00 +0000"


@given(st.text(max_size=300))
def test_no_text_begins_a_header_of_its_own(text):
    letter = replace(LETTER, merchant_name=text, subject=text)
    got = read(write(MAIL, letter, sender=SENDER))
    assert got["To"] == "thandi@example.com"
    assert sorted(got.keys()) == sorted(read(write(MAIL, LETTER, sender=SENDER)).keys())
    assert len(got["Subject"]) <= limits.MAIL_SUBJECT_LENGTH_MAX


def test_a_line_break_in_a_name_is_a_blank():
    letter = replace(LETTER, merchant_name="Shop\r\nBcc: all@example.com", subject="a\nb")
    got = read(write(MAIL, letter, sender=SENDER))
    assert got["Bcc"] is None
    assert got["From"].addresses[0].display_name == "Shop Bcc: all@example.com"
    assert got["Subject"] == "a b"


@pytest.mark.parametrize("address", ["a@b.example\r\nBcc: c@d.example", "a@b.example, c@d.example"])
def test_an_address_is_one_address(address):
    with pytest.raises(ValueError, match=r"CR or LF|Invalid addr_spec"):
        write(replace(MAIL, recipient=address), LETTER, sender=SENDER)


def test_an_address_of_other_letters_can_be_written_to():
    got = write(replace(MAIL, recipient="thandí@exämple.com"), LETTER, sender=SENDER)
    assert "thandí@exämple.com" in got.as_string()


def test_the_logo_and_the_attachments_travel_with_it():
    letter = replace(
        LETTER,
        logo=Image("image/png", png(3, 4)),
        attachments=(Attachment("invoice.pdf", "application/pdf", b"%PDF-1.7"),),
    )
    got = read(write(MAIL, letter, sender=SENDER))
    assert 'src="cid:logo"' in got.get_body(("html",)).get_content()
    (image,) = (part for part in got.walk() if part.get_content_type() == "image/png")
    assert image["Content-ID"] == "<logo>"
    assert image.get_content() == png(3, 4)
    (pdf,) = got.iter_attachments()
    assert (pdf.get_filename(), pdf.get_content()) == ("invoice.pdf", b"%PDF-1.7")
