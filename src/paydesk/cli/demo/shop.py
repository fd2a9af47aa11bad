"""A toy shop on loopback: a page to buy from, and the receiver of its webhooks."""

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from typing import Any

from paydesk import limits
from paydesk_client import PaydeskError, WebhookForged, verify_signature, verify_webhook

_SHOWN_MAX = 50  # webhooks listed on the page, newest first
_PLACES = {"/": "", "/thanks": "Thank you! Your order is paid.", "/cancelled": "Nothing was paid."}


@dataclass(frozen=True, slots=True)
class Heard:
    """A webhook as it arrived. is_genuine tells that its X-Signature verified."""

    event: str
    checkout_id: str
    amount: str
    is_genuine: bool
    at: float


class Shop:
    """Answers until it is closed. sell makes a checkout of a type and gives its page's address."""

    def __init__(
        self, port: int, *, webhook_secret: str, sell: Callable[[str], str], paydesk_url: str
    ) -> None:
        self._secret = webhook_secret
        self._news = threading.Condition()
        self._heard: list[Heard] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self, sell, paydesk_url))
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}/"

    @property
    def heard(self) -> list[Heard]:
        with self._news:
            return list(self._heard)

    def hear(self, body: bytes, headers: Mapping[str, str]) -> bool:
        """Takes a webhook; False, and it counts for nothing, where its signature is wrong."""
        is_genuine = self._is_genuine(body, headers)
        message = json.loads(body)
        checkout = message["data"][0]["checkout"]
        heard = Heard(
            message["event"], checkout["id"], checkout["amount"], is_genuine, time.monotonic()
        )
        with self._news:
            self._heard.append(heard)
            self._news.notify_all()
        return is_genuine

    def _is_genuine(self, body: bytes, headers: Mapping[str, str]) -> bool:
        try:
            verify_webhook(body, headers, self._secret)
        except WebhookForged:
            return False
        # X-Signature too, which the reference names: the demo shows that it is right.
        return verify_signature(body, headers.get("X-Signature", ""), self._secret)

    def await_webhook(self, checkout_id: str, *, seconds: float) -> Heard | None:
        """The first webhook about this checkout, None where none comes in time."""

        def about() -> Heard | None:
            return next((one for one in self._heard if one.checkout_id == checkout_id), None)

        with self._news:
            self._news.wait_for(about, seconds)
            return about()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def _handler(
    shop: Shop, sell: Callable[[str], str], paydesk_url: str
) -> type[BaseHTTPRequestHandler]:
    template = (files("paydesk.cli.demo") / "shop.html").read_text(encoding="utf-8")
    template = template.replace("PAYDESK_URL", paydesk_url)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if path == "/webhooks":
                self._answer(200, json.dumps(_listed(shop.heard)), "application/json")
            elif path in _PLACES:
                self._answer(200, template.replace("NOTICE", _PLACES[path]), "text/html")
            else:
                self._answer(404, "There is nothing here.", "text/plain")

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = self.rfile.read(min(length, limits.BODY_BYTES_MAX))
            if self.path == "/buy":
                self._sell()
            elif self.path == "/buy-here":
                self._sell_here()
            elif self.path == "/webhooks/payments":
                self._hear(body)
            else:
                self._answer(404, "There is nothing here.", "text/plain")

        def _sell(self) -> None:
            try:
                page_url = sell("page")
            except PaydeskError as fault:
                self._answer(502, str(fault), "text/plain")
                return
            self._answer(303, "", "text/plain", {"Location": page_url})

        def _sell_here(self) -> None:
            try:
                self._answer(200, json.dumps({"page_url": sell("embed")}), "application/json")
            except PaydeskError as fault:
                self._answer(502, str(fault), "text/plain")

        def _hear(self, body: bytes) -> None:
            try:
                is_genuine = shop.hear(body, dict(self.headers))
            except (ValueError, LookupError, TypeError):
                is_genuine = False
            self._answer(200 if is_genuine else 400, "", "text/plain")

        def _answer(
            self, status: int, text: str, media_type: str, headers: dict[str, str] | None = None
        ) -> None:
            content = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", f"{media_type}; charset=utf-8")
            self.send_header("Content-Length", str(len(content)))
            self.send_header("Cache-Control", "no-store")
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: Any) -> None:
            """Says nothing: the terminal belongs to the story."""

    return Handler


def _listed(heard: list[Heard]) -> list[dict[str, Any]]:
    now = time.monotonic()
    return [
        {
            "event": one.event,
            "checkout": one.checkout_id,
            "amount": one.amount,
            "is_genuine": one.is_genuine,
            "seconds_ago": round(now - one.at),
        }
        for one in reversed(heard[-_SHOWN_MAX:])
    ]
