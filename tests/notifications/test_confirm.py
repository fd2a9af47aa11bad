"""What a payer is told of a payment, in each language."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from paydesk.cli.mail_examples import EXAMPLES, example_paid
from paydesk.kit.money import Currency, Money
from paydesk.languages import LANGUAGES, NumberStyle
from paydesk.notifications import confirmation
from paydesk.notifications.render import html_of, text_of
from paydesk.orders import Amounts
from paydesk.payment_methods import MethodType

PAID = example_paid("en-ZA")


def test_the_payer_is_told_who_how_much_for_what_and_with_which_card():
    letter = confirmation(PAID)
    assert letter.subject == "Your payment to Karoo Coffee Roasters, order ORD0045"
    assert letter.title == "Payment received"
    assert dict(letter.rows) == {
        "Amount": "R1\xa0234.00 ZAR",
        "To": "Karoo Coffee Roasters",
        "What for": "Beans for November",
        "Order reference": "ORD0045",
        "Payment method": "Visa ending in 4242",
        "Date": "28\xa0November 2026, 11:41",
    }
    assert [(line.count, line.name, line.amount) for line in letter.lines] == [
        ("2", "Karoo Dark, 1 kg", "R900.00"),
        ("", "Filter papers", "R264.00"),
    ]
    assert letter.sums == (
        ("Subtotal", "R1\xa0164.00"),
        ("Shipping", "R70.00"),
        ("Total", "R1\xa0234.00"),
    )
    assert letter.notes == (
        (
            "Questions, or do you need a refund? Get in touch with Karoo Coffee Roasters: "
            "help@karoo.example, 021 555 0123"
        ),
    )
    assert letter.reply_to == "help@karoo.example"
    assert letter.banner == ""


def test_what_is_only_reserved_is_not_called_paid():
    held = replace(PAID, is_hold=True, hold_until=datetime(2026, 12, 5, tzinfo=UTC))
    letter = confirmation(held)
    assert letter.title == "Payment authorised"
    # Taken or let go since: which of them, this letter does not tell.
    assert confirmation(replace(held, hold_until=None)).paragraphs == ()
    assert "reserved on your card until 05\xa0December 2026" in letter.paragraphs[0]


def test_what_was_paid_without_a_card_is_named_too():
    letter = confirmation(replace(PAID, method=MethodType.PAYIN, card_ending="", locale="de"))
    assert dict(letter.rows)["Zahlungsart"] == "Überweisung"


def test_a_test_is_called_one():
    assert confirmation(replace(PAID, is_live=False)).banner == "Test checkout – No money is taken."


def test_what_is_not_known_is_left_out():
    bare = replace(
        PAID, description="", items=(), card_ending="", email="", contact_number="", colour=""
    )
    letter = confirmation(bare)
    assert [label for label, _ in letter.rows] == ["Amount", "To", "Order reference", "Date"]
    assert (letter.lines, letter.sums, letter.lines_title) == ((), (), "")
    assert letter.notes == (
        "Questions, or do you need a refund? Get in touch with Karoo Coffee Roasters.",
    )
    assert "#2447c9" in html_of(letter)


def test_a_currency_without_decimals_and_a_merchant_s_number_style():
    yen = Money(5000, Currency("JPY", 0))
    letter = confirmation(
        replace(PAID, amount=yen, items=(), amounts=Amounts(total=yen), locale="de")
    )
    assert dict(letter.rows)["Betrag"] == "5.000\xa0JPY"
    styled = confirmation(replace(PAID, number_style=NumberStyle.SPACE_COMMA))
    assert dict(styled.rows)["Amount"] == "R1\xa0234,00 ZAR"


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("name", EXAMPLES)
def test_each_letter_is_written_in_each_language(code, name):
    letter = EXAMPLES[name](code)
    html, text = html_of(letter), text_of(letter)
    spoken = LANGUAGES[code]
    assert f'lang="{spoken.tag}" dir="{spoken.direction}"' in html
    for told in (letter.title, *letter.paragraphs, *(value for _, value in letter.rows)):
        assert told in text
    assert "{" not in text


def test_nothing_in_a_letter_is_fetched_from_elsewhere_or_runs():
    html = html_of(confirmation(PAID))
    assert "http" not in html
    assert "<script" not in html
    assert 'style="' in html


def test_a_merchant_s_text_is_text():
    letter = confirmation(replace(PAID, description="<b>x</b> & {{ 7 * 7 }}"))
    assert "&lt;b&gt;x&lt;/b&gt; &amp; {{ 7 * 7 }}" in html_of(letter)
    assert "<b>x</b> & {{ 7 * 7 }}" in text_of(letter)
    coloured = confirmation(replace(PAID, colour="red;} body { display: none"))
    assert "display: none" not in html_of(coloured)
