"""Programs killed while payments run: nothing is lost, nothing is taken twice, all goes on."""

import os
import signal
import time

import pytest

import oracle
from crowd import CAN_PAY, OVER, WAITS, Crowd
from world import Payer, Receiver, Server, eventually

# Questions are asked often enough to outlast a restart of the one who is asked.
SETTINGS = {"PAYDESK_INQUIRY_SECONDS": "1,1,1,1,1,1,1,1,1,1,1,1,1,1,1"}


@pytest.fixture(scope="module")
def world(open_folder):
    receiver = Receiver()
    server = Server(open_folder() / "data", settings=SETTINGS).start()
    yield server, receiver
    assert server.stop() == 0
    receiver.close()


def everybody(server):
    return {program: len(pids) for program, pids in server.children().items()}


ALIVE = {"postgres": 1, "sandbox": 1, "threeds": 1, "vault": 1, "web": 2, "worker": 1, "post": 1}


def assert_nothing_is_lost(server, receiver, crowd, before):
    assert crowd.complaints == []
    books = oracle.assert_all_is_well(server, receiver)
    made = {row["id"] for row in books.checkouts} - before
    # A create that was repeated under its key made one checkout.
    assert made == {checkout["id"] for checkout in crowd.made}
    assert "completed" in {row["state"] for row in books.checkouts if row["id"] in made}
    for checkout in crowd.made:
        payer = Payer(checkout).open()
        assert payer.page.status_code == 200
        assert payer.state in CAN_PAY | WAITS | OVER


@pytest.mark.parametrize("victim", list(ALIVE))
def test_a_program_killed_under_load_loses_nothing(world, victim):
    server, receiver = world
    eventually(lambda: everybody(server) == ALIVE)
    before = {row["id"] for row in oracle.read_books(server).checkouts}
    with Crowd(server, server.merchant(), receiver, seed=victim) as crowd:
        for pause in (1, 2.5):
            time.sleep(pause)
            (pid, *_) = eventually(lambda: server.children().get(victim))
            os.kill(pid, signal.SIGKILL)
        eventually(lambda: everybody(server) == ALIVE and server.is_ready())
        time.sleep(1)
    assert_nothing_is_lost(server, receiver, crowd, before)


def test_serve_killed_under_load_starts_again_on_the_same_data(world):
    server, receiver = world
    before = {row["id"] for row in oracle.read_books(server).checkouts}
    with Crowd(server, server.merchant(), receiver, seed="serve") as crowd:
        time.sleep(2)
        server.kill()
        server.start()
        time.sleep(1)
    assert_nothing_is_lost(server, receiver, crowd, before)
