"""Fingerprints are keyed and belong to one account."""

from paydesk.vault.fingerprint import fingerprint

KEY = bytes(range(32))


def test_the_same_number_gives_the_same_fingerprint_within_an_account():
    first = fingerprint(KEY, account_id=7, number="4242424242424242")
    assert first == fingerprint(KEY, account_id=7, number="4242424242424242")
    assert len(first) == 64


def test_another_account_key_or_number_gives_another():
    made = {
        fingerprint(key, account_id=account_id, number=number)
        for key in (KEY, bytes(32))
        for account_id in (7, 8)
        for number in ("4242424242424242", "5555555555554444")
    }
    assert len(made) == 8
