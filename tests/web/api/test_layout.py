"""What a request's bytes may be, before anybody asks what they mean."""

import base64
import json
import socket
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from world import changed, faults

JSON = {"Content-Type": "application/json"}


@pytest.fixture
def post(merchant):
    def post(raw, **headers):
        return merchant.http.post("/checkout/page", content=raw, headers={**JSON, **headers})

    return post


def test_utf_8_is_kept_to_the_letter(merchant, full, post):
    name = "Zoë’s 漢字 🛒 \u202e <b>&amp;"
    for raw in (
        json.dumps(changed(full, "order.description", name)).encode(),
        json.dumps(changed(full, "order.description", name), ensure_ascii=False).encode(),
    ):
        result = post(raw).json()["result"]
        assert merchant.show(result)["order"]["description"] == name


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (b"", ""),
        (b" ", ""),
        (b"null", ""),
        (b"[]", ""),
        (b'[{"mode": "one-off"}]', ""),
        (b'"mode"', ""),
        (b"5", ""),
        (b"mode=one-off&amount=1200.00", ""),
        (b'{"mode": "one-off"', ""),
        (b'{"mode": "one-off",}', ""),
        (b'{"mode": "one-off"} // a comment', ""),
        (b"{'mode': 'one-off'}", ""),
        (b'{"mode": "one-off"} {}', ""),
        (b"\xef\xbb\xbf{}", ""),
        ('{"mode": "one-off"}'.encode("utf-16"), ""),
        (b'{"mode": "\xff\xfe"}', ""),
        (b'{"mode": "\xed\xa0\x80"}', ""),
        (b'{"mode": "\\ud800"}', ""),
        (b'{"mode": "\\udc00\\ud800"}', ""),
        (b'{"mode": "one\noff"}', ""),
        (b'{"amount": NaN}', ""),
        (b'{"amount": Infinity}', ""),
        (b'{"amount": -Infinity}', ""),
        (b'{"amount": "1.00", "amount": "2.00"}', ""),
        (b'{"order": {"reference": "a", "reference": "a"}}', ""),
        (b'{"mode": "one\\u0000off"}', "mode"),
        (b'{"customer": {"person_name": "\\u0000"}}', "customer.person_name"),
        (b'{"order": {"items": [{}, {"sku": "a\\u0000"}]}}', "order.items.1.sku"),
        (b'{"payment": {"metadata": {"\\u0000": 1}}}', "payment.metadata"),
        (b'{"payment": {"metadata": {"a": 1e400}}}', "payment.metadata.a"),
        (b'{"payment": {"metadata": {"a": 1e-999999}}}', "payment.metadata.a"),
        (b'{"payment": {"metadata": {"a": 1000000000000000001}}}', "payment.metadata.a"),
        (b'{"x": ' + b"9" * 4300 + b"}", "x"),
        (b'{"x": ' + b"9" * 4301 + b"}", ""),
        (b'{"x": -' + b"9" * 4300 + b"}", "x"),
        (b'{"x": 0.' + b"1" * 5000 + b"}", "x"),
        (b'{"a":' * 33 + b"1" + b"}" * 33, ".".join(["a"] * 32)),
        (b'{"a":' + b"[" * 32 + b"]" * 32 + b"}", "a" + ".0" * 31),
        (b"[" * 100_000, ""),
        (b'{"a":' * 40_000, ""),
    ],
)
def test_what_is_not_one_plain_object_is_refused(post, raw, path):
    answer = post(raw)
    assert (answer.status_code, answer.json()["error_code"]) == (400, "002")
    ((told_path, rule),) = faults(answer).items()
    assert told_path == path
    assert rule in {"body_unreadable", "body_too_deep", "body_holds_nul", "body_number_too_long"}


@pytest.mark.parametrize(
    ("raw", "rule"),
    [
        (b'{"mode": "one\\u0000off"}', "body_holds_nul"),
        (b'{"\\u0000": 1}', "body_holds_nul"),
        (b'{"amount": 1000000000000000001}', "body_number_too_long"),
        (b'{"amount": 1e400}', "body_number_too_long"),
        (b'{"a":' * 33 + b"1" + b"}" * 33, "body_too_deep"),
        (b'{"mode": }', "body_unreadable"),
    ],
)
def test_what_is_json_and_not_taken_is_told_why(post, raw, rule):
    assert list(faults(post(raw)).values()) == [rule]


