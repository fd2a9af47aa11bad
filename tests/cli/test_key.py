"""`paydesk key` at a terminal."""

import re

import pytest


@pytest.fixture(scope="module")
def mine(server):
    return "--merchant", server.new_merchant("Terminal shop")["merchant"]


def test_a_key_is_made_listed_rotated_and_revoked(server, mine):
    made = server.command(
        *("key", "create", "--name", "books", "--section", "ORDERS", "--read-only"), *mine
    ).stdout
    key, secret = re.search(r"api_key +(\S+)\napi_secret +(\S+)", made).groups()
    rotated = server.command("key", "rotate", key).stdout
    assert f"{key} ends in 24 hours." in rotated
    new = re.search(r"api_key +(\S+)", rotated)[1]
    assert server.command("key", "revoke", new).stdout == f"{new} is revoked.\n"

    listed = server.command("key", "list", *mine).stdout
    assert secret not in listed
    lines = {line.split()[0]: line for line in listed.splitlines()}
    assert re.search(r"books +ORDERS \(read-only\) +ends \d{4}-", lines[key])
    assert re.search(r"books +ORDERS \(read-only\) +revoked", lines[new])
    assert sum("forms" in line for line in lines.values()) == 2


def test_a_key_of_another_merchant_than_the_one_named_is_left_alone(server, mine):
    other = server.new_merchant("Untouched shop")["test"]["api_key"]
    refused = server.command("key", "revoke", other, *mine, is_refused=True)
    assert "no API key of this name" in refused.stderr
    server.command("key", "revoke", other, "--merchant", "Untouched shop")


def test_a_public_key_has_no_secret(server, mine):
    said = server.command("key", "create", "--public", "--live", *mine).stdout
    assert re.fullmatch(r"public_key +public_live_\S+\n", said)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("revoke", "key_test_unknown"), "no API key of this name"),
        (("rotate", "key_test_unknown"), "no API key of this name"),
        (("create", "--public", "--read-only"), "opens forms alone"),
        (("create", "--section", "EVERYTHING"), "EVERYTHING"),
        (("create", "--name", "x" * 65), "64 characters"),
        (("rotate", "key_test_unknown", "--overlap-hours", "721"), "720"),
    ],
)
def test_what_can_t_be_done_is_said_plainly(server, mine, words, why):
    refused = server.command("key", *words, *mine, is_refused=True)
    assert why in refused.stderr
    assert "Traceback" not in refused.stderr
