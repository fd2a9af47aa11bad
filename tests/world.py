"""The world that journeys run in: a whole Paydesk on a free port, a merchant, a payer, a receiver.

The merchant and the payer speak HTTP as strangers would: the merchant with the client that
merchants are given, which knows nothing of the product's inside. Nothing else is imported here.
"""

import contextlib
import copy
import hashlib
import hmac
import itertools
import json
import os
import re
import secrets
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx2

from paydesk_client import Paydesk

APPROVED = "4242 4242 4242 4242"
DECLINED = "4000 0000 0000 0002"
INSUFFICIENT = "4000 0000 0000 9995"

# Fast enough to test with, slow enough to be told apart.
QUICK = {
    "PAYDESK_WEBHOOK_ALLOW_LOOPBACK": "1",
    "PAYDESK_WEBHOOK_RETRY_SECONDS": "1,1,1",
    "PAYDESK_INQUIRY_SECONDS": "1,1,1,1",
    "PAYDESK_ACQUIRER_TIMEOUT_SECONDS": "3",
    "PAYDESK_SANDBOX_SPEED": "0.2",
    "PAYDESK_API_RATE_PER_SECOND": "0",
    # Tests have cards declined all day; those of the guard turn it on.
    "PAYDESK_CARD_GUARD": "off",
}

# At half speed, which gives browsers the time they need; a method that calls back late does so
# after 6 s, past the 5 of 3-D Secure's version 2.3.1.
UNHURRIED = {"PAYDESK_SANDBOX_SPEED": "0.5", "PAYDESK_ACQUIRER_TIMEOUT_SECONDS": "12"}


_ports = itertools.count(secrets.randbelow(1000))


def free_port():
    """A port for a program that will listen on it in a while.

    Below those that the system gives away, which a connection of anybody's could take meanwhile,
    and each process of the tests has a thousand of its own.
    """
    process = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = 10_000 + 1000 * (process % 20)
    while True:
        port = first + next(_ports) % 1000
        with contextlib.suppress(OSError), socket.create_server(("127.0.0.1", port)):
            return port


def eventually(question, *, seconds=60, every=0.05):
    """The first truthy answer; fails with the last one when time is up."""
    deadline = time.monotonic() + seconds
    while True:
        answer = question()
        if answer:
            return answer
        assert time.monotonic() < deadline, f"still {answer!r} after {seconds} s"
        time.sleep(every)


def answers_tls(url):
    """Whether somebody listens there who takes up TLS; they need not let us in."""
    host, port = url.split("/")[2].split(":")
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    try:
        with (
            socket.create_connection((host, int(port)), timeout=10) as connection,
            context.wrap_socket(connection),
        ):
            return True
    except OSError:
        return False


ABSENT = object()


def changed(body, path, value):
    """A copy of the body with this value at a dot path such as order.items.0.sku."""
    made = copy.deepcopy(body)
    *parents, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    place = made
    for part in parents:
        place = place[part] if isinstance(place, list) else place.setdefault(part, {})
    if value is ABSENT:
        del place[last]
    else:
        place[last] = value
    return made


def faults(answer):
    """The rule that each path of a refused request broke."""
    (detail,) = answer.json()["error_details"]
    return {path: error["rule"] for path, error in detail["errors"].items()}


