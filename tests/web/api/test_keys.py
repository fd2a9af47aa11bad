"""Keys as the API meets them: sections, permission, rotation, revocation."""

import re

import httpx2
import pytest

from world import eventually, faults

GETS = 8  # enough new connections to meet both web processes


@pytest.fixture(scope="module")
def owner(server):
    """Another merchant's id and credentials; its keys come and go here."""
    return server.new_merchant("Key shop")


@pytest.fixture(scope="module")
def issue(server, owner):
    def make(*options):
        said = server.command("key", "create", "--merchant", owner["merchant"], *options).stdout
        return re.search(r"api_key +(\S+)", said)[1], re.search(r"api_secret +(\S+)", said)[1]

    return make


def status(server, key, path="/lookups/currency"):
    return httpx2.get(server.base_url + path, auth=key).status_code


def is_refused_everywhere(server, key):
    return all(status(server, key) == 401 for _ in range(GETS))


def test_a_key_with_sections_opens_these_alone(server, issue):
    key = issue("--section", "ORDERS", "--name", "books")
    assert status(server, key) == 200
    answer = httpx2.get(f"{server.base_url}/merchant", auth=key)
    assert (answer.status_code, answer.json()["error_code"]) == (403, "903")
    assert faults(answer) == {"authorization": "section_forbidden"}
    answer = httpx2.post(f"{server.base_url}/checkout/page", auth=key, json={})
    assert faults(answer) == {"authorization": "section_forbidden"}


def test_a_key_that_may_only_read_changes_nothing(server, issue):
    key = issue("--section", "MERCHANT", "--read-only")
    assert status(server, key, "/merchant") == 200
    answer = httpx2.post(f"{server.base_url}/merchant", auth=key, json={"name": "Changed"})
    assert (answer.status_code, answer.json()["error_code"]) == (403, "903")
    assert faults(answer) == {"authorization": "key_read_only"}


def test_a_live_key_opens_the_live_account(server, issue):
    key = issue("--live")
    answer = httpx2.get(f"{server.base_url}/merchant", auth=key).json()
    assert answer["result"]["is_live"] is True


def test_a_public_key_opens_no_call(server, owner):
    for secret in ("", owner["test"]["api_secret"]):
        assert status(server, (owner["test"]["public_key"], secret)) == 401


def test_a_revoked_key_is_soon_dead_on_all_web_processes(server, owner, issue):
    key = issue()
    assert len(server.children()["web"]) == 2
    assert all(status(server, key) == 200 for _ in range(GETS))
    server.command("key", "revoke", key[0], "--merchant", owner["merchant"])
    eventually(lambda: is_refused_everywhere(server, key))


def test_both_keys_work_while_they_overlap(server, owner, issue):
    old = issue()
    mine = ("--merchant", owner["merchant"])
    said = server.command("key", "rotate", old[0], "--overlap-hours", "1", *mine).stdout
    new = re.search(r"api_key +(\S+)", said)[1], re.search(r"api_secret +(\S+)", said)[1]
    assert all(status(server, key) == 200 for key in (old, new) for _ in range(GETS))
    server.command("key", "rotate", old[0], "--overlap-hours", "0", *mine)
    eventually(lambda: is_refused_everywhere(server, old))
    assert status(server, new) == 200
