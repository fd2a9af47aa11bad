"""The client against a server that answers what it is told: retries, keys, errors, both drivers."""

import json
import threading
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from paydesk_client import AsyncPaydesk, NoAnswer, Paydesk, PaydeskError
from paydesk_client.exchange import Call, Lost, Pause, Reply, exchange

DONE = {"status": True, "result": {"id": "chk_1", "amount": 1.10}}


def refused(code="005", rule="required", path="amount"):
    errors = {path: {"message": "This field is needed.", "rule": rule}}
    details = [{"record": {"mode": "one-off"}, "errors": errors}]
    return {"status": False, "error_code": code, "error_message": "No.", "error_details": details}


class Script:
    """A server that gives these answers in order, and keeps what it was asked."""

    def __init__(self, *answers):
        self.answers, self.asked = list(answers), []
        script = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self):
                length = int(self.headers.get("Content-Length") or 0)
                script.asked.append((self.path, dict(self.headers), self.rfile.read(length)))
                status, body, headers = (*script.answers.pop(0), {})[:3]
                if status == 0:
                    self.close_connection = True
                    return
                content = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = answer  # noqa: N815 (the names http.server asks for)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def keys(self):
        return [headers.get("Idempotency-Key") for _, headers, _ in self.asked]

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def answering():
    scripts = []

    def begin(*answers):
        scripts.append(Script(*answers))
        return scripts[-1]

    yield begin
    for script in scripts:
        script.close()


def test_a_call_is_authenticated_and_gives_its_result(answering):
    server = answering((200, DONE))
    with Paydesk(server.url, "key", "secret") as paydesk:
        made = paydesk.checkouts.create(mode="one-off", amount=Decimal("1.10"))
    assert made == {"id": "chk_1", "amount": Decimal("1.1")}
    ((path, headers, body),) = server.asked
    assert path == "/checkout/page"
    assert headers["Authorization"] == "Basic a2V5OnNlY3JldA=="
    assert json.loads(body) == {"mode": "one-off", "amount": "1.10"}
    assert len(headers["Idempotency-Key"]) == 32


def test_a_repeat_uses_the_same_key(answering):
    in_flight = refused("902", "request_in_flight", "Idempotency-Key")
    server = answering((0, b""), (503, refused("906")), (409, in_flight), (200, DONE))
    with Paydesk(server.url, "key", "secret") as paydesk:
        paydesk.transactions.refund("tra_1")
    assert len(server.asked) == 4
    assert len(set(server.keys())) == 1


def test_a_key_of_the_caller_s_own_is_used(answering):
    server = answering((200, {"status": True, "results": []}))
    with Paydesk(server.url, "key", "secret") as paydesk:
        paydesk.orders.create({"reference": "A"}, idempotency_key="order-A")
    assert server.keys() == ["order-A"]
    assert json.loads(server.asked[0][2]) == {"records": [{"reference": "A"}]}


def test_a_refusal_is_told_by_path_and_not_repeated(answering):
    server = answering((422, refused()))
    with Paydesk(server.url, "key", "secret") as paydesk, pytest.raises(PaydeskError) as caught:
        paydesk.checkouts.create()
    error = caught.value
    assert (error.code, error.status, error.message) == ("005", 422, "No.")
    assert error.faults["amount"].rule == "required"
    assert str(error) == "005 No. amount: This field is needed."
    assert error.records[0][0] == {"mode": "one-off"}
    assert len(server.asked) == 1


def test_another_server_s_answer_is_no_result(answering):
    server = answering((200, b"<html>"), (404, b"<html>"))
    with Paydesk(server.url, "key", "secret") as paydesk:
        for _ in range(2):
            with pytest.raises(NoAnswer, match="check the base_url"):
                paydesk.lookups.list("currency")


def test_silence_ends_in_no_answer():
    with (
        Paydesk("http://127.0.0.1:9", "key", "secret", retries=1) as paydesk,
        pytest.raises(NoAnswer, match="does not answer"),
    ):
        paydesk.merchant.show()


def pages():
    return (
        (200, {"status": True, "results": [{"id": "ord_2"}], "next_cursor": "ord_2"}),
        (200, {"status": True, "results": [{"id": "ord_1"}], "next_cursor": None}),
    )


def test_each_walks_over_all_pages(answering):
    server = answering(*pages())
    with Paydesk(server.url, "key", "secret") as paydesk:
        found = [order["id"] for order in paydesk.orders.each(limit=1, customer_id=None)]
    assert found == ["ord_2", "ord_1"]
    assert [path for path, *_ in server.asked] == [
        "/orders/list?limit=1",
        "/orders/list?limit=1&cursor=ord_2",
    ]


@pytest.mark.anyio
async def test_the_awaited_client_does_the_same(answering):
    server = answering((503, refused("906")), (200, DONE), *pages())
    async with AsyncPaydesk(server.url, "key", "secret") as paydesk:
        assert (await paydesk.checkouts.cancel("chk_1"))["id"] == "chk_1"
        assert [order["id"] async for order in paydesk.orders.each()] == ["ord_2", "ord_1"]
    assert server.keys()[0] == server.keys()[1] is not None


def test_an_id_can_lead_nowhere_else(answering):
    server = answering((404, refused("007", "order_missing", "id")))
    with Paydesk(server.url, "key", "secret") as paydesk, pytest.raises(PaydeskError):
        paydesk.orders.show("../merchant?a=b")
    assert server.asked[0][0] == "/orders/..%2Fmerchant%3Fa%3Db"


# The decisions alone, without a server


def pauses_of(*answers, retries=4):
    """The pauses between these answers, with the least and with the most of chance."""
    found = []
    for chance in (0.0, 1.0):
        steps = exchange(
            Call("GET", "/", lambda body: body), retries=retries, chance=lambda c=chance: c
        )
        steps.send(None)
        taken = []
        try:
            for answer in answers:
                step = steps.send(answer)
                assert isinstance(step, Pause)
                taken.append(step.seconds)
                steps.send(None)
        except PaydeskError:
            taken.append(None)
        found.append(taken)
    return found


def test_pauses_grow_and_spread():
    assert pauses_of(*[Lost("away")] * 5) == [
        [0.125, 0.25, 0.5, 1.0, None],
        [0.25, 0.5, 1.0, 2.0, None],
    ]


def test_pauses_have_a_bound():
    least, most = pauses_of(*[Lost("away")] * 9, retries=9)
    assert (least[-1], most[-1]) == (4.0, 8.0)


def test_what_the_server_asks_for_is_the_least():
    limited = Reply(429, json.dumps(refused("901")).encode(), "3")
    least, most = pauses_of(limited)
    assert least == [3.0]
    assert most > [3.0]


def test_a_wait_too_long_is_the_caller_s_choice():
    limited = Reply(429, json.dumps(refused("901")).encode(), "3600")
    assert pauses_of(limited) == [[None], [None]]
