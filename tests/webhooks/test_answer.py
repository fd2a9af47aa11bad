"""What is kept of a receiver's answer."""

import json

import pytest

from paydesk import limits
from paydesk.webhooks.answer import kept_body, kept_head


def test_the_head_is_kept():
    assert json.loads(kept_head({"Server": "nginx", "Retry-After": "5"})) == {
        "Server": "nginx",
        "Retry-After": "5",
    }


@pytest.mark.parametrize(
    "name", ["Set-Cookie", "WWW-Authenticate", "X-CSRF-Token", "X-Api-Key", "Session-Id"]
)
def test_what_is_the_receivers_own_secret_is_not(name):
    assert "s3cret" not in kept_head({name: "s3cret"})
    assert name in kept_head({name: "s3cret"})


def test_a_long_head_is_cut():
    headers = {f"X-{number}": "v" * 8000 for number in range(100)}
    assert len(kept_head(headers)) < limits.WEBHOOK_ANSWER_KEPT_HEADERS * 220


def test_bytes_that_are_no_text_can_be_stored():
    body = kept_body(b"\x00caf\xe9\xff" + b"x" * 5000)
    assert body.startswith("caf")
    assert len(body) <= limits.WEBHOOK_ANSWER_KEPT_BYTES
    head = kept_head({"X": b"caf\xe9\x00".decode("utf-8", "surrogateescape")})
    assert "\\u0000" not in head
    head.encode()
