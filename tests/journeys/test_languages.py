"""Payers read the page in their own language, whoever chose it."""

import re

import httpx2
import pytest

from world import DECLINED, Payer


def language(payer):
    return re.search(r'<html lang="([^"]+)" dir="(\w+)"', payer.page.text).groups()


def choose(payer, code):
    payer.page = payer.post(f"{payer.url}/language", {"language": code})
    return payer


def test_the_merchant_chooses(merchant, receiver):
    checkout = merchant.create(receiver.url, customization={"locale": "ar"})
    assert language(Payer(checkout).open()) == ("ar", "rtl")


def test_the_browser_chooses_where_the_merchant_lets_it(merchant, receiver):
    checkout = merchant.create(receiver.url, customization={"locale": "auto"})
    for wanted, tag in {"zu, en;q=0.5": "zu-ZA", "ja": "en-ZA", "de-AT": "de"}.items():
        page = httpx2.get(checkout["page_url"], headers={"Accept-Language": wanted})
        assert f'<html lang="{tag}"' in page.text


def test_the_payer_chooses_over_both_and_for_as_long_as_it_takes(merchant, receiver):
    payer = Payer(merchant.create(receiver.url)).open()
    assert language(payer) == ("en-ZA", "ltr")
    assert language(choose(payer, "nso")) == ("nso-ZA", "ltr")
    assert payer.pay(number=DECLINED).state == "declined"
    assert language(payer) == ("nso-ZA", "ltr")
    assert payer.pay().state == "paid"
    assert language(payer) == ("nso-ZA", "ltr")


@pytest.mark.parametrize("code", ["", "tlh", "EN", "zu-ZA", "' or 1=1", "x" * 9000, "\0"])
def test_what_is_no_language_changes_nothing(merchant, receiver, code):
    payer = choose(Payer(merchant.create(receiver.url)).open(), "ve")
    answer = httpx2.post(f"{payer.url}/language", data={"language": code})
    assert answer.status_code in {303, 413}
    assert language(payer.open()) == ("ve-ZA", "ltr")


def test_a_reloaded_choice_is_the_page(merchant, receiver):
    payer = Payer(merchant.create(receiver.url)).open()
    again = httpx2.get(f"{payer.url}/language", follow_redirects=True)
    assert 'data-page="open"' in again.text
    assert httpx2.post(f"{payer.url}x/language", data={"language": "zu"}).status_code in {303, 404}
