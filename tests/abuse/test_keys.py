"""Keys tell the same from the different, and whose address it is not."""

import pytest

from paydesk.abuse.keys import Guard

GUARD = Guard(bytes(32), watches_tests=False)


def keys(text, *, is_live=True):
    return GUARD.address(text, is_live=is_live)


def test_an_address_and_its_network_have_keys():
    address, network = keys("203.0.113.7")
    assert address != network
    assert (address, network) == keys("203.0.113.7")
    assert keys("203.0.113.8")[0] != address
    assert keys("203.0.113.8")[1] == network
    assert keys("203.0.114.7")[1] != network


def test_an_ipv6_host_is_its_64():
    address, network = keys("2001:db8:1:2::1")
    assert keys("2001:db8:1:2:ffff::1") == (address, network)
    assert keys("2001:db8:1:3::1")[0] != address
    assert keys("2001:db8:1:3::1")[1] == network
    assert keys("2001:db8:2:2::1")[1] != network


def test_an_ipv4_address_written_as_ipv6_is_the_same():
    assert keys("::ffff:203.0.113.7") == keys("203.0.113.7")


@pytest.mark.parametrize(
    "text",
    [
        None, "", "unknown", "127.0.0.1", "::1", "10.1.2.3", "192.168.0.9", "172.31.0.1",
        "100.64.0.1", "169.254.1.1", "fd00::1", "fe80::1", "::ffff:127.0.0.1", "0.0.0.0",
    ],
)  # fmt: skip
def test_nobody_pays_from_a_proxys_address(text):
    assert keys(text) == (None, None)


def test_keys_are_kept_apart():
    live, test = keys("203.0.113.7"), keys("203.0.113.7", is_live=False)
    assert live != test
    assert Guard(bytes(31) + b"1", watches_tests=False).address("203.0.113.7", is_live=True) != live
    assert GUARD.card("f", is_live=True) != GUARD.card("f", is_live=False)
    assert GUARD.turn(1, "203.0.113.7") != GUARD.turn(2, "203.0.113.7")


def test_keys_fit_the_database():
    found = [GUARD.card(str(number), is_live=True) for number in range(200)]
    assert all(-(2**63) <= key < 2**63 for key in found)
    assert min(found) < 0 < max(found)


def test_live_accounts_are_watched_always_and_test_accounts_by_choice():
    assert GUARD.watches(is_live=True)
    assert not GUARD.watches(is_live=False)
    assert Guard(bytes(32), watches_tests=True).watches(is_live=False)
