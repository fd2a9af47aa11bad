"""Webhooks from the terminal: listed, shown, sent again, listened to and brought about."""

import json
import re
import signal
import subprocess
import sys

import pytest

from api_page import saved_card
from paydesk import checkouts
from paydesk.cli.data_database import work_on_database
from paydesk.cli.faults import CommandFault
from paydesk.kit import ids
from world import Receiver, eventually


@pytest.fixture
def listener():
    receiver = Receiver()
    yield receiver
    receiver.close()


def about(line):
    return re.search(r"chk_\w{26}", line)[0]


@pytest.mark.parametrize("event", checkouts.Event)
def test_every_event_can_be_brought_about(server, listener, event):
    told = server.command("trigger", event, "--notify-url", listener.url).stdout
    (heard,) = eventually(
        lambda: [one for one in listener.about(about(told)) if one.event == event]
    )
    assert heard.headers["webhook-id"] in told
    secret = server.credentials()["test"]["webhook_secret"]
    assert heard.is_signed_with(secret)


def test_an_event_that_does_not_exist_is_refused(server):
    refused = server.command("trigger", "checkout.updated", is_refused=True)
    assert "checkout.completed" in refused.stderr


def test_time_is_not_hurried_for_a_live_checkout(server):
    # A live account without an acquirer has none; an id nobody knows is refused alike.
    with pytest.raises(CommandFault, match="no checkout"):
        work_on_database(
            server.data,
            lambda connection: checkouts.hurry(connection, ids.new("chk"), checkouts.Event.EXPIRED),
        )


def test_what_was_sent_is_listed_shown_and_sent_again(server, listener):
    listener.answers = [500]
    told = server.command("trigger", "checkout.cancelled", "--notify-url", listener.url).stdout
    webhook_id = re.search(r"web_\w{26}", told)[0]

    def listed(*words):
        return server.command("webhooks", "list", "--checkout", about(told), *words).stdout

    eventually(lambda: "DELIVERED" in listed())
    assert webhook_id in listed("--status", "delivered")
    assert webhook_id not in listed("--status", "dead")
    shown = server.command("webhooks", "show", webhook_id).stdout
    assert re.search(r"notify_url +1 .* 500\n", shown)
    assert re.search(r"notify_url +2 .* 200\n", shown)
    payload = json.loads(shown[shown.index("\n{") :])
    assert payload == listener.got[0].json
    assert "on its way" in server.command("webhooks", "resend", webhook_id).stdout
    eventually(lambda: len(listener.got) == 3)
    assert len({one.body for one in listener.got}) == 1
    since = ("webhooks", "resend", "--dead-since", "2100-01-01T00:00:00Z")
    assert "0 on their way" in server.command(*since).stdout
    server.command("webhooks", "resend", is_refused=True)


@pytest.fixture
def listening(server):
    """Runs `paydesk listen` beside the test."""
    running = []

    def start(*words):
        process = subprocess.Popen(
            [sys.executable, "-m", "paydesk", "listen", "--data", str(server.data), *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        running.append(process)
        assert "Listening" in process.stdout.readline()
        return process

    yield start
    for process in running:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        process.wait(60)
        process.stdout.close()


def test_events_are_handed_on_signed_as_they_are_sent(server, listening, listener):
    own = Receiver()
    process = listening("--forward", listener.url, "--count", "2")
    made = [
        about(server.command("trigger", event, "--notify-url", own.url).stdout)
        for event in ("checkout.cancelled", "checkout.completed")
    ]
    lines = [process.stdout.readline() for _ in made]
    assert [about(line) for line in lines] == made
    assert all("200 after" in line for line in lines)
    assert process.wait(60) == 0
    secret = server.credentials()["test"]["webhook_secret"]
    eventually(lambda: len(own.got) >= 2)
    for forwarded in listener.got:
        assert forwarded.is_signed_with(secret)
        (sent,) = [one for one in own.got if one.json["id"] == forwarded.json["id"]]
        assert forwarded.body == sent.body
        assert forwarded.headers["webhook-id"] == sent.headers["webhook-id"]
    own.close()


def test_of_payments_is_told_too(merchant, server, listening, listener):
    stored = saved_card(merchant)
    process = listening("--forward", listener.url, "--event", "payment.created", "--count", "1")
    (made,) = merchant.paydesk.payments.submit({**stored, "payment": {"amount": "100.00"}})
    assert made["id"] in process.stdout.readline()
    assert process.wait(60) == 0
    (heard,) = listener.got
    assert heard.json["data"][0]["payment"]["id"] == made["id"]
    assert heard.is_signed_with(server.credentials()["test"]["webhook_secret"])


def test_a_receiver_that_is_down_is_tried_again_and_told(server, listening, listener):
    listener.answers = [500]
    process = listening("--forward", listener.url, "--event", "checkout.expired")
    server.command("trigger", "checkout.cancelled")
    told = server.command("trigger", "checkout.expired").stdout
    line = process.stdout.readline()
    assert about(line) == about(told)
    assert "200 after" in line
    assert [one.headers["X-Webhook-Attempt"] for one in listener.got] == ["1", "2"]
    process.send_signal(signal.SIGINT)
    assert process.wait(60) == 0


def test_it_goes_on_after_the_event_it_is_told(server, listening):
    first = re.search(r"web_\w{26}", server.command("trigger", "checkout.cancelled").stdout)[0]
    second = re.search(r"web_\w{26}", server.command("trigger", "checkout.cancelled").stdout)[0]
    process = listening("--after", first, "--count", "1")
    assert second in process.stdout.readline()


def test_a_new_secret_is_kept_where_the_commands_look_for_it(server):
    before = server.credentials()
    said = server.command("webhooks", "rotate-secret", "--live", "--overlap-hours", "0").stdout
    secret = re.search(r"webhook_secret +(whsec_\S+)", said)[1]
    assert "has ended" in said
    assert secret != before["live"]["webhook_secret"]
    after = server.credentials()
    assert after == {**before, "live": {**before["live"], "webhook_secret": secret}}
