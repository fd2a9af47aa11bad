"""`/merchant`, logos, and what checkouts make of an account's record."""

import re

import httpx2
import pytest

from images import data_uri, png
from paydesk.kit import ids
from world import Payer, eventually, faults


@pytest.fixture
def own(server):
    """A merchant of the test's own, test account."""
    return server.merchant_with(server.new_merchant("Corner shop")["test"])


def change(merchant, **body):
    answer = merchant.http.post("/merchant", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()["result"]


def test_a_merchant_is_changed_and_shown(own):
    changed = change(own, name="Karoo", is_vat_vendor=True, vat_number="4123456789")
    assert (changed["name"], changed["vat_number"]) == ("Karoo", "4123456789")
    assert own.http.get("/merchant").json() == {"status": True, "result": changed}


def test_every_fault_of_a_change_is_named_and_nothing_changes(own):
    body = {"name": "Karoo", "vat_number": "1", "allowed_origins": ["http://shop.example"]}
    answer = own.http.post("/merchant", json=body)
    assert (answer.status_code, answer.json()["error_code"]) == (422, "005")
    assert faults(answer) == {"vat_number": "vat_number", "allowed_origins.0": "https_required"}
    assert own.http.get("/merchant").json()["result"]["name"] == "Corner shop"
    answer = own.http.post("/merchant", json={"is_vat_vendor": True})
    assert faults(answer) == {"vat_number": "vat_number_missing"}


def test_a_change_is_made_once_for_its_idempotency_key(own):
    headers = {"Idempotency-Key": ids.new("key")}
    first = own.http.post("/merchant", json={"name": "One"}, headers=headers)
    change(own, name="Two")
    again = own.http.post("/merchant", json={"name": "One"}, headers=headers)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.content == first.content
    assert own.http.get("/merchant").json()["result"]["name"] == "Two"


def test_a_test_key_changes_nothing_that_is_live(server):
    credentials = server.new_merchant("Corner shop")
    test, live = (server.merchant_with(credentials[mode]) for mode in ("test", "live"))
    change(test, name="Changed")
    assert live.http.get("/merchant").json()["result"]["name"] == "Corner shop"


def test_a_logo_is_on_the_page_and_may_be_kept_for_good(own):
    logo_url = change(own, name='Karoo "& Co"', logo=data_uri(png()))["logo_url"]
    page = Payer(own.create()).open().page.text
    image = re.search(r'<img class="logo" src="([^"]+)" alt="([^"]+)">', page)
    assert logo_url.endswith(image[1])
    assert image[2] == "Karoo &quot;&amp; Co&quot;"
    answer = httpx2.get(logo_url)
    assert (answer.status_code, answer.content) == (200, png())
    assert answer.headers["Content-Type"] == "image/png"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "immutable" in answer.headers["Cache-Control"]
    assert httpx2.get(logo_url[:-1]).status_code == 404
    assert change(own, logo=None)["logo_url"] is None
    assert httpx2.get(logo_url).status_code == 404


def test_a_page_without_a_logo_shows_the_name(own):
    assert "<bdi>Corner shop</bdi>" in Payer(own.create()).open().page.text


def test_defaults_of_pages_apply_where_a_checkout_says_nothing(own):
    change(own, customization={"theme": "dark", "display_cancel_button": False})

    def page(**customization):
        return Payer(own.create(customization=customization)).open().page.text

    # Each web process hears of it within a second.
    eventually(lambda: all('name="cancel"' not in page() for _ in range(6)))
    assert "color-scheme:light" not in page()
    assert "color-scheme:dark" not in page(theme="light")
    assert 'name="cancel"' in page(display_cancel_button=True)
