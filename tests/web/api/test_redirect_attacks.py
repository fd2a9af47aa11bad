"""Addresses that a payer must never be led to are refused by name, wherever they are given."""

import pytest

from attacks import REDIRECTS
from paydesk import merchants
from paydesk.errors import Invalid
from world import changed, faults

FIELDS = ("success_url", "cancel_url", "notify_url")


def test_there_are_many():
    assert len(set(REDIRECTS)) >= 60


@pytest.mark.parametrize("url", REDIRECTS, ids=repr)
def test_an_address_that_leads_elsewhere_is_refused(merchant, url):
    body = merchant.body()
    for field in FIELDS:
        body = changed(body, f"redirects.{field}", url)
    answer = merchant.post(body)
    if "\x00" in url:  # which no text of a body may hold
        assert answer.status_code == 400, answer.text
        return
    assert answer.status_code == 422, answer.text
    assert faults(answer).keys() == {f"redirects.{field}" for field in FIELDS}


# Blanks at its ends, of whatever kind, are no part of an origin.
NO_ORIGINS = [url for url in REDIRECTS if url.strip() != "https://shop.example/"]


@pytest.mark.parametrize("url", NO_ORIGINS, ids=repr)
def test_no_origin_to_embed_is_read_from_it(url):
    with pytest.raises(Invalid):
        merchants.read_change({"embed_origins": [url]}, is_live=True)
