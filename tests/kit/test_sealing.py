import pytest
from hypothesis import given
from hypothesis import strategies as st

from paydesk.kit.sealing import SealBroken, Sealer

SEALER = Sealer(bytes(range(32)))


@given(st.binary(), st.binary())
def test_a_sealed_secret_opens_in_its_place(secret: bytes, context: bytes) -> None:
    assert SEALER.open(SEALER.seal(secret, context), context) == secret


@given(st.binary(), st.binary(), st.binary())
def test_a_sealed_secret_does_not_open_elsewhere(secret: bytes, here: bytes, there: bytes) -> None:
    sealed = SEALER.seal(secret, here)
    if here != there:
        with pytest.raises(SealBroken):
            SEALER.open(sealed, there)


@given(st.binary(), st.integers(min_value=0))
def test_a_flipped_bit_breaks_the_seal(secret: bytes, place: int) -> None:
    sealed = bytearray(SEALER.seal(secret, b"here"))
    place %= len(sealed) * 8
    sealed[place // 8] ^= 1 << place % 8
    with pytest.raises(SealBroken):
        SEALER.open(bytes(sealed), b"here")


@pytest.mark.parametrize("length", range(30))
def test_a_cut_seal_is_broken(length: int) -> None:
    sealed = SEALER.seal(b"secret", b"here")
    with pytest.raises(SealBroken):
        SEALER.open(sealed[:length], b"here")


def test_another_key_does_not_open_it() -> None:
    with pytest.raises(SealBroken):
        Sealer(bytes(32)).open(SEALER.seal(b"secret", b"here"), b"here")


def test_sealing_twice_gives_different_bytes_that_hide_the_secret() -> None:
    first, second = SEALER.seal(b"secret", b"here"), SEALER.seal(b"secret", b"here")
    assert first != second
    assert b"secret" not in first
    assert len(first) == 1 + 12 + len(b"secret") + 16


@pytest.mark.parametrize("length", [0, 8, 31, 33, 64])
def test_a_key_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(ValueError):
        Sealer(bytes(length))
