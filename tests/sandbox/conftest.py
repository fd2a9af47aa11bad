"""Cards of the digit scheme, the sandbox as a running program, and a 3DS server and a browser."""

import base64
import json
import ssl
import subprocess
import sys
import threading
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from html.parser import HTMLParser
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx2
import pytest

from paydesk.kit.certificates import make_certificates
from paydesk.sandbox.journal import Journal
from world import free_port

SPEED = 0.01  # a card that answers after 20 s answers after 0.2

_PROGRAM = """
import socket, sys
from pathlib import Path
from paydesk.sandbox.program import Scheme, run_sandbox
port, log, speed, *more = sys.argv[1:]
listen = lambda port: socket.create_server(("127.0.0.1", int(port)))
scheme = Scheme(listen(more[0]), listen(more[1]), Path(more[2])) if more else None
run_sandbox(listening=listen(port), log_path=Path(log), speed=float(speed), scheme=scheme)
"""


@pytest.fixture
def card():
    """Makes a number of the scheme from its digits f1 f2 f3, and d1 d2 d3 d4."""

    def make(f1=0, f2=0, f3=0, prefix="40000012", d="1000"):
        digits = f"{prefix}{f1}{f2}{f3}{d}"
        doubled = [int(digit) * 2 - 9 * (int(digit) > 4) for digit in digits[-1::-2]]
        total = sum(doubled) + sum(int(digit) for digit in digits[-2::-2])
        return digits + str(-total % 10)

    return make


@dataclass
class Sandbox:
    """The program, as a caller and as its keeper sees it."""

    port: int
    log_path: Path
    speed: float
    more: tuple = ()  # the directory server's port, the issuer's, and the folder of certificates
    processes: list[subprocess.Popen] = field(default_factory=list)

    def start(self):
        options = [str(self.port), self.log_path, str(self.speed), *map(str, self.more)]
        command = [sys.executable, "-c", _PROGRAM, *options]
        self.processes.append(subprocess.Popen(command, stderr=subprocess.PIPE))
        give_up_at = time.monotonic() + 60
        while time.monotonic() < give_up_at:
            try:
                if httpx2.get(f"{self.url}/health", trust_env=False).status_code == 200:
                    return self
            except httpx2.TransportError:
                time.sleep(0.02)
        raise AssertionError("the sandbox did not start")

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def process(self):
        return self.processes[-1]

    def kill(self):
        self.process.kill()
        self.process.wait()

    def call(self, method, path, body=None, *, timeout=30.0):
        headers = {"Authorization": "Bearer sandbox"}
        with httpx2.Client(trust_env=False, timeout=timeout) as client:
            answer = client.request(method, self.url + path, json=body, headers=headers)
        return answer.status_code, answer.json()

    def authorise(
        self,
        number,
        reference="ref_1",
        *,
        capture=True,
        amount=120000,
        currency="ZAR",
        authentication=None,
        **how,
    ):
        more = {} if authentication is None else {"authentication": authentication}
        body = {
            **more,
            "reference": reference,
            "order": "ORD0045",
            "amount": amount,
            "currency": currency,
            "capture": capture,
            "card": {
                "number": number,
                "expire_month": "12",
                "expire_year": "2099",
                "security_code": "987",
                "name": "J Doe",
            },
        }
        return self.call("POST", "/v1/authorisations", body, **how)

    def inquire(self, reference="ref_1"):
        return self.call("GET", f"/v1/authorisations/{reference}")

    def modify(self, kind, amount, reference="mod_1", of="ref_1", currency="ZAR", **how):
        body = {
            "reference": reference,
            "kind": kind,
            "of": of,
            "amount": amount,
            "currency": currency,
        }
        return self.call("POST", "/v1/modifications", body, **how)

    def inquire_modification(self, reference="mod_1"):
        return self.call("GET", f"/v1/modifications/{reference}")

    def reverse(self, reference="ref_1", **how):
        return self.call("POST", "/v1/reversals", {"reference": reference}, **how)

    def is_silent_when_authorising(self, number, **how):
        return _is_silent(lambda: self.authorise(number, **how))

    def is_silent_when_modifying(self, kind, amount, **how):
        return _is_silent(lambda: self.modify(kind, amount, **how))

    def log(self):
        return Journal(self.log_path).entries()

    def decisions(self, reference="ref_1"):
        lines = [line for line in self.log() if line["reference"] == reference]
        return [(line["kind"], line["outcome"]) for line in lines]

    def stop(self):
        for process in self.processes:
            process.terminate()
            _, said = process.communicate(timeout=30)
            assert said == b""


def _is_silent(call):
    """Whether the connection is dropped instead of an answer."""
    try:
        call()
    except httpx2.TransportError as fault:
        return not isinstance(fault, httpx2.TimeoutException)
    return False


@pytest.fixture
def sandbox(tmp_path):
    """A sandbox of its own."""
    yield from _running(tmp_path, SPEED)


@pytest.fixture(scope="module")
def shared_sandbox(tmp_path_factory):
    """A sandbox for tests that keep to references of their own."""
    yield from _running(tmp_path_factory.mktemp("sandbox"), SPEED)


