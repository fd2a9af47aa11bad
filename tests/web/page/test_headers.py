import httpx2
import pytest

from paydesk.web.page.headers import headers


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