def test_32_levels_are_read(post):
    assert post(b'{"a":' * 32 + b"1" + b"}" * 32).json()["error_code"] == "003"


@pytest.mark.parametrize("number", ["1e20", "1E+20", "1e-50", "1.10", "-0.0", "12e99", "1e2"])
def test_numbers_in_metadata_come_back_as_they_were_written(merchant, full, post, number):
    raw = json.dumps(changed(full, "payment.metadata", {"b": 1, "a": "@"})).replace('"@"', number)
    result = post(raw.encode()).json()["result"]
    shown = merchant.http.get(f"/checkout/page/{result['id']}")
    assert shown.status_code == 200, shown.text
    assert f'"payment":{{"metadata":{{"b":1,"a":{number}}}}}' in shown.text


def test_text_that_looks_like_our_marks_is_left_alone(merchant, full):
    words = {"a": "{page_token}", "b": '"\\u00001\\u0000"', "c": "%s {0} :amount"}
    made = merchant.create(payment={"metadata": words})
    assert merchant.show(made)["payment"]["metadata"] == words
    cancelled = merchant.http.post(
        f"/checkout/page/{made['id']}/cancel", headers={"Idempotency-Key": made["id"]}
    ).json()["result"]
    assert cancelled["payment"]["metadata"] == words
    assert cancelled["page_url"] == made["page_url"]


@pytest.mark.parametrize(
    "media_type",
    ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "json", "*/*"],
)
def test_another_media_type_is_refused(merchant, full, media_type):
    answer = merchant.http.post(
        "/checkout/page", content=json.dumps(full), headers={"Content-Type": media_type}
    )
    assert (answer.status_code, answer.json()["error_code"]) == (415, "909")
    assert faults(answer) == {"Content-Type": "media_type_unsupported"}


@pytest.mark.parametrize("media_type", ["application/json; charset=utf-8", "Application/JSON"])
def test_the_media_type_may_be_spelled_freely(merchant, full, media_type):
    answer = merchant.http.post(
        "/checkout/page", content=json.dumps(full), headers={"Content-Type": media_type}
    )
    assert answer.status_code == 200


def test_a_body_may_come_in_chunks(merchant, full):
    raw = json.dumps(full).encode()
    chunks = iter([raw[:100], raw[100:]])
    assert merchant.http.post("/checkout/page", content=chunks, headers=JSON).status_code == 200


@pytest.mark.parametrize("extra", [1, 10_000, 3_000_000])
@pytest.mark.parametrize("announced", [True, False])
def test_a_body_over_256_kib_is_refused(server, merchant, full, extra, announced):
    raw = json.dumps(full).encode()
    raw += b" " * (256 * 1024 - len(raw))
    assert len(raw) == 256 * 1024
    assert merchant.http.post("/checkout/page", content=raw, headers=JSON).status_code == 200

    # A merchant of its own: the server may hang up on who sends that much.
    large = raw + b" " * extra
    content = large if announced else iter([large[:200_000], large[200_000:]])
    answer = server.merchant().http.post("/checkout/page", content=content, headers=JSON)
    assert (answer.status_code, answer.json()["error_code"]) == (413, "908")


