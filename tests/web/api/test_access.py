"""Who may call the API, and what strangers learn."""

import base64
import hashlib

import asyncpg
import httpx2
import pytest

from paydesk.kit import ids
from paydesk.payment_methods import add_payment_method
from world import Merchant, eventually, faults


def _basic(text):
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.fixture(scope="session")
def key(merchant):
    return merchant.credentials["api_key"], merchant.credentials["api_secret"]


@pytest.fixture(scope="session")
def anybody(server):
    with httpx2.Client(base_url=server.base_url) as client:
        yield client


@pytest.fixture
async def stranger(server):
    """Another merchant's test account."""
    secret, api_key = "secret_test_stranger", ids.new("key")
    connection = await asyncpg.connect(server.database_url())
    account = await connection.fetchval(
        """
        with merchant as (insert into merchants (id, name) values ($1, 'Other') returning id)
        insert into accounts (merchant_id, is_live, webhook_secret, connector)
        select id, false, 'sealed', 'sandbox' from merchant returning id
        """,
        ids.new("mer"),
    )
    await connection.execute(
        "insert into api_keys (account_id, api_key, secret_hash) values ($1, $2, $3)",
        account,
        api_key,
        hashlib.sha256(secret.encode()).digest(),
    )
    await add_payment_method(connection, account, type="CARD")
    await connection.close()
    made = Merchant(server, {"api_key": api_key, "api_secret": secret})
    yield made
    made.close()


def test_key_and_secret_open_the_account(anybody, key):
    for scheme in ("Basic", "basic", "BASIC"):
        header = _basic(":".join(key)).replace("Basic", scheme)
        answer = anybody.get("/lookups", headers={"Authorization": header})
        assert answer.status_code == 200


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Basic",
        "Basic !!!",
        "Basic {key}",
        "{key}:{secret}",
        "Bearer {secret}",
        "Digest username={key}",
        lambda key, secret: _basic(key),
        lambda key, secret: _basic(f"{key}:"),
        lambda key, secret: _basic(f":{secret}"),
        lambda key, secret: _basic(f"{secret}:{key}"),
        lambda key, secret: _basic(f"{key}:{secret} "),
        lambda key, secret: _basic(f"{key}:{secret}x"),
        lambda key, secret: _basic(f"{key}:{secret[:-1]}"),
        lambda key, secret: _basic(f"{key.upper()}:{secret}"),
        lambda key, secret: _basic(f"{key}\0:{secret}"),
        lambda key, secret: _basic(f"' or 1=1 --:{secret}"),
        lambda key, secret: _basic(f"{key}:{secret}") + "=",
        lambda key, secret: "Basic " + base64.b64encode(b"\xff\xfe:\xff").decode(),
        lambda key, secret: "Bearer " + _basic(f"{key}:{secret}")[6:],
        lambda key, secret: b"Basic \xff\xfe",
    ],
)
@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "/checkout/page"), ("GET", "/1.0/lookups"), ("GET", "/checkout/page/chk_1")],
)
def test_anything_else_opens_nothing(anybody, key, header, method, path):
    if callable(header):
        header = header(*key)
    elif header is not None:
        header = header.format(key=key[0], secret=key[1])
    headers = {} if header is None else {"Authorization": header}
    answer = anybody.request(method, path, headers=headers, content=b"not json")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Basic realm="Paydesk", charset="UTF-8"'
    told = answer.json()
    assert (told["error_code"], told["error_message"]) == ("001", "Invalid API key provided.")
    assert faults(answer) == {"authorization": "key_invalid"}


def test_unknown_keys_and_wrong_secrets_look_the_same(anybody, key):
    answers = [
        anybody.get("/lookups", auth=(name, "secret_test_wrong"))
        for name in (key[0], "key_test_unknown")
    ]
    assert answers[0].content == answers[1].content


def test_test_and_live_secrets_do_not_mix(anybody, merchant, live):
    mixed = (merchant.credentials["api_key"], live.credentials["api_secret"])
    assert anybody.get("/lookups", auth=mixed).status_code == 401


def test_a_live_account_without_an_acquirer_says_so(live, full):
    answer = live.post(full)
    assert (answer.status_code, answer.json()["error_code"]) == (422, "005")
    assert faults(answer) == {"": "account_without_connector"}


@pytest.mark.anyio
async def test_other_accounts_checkouts_are_as_good_as_missing(merchant, live, stranger):
    made = merchant.create()
    for other in (live, stranger):
        for method, path in (("GET", ""), ("POST", "/cancel")):
            foreign = other.http.request(method, f"/checkout/page/{made['id']}{path}")
            missing = other.http.request(method, f"/checkout/page/{ids.new('chk')}{path}")
            assert (foreign.status_code, missing.status_code) == (404, 404)
            assert foreign.content == missing.content
    assert merchant.status(made) == "open"


@pytest.mark.anyio
async def test_other_accounts_orders_customers_and_methods_are_as_good_as_missing(
    merchant, stranger, full
):
    made = merchant.create()
    bare = {key: full[key] for key in ("mode", "amount", "currency_lookups_id", "redirects")}
    assert stranger.post(bare).status_code == 200
    for field, foreign_id in (("order_id", made["order_id"]), ("customer_id", made["customer_id"])):
        foreign = stranger.post({**bare, field: foreign_id})
        missing = stranger.post({**bare, field: ids.new(field[:3])})
        assert (foreign.status_code, foreign.json()["error_code"]) == (404, "007")
        assert faults(foreign) == faults(missing) == {field: f"{field[:-3]}_missing"}
    method = merchant.http.get("/payment-methods").json()["payment_methods"][0]["id"]
    answer = stranger.post({**bare, "payment": {"payment_methods_ids": method}})
    assert (answer.status_code, answer.json()["error_code"]) == (422, "004")
    theirs = stranger.http.get("/payment-methods").json()["payment_methods"]
    assert method not in [one["id"] for one in theirs]


@pytest.mark.anyio
async def test_customers_of_one_reference_are_kept_apart_by_account(merchant, stranger, full):
    mine, theirs = merchant.create(), stranger.post(full)
    assert theirs.status_code == 200, theirs.text
    assert theirs.json()["result"]["customer_id"] != mine["customer_id"]


@pytest.mark.anyio
async def test_an_idempotency_key_belongs_to_one_account(merchant, stranger, full):
    key = ids.new("key")
    headers = {"Idempotency-Key": key}
    mine = merchant.post(full, **headers)
    theirs = stranger.post(full, **headers)
    assert (mine.status_code, theirs.status_code) == (200, 200)
    assert "Idempotent-Replayed" not in theirs.headers
    assert mine.json()["result"]["id"] != theirs.json()["result"]["id"]


@pytest.mark.anyio
async def test_a_revoked_key_is_soon_dead(server, stranger):
    assert stranger.http.get("/lookups/currency").status_code == 200
    connection = await asyncpg.connect(server.database_url())
    await connection.execute(
        "update api_keys set revoked_at = now() where api_key = $1",
        stranger.credentials["api_key"],
    )
    await connection.close()
    eventually(lambda: all(stranger.http.get("/lookups").status_code == 401 for _ in range(8)))
