"""A sealed card opens only where it was sealed."""

from dataclasses import replace

import pytest

from paydesk.kit.sealing import SealBroken
from paydesk.vault.envelope import Envelope

KEY = bytes(range(32))
SECRET = b"4242424242424242"


def sealed(**changes):
    return Envelope(KEY).seal(SECRET, **{"account_id": 7, "card_id": "crd_1"} | changes)


def opened(card, *, key=KEY, account_id=7, card_id="crd_1"):
    return Envelope(key).open(card, account_id=account_id, card_id=card_id)


def test_a_sealed_card_opens_in_its_place():
    assert opened(sealed()) == SECRET


@pytest.mark.parametrize(
    "place", [{"account_id": 8}, {"card_id": "crd_2"}, {"key": bytes(32)}], ids=str
)
def test_it_opens_nowhere_else(place):
    with pytest.raises(SealBroken):
        opened(sealed(), **place)


@pytest.mark.parametrize("part", ["wrapped_key", "secret"])
def test_neither_part_can_be_taken_from_another_card(part):
    mine, other = sealed(), sealed(card_id="crd_2")
    with pytest.raises(SealBroken):
        opened(replace(mine, **{part: getattr(other, part)}))


def test_the_parts_can_not_be_exchanged():
    card = sealed()
    with pytest.raises(SealBroken):
        opened(replace(card, wrapped_key=card.secret, secret=card.wrapped_key))


def test_another_key_version_is_refused():
    with pytest.raises(SealBroken):
        opened(replace(sealed(), key_version=2))


@pytest.mark.parametrize("part", ["wrapped_key", "secret"])
def test_a_changed_bit_anywhere_is_noticed(part):
    card = sealed()
    whole = getattr(card, part)
    for place in range(len(whole)):
        changed = bytearray(whole)
        changed[place] ^= 1
        with pytest.raises(SealBroken):
            opened(replace(card, **{part: bytes(changed)}))


def test_the_same_card_is_never_sealed_alike():
    cards = [sealed() for _ in range(1000)]
    assert len({card.secret for card in cards}) == len({card.wrapped_key for card in cards}) == 1000
    assert all(SECRET not in card.secret for card in cards)


def test_a_key_of_the_vault_opens_under_the_key_that_wrapped_it():
    wrapped = Envelope(KEY).wrap_key(b"k" * 32, "fingerprints")
    assert Envelope(KEY).unwrap_key(wrapped, "fingerprints") == b"k" * 32
    with pytest.raises(SealBroken):
        Envelope(bytes(32)).unwrap_key(wrapped, "fingerprints")
    with pytest.raises(SealBroken):
        Envelope(KEY).unwrap_key(wrapped, "something else")
