"""A payer's way through 3-D Secure over plain HTTP: with a script's deeds done by hand, or without.

Like world.py it speaks as a stranger would, and imports nothing of the product.
"""

import base64
import hashlib
import hmac
import json
import re
from html.parser import HTMLParser

import httpx2

from world import Payer, eventually, with_check_digit

# What a page's script would tell of a browser.
SEEN = {
    "java": False,
    "language": "en-ZA",
    "color_depth": 24,
    "screen_width": 1920,
    "screen_height": 1080,
    "window_width": 1280,
    "window_height": 800,
    "time_zone": -120,
}
CODE = "123456"
PASSING = {"authenticating", "processing", "waiting"}


class Forms(HTMLParser):
    """The forms of a page: (action, inputs by name)."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "form":
            self.found.append((given.get("action") or "", {}))
        elif tag == "input" and self.found and given.get("name"):
            self.found[-1][1][given["name"]] = given.get("value") or ""


def issued_card(d, *, f="000", prefix="40000012"):
    """A sandbox card by the digits that choose what its issuer does: d1 to d4."""
    return with_check_digit(f"{prefix}{f}{d}")


def true_value(server, issuer_id, number, eci, *, minor=120_000):
    """The authentication value that the sandbox issuer makes for this payment in rand.

    Source: reliability paper A.11.
    """
    key = (server.data / "sandbox" / "cavv.key").read_bytes()
    text = f"cavv1|{issuer_id}|{number}|{minor}|710|2|ACQ-MERCHANT-1|{eci}"
    return base64.b64encode(b"\x01" + hmac.digest(key, text.encode(), hashlib.sha256)[:19]).decode()


def submit(page, *, at=0, http=httpx2, **inputs):
    """What comes of submitting a form of this page, with these inputs filled in."""
    action, hidden = Forms(page.text).found[at]
    url = page.url.join(action)
    return http.post(url, data={**hidden, **inputs}, timeout=30, follow_redirects=True)


class CardHolder(Payer):
    """A payer whose browser runs scripts, or not; what scripts would do is done here.

    Many at once share an HTTP client: making one takes longer than what it is for.
    """

    def __init__(self, checkout, *, is_scripted=True, http=httpx2):
        super().__init__(checkout)
        self.is_scripted = is_scripted
        self.http = http

    def card_fields(self, *arguments, **named):
        seen = {"browser": json.dumps(SEEN)} if self.is_scripted else {}
        return {**super().card_fields(*arguments, **named), **seen}

    def get(self, below=""):
        return self.http.get(f"{self.url}{below}", timeout=30, follow_redirects=True)

    def post(self, url, data):
        headers = {"Origin": "null"}
        return self.http.post(url, data=data, headers=headers, timeout=30, follow_redirects=True)

    def submit(self, page, **inputs):
        return submit(page, http=self.http, **inputs)

    def pay_to_the_challenge(self, **card):
        """Pays, lets the method frame run, and opens the issuer's page; that is what is given."""
        self.open().pay(**card)
        self.go_through_method()
        return self.open_challenge()

    def pay_with_code(self, **card):
        """Pays, tells the issuer the code it asks for, and comes back when all is settled."""
        asked = self.pay_to_the_challenge(**card)
        assert self.state.startswith("challenge"), "the issuer asked for nothing"
        self.come_back(self.submit(asked, code=CODE))
        self.settled()
        return self

    def go_through_method(self):
        if self.state != "authenticating":
            return
        told = self.submit(self.get("/authentication/method"))
        if "threeDSMethodData" in told.text:
            self.submit(told)
        self.go_on()

    def go_on(self):
        token = re.search(r'data-token="([^"]+)"', self.page.text)[1]
        self.post(f"{self.url}/authentication/continue", {"continue": token})
        self.open()

    def open(self):
        self.page = self.get()
        return self

    def open_challenge(self):
        """The issuer's first page, in the frame or by full page."""
        if self.is_scripted:
            return self.submit(self.get("/authentication/challenge"))
        return self.submit(self.page)

    def come_back(self, issuers_page):
        """Brings what the issuer's last page posts back to us."""
        returned = self.submit(issuers_page)
        self.open()
        return returned

    def comes_to(self, state, *, seconds=60):
        """Whether the page shows this state, by and by."""
        return eventually(lambda: self.open().state == state, seconds=seconds, every=0.1)

    def settled(self, *, seconds=60):
        """The state of the page once nothing is under way any more."""
        return eventually(
            lambda: self.open().state not in PASSING and self.state, seconds=seconds, every=0.1
        )
