"""The demo as people start it: its story, its ends, and what it leaves behind."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

from paydesk.cli.demo.shop import Shop
from paydesk.db.postgres_home import remove_home
from world import Payer, eventually, free_port

# Other tests run beside these, so that time alone fails nothing here.
PATIENCE_SECONDS = 120


def start(tmp_path, *options, **settings):
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("PAYDESK_") or name == "PAYDESK_POSTGRES"
    }
    temporary = tmp_path / "tmp"
    temporary.mkdir(exist_ok=True)
    return subprocess.Popen(
        [sys.executable, "-m", "paydesk", "demo", *options],
        env={**inherited, "TMPDIR": str(temporary), **settings},
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def processes_that_mention(text):
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):  # it has ended in the meantime
            command = (process / "cmdline").read_bytes()
            found += [command] if str(text).encode() in command else []
    return found


def read_until(demo, sign):
    said = ""
    for line in demo.stdout:
        said += line
        if sign in line:
            return said
    raise AssertionError(said)


def test_the_story_is_told_and_nothing_is_left(tmp_path):
    demo = start(tmp_path, "--once", "--port", str(free_port()))
    said, _ = demo.communicate(timeout=PATIENCE_SECONDS)
    assert demo.returncode == 0, said
    assert re.search(r"chk_[0-9a-z]{26} over ZAR 1200\.00", said)
    assert "checkout.completed, X-Signature verified" in said
    assert re.search(r"completed, transaction tra_", said)
    assert "\x1b" not in said, "plain where there is no terminal"
    assert processes_that_mention(tmp_path) == []
    assert list((tmp_path / "tmp").iterdir()) == []
    assert not (tmp_path / "var").exists()


def test_afterwards_the_shop_sells_and_hears_until_it_is_stopped(tmp_path):
    demo = start(tmp_path)
    try:
        said = read_until(demo, "Ctrl-C stops everything.")
        shop = re.search(r"A toy shop +(\S+)/", said)[1]
        assert "Buy" in httpx2.get(shop).text
        assert len(httpx2.get(f"{shop}/webhooks").json()) == 1

        sold = httpx2.post(f"{shop}/buy")
        assert sold.status_code == 303
        payer = Payer({"page_url": sold.headers["Location"]}).open()
        assert payer.pay().state == "paid"
        assert f"{shop}/thanks" in payer.page.text

        heard = eventually(lambda: (httpx2.get(f"{shop}/webhooks").json() or [])[:-1])
        assert [(one["event"], one["is_genuine"]) for one in heard] == [
            ("checkout.completed", True)
        ]
        for card in ("4242 4242 4242 4242", "4000 0000 0000 0002"):
            assert card in said
    finally:
        demo.send_signal(signal.SIGINT)
        demo.communicate(timeout=PATIENCE_SECONDS)
    assert demo.returncode == 0
    assert processes_that_mention(tmp_path) == []
    # Kept, so that links survive a stop.
    assert (tmp_path / "var" / "demo" / "credentials.json").exists()
    # Run by root, the cluster may stand elsewhere.
    remove_home(tmp_path / "var" / "demo")


def test_a_forged_webhook_is_refused():
    shop = Shop(free_port(), webhook_secret="whsec_x", sell=lambda _: "", paydesk_url="")
    body = {"event": "checkout.completed", "data": [{"checkout": {"id": "chk_1", "amount": "1"}}]}
    answers = [
        httpx2.post(f"{shop.url}webhooks/payments", content=content, headers={"X-Signature": "0"})
        for content in (json.dumps(body), "nonsense", "[]")
    ]
    assert [answer.status_code for answer in answers] == [400, 400, 400]
    assert [heard.is_genuine for heard in shop.heard] == [False]
    shop.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stop_in_the_middle_leaves_nothing_either(tmp_path, number):
    demo = start(tmp_path, "--once", "--port", str(free_port()))
    eventually(lambda: list((tmp_path / "tmp").glob("*/run/serve.lock")))
    demo.send_signal(number)
    said, _ = demo.communicate(timeout=PATIENCE_SECONDS)
    assert demo.returncode == 130, said
    assert processes_that_mention(tmp_path) == []
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_failed_step_is_named_and_ends_it_with_1(tmp_path):
    demo = start(
        tmp_path, "--once", "--port", str(free_port()), PAYDESK_CHECKOUT_LIFE_SECONDS="never"
    )
    said, _ = demo.communicate(timeout=PATIENCE_SECONDS)
    assert demo.returncode == 1
    assert "Starting Paydesk failed" in said
    assert "PAYDESK_CHECKOUT_LIFE_SECONDS" in said
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_payment_that_fails_is_a_failed_step(tmp_path):
    # Nobody listens on port 9: the acquirer can't be reached, so no money is taken.
    demo = start(
        tmp_path,
        *("--once", "--port", str(free_port())),
        PAYDESK_SANDBOX_URL="http://127.0.0.1:9",
    )
    said, _ = demo.communicate(timeout=PATIENCE_SECONDS)
    assert demo.returncode == 1
    assert "Paying failed: " in said
    assert processes_that_mention(tmp_path) == []


def test_a_taken_port_is_passed_over_and_told(tmp_path):
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            taken.bind(("127.0.0.1", 8080))
            taken.listen()
        except OSError:
            pass  # somebody else has taken it, which is as good
        demo = start(tmp_path, "--once")
        read_until(demo, "Port 8080 is used by another program; this is 80")
        demo.terminate()
        said, _ = demo.communicate(timeout=PATIENCE_SECONDS)
    assert demo.returncode == 130, said