@pytest.mark.parametrize("prefix", ["", "/1.0"])
@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("GET", "/checkout/page", "POST"),
        ("PUT", "/checkout/page", "POST"),
        ("DELETE", "/checkout/page", "POST"),
        ("PATCH", "/checkout/page", "POST"),
        ("OPTIONS", "/checkout/page", "POST"),
        ("DELETE", "/checkout/page/chk_1", "GET, POST, HEAD"),
        ("GET", "/checkout/page/chk_1/cancel", "POST"),
        ("POST", "/lookups", "GET, HEAD"),
        ("POST", "/lookups/currency", "GET, HEAD"),
        ("DELETE", "/payment-methods", "GET, HEAD"),
    ],
)
def test_another_method_is_refused(merchant, prefix, method, path, allowed):
    answer = merchant.http.request(method, prefix + path)
    assert (answer.status_code, answer.json()["error_code"]) == (405, "907")
    assert sorted(answer.headers["Allow"].split(", ")) == sorted(allowed.split(", "))


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/1.0",
        "/2.0/checkout/page",
        "/checkout",
        "/x/../y",
        "/checkout/page/chk_1/refund",
        "/%00",
        "/%ff",
        "/1.0/checkout/page/x/y/z",
        "//lookups",
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_an_unknown_path_is_missing(merchant, method, path):
    answer = merchant.http.request(method, path)
    assert (answer.status_code, answer.json()["error_code"]) == (404, "007")
    assert answer.json()["error_details"][0]["errors"][""]["rule"] == "path_missing"


def test_a_client_that_hangs_up_half_way_is_no_news(server, merchant):
    key = ":".join((merchant.credentials["api_key"], merchant.credentials["api_secret"]))
    head = (
        "POST /checkout/page HTTP/1.1\r\n"
        "host: paydesk\r\n"
        f"authorization: Basic {base64.b64encode(key.encode()).decode()}\r\n"
        "content-length: 100\r\n\r\n"
    )
    log = server.data / "log" / "paydesk.log"
    before = log.read_text().count("Traceback")
    for sent in (head, head + '{"mode"'):
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            connection.sendall(sent.encode())
            time.sleep(0.1)
    time.sleep(0.2)
    assert log.read_text().count("Traceback") == before


def _places(value, path=""):
    """The dot path of everything in a body."""
    members = value.items() if isinstance(value, dict) else enumerate(value)
    for name, member in members:
        yield f"{path}{name}"
        if isinstance(member, dict | list):
            yield from _places(member, f"{path}{name}.")


def _must_be_sane(merchant, answer):
    assert answer.status_code < 500, answer.text
    told = answer.json()
    if answer.status_code == 200:
        assert merchant.http.get(f"/checkout/page/{told['result']['id']}").status_code == 200
    else:
        assert told["status"] is False
        assert len(told["error_message"]) <= 32


JUNK = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(10**19), 10**19)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=40)
    | st.sampled_from(["-1", "1e3", "0", "crd_" + "0" * 26, "ZAR", "{0}", "{max_length}", "%s"])
    | st.sampled_from(["a@b", "+27", "https://", "https://[::1]:99999/", "http://localhost", "#"]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=8,
)


@settings(max_examples=250, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_no_body_whatever_is_our_fault(merchant, full, data):
    body = full
    for _ in range(data.draw(st.integers(1, 3))):
        path = data.draw(st.sampled_from(sorted(_places(body))))
        body = changed(body, path, data.draw(JUNK))
    raw = json.dumps(body).encode()
    answer = merchant.http.post("/checkout/page", content=raw, headers=JSON)
    _must_be_sane(merchant, answer)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(place=st.floats(0, 1), cut=st.integers(0, 30), put=st.binary(max_size=12))
def test_no_bytes_whatever_are_our_fault(merchant, full, place, cut, put):
    raw = json.dumps(full).encode()
    start = int(place * len(raw))
    raw = raw[:start] + put + raw[start + cut :]
    answer = merchant.http.post("/checkout/page", content=raw, headers=JSON)
    _must_be_sane(merchant, answer)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(raw=st.binary(max_size=200), key=st.text(st.characters(max_codepoint=255), max_size=20))
def test_no_junk_in_path_or_headers_is_our_fault(merchant, raw, key):
    quoted = "".join(f"%{byte:02x}" for byte in raw)
    answer = merchant.http.get(f"/checkout/page/{quoted}")
    assert answer.status_code in {200, 404, 405}
    clean = "".join(letter for letter in key if letter.isprintable()).strip()
    answer = merchant.http.post(
        "/checkout/page", content=raw, headers={**JSON, "Idempotency-Key": clean.encode("latin-1")}
    )
    assert 400 <= answer.status_code < 500