@pytest.fixture
def leisurely_sandbox(tmp_path):
    """A sandbox in which there is time to step in: a review takes a second, a slow answer two."""
    yield from _running(tmp_path, 0.1)


@pytest.fixture
def unhurried_sandbox(tmp_path):
    """A sandbox whose slow cards are as slow as they say."""
    yield from _running(tmp_path, 1.0)


def _running(folder, speed):
    running = Sandbox(free_port(), folder / "acquirer.jsonl", speed)
    try:
        yield running.start()
    finally:
        running.stop()


class Server3DS:
    """A 3DS server: takes results over mutual TLS, as the merchant's side does."""

    def __init__(self, tls):
        self.results = []
        self.headers = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                server.results.append(json.loads(body))
                server.headers.append(self.headers)
                reply = json.dumps(_rres(server.results[-1])).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(reply)))
                self.end_headers()
                self.wfile.write(reply)

            def log_message(self, *_):
                pass

        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=tls / "ca.pem")
        context.load_cert_chain(tls / "desk.pem")
        context.verify_mode = ssl.CERT_REQUIRED
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._server.daemon_threads = True
        self._thread = threading.Thread(
            target=self._server.serve_forever, args=(0.05,), daemon=True
        )
        self._thread.start()

    @property
    def url(self):
        return f"https://127.0.0.1:{self._server.server_port}/3ds/results"

    def of(self, areq):
        wanted = areq["threeDSServerTransID"]
        return [result for result in self.results if result["threeDSServerTransID"] == wanted]

    def close(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


def _rres(rreq):
    kept = ("messageVersion", "threeDSServerTransID", "dsTransID", "acsTransID")
    return {"messageType": "RRes", "resultsStatus": "01", **{name: rreq[name] for name in kept}}


class Page(HTMLParser):
    """A page as a browser without script sees it: its first form, its words, its answer."""

    def __init__(self, answer):
        super().__init__()
        self.status, self.html, self.headers = answer.status_code, answer.text, answer.headers
        self.action, self.fields, self.inputs, self.buttons = None, {}, {}, []
        self.feed(answer.text)

    def handle_starttag(self, tag, attrs):
        about = dict(attrs)
        if tag == "form":
            self.action = about["action"]
        elif tag == "input":
            self.inputs[about["name"]] = about
            if about["type"] == "hidden":
                self.fields[about["name"]] = about["value"]
        elif tag == "button":
            self.buttons.append(about)

    def told(self, name):
        """The message in a hidden field."""
        return decoded(self.fields[name])


def encoded(message):
    return base64.urlsafe_b64encode(json.dumps(message).encode()).rstrip(b"=").decode()


def decoded(text):
    assert "=" not in text
    return json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))


