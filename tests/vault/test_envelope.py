"""A sealed card opens only where it was sealed."""

from dataclasses import replace
from itertools import product

import pytest

from paydesk.kit.sealing import SealBroken
from paydesk.vault.envelope import Envelope, WrappedKey
from paydesk.vault.master_keys import KeyRing

pytestmark = pytest.mark.anyio

KEY = bytes(range(32))
OTHER = bytes(reversed(range(32)))
SECRET = b"4242424242424242"


def envelope(*, keys=None):
    return Envelope(KeyRing(keys or {1: KEY}))


async def sealed(*, keys=None, **changes):
    place = {"account_id": 7, "card_id": "crd_1"} | changes
    return await envelope(keys=keys).seal(SECRET, **place)


async def opened(card, *, keys=None, account_id=7, card_id="crd_1"):
    return await envelope(keys=keys).open(card, account_id=account_id, card_id=card_id)


async def test_a_sealed_card_opens_in_its_place():
    assert await opened(await sealed()) == SECRET


@pytest.mark.parametrize(
    "place", [{"account_id": 8}, {"card_id": "crd_2"}, {"keys": {1: OTHER}}], ids=str
)
async def test_it_opens_nowhere_else(place):
    with pytest.raises(SealBroken):
        await opened(await sealed(), **place)


@pytest.mark.parametrize("part", ["key", "secret"])
async def test_neither_part_can_be_taken_from_another_card(part):
    mine, other = await sealed(), await sealed(card_id="crd_2")
    with pytest.raises(SealBroken):
        await opened(replace(mine, **{part: getattr(other, part)}))


async def test_the_parts_can_not_be_exchanged():
    card = await sealed()
    swapped = replace(card, key=WrappedKey(1, card.secret), secret=card.key.wrapped)
    with pytest.raises(SealBroken):
        await opened(swapped)


@pytest.mark.parametrize("keys", [{1: KEY}, {1: KEY, 2: OTHER}, {1: KEY, 2: KEY}], ids=len)
async def test_another_key_version_is_refused(keys):
    card = await sealed()
    with pytest.raises(SealBroken):
        await opened(replace(card, key=replace(card.key, version=2)), keys=keys)


async def test_no_part_opens_in_another_row_tenant_or_version():
    """Every way to put the parts of eight cards together: only what belongs together opens."""
    both = {1: KEY, 2: OTHER}
    places = [
        (account, card, version)
        for account in (7, 8)
        for card in ("crd_1", "crd_2")
        for version in (1, 2)
    ]
    cards = {
        place: await sealed(
            keys={v: key for v, key in both.items() if v <= place[2]},
            account_id=place[0],
            card_id=place[1],
        )
        for place in places
    }
    refused = 0
    rows = [(7, "crd_1"), (7, "crd_2"), (8, "crd_1"), (8, "crd_2")]
    for key_of, secret_of, row, version in product(places, places, rows, (1, 2)):
        mixed = replace(cards[secret_of], key=WrappedKey(version, cards[key_of].key.wrapped))
        if key_of == secret_of == (*row, version):
            assert await opened(mixed, keys=both, account_id=row[0], card_id=row[1]) == SECRET
            continue
        with pytest.raises(SealBroken):
            await opened(mixed, keys=both, account_id=row[0], card_id=row[1])
        refused += 1
    assert refused == 8 * 8 * 4 * 2 - 8


@pytest.mark.parametrize("part", ["key", "secret"])
async def test_a_changed_bit_anywhere_is_noticed(part):
    card = await sealed()
    whole = card.secret if part == "secret" else card.key.wrapped
    for place in range(len(whole)):
        changed = bytearray(whole)
        changed[place] ^= 1
        other = bytes(changed) if part == "secret" else WrappedKey(1, bytes(changed))
        with pytest.raises(SealBroken):
            await opened(replace(card, **{part: other}))


async def test_the_same_card_is_never_sealed_alike():
    cards = [await sealed() for _ in range(1000)]
    assert len({card.secret for card in cards}) == 1000
    assert len({card.key.wrapped for card in cards}) == 1000
    assert all(SECRET not in card.secret for card in cards)


async def test_a_key_of_the_vault_opens_under_the_key_that_wrapped_it():
    wrapped = await envelope().wrap_key(b"k" * 32, "fingerprints")
    assert await envelope().unwrap_key(wrapped, "fingerprints") == b"k" * 32
    with pytest.raises(SealBroken):
        await envelope(keys={1: OTHER}).unwrap_key(wrapped, "fingerprints")
    with pytest.raises(SealBroken):
        await envelope().unwrap_key(wrapped, "something else")


async def test_new_cards_are_sealed_under_the_highest_version_and_old_ones_still_open():
    old, both = await sealed(), {1: KEY, 2: OTHER}
    assert await opened(old, keys=both) == SECRET
    new = await sealed(keys=both)
    assert new.key.version == 2
    assert await opened(new, keys={2: OTHER}) == SECRET


async def test_a_rewrapped_card_opens_without_the_old_key_and_keeps_its_secret():
    old = await sealed()
    key = await envelope(keys={1: KEY, 2: OTHER}).rewrap(old.key, account_id=7, card_id="crd_1")
    assert key.version == 2
    assert await opened(replace(old, key=key), keys={2: OTHER}) == SECRET
    with pytest.raises(SealBroken):
        await opened(replace(old, key=key))


@pytest.mark.parametrize("place", [{"account_id": 8}, {"card_id": "crd_2"}], ids=str)
async def test_a_key_is_not_rewrapped_for_another_place(place):
    card = await sealed()
    with pytest.raises(SealBroken):
        await envelope().rewrap(card.key, **{"account_id": 7, "card_id": "crd_1"} | place)
