"""Forms as browsers post them, to a whole running server."""

import hashlib
import hmac
from urllib.parse import urlencode

import httpx2
import pytest

SHOP = "https://merchant.example"


class Shop:
    """A merchant's site: it knows its public key, and its server the webhook secret."""

    def __init__(self, merchant):
        self.merchant = merchant
        self.url = f"{merchant.server.base_url}/checkout/form"

    def inputs(self, **changes):
        """A plain form, with these inputs changed, or left out where they are None."""
        inputs = {
            "public_key": self.merchant.credentials["public_key"],
            "mode": "one-off",
            "amount": "120.00",
            "currency": "ZAR",
            "order_reference": "ORD0045",
            "order_description": "Tea",
            "redirects_success_url": f"{SHOP}/thanks",
            "redirects_cancel_url": f"{SHOP}/cart",
            "redirects_notify_url": f"{SHOP}/webhooks/payments",
            **changes,
        }
        return {name: text for name, text in inputs.items() if text is not None}

    def signed(self, **changes):
        inputs = self.inputs(**changes)
        secret = self.merchant.credentials["webhook_secret"]
        text = urlencode(sorted(inputs.items()))
        made = hmac.new(secret.encode(), text.encode(), hashlib.sha256)
        return {**inputs, "signature": made.hexdigest()}

    def post(self, inputs, **headers):
        return httpx2.post(self.url, data=inputs, headers=headers, timeout=30)

    def checkout(self, answer):
        """The checkout that the answer leads to, as the API shows it."""
        assert answer.status_code == 303, answer.text
        assert httpx2.get(answer.headers["location"]).status_code == 200
        newest = self.merchant.http.get("/checkout/list", params={"limit": 1}).json()
        return self.merchant.show(newest["results"][0])

    def change(self, **record):
        answer = self.merchant.http.post("/merchant", json=record)
        assert answer.status_code == 200, answer.text


@pytest.fixture(scope="session")
def form_shop(server):
    shop = Shop(server.merchant())
    shop.change(allowed_origins=[SHOP])
    return shop
