"""The sample receivers against real deliveries, and against whatever is not one."""

import json
import random
import secrets
import shutil
import time

import pytest

from paydesk.kit.signing import Attempt, new_secret, webhook_headers
from samples import COMMANDS, Sample, flipped
from world import eventually, free_port


@pytest.fixture(scope="module", params=COMMANDS)
def start(request, tmp_path_factory):
    """Starts a sample with this secret."""
    program, command = COMMANDS[request.param]
    if shutil.which(program) is None:
        pytest.skip(f"{program} is not installed on this machine")
    running = []

    def run(secret, *, verify=""):
        port = free_port()
        output = tmp_path_factory.mktemp("sample") / "events"
        running.append(Sample(command(port), secret, port, output, verify))
        return running[-1]

    yield run
    for sample in running:
        sample.stop()


@pytest.fixture(scope="module")
def secret():
    return new_secret()


@pytest.fixture(scope="module")
def sample(start, secret):
    return start(secret)


def message(chance, secret, *, age_seconds=0):
    """A webhook with a random body, as Paydesk signs it."""
    id_ = f"web_{secrets.token_hex(13)}"
    body = json.dumps(
        {"id": id_, "event": "checkout.completed", "text": "é☂" + chance.randbytes(40).hex()},
        ensure_ascii=False,
    ).encode()
    attempt = Attempt(id_, 1, 1, int(time.time()) - age_seconds)
    return body, dict(webhook_headers(body, [secret], attempt))


def test_real_deliveries_are_taken(server, start):
    shop = server.merchant_with(server.new_merchant("Sampled shop")["test"])
    sample = start(shop.credentials["webhook_secret"])
    made = [shop.create(sample.url) for _ in range(3)]
    for checkout in made:
        shop.http.post(f"/checkout/page/{checkout['id']}/cancel")
    eventually(lambda: len(sample.told()) == 3)

    def standing():
        listed = shop.http.get("/webhooks").json()["results"]
        return [one["deliveries"][0]["status"] for one in listed]

    eventually(lambda: standing() == ["DELIVERED"] * 3)
    # Sent again it is answered well, and not taken for news.
    (first, *_) = shop.http.get("/webhooks").json()["results"]
    shop.http.post(f"/webhooks/{first['id']}/resend")
    eventually(
        lambda: len(shop.http.get(f"/webhooks/{first['id']}").json()["result"]["tries"]) == 2
    )
    assert standing() == ["DELIVERED"] * 3
    assert len(sample.told()) == 3


def test_every_genuine_message_is_taken(sample, secret):
    chance = random.Random(1)
    for _ in range(100):
        assert sample.post(*message(chance, secret)) == 204


def test_either_secret_does_while_one_replaces_the_other(start):
    old, new = new_secret(), new_secret()
    body, _ = message(random.Random(2), old)
    id_ = json.loads(body)["id"]
    headers = dict(webhook_headers(body, [old, new], Attempt(id_, 1, 1, int(time.time()))))
    for known in (old, new):
        assert start(known).post(body, headers) == 204


def test_one_flipped_bit_never_verifies(sample, secret):
    chance = random.Random(3)
    known = len(sample.told())
    for _ in range(150):
        body, headers = message(chance, secret)
        place = chance.randrange(8 * len(body))
        changed = bytearray(body)
        changed[place // 8] ^= 1 << place % 8
        assert sample.post(bytes(changed), headers) == 400
    for name in ("webhook-id", "webhook-timestamp", "webhook-signature"):
        for _ in range(30):
            body, headers = message(chance, secret)
            assert sample.post(body, flipped(headers, name, chance)) == 400
    assert len(sample.told()) == known


def test_by_the_references_own_header_no_flipped_bit_verifies_either(start, secret):
    sample, chance = start(secret, verify="x-signature"), random.Random(6)
    for _ in range(50):
        body, headers = message(chance, secret)
        changed = bytearray(body)
        changed[chance.randrange(len(body))] ^= 1 << chance.randrange(8)
        assert sample.post(bytes(changed), headers) == 400
        assert sample.post(body, flipped(headers, "X-Signature", chance)) == 400
        assert sample.post(body, headers) == 204
    assert len(sample.told()) == 50


def test_what_is_old_or_unsigned_is_refused(sample, secret):
    chance = random.Random(4)
    for age in (301, 3600, -330):
        assert sample.post(*message(chance, secret, age_seconds=age)) == 400
    body, headers = message(chance, secret)
    for name in ("webhook-id", "webhook-timestamp", "webhook-signature"):
        rest = {one: value for one, value in headers.items() if one != name}
        assert sample.post(body, rest) == 400, name
        assert sample.post(body, {**headers, name: ""}) == 400, name
    assert sample.post(body, {**headers, "webhook-timestamp": "9" * 400}) == 400
    assert sample.post(b"x" * 100_000, headers) in {400, 413}


def test_another_s_signature_is_refused(sample):
    assert sample.post(*message(random.Random(5), new_secret())) == 400
