"""A receiver of Paydesk's webhooks with Python alone: verify, remember, answer.

Run it: WEBHOOK_SECRET=whsec_… PORT=3000 python3 receiver.py
With VERIFY=x-signature it goes by the reference's own header, which a replay passes.
"""

import base64
import binascii
import hashlib
import hmac
import json
import os
import time
from collections.abc import Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOLERANCE_SECONDS = 300
BODY_BYTES_MAX = 64 * 1024


def verify(body: bytes, headers: Mapping[str, str], secret: str, now: float) -> bool:
    """Whether Paydesk sent this in the last minutes. body is what arrived, before any parsing.

    The key is what the secret's text after `whsec_` decodes to. There are two signatures while
    one secret replaces another.
    """
    webhook_id, sent_at = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not (sent_at.isascii() and sent_at.isdigit() and len(sent_at) < 13):
        return False
    if abs(now - int(sent_at)) > TOLERANCE_SECONDS:
        return False
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{webhook_id}.{sent_at}.".encode("latin-1") + body
    made = hmac.new(key, signed, hashlib.sha256).digest()
    signatures = headers.get("webhook-signature", "").split(" ")
    return any(is_same(made, one) for one in signatures)


def is_same(made: bytes, signature: str) -> bool:
    version, _, text = signature.partition(",")
    try:
        # Decoded strictly and written again: of base64, several texts stand for the same bytes.
        given = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    is_plain = base64.b64encode(given).decode() == text
    return version == "v1" and is_plain and hmac.compare_digest(made, given)


def verify_x_signature(body: bytes, headers: Mapping[str, str], secret: str) -> bool:
    """The reference's own header. Its key is the secret's text; the time is not signed in it."""
    made = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(made.encode(), headers.get("X-Signature", "").encode("latin-1"))


class Receiver(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # In earnest: a table with the id as its key, written in the transaction of what follows.
    seen: set[str] = set()

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        if not 0 <= length <= BODY_BYTES_MAX:
            self.close_connection = True
            self.answer(413)
            return
        body = self.rfile.read(length)
        secret = os.environ["WEBHOOK_SECRET"]
        if os.environ.get("VERIFY") == "x-signature":
            is_genuine = verify_x_signature(body, self.headers, secret)
        else:
            is_genuine = verify(body, self.headers, secret, time.time())
        if not is_genuine:
            self.answer(400)
            return
        event = json.loads(body)
        if event["id"] not in self.seen:
            self.seen.add(event["id"])
            print(json.dumps({"id": event["id"], "event": event["event"]}), flush=True)
        self.answer(204)

    def answer(self, status: int) -> None:
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


if __name__ == "__main__":
    port = int(os.environ.get("PORT", "3000"))
    ThreadingHTTPServer(("127.0.0.1", port), Receiver).serve_forever()
