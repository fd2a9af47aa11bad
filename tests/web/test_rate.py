"""How many requests a key may make each second, over all web processes of the machine."""

import time
from uuid import uuid4

import pytest

from paydesk.web.rate import RateMeter
from world import Server, faults

RATE = 6


class Clock:
    """A monotonic clock that stands until it is moved."""

    now = 1000.0


@pytest.fixture
def clock(monkeypatch):
    monkeypatch.setattr(time, "monotonic", lambda: Clock.now)
    monkeypatch.setattr(Clock, "now", 1000.0)
    return Clock


def test_requests_are_counted_by_key_and_second(clock):
    meter = RateMeter(None, process=0)
    assert [meter.count(7), meter.count(7), meter.count(8), meter.count(7)] == [1, 2, 1, 3]
    clock.now = 1000.99
    assert meter.count(7) == 4
    clock.now = 1001.0
    assert [meter.count(7), meter.count(8)] == [1, 1]


def test_processes_count_together(clock, tmp_path):
    one, other = (RateMeter(tmp_path / "rate", process=n) for n in (0, 1))
    assert [one.count(7), other.count(7), one.count(7), other.count(7)] == [1, 2, 3, 4]
    clock.now = 1001.0
    assert [other.count(7), one.count(7)] == [1, 2]


def test_a_process_that_comes_back_counts_on(clock, tmp_path):
    RateMeter(tmp_path / "rate", process=0).count(7)
    assert RateMeter(tmp_path / "rate", process=0).count(7) == 2


def test_the_file_is_closed_to_others_and_small(tmp_path):
    RateMeter(tmp_path / "rate", process=31).count(2**31)
    status = (tmp_path / "rate").stat()
    assert status.st_mode & 0o777 == 0o600
    assert status.st_blocks * 512 < 64 * 1024, "it is sparse"


@pytest.fixture(scope="module")
def strict(open_folder):
    # So few that the slowest machine asks for more within a second.
    settings = {"PAYDESK_API_RATE_PER_SECOND": str(RATE), "PAYDESK_WEB_PROCESSES": "2"}
    server = Server(open_folder() / "data", settings=settings).start()
    yield server
    assert server.stop() == 0


def test_the_rest_of_a_burst_is_refused_over_all_processes(strict):
    merchants = [strict.merchant() for _ in range(8)]  # eight connections, spread by the kernel
    started = time.monotonic()
    answers = [merchant.http.get("/payment-methods") for _ in range(8) for merchant in merchants]
    seconds = int(time.monotonic() - started) + 2

    served = [answer for answer in answers if answer.status_code == 200]
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(served) + len(refused) == len(answers)
    assert refused
    assert RATE <= len(served) <= RATE * seconds
    for answer in refused:
        assert answer.headers["Retry-After"] == "1"
        assert answer.json()["error_code"] == "901"
        assert faults(answer) == {"authorization": "rate_exceeded"}


def test_a_refused_request_does_nothing_and_a_pause_helps(strict):
    merchant = strict.merchant()
    time.sleep(1)
    body = merchant.body()
    time.sleep(1)
    keys = [str(uuid4()) for _ in range(100)]
    refused = next(
        key for key in keys if merchant.post(body, **{"Idempotency-Key": key}).status_code == 429
    )
    time.sleep(1)
    # A key that was kept would refuse another body.
    other = {**body, "customization": {"locale": "fr"}}
    answer = merchant.post(other, **{"Idempotency-Key": refused})
    assert answer.status_code == 200


def test_keys_do_not_use_up_each_others_requests(strict):
    time.sleep(1)
    test, live = strict.merchant("test"), strict.merchant("live")
    for _ in range(60):
        test.http.get("/payment-methods")
    assert live.http.get("/lookups/payment_type").status_code == 200


def test_health_is_never_refused(strict):
    for _ in range(30):
        assert strict.is_ready()