@dataclass
class Server:
    """`paydesk serve` as a process of its own."""

    data: Path
    port: int = field(default_factory=free_port)
    settings: dict = field(default_factory=dict)
    process: subprocess.Popen | None = None
    merchants: list = field(default_factory=list)

    @property
    def base_url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self, *, seconds=60):
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("PAYDESK_")}
        postgres = os.environ.get("PAYDESK_POSTGRES")
        chosen = {"PAYDESK_POSTGRES": postgres} if postgres else {}
        self.process = subprocess.Popen(
            [
                *(sys.executable, "-m", "paydesk", "serve"),
                *("--data", str(self.data), "--port", str(self.port)),
            ],
            env={**inherited, **chosen, **QUICK, **self.settings},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        eventually(self.is_ready, seconds=seconds)
        # Started after what payers wait for, when an issuer's first result may be under way: its
        # directory server waits 3 s for us, and tells it once.
        eventually(lambda: answers_tls(self.running()["threeds_url"]), seconds=seconds)
        return self

    def is_ready(self):
        if self.process.poll() is not None:
            raise AssertionError(self.process.stdout.read().decode())
        try:
            return httpx2.get(f"{self.base_url}/health/ready", timeout=10).status_code == 200
        except httpx2.TransportError:
            return False

    def stop(self):
        for merchant in self.merchants:
            merchant.close()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(60)
        self.process.stdout.close()
        return self.process.returncode

    def kill(self):
        """Ends serve as a power cut would; `start` begins again on the same data."""
        self.process.kill()
        self.process.wait(10)
        self.process.stdout.close()

    def children(self):
        """The process ids of what serve started, by the program's name."""
        found = {}
        listing = subprocess.run(
            ["ps", "-o", "pid=,args=", "--ppid", str(self.process.pid)],
            capture_output=True,
            text=True,
            check=False,
        ).stdout
        for line in listing.splitlines():
            pid, _, command = line.strip().partition(" ")
            program = re.search(r"-m paydesk (\w+)", command)
            found.setdefault(program[1] if program else "postgres", []).append(int(pid))
        return found

    def credentials(self):
        return json.loads((self.data / "credentials.json").read_text())

    def running(self):
        """What serve tells others about itself, as where its programs are."""
        return json.loads((self.data / "run" / "serve.json").read_text())

    def sandbox_log(self, name):
        """What the sandbox's directory server, or its issuer, wrote down."""
        path = self.data / "sandbox" / f"{name}.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()]

    def acquirer_log(self):
        path = self.data / "sandbox" / "acquirer.jsonl"
        if not path.exists():
            return []
        return [json.loads(line) for line in path.read_text().splitlines()]

    def database_url(self):
        return (self.data / "database-url").read_text().strip()

    def merchant(self, mode="test"):
        return self.merchant_with(self.credentials()[mode])

    def merchant_with(self, credentials):
        made = Merchant(self, credentials)
        self.merchants.append(made)
        return made

    def new_merchant(self, name="Other shop"):
        """Another merchant than the first: its id, and the credentials of both its accounts."""
        return json.loads(self.command("merchant", "create", name).stdout)

    def command(self, *words, is_refused=False):
        """`paydesk` with these words, on this server's data: what it printed."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("PAYDESK_")}
        done = subprocess.run(
            [sys.executable, "-m", "paydesk", *words, "--data", str(self.data)],
            env=inherited,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode != 0) == is_refused, done.stdout + done.stderr
        return done


class Receiver:
    """A merchant's webhook endpoint, which keeps what it gets and answers as it is told.

    Shape: answers are statuses, or (status, headers); after them all, 200. While `answering` is
        cleared it stays silent.
    """

    def __init__(self, *, port=None, path=None):
        self.got = []
        self.answers = []
        # A port is used again some time after its receiver is gone, and somebody else's Paydesk
        # may still try to tell that one something.
        self.path = path or f"/webhooks/{secrets.token_hex(4)}"
        self.answering = threading.Event()
        self.answering.set()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if self.path != receiver.path:
                    self.send_error(404)
                    return
                receiver.got.append(Heard(body, dict(self.headers), time.time()))
                receiver.answering.wait(30)
                answer = receiver.answers.pop(0) if receiver.answers else 200
                status, headers = answer if isinstance(answer, tuple) else (answer, {})
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.send_header("Connection", "close")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", port or free_port()), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server.server_port}{self.path}"

    def about(self, checkout_id):
        """What was heard of a checkout, in the order in which it happened.

        What is due together is sent together, and may arrive in another.
        """
        told = [heard for heard in self.got if heard.checkout["id"] == checkout_id]
        return sorted(told, key=lambda heard: heard.checkout["sequence"])

    def events(self, checkout_id):
        return [heard.event for heard in self.about(checkout_id)]

    def close(self):
        self.answering.set()
        self.server.shutdown()
        self.server.server_close()


@dataclass
class Heard:
    body: bytes
    headers: dict
    at: float

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def event(self):
        return self.json["event"]

    @property
    def checkout(self):
        return self.json["data"][0]["checkout"]

    def is_signed_with(self, secret):
        made = hmac.new(secret.encode(), self.body, hashlib.sha256).hexdigest()
        return hmac.compare_digest(made, self.headers["X-Signature"])


class Merchant:
    """A merchant's backend: it knows its keys and the reference."""

    def __init__(self, server, credentials):
        self.server = server
        self.credentials = credentials
        self.http = httpx2.Client(
            base_url=server.base_url,
            auth=(credentials["api_key"], credentials["api_secret"]),
            timeout=30,
        )
        # Without repeats: a test should see what a call meets.
        self.paydesk = Paydesk(
            server.base_url, credentials["api_key"], credentials["api_secret"], retries=0
        )
        self._lookups = {}

    def lookup(self, group, enum):
        if group not in self._lookups:
            found = self.paydesk.lookups.list(group)
            self._lookups[group] = {lookup["enum"]: lookup["id"] for lookup in found}
        return self._lookups[group][enum]

    def body(self, notify_url="https://merchant.example/webhooks/payments"):
        """The reference's documented body, in full."""
        zar, za = self.lookup("currency", "ZAR"), self.lookup("country", "ZA")
        address = {
            "line1": "1 Loop Street",
            "line2": "Floor 5",
            "city_or_town": "Cape Town",
            "province_or_state": "Western Cape",
            "postal_or_zip_code": "8001",
            "country_lookups_id": za,
        }
        metadata = {"custom_field_1": "custom data 1", "custom_field_2": "custom data 2"}
        return {
            "mode": "one-off",
            "amount": "1200.00",
            "currency_lookups_id": zar,
            "order": {
                "reference": "ORD0045",
                "description": "Monthly plan + setup",
                "amount_subtotal": "1100.00",
                "amount_discount": "0.00",
                "amount_shipping": "0.00",
                "amount_tax": "100.00",
                "amount_total": "1200.00",
                "items": [
                    {
                        "sku": "SKU00567",
                        "name": "Pro Plan (Monthly)",
                        "quantity": 1,
                        "unit_amount": "1200.00",
                        "tax_amount": 0,
                        "discount_amount": 0,
                        "currency_lookups_id": zar,
                        "metadata": dict(metadata),
                    }
                ],
            },
            "customer_fields": "reference,id_number,email,contact_number,billing,shipping",
            "customer": {
                "reference": "CLN240919000001",
                "company_name": None,
                "person_name": "John",
                "person_surname": "Doe",
                "client_type_lookups_id": self.lookup("client_type", "RESIDENT_INDIVIDUAL"),
                "id_type_lookups_id": self.lookup("id_type", "SOUTH_AFRICAN_ID"),
                "id_number": "9001125009083",
                "email": "johndoe@mail.com",
                "contact_number": "+27831234567",
                "billing_address": dict(address),
                "shipping": {
                    "contact_name": "Jane Doe",
                    "contact_number": "+27820000000",
                    "address": dict(address),
                },
                "metadata": dict(metadata),
            },
            "redirects": {
                "success_url": "https://merchant.example/success?order=ord_12345",
                "cancel_url": "https://merchant.example/cancel?order=ord_12345",
                "notify_url": notify_url,
            },
            "payment": {
                "payment_type_lookups_id": self.lookup("payment_type", "DIRECT_DEBIT"),
                "metadata": {"till": "7"},
            },
            "cards": {"save_cards": True, "show_cards": True},
            "notifications": {
                "send_invoice": True,
                "send_confirmation_email": True,
                "confirmation_email_override": "accounts@example.com",
            },
            "customization": {
                "locale": "en-ZA",
                "theme": "light",
                "type": "page",
                "display_cancel_button": True,
                "display_total": True,
                "display_cart": True,
                "brand": {"primary": "#00DC82"},
            },
        }

    def post(self, body, **headers):
        return self.http.post("/checkout/page", json=body, headers=headers)

    def create(self, notify_url="https://merchant.example/webhooks/payments", **changes):
        return self.paydesk.checkouts.create(**{**self.body(notify_url), **changes})

    def show(self, checkout):
        return self.paydesk.checkouts.show(checkout["id"])

    def status(self, checkout):
        return self.show(checkout)["status"]

    def close(self):
        self.http.close()
        self.paydesk.close()


# What a person types where the page asks who pays.
TYPED = {
    "customer.person_name": "Thandi",
    "customer.person_surname": "Nkosi",
    "customer.email": "thandi@example.com",
    "customer.contact_number": "083 123 4567",
    "customer.reference": "CLN 77",
    "customer.id_type": "SOUTH_AFRICAN_ID",
    "customer.id_number": "800101 5009 087",
    "customer.billing_address.country": "ZA",
    "customer.billing_address.line1": "1 Loop Street",
    "customer.billing_address.city_or_town": "Cape Town",
    "customer.billing_address.postal_or_zip_code": "8001",
    "customer.shipping_is_billing": "yes",
}


class Payer:
    """A person with a browser that has no script."""

    def __init__(self, checkout):
        self.url = checkout["page_url"]
        self.page = None

    def open(self):
        self.page = httpx2.get(self.url, timeout=30)
        return self

    @property
    def state(self):
        return re.search(r'data-page="(\w+)"', self.page.text)[1]

    def form(self, sign):
        """Action and hidden inputs of the page's form that holds this text."""
        for form in re.findall(r"<form\b.*?</form>", self.page.text, re.DOTALL):
            if sign in form:
                action = unescape(re.search(r'action="([^"]+)"', form)[1])
                hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
                return action, {name: unescape(value) for name, value in hidden}
        raise AssertionError(f"no form with {sign} on the page {self.state}")

    def card_fields(self, number=APPROVED, expiry="12/30", code="123", name="J Doe"):
        return {
            "card_number": number,
            "card_expiry": expiry,
            "card_security_code": code,
            "card_name": name,
        }

    def prepared(self, **card):
        """A request that pays, not sent yet."""
        action, hidden = self.form("cc-number")
        asked = re.findall(r'name="(customer\.[^"]+)"', self.page.text)
        typed = {name: TYPED[name] for name in asked if name in TYPED}
        data = {**hidden, **typed, **self.card_fields(**card)}
        return httpx2.URL(self.url).join(action), data

    def pay(self, **card):
        url, data = self.prepared(**card)
        self.page = self.post(url, data)
        return self

    def cancel(self):
        action, hidden = self.form('name="cancel"')
        self.page = self.post(httpx2.URL(self.url).join(action), hidden)
        return self

    def post(self, url, data):
        # A page under `no-referrer` posts with an origin of null.
        headers = {"Origin": "null"}
        return httpx2.post(url, data=data, headers=headers, timeout=30, follow_redirects=True)


def with_check_digit(digits):
    """The card number that begins with these digits."""
    for last in "0123456789":
        number = [int(digit) for digit in digits + last]
        doubled = sum(sum(divmod(2 * digit, 10)) for digit in number[-2::-2])
        if (sum(number[-1::-2]) + doubled) % 10 == 0:
            return digits + last
    raise AssertionError


def card(f1=0, f2=0, f3=0, *, d2=0):
    """A sandbox card by the digits that choose its outcome; authenticated without a challenge.

    d2=1 is a card whose issuer has no method frame.
    """
    return with_check_digit(f"40000012{f1}{f2}{f3}1{d2}00")
