"""The reference page: complete without script, and from this server alone with it."""

import gzip
from hashlib import sha256
from pathlib import Path

import httpx2
import pytest

import paydesk
from paydesk.web.api.table import OPERATIONS

STATIC = Path(paydesk.__file__).parent / "web" / "reference" / "static"


def test_without_script_it_lists_every_call(server):
    page = httpx2.get(f"{server.base_url}/docs")
    for one in OPERATIONS:
        assert f"<code>{one.method} {one.path}</code>" in page.text.replace("&#x2f;", "/")
        assert one.summary.split("'")[0] in page.text
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]


def test_its_script_comes_compressed_to_who_takes_that_and_plain_to_others(server):
    address = f"{server.base_url}/docs/scalar.js"
    packed = httpx2.get(address, headers={"Accept-Encoding": "gzip"})
    plain = httpx2.get(address, headers={"Accept-Encoding": "identity"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    kept = gzip.decompress((STATIC / "scalar.js.gz").read_bytes())
    assert packed.content == plain.content == kept
    known = {"Accept-Encoding": "identity", "If-None-Match": plain.headers["ETag"]}
    assert httpx2.get(address, headers=known).status_code == 304


def test_its_script_is_the_one_that_was_published():
    kept = gzip.decompress((STATIC / "scalar.js.gz").read_bytes())
    assert sha256(kept).hexdigest() in (STATIC / "scalar.txt").read_text()


@pytest.mark.browser
def test_in_a_browser_it_draws_all_and_asks_nobody_else(server, chromium):
    page = chromium.new_page()
    asked, complaints = [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.goto(f"{server.base_url}/docs")
    page.get_by_role("heading", name="Make a checkout").first.wait_for()
    page.locator("#reference").get_by_text("Payment methods").first.wait_for()
    assert page.locator("#calls").is_hidden()
    assert complaints == []
    assert [url for url in asked if not url.startswith((server.base_url, "data:", "blob:"))] == []
    page.close()
