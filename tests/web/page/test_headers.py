import httpx2
import pytest

from paydesk.web.page.headers import (
    authentication_headers,
    bounce_headers,
    headers,
    returned_headers,
)

ISSUER = "https://issuer.example/challenge"
TEST_ISSUER = "http://127.0.0.1:9/challenge?x=1"
CARD_POLICY = {
    "default-src": "'none'",
    "script-src": "'nonce-abc123'",
    "style-src": "'nonce-abc123'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "form-action": "'self'",
    "frame-src": "'none'",
    "frame-ancestors": "'none'",
    "object-src": "'none'",
    "base-uri": "'none'",
    "require-trusted-types-for": "'script'",
    "trusted-types": "'none'",
}
# What each document may beyond the card document, or may not. Source: reliability paper, A.12.
DOCUMENTS = {
    "card": (headers("abc123"), {}),
    "authentication": (
        authentication_headers("abc123", [ISSUER]),
        {"frame-src": "'self' https:", "form-action": "'none'"},
    ),
    "authentication, sandbox": (
        authentication_headers("abc123", [TEST_ISSUER, ISSUER]),
        {"frame-src": "'self' https: http://127.0.0.1:9", "form-action": "'none'"},
    ),
    "bounce": (
        bounce_headers("abc123", ISSUER, is_framed=True),
        {"form-action": "https:", "frame-ancestors": "'self'"},
    ),
    "bounce, sandbox": (
        bounce_headers("abc123", TEST_ISSUER, is_framed=True),
        {"form-action": "https: http://127.0.0.1:9", "frame-ancestors": "'self'"},
    ),
    "full page": (
        bounce_headers("abc123", ISSUER, is_framed=False),
        {"form-action": "https:"},
    ),
    "returned": (
        returned_headers("abc123"),
        {"form-action": "'none'", "frame-ancestors": "'self'"},
    ),
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_each_document_may_what_it_must_and_no_more(name):
    sent, changes = DOCUMENTS[name]
    rules = sent["Content-Security-Policy"].split("; ")
    assert dict(rule.split(" ", 1) for rule in rules) == CARD_POLICY | changes
    framed = changes.get("frame-ancestors") == "'self'"
    assert sent["X-Frame-Options"] == ("SAMEORIGIN" if framed else "DENY")
    assert sent["Cache-Control"] == "no-store"
    assert sent["Referrer-Policy"] == "no-referrer"


def test_only_the_issuers_frame_may_ask_for_a_passkey():
    passkey = "publickey-credentials-get=*"
    assert passkey in authentication_headers("abc123", [ISSUER])["Permissions-Policy"]
    assert passkey not in headers("abc123")["Permissions-Policy"]


def test_a_page_runs_only_what_carries_its_nonce():
    policy = headers("abc123")["Content-Security-Policy"].split("; ")
    assert "default-src 'none'" in policy
    assert "script-src 'nonce-abc123'" in policy
    assert "style-src 'nonce-abc123'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self'" in policy
    assert "require-trusted-types-for 'script'" in policy


def test_a_page_is_kept_and_revealed_nowhere():
    sent = headers("abc123")
    assert sent["Cache-Control"] == "no-store"
    assert sent["Referrer-Policy"] == "no-referrer"
    assert sent["Cross-Origin-Opener-Policy"] == "same-origin"


@pytest.mark.parametrize(
    "path",
    [
        *("/checkout/cs_test_unknown", "/checkout/form", "/docs", "/docs/scalar.js"),
        *("/openapi.json", "/merchant", "/lookups/currency", "/orders/x/y/z", "/logos/none"),
        "/health/live",
    ],
)
def test_every_answer_is_taken_for_what_it_says_and_over_tls_only(server, path):
    sent = httpx2.get(server.base_url + path).headers
    assert sent.get_list("X-Content-Type-Options") == ["nosniff"]
    assert sent.get_list("Strict-Transport-Security") == ["max-age=31536000; includeSubDomains"]