@dataclass
class Scheme:
    """The whole sandbox, with a 3DS server to talk to it and the browser's side of a challenge."""

    sandbox: Sandbox
    folder: Path
    server: Server3DS

    @property
    def issuer(self):
        return f"http://127.0.0.1:{self.sandbox.more[1]}"

    def client(self, name="desk"):
        context = ssl.create_default_context(cafile=self.folder / "tls" / "ca.pem")
        if name:
            context.load_cert_chain(self.folder / "tls" / f"{name}.pem")
        return httpx2.Client(trust_env=False, timeout=30.0, verify=context)

    def send(self, message, *, path="/3ds", name="desk", headers=None, timeout=30.0):
        """What the directory server answers a message, or bytes."""
        body = message if isinstance(message, bytes) else json.dumps(message).encode()
        url = f"https://127.0.0.1:{self.sandbox.more[0]}{path}"
        headers = {"Content-Type": "application/JSON; charset=UTF-8", **(headers or {})}
        with self.client(name) as client:
            return client.post(url, content=body, headers=headers, timeout=timeout)

    def ask(self, message):
        return self.send(message).json()

    def areq(self, number, version="2.2.0", **changes):
        """A right AReq; a change to None takes the field away."""
        now = datetime.now(UTC)
        made = {
            "messageType": "AReq",
            "messageVersion": version,
            "threeDSServerTransID": str(uuid.uuid4()),
            "threeDSServerRefNumber": "SANDBOX-3DSS-0001",
            "threeDSServerURL": self.server.url,
            "threeDSRequestorID": "MERCH0001",
            "threeDSRequestorName": "Loop Street Shop",
            "threeDSRequestorURL": "https://shop.example",
            "threeDSCompInd": "Y",
            "threeDSRequestorAuthenticationInd": "01",
            "threeDSRequestorChallengeInd": "01" if version == "2.2.0" else ["01"],
            "acctNumber": number,
            "cardExpiryDate": "2812",
            "acquirerBIN": "400000",
            "acquirerMerchantID": "ACQ-MERCHANT-1",
            "mcc": "5732",
            "merchantCountryCode": "710",
            "merchantName": "Loop Street <Shop>",
            "messageCategory": "01",
            "deviceChannel": "02",
            "purchaseAmount": "120000",
            "purchaseCurrency": "710",
            "purchaseExponent": "2",
            "purchaseDate": f"{now:%Y%m%d%H%M%S}",
            "notificationURL": "http://127.0.0.1:8000/3ds/return/Zk3v",
            "browserAcceptHeader": "text/html,*/*;q=0.8",
            "browserIP": "203.0.113.7",
            "browserJavascriptEnabled": True,
            "browserJavaEnabled": False,
            "browserLanguage": "en-ZA",
            "browserColorDepth": "24",
            "browserScreenHeight": "1080",
            "browserScreenWidth": "1920",
            "browserTZ": "-120",
            "browserUserAgent": "Mozilla/5.0 (sample)",
            "cardholderName": "John Doe",
            "email": "johndoe@mail.example",
            "mobilePhone": {"cc": "27", "subscriber": "831234567"},
            **changes,
        }
        return {name: value for name, value in made.items() if value is not None}

    def challenge(self, number, version="2.2.0", **changes):
        """The browser's side of a challenge that a right AReq led to."""
        areq = self.areq(number, version, **changes)
        ares = self.ask(areq)
        assert ares["transStatus"] == "C", ares
        return Challenge(self, areq, ares)

    def authenticated(self, number, version="2.2.0", **changes):
        """What an order says of a frictionless authentication."""
        ares = self.ask(self.areq(number, version, **changes))
        return {
            "version": version,
            "eci": ares["eci"],
            "value": ares.get("authenticationValue"),
            "directory_id": ares["dsTransID"],
            "server_id": ares["threeDSServerTransID"],
            "issuer_id": ares["acsTransID"],
            "status": ares["transStatus"],
            "result_status": None,
            "status_reason": ares.get("transStatusReason"),
            "challenge_cancel": None,
            "acquirer_bin": "400000",
            "acquirer_merchant_id": "ACQ-MERCHANT-1",
            "merchant_name": "Loop Street Shop",
            "merchant_country": "710",
        }

    def encoded(self, message):
        return encoded(message)

    def log(self, name="issuer"):
        return Journal(self.folder / f"{name}.jsonl").entries()

    def kinds_of(self, areq, name="issuer"):
        wanted = areq["threeDSServerTransID"]
        return {line["kind"] for line in self.log(name) if line.get("server_id") == wanted}

    def post(self, url, form):
        with httpx2.Client(trust_env=False, timeout=30.0) as client:
            return Page(client.post(url if ":" in url else self.issuer + url, data=form))

    def get(self, path):
        with httpx2.Client(trust_env=False, timeout=30.0) as client:
            return Page(client.get(self.issuer + path))


@dataclass
class Challenge:
    """A challenge as the browser has it."""

    scheme: Scheme
    areq: dict
    ares: dict
    session: str | None = "SGVsbG8"

    def creq(self, **changes):
        made = {
            "messageType": "CReq",
            "messageVersion": self.areq["messageVersion"],
            "threeDSServerTransID": self.areq["threeDSServerTransID"],
            "acsTransID": self.ares["acsTransID"],
            "challengeWindowSize": "05",
            **changes,
        }
        return {name: value for name, value in made.items() if value is not None}

    def open(self, creq=None):
        sent = creq if isinstance(creq, str) else encoded(creq or self.creq())
        form = {"creq": sent}
        if self.session:
            form["threeDSSessionData"] = self.session
        return self.scheme.post(self.ares["acsURL"], form)

    def act(self, page, **form):
        return self.scheme.post(page.action, {**page.fields, **form})

    def look(self):
        return self.scheme.get(f"/challenge/{self.ares['acsTransID']}")

    def results(self):
        return self.scheme.server.of(self.areq)

    def events(self):
        lines = self.scheme.log()
        return [line["kind"] for line in lines if line.get("issuer_id") == self.ares["acsTransID"]]


def running_scheme(folder, speed):
    make_certificates(folder / "tls", ["directory", "desk"])
    ports = (free_port(), free_port(), folder / "tls")
    running = Sandbox(free_port(), folder / "acquirer.jsonl", speed, more=ports)
    server = Server3DS(folder / "tls")
    try:
        yield Scheme(running.start(), folder, server)
    finally:
        server.close()
        running.stop()


@pytest.fixture(scope="package")
def scheme(tmp_path_factory):
    """The whole sandbox at its own pace, for tests that keep to transactions of their own."""
    yield from running_scheme(tmp_path_factory.mktemp("scheme"), 1.0)


@pytest.fixture(scope="package")
def quick_scheme(tmp_path_factory):
    """A sandbox that gives up waiting as soon as it ever does, which is after five seconds."""
    yield from running_scheme(tmp_path_factory.mktemp("quick_scheme"), 0.005)


@pytest.fixture
def own_scheme(tmp_path):
    """A whole sandbox that may be killed."""
    yield from running_scheme(tmp_path, 1.0)


@pytest.fixture(scope="session")
def free_ports():
    return lambda count: [free_port() for _ in range(count)]


@pytest.fixture
def eventually():
    """Waits until it is so."""

    def wait(check, seconds=60.0):
        give_up_at = time.monotonic() + seconds
        while not (found := check()):
            assert time.monotonic() < give_up_at, "it did not happen"
            time.sleep(0.02)
        return found

    return wait
